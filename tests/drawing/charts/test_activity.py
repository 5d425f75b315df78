from __future__ import annotations

from datetime import UTC, datetime

from penstock.core.activity import Busy
from penstock.drawing.charts import activity

QUIET = Busy(at=datetime(2026, 11, 21, 12, tzinfo=UTC), queries=0.0, errors=0.0, p50=None, p95=None)


def test_nothing_is_drawn_of_what_nobody_knows() -> None:
    assert activity.times([QUIET]) == {}
    assert activity.by_endpoint({"add": [QUIET], "late": []}, "p95") == {}


def test_where_everything_is_zero_the_axis_says_zero_and_nothing_else() -> None:
    (layer,) = activity.queries([QUIET])["layer"]
    y = layer["encoding"]["y"]
    assert (y["axis"]["values"], y["axis"]["format"], y["scale"]["domain"]) == ([0], "d", [0, 1])
