"""What a held wave still shows of its former release, under the rules and the configuration of today.

Stricter rules apply at once: to withhold a whole table is always safe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from dpg_warehouse.disclosure import ALL, ALL_OTHER, CellStatus, Rules
from dpg_warehouse.disclosure.tables import UNKNOWN
from dpg_warehouse.figures.answers import WaveAnswers
from dpg_warehouse.figures.tables import Row, Rows

_SHARES = ("question_id", "segment_kind")
_NEEDS = ("question_id", "challenge_question_id", "challenge_option_id")
# What a row of a withheld table keeps: which cell it is, and nothing that was counted.
_CELL = (
    *("survey_id", "wave_id", "question_id", "measure", "option_id"),
    *("segment_kind", "segment_value", "segment_parts", "challenge_question_id", "challenge_option_id"),
)
_WEIGHTED = ("weighted_share", "weighted_ci_low", "weighted_ci_high", "n_eff")


def keep_what_may_be_shown(rows: Rows, wave: WaveAnswers, rules: Rules) -> tuple[Rows, list[str]]:
    """The rows that may still be shown, and in words what is left out since it was renamed."""
    questions, kinds = _questions_renamed(rows, wave), _kinds_renamed(rows, wave)
    kept = {
        table: [row for row in some if not _is_renamed(row, questions, kinds)] for table, some in rows.items()
    }
    sensitive = {q.question_id for q in wave.questions if wave.is_guarded(q.question_id)}
    shares = _withhold(kept["released_shares"], _SHARES, sensitive, rules)
    closed = {row["question_id"] for row in shares if row["segment_kind"] == ALL and not _has_count(row)}
    kept["released_shares"] = shares + _without_figures(wave, questions)
    kept["released_needs"] = _withhold(kept["released_needs"], _NEEDS, sensitive, rules)
    kept["released_summaries"] = [
        row
        for row in kept["released_summaries"]
        if row["question_id"] not in closed and _is_summary_safe(row, sensitive, rules)
    ]
    kept["released_responses"] = _responses(kept["released_responses"], rules)
    return kept, [
        *(f"{question} is left out: its options were renamed." for question in sorted(questions)),
        *(f"Segments by {kind} are left out: they were renamed." for kind in sorted(kinds)),
    ]


def _questions_renamed(rows: Rows, wave: WaveAnswers) -> set[str]:
    """The questions of which rows have an option that the wave no longer knows."""
    known = {(cell.key.question_id, cell.key.option_id) for cell in wave.cells}
    shown = {(row["question_id"], row["option_id"]) for row in rows["released_shares"]}
    return {question_id for question_id, option_id in shown - known if option_id != ALL_OTHER}


def _kinds_renamed(rows: Rows, wave: WaveAnswers) -> set[str]:
    known = {(segment.kind, value) for segment in wave.segments for value in (*segment.values, UNKNOWN)}
    return {
        row["segment_kind"]
        for row in rows["released_shares"]
        for part in row["segment_parts"]
        if row["segment_kind"] != ALL and (row["segment_kind"], part) not in known
    }


def _is_renamed(row: Row, questions: set[str], kinds: set[str]) -> bool:
    return (
        row.get("question_id") in questions
        or row.get("challenge_question_id") in questions
        or row.get("segment_kind") in kinds
    )


def _without_figures(wave: WaveAnswers, questions: set[str]) -> list[Row]:
    """Rows of all respondents for the options of today."""
    return [
        {
            "survey_id": wave.survey_id,
            "wave_id": wave.wave_id,
            "question_id": cell.key.question_id,
            "measure": cell.key.measure,
            "option_id": cell.key.option_id,
            "segment_kind": ALL,
            "segment_value": ALL,
            "segment_parts": [ALL],
            "base_count": None,
            "chosen_count": None,
            "cell_status": CellStatus.TOO_FEW.value,
        }
        for cell in wave.cells
        if cell.key.question_id in questions
    ]


def _withhold(rows: Iterable[Row], key: tuple[str, ...], sensitive: set[str], rules: Rules) -> list[Row]:
    """The rows, those of a table of which the rules forbid any one without figures."""
    tables: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        tables[tuple(row[column] for column in key)].append(row)
    kept: list[Row] = []
    unweighted = set()
    for table in tables.values():
        if any(_is_forbidden(row, row["question_id"] in sensitive, rules) for row in table):
            unweighted.add(table[0]["question_id"])
            table = [_without_count(row) for row in table]
        kept += table
    # Weights depend on segments: a weighted share is one equation more about a table of them.
    return [row | dict.fromkeys(_WEIGHTED) if row["question_id"] in unweighted else row for row in kept]


def _is_forbidden(row: Row, is_sensitive: bool, rules: Rules) -> bool:
    base, count = row["base_count"], row["chosen_count"]
    is_of_group = row.get("segment_kind") != ALL
    if base is None:
        return False
    if base < rules.min_base or (is_of_group and is_sensitive):
        return True
    return count is not None and (is_of_group or is_sensitive) and rules.is_small(count, base)


def _without_count(row: Row) -> Row:
    cell = {column: row[column] for column in _CELL if column in row}
    return cell | {"base_count": None, "chosen_count": None, "cell_status": CellStatus.TOO_FEW.value}


def _has_count(row: Row) -> bool:
    return row["chosen_count"] is not None


def _is_summary_safe(row: Row, sensitive: set[str], rules: Rules) -> bool:
    if row["question_id"] in sensitive and row["statistic"] == "median":
        return False
    return bool(row["answered_count"] >= rules.min_base)


def _responses(rows: Iterable[Row], rules: Rules) -> list[Row]:
    """Who answered: by segment not of fewer than the base, and who broke off only of large groups."""
    rows = list(rows)
    everybody = sum(row["responded_count"] for row in rows if row["segment_kind"] == ALL)
    kinds = {
        row["segment_kind"]
        for row in rows
        if row["complete_count"] is not None
        and row["segment_kind"] != ALL
        and (
            row["responded_count"] < rules.min_base
            or rules.is_small(row["complete_count"], row["responded_count"])
        )
    }
    return [
        row | ({"complete_count": None, "partial_count": None} if row["segment_kind"] in kinds else {})
        for row in rows
        if row["segment_kind"] == ALL or everybody >= rules.min_base
    ]
