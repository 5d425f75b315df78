from __future__ import annotations

import pytest

from penstock.core.outcome import Verdict
from tests.kinds.checks.given import judged


@pytest.mark.requirement("M52")
@pytest.mark.parametrize("value", [2, 2.0, "yes", True])
def test_a_listed_value_is_fine(value: object) -> None:
    found = judged({"m": value}, type="value_in_set", metric="m", values=[2, "yes", True])
    assert found.verdict is Verdict.OK


@pytest.mark.requirement("M52")
def test_any_other_value_is_an_error_and_no_value_is_empty() -> None:
    settings = {"type": "value_in_set", "metric": "m", "values": [1, 2]}
    found = judged({"m": 3}, **settings)
    assert (found.verdict, found.message, found.observed) == (Verdict.ERROR, "3 (not one of 1, 2)", "3")
    assert judged({}, **settings).verdict is Verdict.EMPTY
