"""Finds what Postgres cannot hold in a JSON value, and reads JSON so that it can be found."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

DEEPEST = 60  # real payloads are at most 5 deep; deeper ones are attacks on recursive readers
_NUL_OR_SURROGATE = re.compile("[\x00\ud800-\udfff]")
_INT64 = range(-(2**63), 2**64)


class _NotFinite:
    """Stands for NaN and the infinities, which orjson would write as null without a word."""

    def __init__(self, _text: str) -> None:
        pass


def _finite(text: str) -> float | _NotFinite:
    number = float(text)
    return number if math.isfinite(number) else _NotFinite(text)


def read_json(body: bytes) -> Any:
    """Parse JSON; raise ValueError where it isn't any, or stops half way.

    orjson refuses NaN and lone surrogates for the whole document; the second reader lets them pass,
    so that they become faults of single records. `serialise` refuses what it let pass.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            return json.loads(body, parse_constant=_NotFinite, parse_float=_finite)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def serialise(value: Any) -> bytes | None:
    """The value as JSON, or None where it cannot be written; NUL is no hindrance here."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return None


def first_unstorable(value: Any) -> str | None:
    """The path of the first thing that Postgres cannot hold as jsonb, or None.

    NUL, lone surrogates, NaN, infinities, integers beyond 64 bits, and nesting deeper than DEEPEST.
    """
    pending: list[tuple[str, Any, int]] = [("", value, 0)]
    while pending:
        path, current, depth = pending.pop()
        if depth > DEEPEST or _is_unstorable(current):
            return _printable(path) or "the record itself"
        if isinstance(current, dict):
            for key, inner in current.items():
                inner_path = f"{path}.{key}" if path else key
                if _NUL_OR_SURROGATE.search(key):
                    return _printable(inner_path)
                pending.append((inner_path, inner, depth + 1))
        elif isinstance(current, list):
            pending.extend((f"{path}[]", inner, depth + 1) for inner in current)
    return None


def _is_unstorable(value: Any) -> bool:
    if isinstance(value, str):
        return _NUL_OR_SURROGATE.search(value) is not None
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, _NotFinite) or (isinstance(value, int) and value not in _INT64)


def _printable(path: str) -> str:
    """The path itself must be storable: it goes into a fault's detail."""
    return _NUL_OR_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", path)[:200]
