from __future__ import annotations

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import Given, judged


def test_the_bytes_of_all_files_are_judged_together() -> None:
    settings = {"type": "file_size_in_range", "minimum": 100}
    assert judged({"x": [1]}, Given(sizes=[60, 40]), **settings).verdict is Verdict.OK
    assert judged({"x": [1]}, Given(sizes=[60]), **settings).message == "60 (< 100)"
    assert judged({"x": [1]}, Given(), **settings).verdict is Verdict.EMPTY
