"""What changed between two waves that asked the same question, of all who answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, text

from dpg_warehouse.disclosure import ALL, CellStatus, Rules
from dpg_warehouse.estimation.change import Change, Pair, changes_of_family, linked_changes_of_family
from dpg_warehouse.estimation.differences import Linked, Wave
from dpg_warehouse.figures.answers import CellKey, Mask, WaveAnswers
from dpg_warehouse.figures.tables import Row

OTHER_OPTIONS = "other_options"


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
        select survey_id, question_id, base_wave_id, wave_id, comparison, is_adjacent
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
    tested = []
    for key in sorted(after.keys() | before.keys()):
        status = _why_untested(before.get(key), after.get(key))
        if status is None:
            tested.append(key)
        else:
            yield _untested(pair, key, status)
    counts = {key: (_wave(before[key]), _wave(after[key])) for key in tested}
    yield from _tested(pair, counts, _links_of(earlier, later), rules)


def _why_untested(before: Row | None, after: Row | None) -> str | None:
    if before is None or after is None:
        return "not_tested"
    statuses = {before["cell_status"], after["cell_status"]}
    if statuses == {CellStatus.PUBLISHED.value}:
        return None if before["base_count"] and after["base_count"] else "not_tested"
    return "suppressed" if CellStatus.BANDED.value in statuses else "not_tested"


def _wave(row: Row) -> Wave:
    return Wave(row["chosen_count"], row["base_count"])


Key = tuple[str, str]  # measure, option
Others = tuple[tuple[int, int], tuple[int, int]]  # of each wave: how many chose, of how many


@dataclass(frozen=True)
class _Links:
    """The respondents whom both waves have, as places in the one and in the other."""

    earlier: WaveAnswers
    later: WaveAnswers
    places: tuple[np.ndarray, np.ndarray]
    unite: Mapping[str, str] = field(default_factory=dict)

    def table(self, question_id: str, key: Key) -> tuple[Linked, Others]:
        """Those in both bases by what they chose, and what each wave's others chose."""
        (base_1, chose_1), (base_2, chose_2) = (
            (base := wave.base_of(question_id), _choosers(wave, question_id, key, self.unite) & base)
            for wave in (self.earlier, self.later)
        )
        at_1, at_2 = self.places
        both = base_1[at_1] & base_2[at_2]
        first, second = chose_1[at_1][both], chose_2[at_2][both]
        linked = Linked(
            int(np.sum(first & second)),
            int(np.sum(first & ~second)),
            int(np.sum(~first & second)),
            int(np.sum(~first & ~second)),
        )
        others = (
            (int(chose_1.sum() - first.sum()), int(base_1.sum()) - linked.count),
            (int(chose_2.sum() - second.sum()), int(base_2.sum()) - linked.count),
        )
        return linked, others


def _choosers(wave: WaveAnswers, question_id: str, key: Key, unite: Mapping[str, str]) -> Mask:
    measure, option_id = key
    parts = [option for option, common in unite.items() if common == option_id] or [option_id]
    chosen: Mask = np.logical_or.reduce(
        [wave.choosers(CellKey(question_id, measure, part)) for part in parts]
    )
    return chosen


def _links_of(earlier: ShownWave, later: ShownWave, unite: Mapping[str, str] | None = None) -> _Links | None:
    """Who answered both waves; None where that is not known, or not of the answers that are shown."""
    if earlier.answers is None or later.answers is None:
        return None
    place = {link: n for n, link in enumerate(earlier.answers.links) if link is not None}
    found = [(place[link], n) for n, link in enumerate(later.answers.links) if link in place]
    if not place or all(link is None for link in later.answers.links):
        return None
    firsts, seconds = (
        (np.array(side, dtype=np.int64) for side in zip(*found, strict=True))
        if found
        else (
            np.array([], dtype=np.int64),
            np.array([], dtype=np.int64),
        )
    )
    return _Links(earlier.answers, later.answers, (firsts, seconds), unite or {})


def _tested(
    pair: QuestionPair, counts: Mapping[Key, tuple[Wave, Wave]], links: _Links | None, rules: Rules
) -> Iterator[Row]:
    if not counts:
        return
    tables = {key: links.table(pair.question_id, key) for key in counts} if links else {}
    safe = {key: table for key, (table, others) in tables.items() if _is_safe(table, others, rules)}
    nobody = {key: table for key, (table, _) in tables.items() if table.count == 0}
    family = [Pair(*waves, linked=safe.get(key, nobody.get(key))) for key, waves in counts.items()]
    for key, change in zip(counts, changes_of_family(family), strict=True):
        yield _row(pair, key, "waves", change)
    for key, change in zip(safe, linked_changes_of_family(list(safe.values())), strict=True):
        yield _row(pair, key, "linked_respondents", change)


def _is_safe(linked: Linked, others: Others, rules: Rules) -> bool:
    """Those who answered both waves are a segment, and so are the others of each: none may be small."""
    if linked.count < rules.min_base:
        return False
    twice = [(wave.chosen, wave.base) for wave in (linked.earlier, linked.later)]
    groups = [*twice, *((chosen, base) for chosen, base in others if base)]
    return all(base >= rules.min_base and not rules.is_small(chosen, base) for chosen, base in groups)


def _collapsed(pair: QuestionPair, earlier: ShownWave, later: ShownWave, rules: Rules) -> Iterator[Row]:
    """Options that only one wave offered are united in both before anything is compared."""
    before, after = earlier.cells(pair.question_id), later.cells(pair.question_id)
    keys = sorted({(measure, pair.common_options.get(o, o)) for measure, o in after})
    keys = [key for key in keys if key[1] in pair.common_options.values()]
    shown = {row["cell_status"] for row in (*before.values(), *after.values()) if not _is_union(row)}
    if earlier.answers is None or later.answers is None or shown != {CellStatus.PUBLISHED.value}:
        yield from (_untested(pair, key, "suppressed") for key in keys)
        return
    counts = {}
    for key in keys:
        waves = []
        for wave in (earlier.answers, later.answers):
            base = wave.base_of(pair.question_id)
            chosen = _choosers(wave, pair.question_id, key, pair.common_options) & base
            waves.append(Wave(int(chosen.sum()), int(base.sum())))
        if all(wave.base for wave in waves):
            counts[key] = (waves[0], waves[1])
    links = _links_of(earlier, later, pair.common_options)
    yield from _tested(pair, counts, links, rules)


def _is_union(row: Row) -> bool:
    return str(row["option_id"]).startswith("challenge_")


def _untested(pair: QuestionPair, key: Key, status: str) -> Row:
    return _key(pair, key, "waves") | {"change_status": status}


def _row(pair: QuestionPair, key: Key, compared: str, change: Change) -> Row:
    return _key(pair, key, compared) | {
        "change_points": change.points,
        "change_ci_low": change.ci_low_points,
        "change_ci_high": change.ci_high_points,
        "p_value": change.p_value,
        "q_value": change.q_value,
        "family_size": change.family_size,
        "overlap_count": change.overlap_count,
        "change_method": change.method.value,
        "change_assumption": change.assumption,
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
