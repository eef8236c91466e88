from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.connectors.personal_data import (
    EMAIL_REMOVED,
    PHONE_REMOVED,
    Protection,
    key_fingerprint,
    mask_contacts,
    pseudonym,
)
from dpg_warehouse.records import UsageError

NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=4)
# Values of dropped fields carry a mark that no other value has.
SECRETS = st.text(string.digits, min_size=1, max_size=4).map(lambda digits: f"SECRET{digits}")


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)

    return st.recursive(leaves, grow, max_leaves=5)


@st.composite
def payloads_with_secrets(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """A payload in which fields of one name, at any depth, hold all the secrets."""
    secret_name = "x" + draw(NAMES)
    plant = st.fixed_dictionaries(
        {secret_name: SECRETS | st.lists(SECRETS) | st.fixed_dictionaries({"a": SECRETS})}
    )
    payload = draw(st.dictionaries(NAMES, trees(st.just("plain") | plant), max_size=2))
    return payload | draw(plant), secret_name


@given(payloads_with_secrets())
def test_no_value_of_a_dropped_field_survives(planted: tuple[dict[str, Any], str]) -> None:
    payload, name = planted
    kept = json.dumps(Protection(drop=(name,)).apply(payload))
    assert "SECRET" not in kept


@given(payloads_with_secrets())
def test_no_value_of_a_pseudonymised_field_survives(planted: tuple[dict[str, Any], str]) -> None:
    payload, name = planted
    assert "SECRET" not in json.dumps(Protection(pseudonymise=(name,), key="k").apply(payload))


@given(payloads_with_secrets())
def test_dropping_twice_is_dropping_once(planted: tuple[dict[str, Any], str]) -> None:
    payload, name = planted
    rules = Protection(drop=(name,))
    assert rules.apply(rules.apply(payload)) == rules.apply(payload)


@given(trees(st.text(string.ascii_letters, max_size=3)))
def test_without_rules_nothing_changes(tree: Any) -> None:
    assert Protection().apply({"tree": tree}) == {"tree": tree}


@pytest.mark.parametrize(
    ("rule", "payload", "kept"),
    [
        ("contact_email", {"a": [{"contact_email": "x"}]}, {"a": [{}]}),
        ("*_email", {"work_email": "x", "emails": "y"}, {"emails": "y"}),
        ("orgs[].name", {"orgs": [{"name": "x"}], "name": "y"}, {"orgs": [{}], "name": "y"}),
        ("orgs[].name", {"orgs": {"name": "x"}}, {"orgs": {}}),
        ("orgs[].contact_*", {"orgs": [{"contact_name": "x", "site": "y"}]}, {"orgs": [{"site": "y"}]}),
        ("email", {"contact/email": "x", "email_wanted": "y"}, {"email_wanted": "y"}),
        (
            "Contact e-mail",
            {"Contact | Contact e-mail": "x", "Contact | Topic": "y"},
            {"Contact | Topic": "y"},
        ),
        (
            "*e-mail",
            {"Your e-mail | Open-ended answer": "x", "Why e-mail? | a": "y"},
            {"Why e-mail? | a": "y"},
        ),
        ("1. Your e-mail? [optional]", {"1. Your e-mail? [optional]": "x"}, {}),
        ("Contact", {"contact": "y"}, {"contact": "y"}),
    ],
)
def test_rules_name_fields_globs_and_paths(rule: str, payload: Any, kept: Any) -> None:
    assert Protection(drop=(rule,)).apply(payload) == kept


def test_pseudonyms_are_keyed_stable_and_prefixed() -> None:
    assert pseudonym("person@example.org", "k") == pseudonym(" person@example.org ", "k")
    assert pseudonym("person@example.org", "k") != pseudonym("person@example.org", "other")
    assert pseudonym("a", "k").startswith("p_")
    assert "person" not in pseudonym("person@example.org", "k")


def test_a_blank_gets_no_pseudonym() -> None:
    rules = Protection(pseudonymise=("who",), key="k")
    assert rules.apply({"who": " "}) == {"who": " "}
    assert rules.apply({"who": None}) == {"who": None}


def test_pseudonymising_without_a_key_names_the_variable() -> None:
    with pytest.raises(UsageError, match="DPGW_PSEUDONYM_KEY"):
        Protection(pseudonymise=("who",))


def test_the_key_shows_in_no_representation() -> None:
    assert "hush" not in repr(Protection(pseudonymise=("who",), key="hush"))


def test_a_fingerprint_tells_keys_apart_without_telling_them() -> None:
    assert key_fingerprint("a key") == key_fingerprint("a key") != key_fingerprint("another")
    assert "a key" not in key_fingerprint("a key")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to first.last+x@mail.example.org.", f"write to {EMAIL_REMOVED}."),
        ("a@example.org,b@example.org", f"{EMAIL_REMOVED},{EMAIL_REMOVED}"),
        ("https://user:word@example.org/", f"https://user:{EMAIL_REMOVED}/"),
        ("jörg@bücher.example", EMAIL_REMOVED),
        ("git@code.example.org:a/b.git", "git@code.example.org:a/b.git"),
        ("https://example.org/@someone HCW@Home", "https://example.org/@someone HCW@Home"),
        ("our bot (+99 12345 67890), type", f"our bot ({PHONE_REMOVED}), type"),
        ("call +1 (202) 555-0123", f"call {PHONE_REMOVED}"),
        ("C++ 2011-2040, 1.2+3, +50 %", "C++ 2011-2040, 1.2+3, +50 %"),
    ],
)
def test_addresses_in_free_text_are_masked(text: str, masked: str) -> None:
    assert mask_contacts({"deep": [text]}) == {"deep": [masked]}


def test_masking_takes_a_long_text_without_stalling() -> None:
    text = "a" * 200_000 + "@" + "b" * 200_000 + "+1" * 100_000
    assert mask_contacts(text) == text


@given(trees(st.text("ab@.+1 ", max_size=30)))
def test_masking_twice_is_masking_once(tree: Any) -> None:
    assert mask_contacts(mask_contacts(tree)) == mask_contacts(tree)
