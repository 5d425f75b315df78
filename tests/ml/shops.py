"""Daily sales of a few shops: a weekly pattern, a trend, holidays known in advance, and noise."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core import registry
from penstock.core.forecasting import ForecastDesign

DESIGN: dict[str, Any] = {
    "target": "sales", "time": "day", "horizon": 5, "series": ["shop"], "externals": ["holiday"],
    "forecasters": ["seasonal_naive", {"type": "gradient_boosting", "trees": 20, "learning_rate": 0.15}],
}  # fmt: skip
START = date(2024, 1, 1)


def design(**changes: Any) -> ForecastDesign:
    return registry.validate(ForecastDesign, {**DESIGN, **changes})


def sales(days: int = 120, shops: tuple[str, ...] = ("A", "B"), *, ahead: int = 0, seed: int = 1) -> pa.Table:
    """`days` rows a shop with sales, then `ahead` rows with an empty one."""
    random, rows = np.random.default_rng(seed), []
    for place, shop in enumerate(shops):
        for n in range(days + ahead):
            day = START + timedelta(days=n)
            holiday = n % 10 == 3
            value = (
                100 * (place + 1) + 15 * (day.weekday() >= 5) + 0.2 * n + 30 * holiday + random.normal(0, 2)
            )
            rows.append({"shop": shop, "day": day, "holiday": holiday, "sales": value if n < days else None})
    return pa.Table.from_pylist(rows)
