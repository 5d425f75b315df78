from __future__ import annotations

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import Given, judged

FILES = "basic:COUNT_FILES"


def test_the_latest_value_must_be_listed() -> None:
    settings = {"type": "metric_in_set", "metric": FILES, "values": [1, 2]}
    assert judged({"x": [1]}, Given(metrics={("", FILES): 2}), **settings).verdict is Verdict.OK
    assert judged({"x": [1]}, Given(metrics={("", FILES): 3}), **settings).message == "3 (not one of 1, 2)"
    assert judged({"x": [1]}, Given(), **settings).verdict is Verdict.EMPTY
