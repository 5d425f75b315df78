"""Columns that name the side: values that recur within each side and hardly ever between the two.

The exact temperature and pressure of an hour, joined to every flight of that hour, tell the hour and so the month.
A classifier then recognises rows it has seen companions of, and the drift score goes to 1 without any drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from penstock.ml.encoding import Encoded
from penstock.ml.extract import Counts

MOST_COLUMNS = 16
MOST_ROWS = 5_000
LEAST_SHARE, LEAST_ROWS = 0.05, 30
ALONE = 0.25
"""A column names the side when its values recur between the sides at most so often as within them."""
TOGETHER = 0.5
"""The same for two columns together, if they also …"""
LIFT = 1.5
"""… recur within a side so much more often than if they were not joined, and …"""
LOSS = 0.6
"""… lose so much more of that between the sides than unjoined ones do."""
MANY_VALUES = 50

_TABLE = 1 << 20


def naming_columns(encoded: Encoded, importance: Sequence[float], *, seed: int) -> tuple[str, ...]:
    """Columns that name the side, alone or with another one, in the order of the data; none when all is well.

    Each side is cut in halves. How often a value of one half is found in the other half of its side is compared
    with how often it is found in a half of the other side. For two columns this is compared once more with the
    same columns after shuffling one of them, because columns that only drifted part ways as well. Of two joined
    columns, only those of many values are named: it is not the hour that names the day but the exact pressure.
    """
    sample = _Sample.draw(encoded, seed)
    broken = one_valued(encoded)
    ranked = [
        column
        for column in np.argsort(-np.asarray(importance), kind="stable")[:MOST_COLUMNS].tolist()
        if encoded.names[column] not in broken
    ]
    rates = {column: sample.recurrence(sample.codes[:, column]) for column in ranked}
    alone = {c for c, (within, across) in rates.items() if sample.seen(within) and across <= ALONE * within}
    fine = {c for c, (within, _) in rates.items() if within >= LEAST_SHARE and sample.fine(c)}
    recurring = [
        c for c, (within, _) in rates.items() if within >= LEAST_SHARE and (c in fine or c not in alone)
    ]
    pairs = [pair for pair in combinations(recurring, 2) if fine & {*pair}]
    joined = {c for pair in pairs if _name_together(sample, *pair, alone=alone) for c in fine & {*pair}}
    return tuple(encoded.names[column] for column in sorted(alone | joined))


def one_valued(encoded: Encoded) -> dict[str, int]:
    """Columns with many values in the reference and a single one (or none) now, with how many there were: what a
    broken feed looks like, which is drift and no name of anything."""
    each = len(encoded.exact) // 2
    found = {}
    for column, name in enumerate(encoded.names):
        current = encoded.exact[each:, column]
        if len(current) and (current == current[0]).all():
            before = len(np.unique(encoded.exact[:each, column]))
            if before > MANY_VALUES:
                found[name] = before
    return found


def _name_together(sample: _Sample, a: int, b: int, *, alone: set[int]) -> bool:
    within, across = sample.recurrence(_joint(sample.codes[:, a], sample.codes[:, b]))
    if not sample.seen(within) or across > TOGETHER * within:
        return False
    loose_within, loose_across = sample.recurrence(_joint(sample.codes[:, a], sample.shuffled(b)))
    if within < LIFT * loose_within:
        return False
    loose = loose_across / loose_within if loose_within else 1.0
    return bool({a, b} & alone) or across / within <= LOSS * loose


def _joint(a: Counts, b: Counts) -> Counts:
    return a * (int(b.max()) + 1) + b


class _Sample:
    """Some rows of both sides, each in one of two halves of its side."""

    def __init__(self, codes: Counts, quarter: Counts, seed: int) -> None:
        self.codes, self.quarter = codes, quarter
        self._random = np.random.default_rng(seed)

    @classmethod
    def draw(cls, encoded: Encoded, seed: int) -> _Sample:
        random = np.random.default_rng(seed)
        each = len(encoded.exact) // 2
        taken = min(each, MOST_ROWS)
        rows = np.concatenate([random.permutation(each)[:taken], each + random.permutation(each)[:taken]])
        half = np.arange(taken) % 2
        return cls(encoded.exact[rows], np.concatenate([half, 2 + half]), seed)

    def seen(self, within: float) -> bool:
        """Whether enough rows recur within a side to say anything."""
        return within >= LEAST_SHARE and within * len(self.quarter) / 2 >= LEAST_ROWS

    def fine(self, column: int) -> bool:
        """Whether a column has many values; of few it cannot be an exact measurement."""
        return len(np.unique(self.codes[:, column])) > MANY_VALUES

    def shuffled(self, column: int) -> Counts:
        """A column shuffled within each side."""
        codes = self.codes[:, column]
        each = len(codes) // 2
        return np.concatenate(
            [self._random.permutation(codes[:each]), self._random.permutation(codes[each:])]
        )

    def recurrence(self, key: Counts) -> tuple[float, float]:
        """Share of rows of a half found in the other half of their side, and in a half of the other side."""
        place = ((key.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(44)).astype(np.int64)
        parts = [place[self.quarter == q] for q in range(4)]
        first, second = _table(parts[0]), _table(parts[2])
        within = (first[parts[1]].mean() + second[parts[3]].mean()) / 2
        across = (first[parts[3]].mean() + second[parts[1]].mean()) / 2
        return float(within), float(across)


def _table(places: Counts) -> npt.NDArray[np.bool_]:
    table = np.zeros(_TABLE, dtype=bool)
    table[places] = True
    return table
