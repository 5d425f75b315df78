from __future__ import annotations

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged


def test_a_filled_cell_is_an_error_unless_some_are_allowed() -> None:
    rows = {"x": [None, "", "late"]}
    assert judged(rows, type="column_empty", column="x").message == "1 of 3 values are filled"
    settings = {"threshold": "percentage", "soft_maximum": 30, "maximum": 50}
    assert judged(rows, type="column_empty", column="x", **settings).verdict is Verdict.WARNING
    assert judged({"x": [None, ""]}, type="column_empty", column="x").verdict is Verdict.OK
