"""Which cells of a comparison somebody should look at; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from penstock.core import metric

Value = str | float | None

CONFIDENCE = 1.96
"""Standard errors of a 95 % interval."""
ALWAYS_ANOTHER = frozenset({"version", "rows", "train_date", "evaluation_date"})
"""Facts that tell items apart by their nature."""
BESIDES = frozenset({metric.DATA_DRIFT_LOWER, metric.DATA_DRIFT_UPPER, metric.EVALUATED_ROWS})
"""Metrics that only say how sure others are."""


def differing(key: str, values: Sequence[Value], champion: int, rows: Sequence[int]) -> tuple[bool, ...]:
    """Which values differ from the champion's: numbers beyond noise, texts at all. What one side lacks does not.

    `rows` is how many rows each item was measured on, 0 where nobody knows.
    """
    if key in ALWAYS_ANOTHER or key in BESIDES or key.endswith((":date", "P_VALUE")):
        return (False,) * len(values)
    base, known = values[champion], rows[champion]
    return tuple(_differs(base, v, known, n) for v, n in zip(values, rows, strict=True))


def best(values: Sequence[Value], *, upwards: bool | None) -> tuple[bool, ...]:
    """Which values are the best; none where a metric has no direction or all are alike."""
    numbers = [v for v in values if isinstance(v, (int, float))]
    if upwards is None or len(numbers) < 2 or min(numbers) == max(numbers):
        return (False,) * len(values)
    top = max(numbers) if upwards else min(numbers)
    return tuple(v == top for v in values)


def noise(a: float, b: float, rows_a: int, rows_b: int) -> float:
    """How far two measurements may lie apart by the luck of their rows alone, roughly; 0 when rows are unknown.

    Two shares: 1.96 · √(a(1−a)/n_a + b(1−b)/n_b). Any other two numbers are taken to vary from row to row as much as
    they are large: 1.96 · max(|a|, |b|) · √(1/n_a + 1/n_b).
    """
    if not rows_a or not rows_b:
        return 0.0
    if 0 <= a <= 1 and 0 <= b <= 1:
        return CONFIDENCE * math.sqrt(a * (1 - a) / rows_a + b * (1 - b) / rows_b)
    return CONFIDENCE * max(abs(a), abs(b)) * math.sqrt(1 / rows_a + 1 / rows_b)


def _differs(base: Value, value: Value, rows_base: int, rows: int) -> bool:
    if base is None or value is None:
        return False
    if isinstance(base, str) or isinstance(value, str):
        return base != value
    least = max(noise(base, value, rows_base, rows), 1e-12 * abs(base))
    return abs(base - value) > least
