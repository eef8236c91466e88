from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.connectors.gathering import Received, gather
from dpg_warehouse.records import Fault, FaultKind, Record


def received(*records: tuple[str, int]) -> list[Received | Fault]:
    return [Received(n, Record(key, {"value": value})) for n, (key, value) in enumerate(records, 1)]


def test_the_same_record_again_is_a_fault_and_the_first_one_stays() -> None:
    records, faults = gather(received(("a", 1), ("b", 2), ("a", 1)))
    assert [record.key for record in records] == ["a", "b"]
    assert [(f.kind, f.position, f.record_key) for f in faults] == [(FaultKind.DUPLICATE_KEY, 3, "a")]


def test_records_of_one_key_that_differ_are_all_faults() -> None:
    records, faults = gather(received(("a", 1), ("b", 2), ("a", 3)))
    assert [record.key for record in records] == ["b"]
    assert [fault.position for fault in faults] == [1, 3]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1)), max_size=12))
def test_each_received_record_is_told_once(pairs: list[tuple[str, int]]) -> None:
    records, faults = gather(received(*pairs))
    assert len(records) + len(faults) == len(pairs)
    assert len({record.key for record in records}) == len(records)
