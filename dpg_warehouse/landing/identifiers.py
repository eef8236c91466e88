"""What names a respondent: the key of a record, a server's number for it, or what links their answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dpg_warehouse.records import JsonObject

# The field by which a server numbers a submission, beside the key of its record.
SERVER_FIELD = "_id"


class Kind(StrEnum):
    """What an identifier is, so that a number never stands for somebody else's key."""

    RECORD_KEY = "key"
    SERVER_NUMBER = "number"
    LINK = "link"


@dataclass(frozen=True, order=True)
class Identifier:
    """One name of one respondent.

    A key and a number hold within one wave, since the next export or server may give them to another
    person; a link names its respondent in every wave. `wave_id` is empty for links and in a source
    without waves.
    """

    kind: Kind
    value: str
    wave_id: str = ""


def record_identifiers(wave_id: str | None, name: str) -> frozenset[Identifier]:
    """What a name may be of a record of that wave."""
    return frozenset(Identifier(kind, name, wave_id or "") for kind in (Kind.RECORD_KEY, Kind.SERVER_NUMBER))


def identifiers_of(
    wave_id: str | None, key: str | None, payload: JsonObject | None, link_field: str | None
) -> frozenset[Identifier]:
    """All that names the respondent of one received record."""
    found = payload or {}
    named = (
        (Kind.RECORD_KEY, key, wave_id),
        (Kind.SERVER_NUMBER, found.get(SERVER_FIELD), wave_id),
        (Kind.LINK, found.get(link_field) if link_field else None, None),
    )
    return frozenset(
        Identifier(kind, value.strip(), wave or "")
        for kind, value, wave in named
        if isinstance(value, str) and value.strip()
    )
