"""The attacker on hand-made published rows: what he recovers, and what he must not be credited with."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpg_warehouse.disclosure import (
    AttackedCell,
    Column,
    PublishedCell,
    QuestionAnswers,
    Rules,
    Segmentation,
    attack,
    audit,
    release_all,
    release_segments,
)
from dpg_warehouse.disclosure.knowledge import band_limits
from dpg_warehouse.disclosure.programs import Contradiction, Program

RULES = Rules(min_base=10, min_cell=3)
Counts = list[list[int]]
# By rows the segments, by columns the options. Hiding the small counts alone hides none of them.
STAIRCASE: Counts = [[2, 2, 16], [12, 1, 7], [6, 9, 8]]


def published(
    counts: Counts, hidden: dict[tuple[int, int], str | None], measure: str = "first_choice"
) -> list[PublishedCell]:
    """The rows of all respondents and of segments; `hidden` says which cells show their band alone."""
    bases = [sum(row) if measure == "first_choice" else 20 for row in counts]
    rows = [
        _cell("all", "all", measure, option, sum(bases), sum(row[option] for row in counts))
        for option in range(len(counts[0]))
    ]
    for segment, row in enumerate(counts):
        for option, count in enumerate(row):
            is_hidden = (segment, option) in hidden
            rows.append(
                _cell(
                    "kind",
                    f"segment_{segment}",
                    measure,
                    option,
                    bases[segment],
                    None if is_hidden else count,
                    hidden.get((segment, option)),
                )
            )
    return rows


def _cell(
    kind: str, value: str, measure: str, option: int, base: int, count: int | None, band: str | None = None
) -> PublishedCell:
    status = "published" if count is not None else "banded"
    return PublishedCell("question", kind, value, measure, f"option_{option}", status, base, count, band)


def small_cells(counts: Counts) -> dict[tuple[int, int], str | None]:
    return {
        (s, o): "at most 20 %"
        for s, row in enumerate(counts)
        for o, count in enumerate(row)
        if RULES.is_small(count, sum(row))
    }


def answers_with(counts: Counts) -> tuple[QuestionAnswers, Segmentation]:
    """A single choice whose answers have these counts."""
    pairs = [(s, o) for s, row in enumerate(counts) for o, count in enumerate(row) for _ in range(count)]
    chosen = {
        Column("first_choice", f"option_{option}"): np.array([o == option for _, o in pairs])
        for option in range(len(counts[0]))
    }
    question = QuestionAnswers(
        "question",
        np.ones(len(pairs), dtype=bool),
        chosen,
        {f"option_{option}": option for option in range(len(counts[0]))},
        everyone_chose=frozenset({"first_choice"}),
    )
    values = tuple(f"segment_{n}" for n in range(len(counts)))
    return question, Segmentation("kind", values, np.array([s for s, _ in pairs]))


def found(attacked: tuple[AttackedCell, ...]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(cell.segment_value, cell.column.option_id): (cell.low, cell.high) for cell in attacked}


def test_small_cells_alone_are_recovered_to_the_last_one() -> None:
    attacked = attack(published(STAIRCASE, small_cells(STAIRCASE)))
    assert found(attacked) == {
        ("segment_0", "option_0"): (2, 2),
        ("segment_0", "option_1"): (2, 2),
        ("segment_1", "option_1"): (1, 1),
    }
    assert all(cell.is_recovered for cell in attacked)


def test_further_bands_mend_that() -> None:
    question, segmentation = answers_with(STAIRCASE)
    cells = (*release_all(question, RULES).cells, *release_segments(question, segmentation, RULES).cells)
    ranges = found(attack(cells))
    assert set(small_cells(STAIRCASE)) == {(0, 0), (0, 1), (1, 1)}
    assert {("segment_0", "option_0"), ("segment_0", "option_1"), ("segment_1", "option_1")} < set(ranges)
    assert all(low < high for low, high in ranges.values())
    assert any(c.cell_status == "published" for c in cells if c.segment_kind == "kind")


def test_lifting_any_one_band_gives_another_cell_away() -> None:
    question, segmentation = answers_with([[12, 8], [18, 2], [9, 11]])
    everybody = release_all(question, RULES).cells
    segments = release_segments(question, segmentation, RULES).cells
    counted = release_segments(question, segmentation, Rules(RULES.min_base, 0)).cells
    withheld = [n for n, cell in enumerate(segments) if cell.cell_status == "banded"]
    assert len(withheld) == 4
    assert audit((*everybody, *segments), RULES) == ()
    for n in withheld:
        leaking = (*everybody, *segments[:n], counted[n], *segments[n + 1 :])
        recovered = {f.segment_value for f in audit(leaking, RULES) if f.problem == "recoverable"}
        assert recovered == {segments[m].segment_value for m in withheld}


def test_a_small_count_that_is_shown_is_found() -> None:
    problems = {(f.problem, f.segment_value) for f in audit(published([[9, 11], [18, 2]], {}), RULES)}
    assert problems == {("small_cell", "segment_1")}


def test_a_segment_below_the_base_is_found() -> None:
    findings = audit(published([[9, 11], [4, 5]], {}), RULES)
    assert {(f.problem, f.segment_value) for f in findings} == {("small_base", "segment_1")}


def test_segments_of_a_question_that_may_have_none_are_found() -> None:
    rows = published([[9, 11], [8, 12]], {})
    named = frozenset({"question"})
    for findings in (audit(rows, RULES, sensitive=named), audit(rows, RULES, attributes=named)):
        assert [f.problem for f in findings] == ["not_for_segments"] * 4


def test_small_counts_of_all_respondents_are_found_for_sensitive_questions_alone() -> None:
    rows = [row for row in published([[18, 2]], {}) if row.segment_kind == "all"]
    assert audit(rows, RULES) == ()
    findings = audit(rows, RULES, sensitive=frozenset({"question"}))
    assert [(f.problem, f.column.option_id) for f in findings] == [
        ("small_cell", "option_0"),
        ("small_cell", "option_1"),
    ]


def test_those_whom_no_segment_shows_are_attacked_too() -> None:
    rows = [row for row in published([[9, 11], [7, 6], [1, 0]], {}) if row.segment_value != "segment_2"]
    findings = {(f.problem, f.segment_value) for f in audit(rows, RULES)}
    assert findings == {("recoverable", "")}


def test_an_unshown_group_that_could_be_shown_is_no_finding() -> None:
    rows = [row for row in published([[9, 11], [7, 6]], {}) if row.segment_value != "segment_1"]
    assert audit(rows, RULES) == ()


def test_a_column_that_all_respondents_give_away_is_not_credited_to_segments() -> None:
    rows = published([[0, 11], [0, 12]], {(0, 0): "at most 20 %", (1, 0): "at most 20 %"}, "any_mention")
    assert [(c.low, c.high, c.is_recovered) for c in attack(rows)] == [(0, 0, False)] * 2


def test_a_narrower_measure_gives_a_wider_one_away() -> None:
    """All who named the option named it first, so the hidden mentions are the shown first choices."""
    first = published([[8, 12], [12, 8]], {})
    mentions = published([[8, 20], [12, 20]], {(0, 0): None, (1, 0): None}, "any_mention")
    attacked = attack([*first, *mentions])
    assert [(c.low, c.high) for c in attacked if c.column.option_id == "option_0"] == [(8, 8), (12, 12)]


def test_that_everybody_chose_something_is_used_only_where_it_holds() -> None:
    rows = published([[2, 18], [13, 15]], {(0, 0): "at most 20 %", (1, 0): None}, "any_mention")
    assert found(attack(rows))["segment_0", "option_0"] == (0, 4)
    everyone = frozenset({("question", "any_mention")})
    assert found(attack(rows, everyone))["segment_0", "option_0"] == (2, 4)


def test_all_other_is_a_union_of_mentions_and_a_sum_of_first_choices() -> None:
    for measure, expected in (("any_mention", (5, 9)), ("first_choice", (9, 9))):
        everybody = [_cell("all", "all", measure, o, 20, count) for o, count in enumerate((11, 5, 4))]
        other = PublishedCell("question", "kind", "a", measure, "all_other", "banded", 20)
        rows = [*everybody, _cell("kind", "a", measure, 0, 20, 11), other]
        assert found(attack(rows)) == {("a", "all_other"): expected}


def test_cells_that_contradict_each_other_raise() -> None:
    rows = published([[9, 11], [7, 6]], {(0, 0): None})
    wrong = [*rows[:-1], _cell("kind", "segment_1", "first_choice", 1, 13, 12)]
    with pytest.raises(Contradiction):
        attack(wrong)


def test_a_band_that_nobody_can_read_raises() -> None:
    with pytest.raises(ValueError, match="is no band"):
        band_limits("about half", 20)
    assert [band_limits(band, 12) for band in ("at most 20 %", "at least 80 %", None)] == [
        (0, 2),
        (10, 12),
        (0, 12),
    ]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_ranges_agree_with_enumeration(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 4))
    limits = [(low, low + data.draw(st.integers(0, 3))) for low in [data.draw(st.integers(0, 2))] * size]
    points = set(product(*(range(low, high + 1) for low, high in limits)))
    true = data.draw(st.sampled_from(sorted(points)))
    program = Program()
    variables = [program.variable(*limit) for limit in limits]
    for _ in range(data.draw(st.integers(0, 3))):
        terms = {v: data.draw(st.sampled_from((-1, 1))) for v in variables if data.draw(st.booleans())}
        total = sum(c * true[v] for v, c in terms.items())
        low, high = total - data.draw(st.integers(0, 1)), total + data.draw(st.integers(0, 1))
        program.constrain(terms, low, high)
        points = {p for p in points if low <= sum(c * p[v] for v, c in terms.items()) <= high}
    exact = {v: (min(p[v] for p in points), max(p[v] for p in points)) for v in variables}
    quick = program.ranges(variables, is_exact=False)
    assert program.ranges(variables, is_exact=True) == exact
    assert {v: low == high for v, (low, high) in quick.items()} == {
        v: low == high for v, (low, high) in exact.items()
    }
