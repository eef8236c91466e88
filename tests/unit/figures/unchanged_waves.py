"""Made-up waves of one question `q` whose respondents answer as those of any other wave do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm  # type: ignore[import-untyped]

from dpg_warehouse.figures.answers import CellKey, OptionCell, Question, WaveAnswers
from tests.unit.figures.waves import made_up_wave

Shares = NDArray[np.float64]
Places = NDArray[np.int64]  # respondents by options: the place in which each stands, 0 for none

# The shares of the synthetic sample's first wave, of 40 answers each.
FIRST = np.array([26, 6, 4, 1, 1, 1, 1]) / 40
ANY = np.array([32, 15, 12, 5, 3, 3, 5]) / 75
EXPERTS = np.array([27, 16, 14, 15, 11, 9]) / 40
YES = np.array([27, 9, 4]) / 40
EVEN = np.full(7, 1 / 7)


@dataclass(frozen=True)
class Shape:
    """A question: what its respondents answer, and the last place that each of its measures counts.

    `united` are two options for which a derived one stands, as for those of one challenge.
    """

    kind: str
    draw: Callable[[np.random.Generator, int], Places]
    measures: Mapping[str, int]
    united: tuple[int, ...] = ()
    is_sensitive: bool = False


def one_of(shares: Shares) -> Callable[[np.random.Generator, int], Places]:
    """Everybody chooses one."""
    return lambda chance, count: np.eye(shares.size, dtype=np.int64)[
        chance.choice(shares.size, count, p=shares)
    ]


def any_of(shares: Shares) -> Callable[[np.random.Generator, int], Places]:
    """Everybody chooses any number; who chooses one option chooses others rather, too."""

    def draw(chance: np.random.Generator, count: int) -> Places:
        eager, own = chance.normal(size=(count, 1)), chance.normal(size=(count, shares.size))
        chosen: Places = ((eager + own) / np.sqrt(2) < norm.ppf(shares)).astype(np.int64)
        return chosen

    return draw


def ranks_of(shares: Shares, place_count: int) -> Callable[[np.random.Generator, int], Places]:
    """Everybody ranks as many as there are places."""

    def draw(chance: np.random.Generator, count: int) -> Places:
        order = np.argsort(-np.log(shares) - chance.gumbel(size=(count, shares.size)), axis=1)
        places = np.argsort(order, axis=1) + 1
        return np.where(places <= place_count, places, 0)

    return draw


SINGLE, MULTIPLE = {"first_choice": 1}, {"any_mention": 1}
RANK = {"first_choice": 1, "top3": 3, "any_mention": 7}
SHAPES = {
    "one of seven": Shape("single", one_of(FIRST), SINGLE, united=(0, 1)),
    "one of seven that are as frequent": Shape("single", one_of(EVEN), SINGLE, united=(0, 1)),
    "one of three": Shape("single", one_of(YES), SINGLE),
    "one of three, sensitive": Shape("single", one_of(YES), SINGLE, is_sensitive=True),
    "any of six": Shape("multiple", any_of(EXPERTS), MULTIPLE, united=(2, 5)),
    "three of seven in their order": Shape("rank", ranks_of(ANY, 3), RANK, united=(0, 1)),
    "five of seven in their order": Shape("rank", ranks_of(ANY, 5), RANK, united=(0, 1)),
    "the two highest of five steps": Shape("scale", one_of(np.array([0.65, 0.35])), {"scale_top2": 1}),
}


def wave_of(shape: Shape, places: Places, links: list[str] | None = None) -> WaveAnswers:
    """The wave in which the respondents put the options in these places."""
    count, options = places.shape
    chosen = {
        CellKey("q", measure, f"option_{option}"): (places[:, option] > 0) & (places[:, option] <= last)
        for measure, last in shape.measures.items()
        for option in range(options)
    }
    if shape.kind == "scale":
        chosen = {CellKey("q", "scale_top2", "top_two"): places[:, 0] > 0}
    for measure in shape.measures if shape.united else ():
        parts = [chosen[CellKey("q", measure, f"option_{option}")] for option in shape.united]
        chosen[CellKey("q", measure, "challenge_x")] = np.logical_or.reduce(parts)
    derived = ("challenge_x", "top_two")
    return replace(
        made_up_wave({"q": ["any"] * count}, links=links),
        questions=(Question("q", shape.kind, shape.is_sensitive, None, None, None),),
        cells=tuple(
            OptionCell(key, shape.kind, key.option_id in derived, shape.is_sensitive, 0, 150)
            for key in chosen
        ),
        chosen=chosen,
    )
