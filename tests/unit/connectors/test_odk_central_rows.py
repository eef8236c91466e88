from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.connectors.odk_central_rows import submission_of

names = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
answers = st.one_of(st.none(), st.text(max_size=5), st.integers(-9, 9), st.booleans())
rows: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(names, answers, max_size=4),
    lambda inner: st.dictionaries(
        names, st.one_of(answers, inner, st.lists(inner, min_size=1, max_size=2)), max_size=4
    ),
    max_leaves=12,
)


def leaves(value: Any, path: str = "") -> dict[str, int]:
    """How often each path of a row is answered."""
    counts: dict[str, int] = {}
    if isinstance(value, dict):
        for name, inner in value.items():
            for below, count in leaves(inner, f"{path}/{name}" if path else name).items():
                counts[below] = counts.get(below, 0) + count
    elif isinstance(value, list):
        for inner in value:
            for below, count in leaves(inner, path).items():
                counts[below] = counts.get(below, 0) + count
    elif value is not None:
        counts[path] = 1
    return counts


def told(submission: Any) -> dict[str, int]:
    """How often each path of a submission is answered; a repeat's entries bring their full paths."""
    counts: dict[str, int] = {}
    for path, value in submission.items():
        for entry in value if isinstance(value, list) else [{path: 1}]:
            inner = told(entry) if isinstance(value, list) else entry
            for below, count in inner.items():
                counts[below] = counts.get(below, 0) + count
    return counts


@given(rows)
def test_each_answer_keeps_its_full_path_through_groups_and_repeats(row: dict[str, Any]) -> None:
    submission = submission_of({"meta": None} | row)
    answered = {path: value for path, value in submission.items() if not path.startswith("_")}
    assert told(answered) == leaves(row)


@given(rows)
def test_what_the_server_adds_to_rows_is_no_answer(row: dict[str, Any]) -> None:
    added = {"__id": "uuid:1", "__Submissions-id": "x", "people@odata.navigationLink": "x"}
    with_added, without = submission_of(row | added), submission_of(row | {"__id": "uuid:1"})
    assert with_added == without
