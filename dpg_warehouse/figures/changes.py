"""What changed between two waves that asked the same question, of all who answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, text

from dpg_warehouse.disclosure import ALL, CellStatus, Rules
from dpg_warehouse.estimation.change import Change, Pair, changes_of_family
from dpg_warehouse.estimation.differences import Wave
from dpg_warehouse.figures.answers import CellKey, Mask, WaveAnswers
from dpg_warehouse.figures.linking import Answers, Key, Overlap, overlap_of, wave_counts
from dpg_warehouse.figures.tables import Row


@dataclass(frozen=True)
class QuestionPair:
    """One question in two waves, and how the two may be compared."""

    survey_id: str
    question_id: str
    base_wave_id: str
    wave_id: str
    comparison: str  # compared | flagged | collapsed | not_compared
    is_adjacent: bool
    common_options: Mapping[str, str]  # of a collapsed comparison: option -> option or other_options
    frame_change: str | None = None  # what source.yml says of it, in words


@dataclass(frozen=True)
class ShownWave:
    """What a wave shows; its answers only where they are the ones that it shows."""

    rows: Sequence[Row]
    answers: WaveAnswers | None = field(default=None, repr=False)

    def cells(self, question_id: str) -> dict[tuple[str, str], Row]:
        """The question's rows of all respondents by measure and option."""
        return {
            (row["measure"], row["option_id"]): row
            for row in self.rows
            if row["question_id"] == question_id and row["segment_kind"] == ALL
        }


def read_pairs(connection: Connection, schema: str) -> list[QuestionPair]:
    """Every pair of waves that asked a question, with the options that both offered."""
    common: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    options = text(f"""
        select survey_id, question_id, base_wave_id, wave_id, option_id, common_option_id
        from {schema}.int_options_common where is_in_both
    """)  # noqa: S608 - a schema of our own
    for row in connection.execute(options).mappings():
        common[_pair_key(row)][row["option_id"]] = row["common_option_id"]
    pairs = text(f"""
        select survey_id, question_id, base_wave_id, wave_id, comparison, is_adjacent, frame_change
        from {schema}.int_question_pairs order by 1, 2, 3, 4
    """)  # noqa: S608
    found = connection.execute(pairs).mappings()
    return [QuestionPair(**dict(row), common_options=common[_pair_key(row)]) for row in found]


def _pair_key(row: RowMapping) -> tuple[str, ...]:
    return row["survey_id"], row["question_id"], row["base_wave_id"], row["wave_id"]


def changes_of(pair: QuestionPair, earlier: ShownWave, later: ShownWave, rules: Rules) -> Iterator[Row]:
    """The rows of one question between two waves: tested, or saying why not."""
    before, after = earlier.cells(pair.question_id), later.cells(pair.question_id)
    if pair.comparison == "not_compared":
        yield from (_untested(pair, key, "not_comparable") for key in after)
        return
    if pair.comparison == "collapsed":
        yield from _collapsed(pair, earlier, later, rules)
        return
    counts = {}
    for key in sorted(after.keys() | before.keys()):
        status = _why_untested(before.get(key), after.get(key))
        if status is None:
            counts[key] = (_wave(before[key]), _wave(after[key]))
        else:
            yield _untested(pair, key, status)
    is_whole = counts.keys() == before.keys() | after.keys()
    overlap = _overlap(_Question(pair), earlier, later, counts, rules) if is_whole else Overlap(is_known=True)
    yield from _tested(_Question(pair), counts, overlap)


def _why_untested(before: Row | None, after: Row | None) -> str | None:
    if before is None or after is None:
        return "not_tested"
    statuses = {before["cell_status"], after["cell_status"]}
    if statuses == {CellStatus.PUBLISHED.value}:
        return None if before["base_count"] and after["base_count"] else "not_tested"
    return "suppressed" if CellStatus.BANDED.value in statuses else "not_tested"


def _wave(row: Row) -> Wave:
    return Wave(row["chosen_count"], row["base_count"])


@dataclass(frozen=True)
class _Question:
    """How a question's answers are taken for a comparison.

    `is_conditional`: only one of the waves offered further options. Its base is then, as the other's,
    those who chose an option of both.
    """

    pair: QuestionPair
    is_conditional: bool = False

    def answers(self, wave: WaveAnswers, key: Key) -> Answers:
        """Who is in the base, and who of these chose the option or one of those united in it."""
        measure, option_id = key
        common = self.pair.common_options
        base = wave.base_of(self.pair.question_id)
        if self.is_conditional:
            base = base & self._choosers(wave, measure, common)
        parts = [option for option, into in common.items() if into == option_id] or [option_id]
        return base, self._choosers(wave, measure, parts) & base

    def _choosers(self, wave: WaveAnswers, measure: str, options: Iterable[str]) -> Mask:
        keys = [CellKey(self.pair.question_id, measure, option) for option in options]
        chosen: Mask = np.logical_or.reduce([wave.choosers(key) for key in keys])
        return chosen

    @property
    def notes(self) -> Iterator[str]:
        """What the comparison takes for granted beside what its method does."""
        if self.is_conditional:
            yield (
                "Of those who chose an option that both waves offered: whoever chose one of a single wave "
                "would have chosen among the others as they did."
            )
        if self.pair.frame_change is not None:
            yield f"The list of the invited changed: {self.pair.frame_change}"


def _overlap(
    question: _Question, earlier: ShownWave, later: ShownWave, keys: Iterable[Key], rules: Rules
) -> Overlap:
    """Who answered both waves; nothing is shown of it where a wave shows former answers."""
    first, second = earlier.answers, later.answers
    if first is None or second is None:
        return Overlap(is_known=True)
    answers = {key: (question.answers(first, key), question.answers(second, key)) for key in keys}
    return overlap_of((first.links, second.links), answers, rules)


def _tested(question: _Question, counts: Mapping[Key, tuple[Wave, Wave]], overlap: Overlap) -> Iterator[Row]:
    """The rows of what is tested together: of all who answered, and of those who answered twice."""
    twins = _twins(counts)
    family = [
        ("waves", key, Pair(*counts[key], overlap.tables.get(key), is_withheld=overlap.is_withheld))
        for key in twins
    ]
    linked = {key: table for key in twins if (table := overlap.tables.get(key)) and table.count}
    family += [("linked_respondents", key, Pair.of_linked(table)) for key, table in linked.items()]
    changes = changes_of_family([pair for _, _, pair in family])
    for (compared, key, _), change in zip(family, changes, strict=True):
        yield from (_row(question, twin, compared, change) for twin in twins[key])


def _twins(counts: Mapping[Key, tuple[Wave, Wave]]) -> dict[Key, list[Key]]:
    """What is tested, each with the rows that have the same test.

    Every measure counts all whom a narrower one counts. Where two count alike throughout, they count
    the same respondents (the first three of three places are all places): one test with two rows.
    """
    by_measure: dict[str, dict[str, tuple[Wave, Wave]]] = defaultdict(dict)
    for (measure, option_id), waves in counts.items():
        by_measure[measure][option_id] = waves
    twins: dict[Key, list[Key]] = defaultdict(list)
    for measure, options in by_measure.items():
        tested = next(other for other, theirs in by_measure.items() if theirs == options)
        for option_id in options:
            twins[tested, option_id].append((measure, option_id))
    return twins


def _collapsed(pair: QuestionPair, earlier: ShownWave, later: ShownWave, rules: Rules) -> Iterator[Row]:
    """Options that only one wave offered are united in both before anything is compared."""
    rows = [*earlier.cells(pair.question_id).items(), *later.cells(pair.question_id).items()]
    rows = [(key, row) for key, row in rows if not _is_union(key[1])]
    question = _Question(pair, any(option not in pair.common_options for (_, option), _ in rows))
    keys = sorted(
        {(m, pair.common_options[option]) for (m, option), _ in rows if option in pair.common_options}
    )
    is_shown = all(row["cell_status"] == CellStatus.PUBLISHED.value for _, row in rows)
    counts = {}
    for key in keys:
        if question.is_conditional and key[0] != "first_choice":
            # An option more takes places from the others: nobody knows whose.
            yield _untested(pair, key, "not_comparable")
        elif earlier.answers is None or later.answers is None or not is_shown:
            yield _untested(pair, key, "suppressed")
        else:
            waves = [wave_counts(question.answers(wave, key)) for wave in (earlier.answers, later.answers)]
            if waves[0] is None or waves[1] is None:
                yield _untested(pair, key, "not_tested")
            else:
                counts[key] = (waves[0], waves[1])
    yield from _tested(question, counts, _overlap(question, earlier, later, counts, rules))


def _is_union(option_id: str) -> bool:
    return option_id.startswith("challenge_")


def _untested(pair: QuestionPair, key: Key, status: str) -> Row:
    return _key(pair, key, "waves") | {"change_status": status}


def _row(question: _Question, key: Key, compared: str, change: Change) -> Row:
    return _key(question.pair, key, compared) | {
        "change_points": change.points,
        "change_ci_low": change.ci_low_points,
        "change_ci_high": change.ci_high_points,
        "p_value": change.p_value,
        "q_value": change.q_value,
        "family_size": change.family_size,
        "overlap_count": change.overlap_count,
        "change_method": change.method.value,
        "change_assumption": " ".join([change.assumption, *question.notes]),
        "detectable_points": change.detectable_points,
        "change_status": change.status.value,
    }


def _key(pair: QuestionPair, key: Key, compared: str) -> dict[str, Any]:
    return {
        "survey_id": pair.survey_id,
        "wave_id": pair.wave_id,
        "base_wave_id": pair.base_wave_id,
        "question_id": pair.question_id,
        "measure": key[0],
        "option_id": key[1],
        "compared": compared,
        "comparison": pair.comparison,
        "is_adjacent": pair.is_adjacent,
    }
