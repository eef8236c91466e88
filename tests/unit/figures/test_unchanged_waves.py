"""How often a change is reported where nothing changed: from the answers to the rows of trend_change.

A thousand pairs of waves of each question go through what a build does with them: their shares are
released, those who answered twice are linked, and all is tested that may be. A family of one
test errs in 4.8 % (enumerated in tests/unit/estimation/test_change.py), of which a thousand pairs show
3.4 to 6.2 % in 19 of 20 simulations: what is simulated is what comes of many tests together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest

from dpg_warehouse.disclosure import Rules
from dpg_warehouse.figures.changes import QuestionPair, ShownWave, changes_of
from dpg_warehouse.figures.shares import release_shares
from dpg_warehouse.figures.tables import Row
from dpg_warehouse.settings import PROJECT_ROOT
from tests.unit.figures.unchanged_waves import FIRST, SHAPES, Places, Shape, one_of, wave_of

RULES = Rules(10, 3)
PAIRS = 1000
MOST_REPORTS = 60  # in how many of so many pairs a question may report a change
PAGE = (PROJECT_ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")


class Sizes(NamedTuple):
    """Respondents of either wave, and of both where they can be linked."""

    earlier: int
    later: int
    both: int | None = None


SAMPLE = Sizes(40, 43)
SMALL = Sizes(12, 14)
LINKED = Sizes(160, 170, 100)  # of fewer, hardly a table of those who answered twice may be shown


@dataclass
class Reports:
    """What a thousand pairs said: in how many a change, and what else stood in the rows."""

    pairs: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, rows: Iterable[Row]) -> None:
        """Count the rows of one pair."""
        found = list(rows)
        self.pairs += any(row["change_status"] in ("rise", "fall") for row in found)
        self.seen.update({row["change_status"] for row in found})
        self.seen.update({row.get("change_method", "") for row in found})


def shown(shape: Shape, places: Places, links: list[str] | None = None) -> ShownWave:
    wave = wave_of(shape, places, links)
    return ShownWave(release_shares(wave, RULES, {}).rows, wave)


def pairs_of_waves(
    chance: np.random.Generator, shape: Shape, sizes: Sizes
) -> Iterator[tuple[ShownWave, ShownWave]]:
    """Of those who answer twice, three in five say again what they said."""
    for _ in range(PAIRS):
        earlier, later = shape.draw(chance, sizes.earlier), shape.draw(chance, sizes.later)
        if sizes.both is None:
            yield shown(shape, earlier), shown(shape, later)
        else:
            again = np.flatnonzero(chance.random(sizes.both) < 0.6)
            later[again] = earlier[again]
            yield shown(shape, earlier, names("1", sizes)), shown(shape, later, names("2", sizes))


def names(wave_id: str, sizes: Sizes) -> list[str]:
    count, both = sizes.earlier if wave_id == "1" else sizes.later, sizes.both or 0
    return [f"both_{n}" if n < both else f"{wave_id}_{n}" for n in range(count)]


def reports_of(chance: np.random.Generator, shape: Shape, sizes: Sizes) -> Reports:
    pair, reports = QuestionPair("made_up", "q", "1", "2", "compared", True, {}), Reports()
    for earlier, later in pairs_of_waves(chance, shape, sizes):
        reports.add(changes_of(pair, earlier, later, RULES))
    return reports


def check(reports: dict[str, Reports]) -> None:
    said = {name: one.pairs for name, one in reports.items()}
    assert max(said.values()) <= MOST_REPORTS, said
    assert max(said.values()) >= 20, f"a test that never reports is no test: {said}"


@pytest.mark.parametrize(
    ("sizes", "shapes"),
    [
        (SAMPLE, list(SHAPES)),
        (SMALL, ["one of seven", "any of six", "three of seven in their order"]),
        (LINKED, ["one of three", "any of six", "the two highest of five steps"]),
    ],
    ids=["as large as the sample", "small", "linked"],
)
def test_waves_without_change_report_one_in_at_most_6_of_100_families(
    sizes: Sizes, shapes: list[str]
) -> None:
    chance = np.random.default_rng(20220322)
    reports = {name: reports_of(chance, SHAPES[name], sizes) for name in shapes}
    check(reports)
    for name, seen in ((name, one.seen) for name, one in reports.items()):
        assert ("suppressed" in seen) is SHAPES[name].is_sensitive
        if sizes.both is not None:
            assert min(seen["newcombe_partial_overlap"], seen["mcnemar_exact"]) > 100, (name, seen)


def test_waves_that_are_collapsed_report_one_in_at_most_6_of_100_families() -> None:
    """Only the later wave offers an eighth option, which a tenth takes who would have chosen alike."""
    pair = QuestionPair(
        "made_up", "q", "1", "2", "collapsed", True, {f"option_{n}": f"option_{n}" for n in range(7)}
    )
    chance, reports = np.random.default_rng(20220322), Reports()
    draws: list[Callable[..., Places]] = [one_of(FIRST), one_of(np.append(0.9 * FIRST, 0.1))]
    shape = SHAPES["one of three"]
    for _ in range(PAIRS):
        waves = [shown(shape, draw(chance, count)) for draw, count in zip(draws, SAMPLE[:2], strict=True)]
        reports.add(changes_of(pair, waves[0], waves[1], RULES))
    assert reports.seen["not_comparable"] == reports.seen["suppressed"] == 0
    assert 0 < reports.pairs <= MOST_REPORTS, reports


def test_the_page_says_in_how_many_pairs_something_may_be_reported() -> None:
    assert PAIRS == 1000
    assert f"no question reported a change in more than {MOST_REPORTS / 10:g} % of them" in PAGE
