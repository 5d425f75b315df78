from __future__ import annotations

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import Given, judged

MEAN = "col_stats:MEAN:age"


def test_the_latest_value_is_held_against_the_bounds() -> None:
    given = Given(metrics={("", MEAN): 61.5})
    assert judged({"x": [1]}, given, type="metric_in_range", metric=MEAN, maximum=60).message == "61.5 (> 60)"
    assert judged({"x": [1]}, Given(), type="metric_in_range", metric=MEAN).verdict is Verdict.EMPTY


def test_a_text_is_no_number() -> None:
    given = Given(metrics={("", MEAN): "old"})
    assert judged({"x": [1]}, given, type="metric_in_range", metric=MEAN).verdict is Verdict.ERROR
