"""Means, medians, ranks' points and the like of one wave."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dpg_warehouse.disclosure import ALL, CellStatus, Rules
from dpg_warehouse.estimation.scales import Figure, RankSummary, ScaleSummary, rank_summary, scale_summary
from dpg_warehouse.figures.answers import Question, WaveAnswers
from dpg_warehouse.figures.shares import SharesOfWave, tells_hidden_filter
from dpg_warehouse.figures.tables import Row

# Under `rule`, in short; docs/methodology.md has the formulas and their references.
_MEAN = "arithmetic mean; Student's interval"
_WHOLE_MEAN = "arithmetic mean, rounded to a whole unit; no interval"
_MEDIAN = "median; interval between two order statistics"
_TOP_STEPS = "share of the two highest steps; as in trend_answer_share"
_FIRST = "share that ranked it first; as in trend_answer_share"
_MEAN_RANK = "mean place among those who ranked it, 1 is first; Student's interval"
_BORDA = "mean points: of {0} places the first gives {0}/{0}, the last 1/{0}, none 0; Student's interval"


def summarise(wave: WaveAnswers, rules: Rules, shares: SharesOfWave) -> list[Row]:
    """The statistics of every scale, number and rank that may be shown."""
    rows: list[Row] = []
    for question in wave.questions:
        base = wave.base_of(question.question_id)
        if np.count_nonzero(base) < rules.min_base or not _may_be_shown(wave, question, shares):
            continue
        if question.kind in ("scale", "number"):
            rows += _of_scale(wave, question, rules)
        elif question.kind == "rank":
            rows += _of_rank(wave, question)
    return rows


def _may_be_shown(wave: WaveAnswers, question: Question, shares: SharesOfWave) -> bool:
    """A statistic is an equation about the counts, so all of them must be shown beside it."""
    if tells_hidden_filter(shares, wave, question.question_id):
        return False
    release = shares.cells.get((question.question_id, ALL))
    return release is None or all(cell.cell_status == CellStatus.PUBLISHED for cell in release.cells)


def _population(wave: WaveAnswers, question: Question) -> int | None:
    found = {c.population_count for c in wave.cells if c.key.question_id == question.question_id}
    population = found.pop() if len(found) == 1 else None
    base_count = int(np.count_nonzero(wave.base_of(question.question_id)))
    return population if population is not None and population >= base_count else None


def _of_scale(wave: WaveAnswers, question: Question, rules: Rules) -> Iterator[Row]:
    base = wave.base_of(question.question_id)
    given = wave.values.get((question.question_id, None))
    values = given[base & ~np.isnan(given)] if given is not None else np.array([])
    if values.size < rules.min_base:
        return
    is_guarded = wave.is_guarded(question.question_id)
    steps = question.steps if question.kind == "scale" else None
    if is_guarded and steps is not None and _has_small_steps(values, steps, rules):
        return
    summary = scale_summary(values, steps, int(np.count_nonzero(base)), _population(wave, question))
    if summary is not None and is_guarded and steps is None:
        # The median is somebody's number, and the interval tells the spread, that is of outliers.
        mean = Figure(float(round(summary.mean.value)), None, None, summary.mean.base_count)
        yield _row(wave, question, "", "mean", mean, None, _WHOLE_MEAN)
    elif summary is not None:
        yield from _scale_rows(wave, question, summary)


def _has_small_steps(values: NDArray[np.float64], steps: NDArray[np.float64], rules: Rules) -> bool:
    """Whether a few alone, or all but a few, are at a step: a mean tells counts that nobody shows."""
    return any(rules.is_small(int(np.count_nonzero(values == step)), values.size) for step in steps)


def _scale_rows(wave: WaveAnswers, question: Question, summary: ScaleSummary) -> Iterator[Row]:
    yield _row(wave, question, "", "mean", summary.mean, summary.step_count, _MEAN)
    yield _row(wave, question, "", "median", summary.median, summary.step_count, _MEDIAN)
    if summary.top_share is not None:
        yield _row(wave, question, "", "top_share", summary.top_share, summary.step_count, _TOP_STEPS)


def _of_rank(wave: WaveAnswers, question: Question) -> Iterator[Row]:
    base = wave.base_of(question.question_id)
    options = sorted(
        {
            cell.key.option_id
            for cell in wave.cells
            if cell.key.question_id == question.question_id and not cell.is_derived
        }
    )
    for option_id in options:
        given = wave.values.get((question.question_id, option_id), np.full(base.size, np.nan))
        places = given[base & ~np.isnan(given)].astype(np.int64)
        summary = rank_summary(
            places,
            int(np.count_nonzero(base)),
            len(options),
            question.place_count or len(options),
            _population(wave, question),
        )
        yield from _rank_rows(wave, question, option_id, summary)


def _rank_rows(wave: WaveAnswers, question: Question, option_id: str, summary: RankSummary) -> Iterator[Row]:
    count, borda = summary.option_count, _BORDA.format(summary.place_count)
    yield _row(wave, question, option_id, "borda", summary.borda, count, borda)
    yield _row(wave, question, option_id, "top_share", summary.top_share, count, _FIRST)
    if summary.mean_rank is not None:
        yield _row(wave, question, option_id, "mean_rank", summary.mean_rank, count, _MEAN_RANK)


def _row(
    wave: WaveAnswers,
    question: Question,
    option_id: str,
    statistic: str,
    figure: Figure,
    step_count: int | None,
    rule: str,
) -> Row:
    return {
        "survey_id": wave.survey_id,
        "wave_id": wave.wave_id,
        "question_id": question.question_id,
        "option_id": option_id,
        "statistic": statistic,
        "answered_count": figure.base_count,
        "step_count": step_count,
        "value": figure.value,
        "ci_low": figure.ci_low,
        "ci_high": figure.ci_high,
        "rule": rule,
    }
