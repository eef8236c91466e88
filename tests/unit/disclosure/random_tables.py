"""Random answers and segmentations, of every kind that a survey has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from dpg_warehouse.disclosure import Column, QuestionAnswers, Segmentation

KINDS = ("single", "multiple", "multiple_of_answered", "rank", "scale")


class RandomTable(NamedTuple):
    answers: QuestionAnswers
    segmentation: Segmentation


def answers_of(
    kind: str, rankings: list[list[int]], option_count: int, *, is_sensitive: bool = False
) -> QuestionAnswers:
    """A question whose respondents chose the options of `rankings`, in that order where it matters."""
    given = [ranking[:1] if kind in ("single", "scale") else ranking for ranking in rankings]
    measures: tuple[tuple[str, int | None], ...] = (("any_mention", None),)
    if kind == "rank":
        measures = (("first_choice", 1), ("top3", 3), ("any_mention", None))
    elif kind == "single":
        measures = (("first_choice", None),)
    elif kind == "scale":
        measures, option_count = (("scale_top2", None),), 1
    chosen = {
        Column(measure, f"option_{option}"): np.array([option in answer[:places] for answer in given])
        for measure, places in measures
        for option in range(option_count)
    }
    asks_for_one = kind in ("single", "multiple_of_answered", "rank")
    return QuestionAnswers(
        "question",
        np.array([bool(answer) or not asks_for_one for answer in given]),
        chosen,
        {f"option_{option}": option for option in range(option_count)},
        is_sensitive,
        everyone_chose=frozenset(measure for measure, _ in measures) if asks_for_one else frozenset(),
    )


@st.composite
def answers(draw: st.DrawFn, *, is_sensitive: bool = False) -> QuestionAnswers:
    kind = draw(st.sampled_from(KINDS))
    option_count = draw(st.integers(1 if kind.startswith("multiple") else 2, 7))
    respondents = draw(st.sampled_from((dealt_answers, drawn_answers)))
    return answers_of(kind, draw(respondents(option_count)), option_count, is_sensitive=is_sensitive)


@st.composite
def dealt_answers(draw: st.DrawFn, option_count: int) -> list[list[int]]:
    """Few distinct answers of many respondents: full columns, empty cells and ties."""
    ranking = st.permutations(range(option_count))
    pool = draw(st.lists(st.tuples(ranking, st.integers(0, min(option_count, 4))), min_size=1, max_size=6))
    picks = draw(st.lists(st.integers(0, len(pool) - 1), min_size=8, max_size=60))
    return [list(pool[n][0][: pool[n][1]]) for n in picks]


@st.composite
def drawn_answers(draw: st.DrawFn, option_count: int) -> list[list[int]]:
    """Answers like those of a wave: some options are popular, and some name as many as they may."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    popularity = chance.random(option_count) ** 3 + 0.01
    least = draw(st.integers(0, min(option_count, 3)))
    most = draw(st.integers(least, min(option_count, 4)))
    return [
        [int(o) for o in chance.choice(option_count, n, replace=False, p=popularity / popularity.sum())]
        for n in chance.integers(least, most + 1, draw(st.sampled_from((22, 30, 40, 60))))
    ]


@st.composite
def tables(draw: st.DrawFn) -> RandomTable:
    question = draw(answers())
    value_count = draw(st.integers(1, 4))
    size = len(question.base)
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rest_is_group = value_count == 1 and draw(st.booleans())
    unknown = 0.5 if rest_is_group else draw(st.sampled_from((0.0, 0.05)))
    codes = np.where(chance.random(size) < unknown, -1, chance.integers(0, value_count, size))
    values = tuple(f"value_{n}" for n in range(value_count))
    return RandomTable(
        question, Segmentation("kind", values, codes, draw(st.booleans()), rest_is_group=rest_is_group)
    )
