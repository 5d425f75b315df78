"""Two empirical distributions compared exactly, without looking at every value where that cannot matter."""

from __future__ import annotations

import numpy as np

from penstock.ml.extract import Counts, Floats
from penstock.ml.profile import NumericalProfile

GRID = 4096
"""Points taken from each side. Between two of them a distribution moves by at most 1/GRID."""


def largest_gap(reference: NumericalProfile, current: NumericalProfile) -> float:
    """The two-sample Kolmogorov-Smirnov distance, max |F − G|, exact. Needs values on both sides.

    Branch and bound: F − G is known on a grid; between two grid points it cannot exceed
    max(F(right) − G(left), G(right) − F(left)), so only the intervals that may beat the best are looked into.
    """
    grid = _grid(reference, current)
    f, g = reference.ranks(grid) / reference.size, current.ranks(grid) / current.size
    best = float(np.abs(f - g).max())
    bound = np.maximum(f[1:] - g[:-1], g[1:] - f[:-1])
    open_ = np.flatnonzero(bound > best)
    points = _inside(reference, current, grid, open_)
    if not len(points):
        return best
    gaps = reference.ranks(points) / reference.size - current.ranks(points) / current.size
    return max(best, float(np.abs(gaps).max()))


def area_between(reference: NumericalProfile, current: NumericalProfile) -> float:
    """The first Wasserstein distance, ∫|F − G|, exact, over finite values. Needs one on both sides.

    Where F − G keeps its sign over a grid interval, the integral is the difference of two sums; only the
    intervals in which the sign may turn are looked into.
    """
    reference, current = reference.finite(), current.finite()
    grid = _grid(reference, current)
    (f, under_f), (g, under_g) = _integrals(reference, grid), _integrals(current, grid)
    turning = (f[1:] > g[:-1]) & (g[1:] > f[:-1])
    area = np.abs(under_f - under_g)[~turning].sum()
    return float(area) + _area_inside(reference, current, grid, np.flatnonzero(turning))


def _grid(reference: NumericalProfile, current: NumericalProfile) -> Floats:
    sides = [_thinned(reference.values), _thinned(current.values)]
    return np.unique(np.concatenate(sides))


def _thinned(values: Floats) -> Floats:
    step = max(1, len(values) // GRID)
    return np.append(values[::step], values[-1])


def _inside(reference: NumericalProfile, current: NumericalProfile, grid: Floats, open_: Counts) -> Floats:
    """All values of both sides that lie strictly inside the given grid intervals."""
    found = [_between(side.values, grid[open_], grid[open_ + 1]) for side in (reference, current)]
    return np.concatenate(found)


def _between(values: Floats, left: Floats, right: Floats) -> Floats:
    first = np.searchsorted(values, left, side="right")
    lengths = np.searchsorted(values, right, side="left") - first
    starts = np.concatenate(([0], lengths.cumsum()[:-1])) if len(lengths) else lengths
    return values[np.repeat(first - starts, lengths) + np.arange(lengths.sum())]


def _integrals(side: NumericalProfile, grid: Floats) -> tuple[Floats, Floats]:
    """F at the grid, and ∫F over each grid interval: F(left)·width + Σ(right − x)/n over the values x inside."""
    place = np.searchsorted(side.values, grid, side="right")
    ranks = place if side.counts is None else np.append(0, side.counts.cumsum())[place]
    values = side.values if side.counts is None else side.values * side.counts
    filled = np.diff(place) > 0
    sums = np.zeros(len(filled))
    if filled.any():
        sums[filled] = np.add.reduceat(values[: place[-1]], place[:-1][filled])
    under = ranks[:-1] * np.diff(grid) + np.diff(ranks) * grid[1:] - sums
    return ranks / side.size, under / side.size


def _area_inside(
    reference: NumericalProfile, current: NumericalProfile, grid: Floats, turning: Counts
) -> float:
    if not len(turning):
        return 0.0
    points = np.unique(
        np.concatenate([_inside(reference, current, grid, turning), grid[turning], grid[turning + 1]])
    )
    gaps = np.abs(reference.ranks(points) / reference.size - current.ranks(points) / current.size)
    held = np.isin(np.searchsorted(grid, points[:-1], side="right") - 1, turning)
    return float((gaps[:-1] * np.diff(points))[held].sum())
