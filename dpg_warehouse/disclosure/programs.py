"""Small integer programs: which whole numbers can a variable take, given sums and limits?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]  # no stubs

Range = tuple[int, int]


class Contradiction(Exception):  # noqa: N818 - what was published cannot all be true
    """No numbers satisfy the constraints."""


@dataclass(frozen=True)
class Constraint:
    """`low` <= the sum of coefficient times variable <= `high`."""

    terms: Mapping[int, int]
    low: int
    high: int


@dataclass
class Program:
    """Whole-numbered variables with limits, and constraints over them."""

    limits: list[Range] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)

    def variable(self, low: int, high: int) -> int:
        """A new variable; its number."""
        self.limits.append((low, high))
        return len(self.limits) - 1

    def constrain(self, terms: Mapping[int, int], low: int, high: int) -> None:
        """Add a constraint."""
        self.constraints.append(Constraint(dict(terms), low, high))

    def ranges(self, wanted: Iterable[int], is_exact: bool) -> dict[int, Range]:
        """The least and greatest feasible value of each wanted variable.

        Without `is_exact` a range may be narrower than that, yet never a single number unless no
        other is feasible, which takes far fewer programs.
        """
        self._tighten()
        found = {variable: self.limits[variable] for variable in wanted}
        for variables, constraints in self._components():
            asked = [variable for variable in variables if variable in found]
            if asked and len(constraints) > 1:  # limits are exact under one constraint of a kind
                found |= _Component(self, variables, constraints).ranges(asked, is_exact)
        return found

    def _tighten(self) -> None:
        """Draw each limit as close as the constraints one by one allow, until none moves."""
        moved = True
        while moved:
            moved = False
            for constraint in self.constraints:
                moved = self._tighten_by(constraint) or moved

    def _tighten_by(self, constraint: Constraint) -> bool:
        moved = False
        for variable, coefficient in constraint.terms.items():
            least, most = self._sums(constraint)
            if least > constraint.high or most < constraint.low:
                raise Contradiction
            rise = (constraint.high - least) // abs(coefficient)  # how far the term may go from its ends
            fall = (most - constraint.low) // abs(coefficient)
            low, high = self.limits[variable]
            if coefficient > 0:
                new = max(low, high - fall), min(high, low + rise)
            else:
                new = max(low, high - rise), min(high, low + fall)
            self.limits[variable] = new
            moved = moved or new != (low, high)
        return moved

    def _sums(self, constraint: Constraint) -> Range:
        """The least and the greatest sum that the limits alone allow."""
        ends = [(c * self.limits[v][0], c * self.limits[v][1]) for v, c in constraint.terms.items()]
        return sum(min(pair) for pair in ends), sum(max(pair) for pair in ends)

    def _binds(self, constraint: Constraint) -> bool:
        least, most = self._sums(constraint)
        return least < constraint.low or most > constraint.high

    def _components(self) -> Iterator[tuple[list[int], list[Constraint]]]:
        """The unfixed variables that hang together, with their constraints."""
        neighbours: dict[int, set[int]] = defaultdict(set)
        of_variable: dict[int, list[Constraint]] = defaultdict(list)
        for constraint in filter(self._binds, self.constraints):
            free = [v for v in constraint.terms if self.limits[v][0] < self.limits[v][1]]
            for variable in free:
                neighbours[variable].update(free)
                of_variable[variable].append(constraint)
        waiting = set(neighbours)
        while waiting:
            component = _reachable(min(waiting), neighbours)
            waiting -= component
            constraints = {id(c): c for v in sorted(component) for c in of_variable[v]}
            yield sorted(component), list(constraints.values())


def _reachable(start: int, neighbours: Mapping[int, set[int]]) -> set[int]:
    found, waiting = {start}, [start]
    while waiting:
        new = neighbours[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


class _Component:
    """One part of a program as arrays, for the solver."""

    def __init__(self, program: Program, variables: list[int], constraints: list[Constraint]) -> None:
        self._place = {variable: n for n, variable in enumerate(variables)}
        matrix = np.zeros((len(constraints), len(variables)))
        fixed = np.zeros(len(constraints))
        for row, constraint in enumerate(constraints):
            for variable, coefficient in constraint.terms.items():
                if variable in self._place:
                    matrix[row, self._place[variable]] = coefficient
                else:
                    fixed[row] += coefficient * program.limits[variable][0]
        self._constraints = LinearConstraint(
            matrix,
            np.array([c.low for c in constraints]) - fixed,
            np.array([c.high for c in constraints]) - fixed,
        )
        limits = np.array([program.limits[variable] for variable in variables])
        self._bounds = Bounds(limits[:, 0], limits[:, 1])
        self._weights: NDArray[np.float64] = 1.0 + np.arange(len(variables), dtype=np.float64) * 0.618 % 1.0

    def ranges(self, asked: list[int], is_exact: bool) -> dict[int, Range]:
        """Solutions far from each other first; then programs of their own for what they leave open."""
        points = [self._solve(self._weights), self._solve(-self._weights)]
        for variable in asked:
            seen = {int(point[self._place[variable]]) for point in points}
            if is_exact or len(seen) == 1:
                unit = np.zeros(len(self._place))
                unit[self._place[variable]] = 1
                points += [self._solve(unit), self._solve(-unit)]
        columns = {variable: [int(p[self._place[variable]]) for p in points] for variable in asked}
        return {variable: (min(values), max(values)) for variable, values in columns.items()}

    def _solve(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The feasible point with the least weighted sum."""
        solution = milp(
            weights, integrality=np.ones(len(weights)), bounds=self._bounds, constraints=self._constraints
        )
        if solution.status == 2:
            raise Contradiction
        if solution.x is None:
            raise RuntimeError(f"the solver gave up: {solution.message}")
        return np.asarray(np.rint(solution.x), dtype=np.float64)
