"""Collapses a question's options, for the tables of segments, to the most named and all other."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np

from dpg_warehouse.disclosure.tables import ALL_OTHER, Column, Mask, QuestionAnswers

KEPT_OPTIONS = 3


def kept_options(answers: QuestionAnswers, previous: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The options that tables of segments show one by one: the most named by all respondents.

    Named under the widest measure; one set for all measures, so that they can be read side by side.
    With one option more than KEPT_OPTIONS all are kept: `all other` would be one of them.
    """
    options = {column.option_id for column in answers.chosen}
    if previous:
        return tuple(sorted(previous))
    if len(options) <= KEPT_OPTIONS + 1:
        return tuple(sorted(options))
    widest = answers.measures[-1]
    named = {c.option_id: answers.count(c) for c in answers.columns if c.measure == widest}
    ranked = sorted(named, key=lambda o: (-named[o], answers.option_sort.get(o, 0), o))
    return tuple(sorted(ranked[:KEPT_OPTIONS]))


def collapse_options(answers: QuestionAnswers, kept: tuple[str, ...]) -> QuestionAnswers:
    """The same answers with every option that is not kept united into `all_other`, per respondent."""
    chosen: dict[Column, Mask] = {c: mask for c, mask in answers.chosen.items() if c.option_id in kept}
    for measure in answers.measures:
        others = [
            mask for c, mask in answers.chosen.items() if c.measure == measure and c.option_id not in kept
        ]
        if others:
            chosen[Column(measure, ALL_OTHER)] = reduce(np.logical_or, others)
    return replace(answers, chosen=chosen)
