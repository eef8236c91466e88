"""The intervals that dbt computes in Postgres, against scipy and exact integers."""

from __future__ import annotations

import math
import time
from functools import lru_cache
from typing import Any

import jinja2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest, hypergeom  # type: ignore[import-untyped]
from sqlalchemy import text

from dpg_warehouse.database import Role, engine
from dpg_warehouse.estimation.intervals import hypergeometric_limits
from dpg_warehouse.settings import PROJECT_ROOT, Settings

MACROS = PROJECT_ROOT / "dbt_project" / "macros" / "statistics"
TAIL = 0.025  # one side of a 95 % interval

Cell = tuple[int, int, int]  # invited, answered, chosen
Limits = tuple[float, float]


def macros(name: str) -> Any:
    """The macros of a file; they are plain Jinja, so that they can be rendered without dbt."""
    return jinja2.Environment().from_string((MACROS / name).read_text(encoding="utf-8")).module  # noqa: S701


def exact_intervals(settings: Settings, cells: list[Cell]) -> dict[Cell, Limits]:
    """What the macro gives for these cells."""
    query = macros("hypergeometric_intervals.sql").hypergeometric_intervals("cells")
    statement = text(f"""
        with cells as (
            select * from unnest(cast(:n_all as int[]), cast(:n as int[]), cast(:k as int[]))
                as given (population_count, base_count, chosen_count)
        ),
        intervals as ({query})
        select population_count, base_count, chosen_count, ci_low, ci_high from intervals
    """)
    columns = dict(zip(("n_all", "n", "k"), map(list, zip(*cells, strict=True)), strict=True))
    with engine(settings, Role.TRANSFORMER).connect() as connection:
        rows = connection.execute(statement, columns).all()
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}


def exceeds(tail: float, population: int, choosers: int, base: int, counts: range) -> bool:
    """Whether a tail is above TAIL; settled with exact integers where floating point cannot."""
    if abs(tail - TAIL) > 1e-9:
        return tail > TAIL
    ways = sum(math.comb(choosers, x) * math.comb(population - choosers, base - x) for x in counts)
    return 40 * ways > math.comb(population, base)


@lru_cache(maxsize=256)  # all bases of one population
def chances_of(population: int, base: int) -> NDArray[np.float64]:
    """How likely each count of the base is (columns), for each number of choosers among all (rows)."""
    choosers = np.arange(population + 1)
    counts = np.arange(base + 1)
    found: NDArray[np.float64] = hypergeom.pmf(counts[None, :], population, choosers[:, None], base)
    return found


def intervals_by_definition(population: int, base: int) -> list[Limits]:
    """For each k: the smallest K with P(X >= k) > .025 and the largest with P(X <= k) > .025."""
    chances = chances_of(population, base)
    at_most = np.cumsum(chances, axis=1)
    at_least = np.cumsum(chances[:, ::-1], axis=1)[:, ::-1]
    limits = []
    for k in range(base + 1):
        low = int(np.argmax(at_least[:, k] > TAIL - 1e-9))
        while not exceeds(at_least[low, k], population, low, base, range(k, base + 1)):
            low += 1
        high = population - int(np.argmax(at_most[::-1, k] > TAIL - 1e-9))
        while not exceeds(at_most[high, k], population, high, base, range(k + 1)):
            high -= 1
        limits.append((low / population, high / population))
    return limits


def apart(found: dict[Cell, Limits], expected: dict[Cell, Limits]) -> list[Cell]:
    """The cells whose limits differ."""
    differences = np.array([found[cell] for cell in expected]) - np.array(list(expected.values()))
    return [cell for cell, limits in zip(expected, np.abs(differences), strict=True) if limits.max() > 1e-9]


@pytest.fixture(scope="module", params=[1, 2, 20, 40, 87, 150, 200])
def population(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def computed(settings: Settings, population: int) -> dict[Cell, Limits]:
    """What Postgres gives for every base and count of a population."""
    return exact_intervals(
        settings, [(population, n, k) for n in range(1, population + 1) for k in range(n + 1)]
    )


def test_exact_intervals_agree_with_their_definition_for_every_base_and_count(
    computed: dict[Cell, Limits], population: int
) -> None:
    expected = {
        (population, n, k): limits
        for n in range(1, population + 1)
        for k, limits in enumerate(intervals_by_definition(population, n))
    }
    assert computed.keys() == expected.keys()
    assert apart(computed, expected) == []


def test_exact_intervals_cover_each_number_of_choosers_in_95_of_100_draws(
    computed: dict[Cell, Limits], population: int
) -> None:
    # Enumerated: the chance of all counts whose interval holds the truth, for every truth.
    truth = np.arange(population + 1) / population
    least = 1.0
    for base in range(1, population + 1):
        low, high = np.array([computed[population, base, k] for k in range(base + 1)]).T
        holds = (low - 1e-9 <= truth[:, None]) & (truth[:, None] <= high + 1e-9)
        least = min(least, float((chances_of(population, base) * holds).sum(axis=1).min()))
    assert least >= 0.95


def test_python_gives_the_limits_that_postgres_gives(computed: dict[Cell, Limits], population: int) -> None:
    cells = [cell for cell in computed if cell[1] in (1, population // 4, population // 2, population)]
    assert apart(computed, {cell: hypergeometric_limits(*cell) for cell in cells}) == []


def test_the_published_headline_has_its_interval(settings: Settings) -> None:
    found = exact_intervals(settings, [(150, 40, 26), (150, 40, 19)])
    assert [round(limit, 3) for limit in found[150, 40, 26]] == [0.507, 0.773]
    assert [round(limit, 3) for limit in found[150, 40, 19]] == [0.340, 0.613]


def test_a_census_leaves_no_interval(settings: Settings) -> None:
    assert exact_intervals(settings, [(60, 60, 21)]) == {(60, 60, 21): (0.35, 0.35)}


def test_more_answers_than_invitations_have_no_exact_interval(settings: Settings) -> None:
    assert exact_intervals(settings, [(30, 31, 2)]) == {}


def test_hundreds_of_cells_of_thousands_invited_take_seconds(settings: Settings) -> None:
    cells = [(2000, 40 + 2 * n, 7 + n // 2) for n in range(300)]
    started = time.monotonic()
    assert len(exact_intervals(settings, cells)) == 300
    # Measured: 1.3 s. Carrying the table of factorials through a sort took 109 s.
    assert time.monotonic() - started < 30


def test_wilson_limits_agree_with_scipy(settings: Settings) -> None:
    wilson_limit = macros("wilson_limit.sql").wilson_limit
    query = f"""
        select n, k, {wilson_limit("k", "n", -1)}, {wilson_limit("k", "n", 1)}
        from generate_series(1, 60) as n
        cross join lateral generate_series(0, n) as k
    """
    with engine(settings, Role.TRANSFORMER).connect() as connection:
        rows = connection.execute(text(query)).all()
    assert len(rows) == sum(range(2, 62))
    for n, k, low, high in rows:
        expected = binomtest(k, n).proportion_ci(confidence_level=0.95, method="wilson")
        assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_shares_read_as_whole_percents(settings: Settings) -> None:
    share_text = macros("share_text.sql").share_text
    query = f"select {share_text('0.65', '0.5067', '0.7733')}, {share_text('0', '0', '1')}"
    with engine(settings, Role.TRANSFORMER).connect() as connection:
        assert tuple(connection.execute(text(query)).one()) == (
            "65 % (51\N{EN DASH}77)",
            "0 % (0\N{EN DASH}100)",
        )


def test_a_majority_needs_as_many_as_the_exact_binomial_test_says(settings: Settings) -> None:
    """For answers drawn from many, each base up to 200; too few to show any majority give no row."""
    query = macros("majority_counts.sql").majority_counts("cells")
    statement = text(f"""
        with cells as (select n as base_count from generate_series(1, 200) as n),
        counts as ({query})
        select base_count, majority_count from counts
    """)
    with engine(settings, Role.TRANSFORMER).connect() as connection:
        found = {row.base_count: row.majority_count for row in connection.execute(statement)}
    expected = {
        n: min(k for k in range(n + 1) if binomtest(k, n, 0.5, alternative="greater").pvalue <= TAIL)
        for n in range(6, 201)
    }
    assert found == expected
