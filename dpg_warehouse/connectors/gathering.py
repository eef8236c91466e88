"""Turns received records into the records and faults of a pull: each received one is in one of the two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dpg_warehouse.records import Fault, FaultKind, Record


@dataclass(frozen=True)
class Received:
    """One received record that has a key, with its position among the received ones (from 1)."""

    position: int
    record: Record


def gather(outcomes: Iterable[Received | Fault]) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """Split received records into records and faults, and take out what has another's key.

    Where all records of a key say the same, the first is a record and the others are faults. Where
    they differ, nobody can tell which is right: all of them are faults.
    """
    by_key: dict[str, list[Received]] = defaultdict(list)
    faults: list[Fault] = []
    for outcome in outcomes:
        if isinstance(outcome, Fault):
            faults.append(outcome)
        else:
            by_key[outcome.record.key].append(outcome)
    records = []
    for same_key in by_key.values():
        first, *others = same_key
        if all(other.record.payload == first.record.payload for other in others):
            records.append(first.record)
            faults.extend(_duplicate(other, "the same record again") for other in others)
        else:
            detail = f"{len(same_key)} records of this key, which differ"
            faults.extend(_duplicate(one, detail) for one in same_key)
    return tuple(records), tuple(sorted(faults, key=lambda fault: fault.position or 0))


def _duplicate(one: Received, detail: str) -> Fault:
    return Fault(FaultKind.DUPLICATE_KEY, one.position, one.record.key, detail, one.record.payload)
