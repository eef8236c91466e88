"""The shares of one wave that may be shown: of all respondents, by segment, and by challenge named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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
    """Every question of a wave for all respondents, and by segments unless it makes segments itself."""
    shares = SharesOfWave()
    for question in questions_of(wave):
        _show(shares, wave, question, release_all(question, rules, previous.get((question.question_id, ALL))))
        _show_derived(shares, wave, question)
        for segment in wave.segments:
            if question.is_attribute:
                continue
            release = release_segments(
                question,
                Segmentation(segment.kind, segment.values, segment.codes, segment.is_ordinal),
                rules,
                previous.get((question.question_id, segment.kind)),
            )
            _show(shares, wave, question, release, segment)
    return shares


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
            is_sensitive=any(cell.is_sensitive for cell in cells),
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
    if wave.frame is None or populations != {wave.frame.count}:
        return None
    invited = [segment.invited.get(part) for part in parts]
    return None if None in invited else sum(part.count for part in invited if part is not None)


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
            before = previous.get((question_id, group.segment_kind))
            release = release_segments(questions[question_id], group, rules, before)
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
