from __future__ import annotations

import pytest

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged

AGE, STATE = {"name": "age", "type": "double"}, {"name": "state", "type": "string"}
ROWS = {"state": ["CA"], "id": [1], "age": [2.5]}


@pytest.mark.requirement("A54")
def test_order_and_further_columns_do_not_matter() -> None:
    assert judged(ROWS, type="schema_contains", columns=[AGE, STATE]).verdict is Verdict.OK


@pytest.mark.requirement("A54")
def test_a_missing_column_and_another_type_are_errors() -> None:
    columns = [{"name": "zip"}, {"name": "id", "type": "string"}]
    found = judged(ROWS, type="schema_contains", columns=columns)
    assert found.verdict is Verdict.ERROR
    assert found.message == "column 'zip' is missing; column 'id' is bigint, not string"
