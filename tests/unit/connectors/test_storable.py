from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.connectors.storable import DEEPEST, first_unstorable, read_json, serialise

STORABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(STORABLE)
def test_what_postgres_holds_passes_through_unchanged(value: Any) -> None:
    assert first_unstorable(value) is None
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"a": {"b": "x\\u0000"}}', "a.b"),
        (b'{"a": ["ok", "\\ud800"]}', "a[]"),
        (b'{"a": NaN}', "a"),
        (b'{"a": -Infinity}', "a"),
        (b'{"a": 1e999}', "a"),
        (b'{"a\\u0000": 1}', "a\N{REPLACEMENT CHARACTER}"),
        (b'{"\\udfff": 1}', "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_postgres_cannot_hold_is_named_by_its_path(body: bytes, path: str) -> None:
    assert first_unstorable(read_json(body)) == path


@pytest.mark.parametrize("body", [b'{"a": NaN}', b'["\\ud800"]', b'{"a": 1e999}'])
def test_what_cannot_be_written_is_not_written_as_something_else(body: bytes) -> None:
    assert serialise(read_json(body)) is None


def test_an_integer_beyond_64_bits_is_refused() -> None:
    assert first_unstorable({"a": 2**70}) == "a"
    assert serialise({"a": 2**70}) is None


def test_nesting_without_end_is_refused_and_not_followed() -> None:
    value: Any = "leaf"
    for _ in range(DEEPEST + 2):
        value = [value]
    assert first_unstorable({"a": value}) is not None


@pytest.mark.parametrize("body", [b"", b'{"a": 1', b"<html>", b'{"a": "\xff"}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (its readers' messages differ)
        read_json(body)
