from __future__ import annotations

import pytest

from penstock.core.outcome import Verdict
from penstock.core.schema import Column
from tests.kinds.rules.given import Given, judged

ID, AGE = {"name": "id", "type": "bigint"}, {"name": "age", "type": "double"}
ROWS = {"id": [1], "age": [2.5]}


@pytest.mark.requirement("A54")
def test_the_same_columns_in_the_same_order_are_equal() -> None:
    assert judged(ROWS, type="schema_equals", columns=[ID, AGE]).verdict is Verdict.OK


@pytest.mark.requirement("A54")
@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([AGE, ID], "the order is id, age"),
        ([ID], "column 'age' is not expected"),
        ([ID, AGE, {"name": "state"}], "column 'state' is missing"),
        ([ID, {**AGE, "type": "bigint"}], "column 'age' is double, not bigint"),
        ([ID, {**AGE, "meaning": "years"}], "column 'age' means '', not 'years'"),
        ([ID, {**AGE, "max_length": 9}], "column 'age' may be longer than 9"),
    ],
)
def test_every_difference_is_an_error_that_is_named(columns: list[dict[str, object]], said: str) -> None:
    found = judged(ROWS, type="schema_equals", columns=columns)
    assert (found.verdict, found.message) == (Verdict.ERROR, said)


def test_without_columns_of_its_own_the_definition_is_what_is_expected() -> None:
    actual = (Column(name="id", type="bigint"),)
    assert judged(ROWS, Given(actual, actual), type="schema_equals").verdict is Verdict.OK
    assert judged(ROWS, Given(actual, ()), type="schema_equals").verdict is Verdict.ERROR
