"""Rakes a wave's respondents to the margins of the invited list, or says why it doesn't.

Raking (Deming & Stephan 1940) by `svy`. Weights that only a few people carry are refused rather than
trimmed: a trimmed weight meets no margin, and nobody could say what it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

import numpy as np
import polars as pl
import svy
from numpy.typing import NDArray
from svy.core.types import DomainScalarMap
from svy.errors import WeightingError

from dpg_warehouse.estimation.margins import UNKNOWN, Margin, collapsed_groups

Floats = NDArray[np.float64]

# Nobody speaks for more than five times the mean (DeBell & Krosnick 2009), and the weights leave at
# least half of what the answers tell: Kish's design effect is at most 2. The ratio of the largest to
# the smallest is this project's own limit, about five above and one half below the mean.
MAX_WEIGHT_TO_MEAN = 5.0
MAX_WEIGHT_RATIO = 10.0
MAX_DESIGN_EFFECT = 2.0
# Of more people than this share an attribute is not known: it is no margin.
MAX_UNKNOWN_SHARE = 0.1

_TOLERANCE = 1e-10  # largest relative error of a margin
_MAX_ROUNDS = 1000


class RefusalReason(StrEnum):
    """Why a wave has no weights."""

    NO_RESPONDENTS = "no_respondents"
    MORE_ANSWERS_THAN_INVITED = "more_answers_than_invited"
    MARGIN_EXCEEDS_FRAME = "margin_exceeds_frame"
    LEVEL_NOT_IN_FRAME = "level_not_in_frame"
    LEVEL_WITHOUT_RESPONDENTS = "level_without_respondents"
    NO_USABLE_MARGIN = "no_usable_margin"
    NOT_CONVERGED = "not_converged"
    WEIGHTS_TOO_UNEQUAL = "weights_too_unequal"


@dataclass(frozen=True)
class WeightsRefused:
    """A wave stays unweighted; `detail` names attributes and levels, and nobody."""

    reason: RefusalReason
    detail: str


@dataclass(frozen=True)
class WaveWeights:
    """A weight for each respondent, in the order given; they sum to `population_count`.

    `groups` are the levels that each margin was raked with, collapsed ones joined by ` + `;
    `left_out` are attributes that could not be a margin, and why. `sample` is what weighted.py reads.
    """

    weights: Floats
    population_count: int
    design_effect: float
    weight_ratio: float
    weight_to_mean: float
    groups: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, str]
    sample: svy.Sample = field(repr=False)


class _RefusalError(Exception):
    """Carries a refusal out of the steps below."""

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(detail)
        self.refusal = WeightsRefused(reason, detail)


@dataclass(frozen=True)
class _Control:
    """A margin ready to rake: each respondent's group, and how many of the invited each stands for."""

    codes: list[str]
    targets: DomainScalarMap


def rake(
    margins: Sequence[Margin],
    values: Mapping[str, Sequence[str | None]],
    population_count: int,
) -> WaveWeights | WeightsRefused:
    """Weights that give the respondents the invited list's margins.

    `values` has, by segment_kind, each respondent's value (None or `unknown` where not known), all in
    one order. `population_count` is how many were invited and eligible.
    """
    try:
        return _raked(margins, values, population_count)
    except _RefusalError as refused:
        return refused.refusal


def _raked(
    margins: Sequence[Margin], values: Mapping[str, Sequence[str | None]], population_count: int
) -> WaveWeights:
    controls: dict[str, _Control] = {}
    left_out: dict[str, str] = {}
    for margin in margins:
        outcome = _control(margin, values[margin.segment_kind], population_count)
        if isinstance(outcome, _Control):
            controls[margin.segment_kind] = outcome
        else:
            left_out[margin.segment_kind] = outcome
    if not controls:
        reasons = "; ".join(f"{kind}: {why}" for kind, why in left_out.items())
        raise _RefusalError(RefusalReason.NO_USABLE_MARGIN, reasons or "no margin is known")
    sample = _raked_sample(controls, population_count)
    weights = cast("pl.DataFrame", sample.data)["weight"].to_numpy()
    return _within_limits(
        WaveWeights(
            weights=weights,
            population_count=population_count,
            design_effect=float(len(weights) * np.sum(weights**2) / np.sum(weights) ** 2),
            weight_ratio=float(weights.max() / weights.min()),
            weight_to_mean=float(weights.max() / weights.mean()),
            groups={kind: tuple(map(str, control.targets)) for kind, control in controls.items()},
            left_out=left_out,
            sample=sample,
        )
    )


def _control(margin: Margin, values: Sequence[str | None], population_count: int) -> _Control | str:
    """The margin as raking wants it, or why it can't be one."""
    known = [None if value == UNKNOWN else value for value in values]
    unknown_share = known.count(None) / len(known) if known else 0.0
    _check_counts(margin, known, population_count)
    levels = margin.known_levels
    frame_count = sum(level.count for level in levels)
    if max(unknown_share, 1 - frame_count / population_count) > MAX_UNKNOWN_SHARE:
        return "not known of too many"
    answered = [known.count(level.value) for level in levels]
    groups = collapsed_groups(answered, margin.is_ordinal)
    if len(groups) < 2:
        return "too few respondents for two levels"
    name_of = {level: " + ".join(levels[i].value for i in group) for group in groups for level in group}
    group_of = {level.value: name_of[place] for place, level in enumerate(levels)}
    # Those whose value is not known keep their share of the sample: in this margin they weigh the
    # mean, which supposes no more of them than that their values are like those of the others.
    scale = (1 - unknown_share) * population_count / frame_count
    targets: DomainScalarMap = {
        name_of[group[0]]: scale * sum(levels[place].count for place in group) for group in groups
    }
    if unknown_share:
        targets[UNKNOWN] = unknown_share * population_count
    return _Control([UNKNOWN if value is None else group_of[value] for value in known], targets)


def _check_counts(margin: Margin, known: Sequence[str | None], population_count: int) -> None:
    """Refuse what no weight can mend: answers and frame contradict each other, or nobody answered."""
    kind, levels = margin.segment_kind, {level.value for level in margin.known_levels}
    if not known:
        raise _RefusalError(RefusalReason.NO_RESPONDENTS, "nobody answered")
    if len(known) > population_count:
        raise _RefusalError(
            RefusalReason.MORE_ANSWERS_THAN_INVITED, f"{len(known)} answers of {population_count} invited"
        )
    if sum(level.count for level in margin.known_levels) > population_count:
        raise _RefusalError(RefusalReason.MARGIN_EXCEEDS_FRAME, f"{kind} counts more than {population_count}")
    answered = {value for value in known if value is not None}
    if answered - levels:
        raise _RefusalError(
            RefusalReason.LEVEL_NOT_IN_FRAME, f"{kind}: {', '.join(sorted(answered - levels))}"
        )
    if levels - answered:
        raise _RefusalError(
            RefusalReason.LEVEL_WITHOUT_RESPONDENTS, f"{kind}: {', '.join(sorted(levels - answered))}"
        )


def _raked_sample(controls: Mapping[str, _Control], population_count: int) -> svy.Sample:
    """The respondents as svy's sample, whose design remembers the raking for the variance."""
    data = pl.DataFrame({f"margin_{kind}": control.codes for kind, control in controls.items()})
    data = data.with_columns(
        base_weight=pl.lit(population_count / data.height),
        population_count=pl.lit(float(population_count)),
    )
    design = svy.Design(wgt="base_weight", pop_size="population_count")
    targets = {f"margin_{kind}": control.targets for kind, control in controls.items()}
    try:
        return svy.Sample(data, design).weighting.rake(
            controls=targets, wgt_name="weight", tol=_TOLERANCE, max_iter=_MAX_ROUNDS
        )
    except WeightingError as error:
        if error.code != "CONVERGENCE_FAILED":
            raise
        raise _RefusalError(
            RefusalReason.NOT_CONVERGED, f"no weights meet {', '.join(controls)} at once"
        ) from error


def _within_limits(weights: WaveWeights) -> WaveWeights:
    figures = (
        ("design effect", weights.design_effect, MAX_DESIGN_EFFECT),
        ("largest to smallest weight", weights.weight_ratio, MAX_WEIGHT_RATIO),
        ("largest weight to the mean", weights.weight_to_mean, MAX_WEIGHT_TO_MEAN),
    )
    beyond = [f"{name} {value:.1f}, limit {limit:g}" for name, value, limit in figures if value > limit]
    if beyond:
        raise _RefusalError(RefusalReason.WEIGHTS_TOO_UNEQUAL, "; ".join(beyond))
    return weights
