from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.credentials import credentials_from_environment
from dpg_warehouse.records import Credentials, UsageError


def read(text: str) -> Credentials | None:
    return credentials_from_environment("lime", {"DPGW_CONN_LIME": text})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://token:SECRET@host", Credentials("https://host", "SECRET")),
        ("https://:SECRET@host:8443/", Credentials("https://host:8443", "SECRET")),
        ("https://puller:SECRET@host", Credentials("https://host", "SECRET", "puller")),
        (
            "https://puller%40example.org:a%2Fb%23c%25@host/survey/index.php/admin/remotecontrol",
            Credentials("https://host/survey/index.php/admin/remotecontrol", "a/b#c%", "puller@example.org"),
        ),
        (
            "https://puller@example.org:SECRET@host",
            Credentials("https://host", "SECRET", "puller@example.org"),
        ),
    ],
)
def test_an_address_with_user_and_secret_is_read(text: str, expected: Credentials) -> None:
    assert read(text) == expected


@pytest.mark.parametrize("text", ["hush-hush", "https://host", "https://puller@host", "ftp://u:hush@host"])
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UsageError, match="DPGW_CONN_LIME is no URL with a token") as refusal:
        read(text)
    assert text not in str(refusal.value)


def test_a_source_without_a_connection_has_no_credentials() -> None:
    assert credentials_from_environment(None, {"DPGW_CONN_": "https://token:SECRET@host"}) is None
    assert credentials_from_environment("lime", {}) is None


@given(st.text(min_size=3, alphabet=st.characters(codec="ascii", categories=("Lu", "Ll", "Nd"))))
def test_no_credential_shows_in_a_repr(secret: str) -> None:
    shown = repr(Credentials("https://host", f"token-{secret}", f"login-{secret}"))
    assert shown == "Credentials(base_url='https://host')"
