"""What makes two records, and two pulls, the same: a hash of canonical content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from dpg_warehouse.records import Fault, JsonObject, Pull

DIGEST_BYTES = 16


@dataclass(frozen=True)
class Content:
    """One record's canonical JSON (UTF-8, keys sorted) and its hash."""

    record_type: str
    key: str
    text: bytes
    digest: bytes


def content_of(record_type: str, key: str, payload: JsonObject) -> Content:
    """The canonical content of one record; the key is part of what is hashed."""
    text = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    return Content(record_type, key, text, _digest((record_type.encode(), key.encode(), text)))


def pull_digest(contents: Iterable[Content], pull: Pull) -> bytes:
    """A hash of a pull's members and faults that doesn't depend on their order."""
    members = (content.digest for content in contents)
    return load_digest(pull.feed, pull.format, members, map(fault_digest, pull.faults))


def load_digest(feed: str, form: str, members: Iterable[bytes], faults: Iterable[bytes]) -> bytes:
    """A pull's hash out of those of its members (records and forms) and faults, in whatever order."""
    return _digest([feed.encode(), form.encode(), *sorted(members), b"faults", *sorted(faults)])


def fault_digest(fault: Fault) -> bytes:
    """The hash of a fault, but for its position."""
    payload = orjson.dumps(fault.payload, option=orjson.OPT_SORT_KEYS)
    return _digest([fault.kind.encode(), (fault.record_key or "").encode(), fault.detail.encode(), payload])


def _digest(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))  # a length first, so that parts can't run together
        digest.update(part)
    return digest.digest()
