"""The shares of one wave that may be shown: of all respondents, by segment, and by challenge named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from dpg_warehouse.disclosure import (
    ALL,
    ALL_OTHER,
    CellStatus,
    Column,
    Pattern,
    PublishedCell,
    QuestionAnswers,
    Release,
    Rules,
    Segmentation,
    release_all,
    release_segments,
    tells_filter,
)
from dpg_warehouse.figures.answers import CellKey, OptionCell, Segment, WaveAnswers
from dpg_warehouse.figures.tables import Row

# The option under which a scale's two highest steps stand together: it has no cells of its parts.
TOP_TWO = "top_two"


@dataclass
class SharesOfWave:
    """What one wave shows, and the patterns that its next release must keep."""

    rows: list[Row] = field(default_factory=list)
    patterns: list[Pattern] = field(default_factory=list)
    cells: dict[tuple[str, str], Release] = field(default_factory=dict)  # (question, segment kind)


def release_shares(
    wave: WaveAnswers, rules: Rules, previous: Mapping[tuple[str, str], Pattern]
) -> SharesOfWave:
    """Every question of a wave for all respondents, and by segments unless it makes segments itself.

    A kind of segment that only some were asked for has no tables: its segments make up one of another
    kind, so that the cells of the two could be held against each other.
    """
    shares = SharesOfWave()
    # A question comes after those that decide who was asked it: it has all of their conditions too.
    for question in sorted(questions_of(wave), key=lambda q: len(wave.filters_of(q.question_id))):
        release = _unless_telling(
            shares, wave, (question.question_id, ALL), partial(release_all, question, rules), previous
        )
        _show(shares, wave, question, release)
        _show_derived(shares, wave, question)
        for segment in wave.segments:
            if not question.is_attribute and not wave.filters_of(segment.question_id):
                parts = Segmentation(segment.kind, segment.values, segment.codes, segment.is_ordinal)
                release = _unless_telling(
                    shares,
                    wave,
                    (question.question_id, segment.kind),
                    partial(release_segments, question, parts, rules),
                    previous,
                )
                _show(shares, wave, question, release, segment)
    return shares


def _unless_telling(
    shares: SharesOfWave,
    wave: WaveAnswers,
    key: tuple[str, str],
    release: Callable[[Pattern | None], Release],
    previous: Mapping[tuple[str, str], Pattern],
) -> Release:
    """The release of a question by a segment kind; nothing where it would tell what is withheld.

    Its bases may be counts that a filter hides, and its counts a sum that leaves no other one.
    """
    found = release(previous.get(key))
    values = {cell.segment_value for cell in found.cells if cell.base_count is not None}
    is_telling = tells_hidden_filter(shares, wave, *key, values) or _tells_by_two_places(wave, found)
    if values and is_telling:
        return release(Pattern(*key, is_too_few=True))
    return found


def _tells_by_two_places(wave: WaveAnswers, release: Release) -> bool:
    """Whether a cell is withheld of a rank that asks for two: nobody has a third, as every reader knows.

    The attacker's program has such a sum of one and of three places alone.
    """
    asks_for_two = {question.question_id for question in wave.questions if question.place_count == 2}
    return release.pattern.question_id in asks_for_two and any(
        cell.cell_status == CellStatus.BANDED for cell in release.cells
    )


def tells_hidden_filter(
    shares: SharesOfWave, wave: WaveAnswers, question_id: str, kind: str = ALL, values: Iterable[str] = (ALL,)
) -> bool:
    """Whether the question's bases are counts of another question that this one's table of the kind hides."""
    for filter_id, option_ids in wave.filters_of(question_id).items():
        if kind == ALL and not wave.is_guarded(filter_id):  # every count of it may be told
            continue
        release = shares.cells.get((filter_id, kind))
        if tells_filter(values, release.cells if release else (), option_ids):
            return True
    return False


def questions_of(wave: WaveAnswers) -> Iterator[QuestionAnswers]:
    """Each question of the wave that has options, as disclosure control reads it."""
    by_question: dict[str, list[OptionCell]] = {}
    for cell in wave.cells:
        by_question.setdefault(cell.key.question_id, []).append(cell)
    for question_id, cells in sorted(by_question.items()):
        counted = [cell for cell in cells if not cell.is_derived or cell.key.option_id == TOP_TWO]
        base = wave.base_of(question_id)
        chosen = {
            Column(cell.key.measure, cell.key.option_id): wave.choosers(cell.key) & base for cell in counted
        }
        yield QuestionAnswers(
            question_id,
            base,
            chosen,
            {cell.key.option_id: cell.option_sort for cell in counted},
            is_sensitive=wave.is_guarded(question_id),
            is_attribute=any(segment.question_id == question_id for segment in wave.segments),
            everyone_chose=frozenset(_measures_that_everyone_chose_under(base, chosen)),
        )


def _measures_that_everyone_chose_under(
    base: np.ndarray, chosen: Mapping[Column, np.ndarray]
) -> Iterator[str]:
    for measure in {column.measure for column in chosen}:
        union = np.logical_or.reduce([mask for c, mask in chosen.items() if c.measure == measure])
        if measure != "scale_top2" and bool((union | ~base).all()):
            yield measure


def _show(
    shares: SharesOfWave,
    wave: WaveAnswers,
    question: QuestionAnswers,
    release: Release,
    segment: Segment | None = None,
) -> None:
    kind = segment.kind if segment else ALL
    shares.patterns.append(release.pattern)
    shares.cells[question.question_id, kind] = release
    populations = _populations(wave, question.question_id)
    parts = {"_or_".join(group): group for group in release.pattern.groups}
    for cell in release.cells:
        group = parts.get(cell.segment_value, (cell.segment_value,))
        population = (
            populations.get(cell.option_id) if segment is None else _invited(wave, question, segment, group)
        )
        shares.rows.append(_row(wave, cell, group, population))


def _row(wave: WaveAnswers, cell: PublishedCell, parts: Iterable[str], population: int | None) -> Row:
    return {
        "survey_id": wave.survey_id,
        "wave_id": wave.wave_id,
        "question_id": cell.question_id,
        "measure": cell.measure,
        "option_id": cell.option_id,
        "segment_kind": cell.segment_kind,
        "segment_value": cell.segment_value,
        "segment_parts": list(parts),
        "population_count": population if _fits(population, cell.base_count) else None,
        "base_count": cell.base_count,
        "chosen_count": cell.chosen_count,
        "cell_status": str(cell.cell_status),
        "share_band": cell.share_band,
    }


def _fits(population: int | None, base_count: int | None) -> bool:
    """Whether as many as answered can have been invited: a respondent may say otherwise than the list."""
    return population is None or base_count is None or population >= base_count


def _populations(wave: WaveAnswers, question_id: str) -> dict[str, int | None]:
    return {
        cell.key.option_id: cell.population_count
        for cell in wave.cells
        if cell.key.question_id == question_id
    }


def _invited(
    wave: WaveAnswers, question: QuestionAnswers, segment: Segment, parts: Iterable[str]
) -> int | None:
    """How many of a segment were invited, where the list says so and the question was asked of all."""
    populations = set(_populations(wave, question.question_id).values())
    if wave.frame is None or populations != {wave.frame.eligible_count}:
        return None
    invited = [segment.invited.get(part) for part in parts]
    return None if None in invited else sum(part.eligible_count for part in invited if part is not None)


def _show_derived(shares: SharesOfWave, wave: WaveAnswers, question: QuestionAnswers) -> None:
    """Options that unite others, for all respondents alone, where each of their parts is shown too."""
    shown = shares.cells[question.question_id, ALL]
    statuses = {str(cell.cell_status) for cell in shown.cells}
    for cell in wave.cells:
        if cell.key.question_id != question.question_id or not cell.is_derived:
            continue
        if cell.key.option_id in (TOP_TWO, ALL_OTHER):
            continue
        is_shown = not question.is_sensitive and statuses == {CellStatus.PUBLISHED.value}
        base = question.base_count
        published = PublishedCell(
            question.question_id,
            ALL,
            ALL,
            cell.key.measure,
            cell.key.option_id,
            CellStatus.PUBLISHED if is_shown else CellStatus.TOO_FEW,
            base if is_shown else None,
            int(np.count_nonzero(wave.choosers(cell.key) & question.base)) if is_shown else None,
            is_derived=True,
        )
        shares.rows.append(_row(wave, published, (ALL,), cell.population_count))


def needs_by_challenge(
    wave: WaveAnswers,
    crossings: Iterable[tuple[str, str]],
    rules: Rules,
    previous: Mapping[tuple[str, str], Pattern],
) -> tuple[list[Row], list[Pattern]]:
    """Of those who named a challenge, how many chose what; `crossings` are (question, challenge question)."""
    rows: list[Row] = []
    patterns = []
    questions = {question.question_id: question for question in questions_of(wave)}
    for question_id, challenge_question_id in crossings:
        for key in _challenges(wave, challenge_question_id):
            named = wave.choosers(key)
            group = Segmentation(
                f"named_{key.option_id}",
                (key.option_id,),
                np.where(named, 0, -1).astype(np.int64),
                rest_is_group=True,
            )
            release = _unless_telling(
                SharesOfWave(),  # no question has a table by who named this challenge
                wave,
                (question_id, group.segment_kind),
                partial(release_segments, questions[question_id], group, rules),
                previous,
            )
            patterns.append(release.pattern)
            rows += [
                {
                    "survey_id": wave.survey_id,
                    "wave_id": wave.wave_id,
                    "question_id": question_id,
                    "option_id": cell.option_id,
                    "challenge_question_id": challenge_question_id,
                    "challenge_option_id": key.option_id,
                    "base_count": cell.base_count,
                    "chosen_count": cell.chosen_count,
                    "cell_status": str(cell.cell_status),
                    "share_band": cell.share_band,
                }
                for cell in release.cells
            ]
    return rows, patterns


def _challenges(wave: WaveAnswers, question_id: str) -> list[CellKey]:
    """The options of a question under its widest measure."""
    return [
        cell.key
        for cell in wave.cells
        if cell.key.question_id == question_id and cell.key.measure == "any_mention" and not cell.is_derived
    ]
