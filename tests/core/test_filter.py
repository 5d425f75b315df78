"""Filter: rules that know the type of their column, groups, and formulas."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pyarrow as pa
import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, InvalidExpression
from penstock.core.filter import Filter
from penstock.core.variables import expand, used

ROWS = pa.table(
    {
        "id": [1, 2, 3, 4],
        "carrier": ["UA", "aa", "", None],
        "distance": [100.0, 1500.0, 700.0, None],
        "day": pa.array([date(2013, 1, 1), date(2013, 2, 1), date(2013, 3, 1), None]),
        "code": ["7", "07", "x", None],
        "night": [True, False, None, False],
        "limit": [50.0, 2000.0, 700.0, 1.0],
    }
)


@pytest.fixture(scope="module")
def backend() -> Any:
    return ibis.duckdb.connect()


def kept(definition: dict[str, Any], backend: Any) -> list[int]:
    table = ibis.memtable(ROWS)
    chosen: Filter = registry.validate(Filter, definition)
    return list(backend.to_pyarrow(chosen.keep(table))["id"].to_pylist())


def rule(column: str, operator: str, **fields: Any) -> dict[str, Any]:
    return {"rules": [{"column": column, "operator": operator, **fields}]}


@pytest.mark.parametrize(
    ("definition", "ids"),
    [
        ({}, [1, 2, 3, 4]),
        (rule("carrier", "==", value="UA"), [1]),
        (rule("carrier", "!=", value="UA"), [2, 3]),
        (rule("carrier", "==", value="AA", ignore_case=True), [2]),
        (rule("carrier", "in", values=["UA", "aa"]), [1, 2]),
        (rule("carrier", "not in", values=["UA", "aa"]), [3]),
        (rule("carrier", "is empty"), [3, 4]),
        (rule("carrier", "is not empty"), [1, 2]),
        (rule("carrier", "contains", value="a", ignore_case=True), [1, 2]),
        (rule("carrier", "does not contain", value="a"), [1, 3]),
        (rule("carrier", "starts with", value="U"), [1]),
        (rule("carrier", "ends with", value="a"), [2]),
        (rule("carrier", "matches", value="^a+$", ignore_case=True), [2]),
        (rule("distance", ">", value=500), [2, 3]),
        (rule("distance", ">", value="500"), [2, 3]),
        (rule("distance", "between", values=[100, 700]), [1, 3]),
        (rule("distance", "<", other_column="limit"), [2]),
        (rule("day", ">=", value="2013-02-01"), [2, 3]),
        (rule("day", "between", values=["2013-01-01", date(2013, 2, 1)]), [1, 2]),
        (rule("code", "==", value=7), [1, 2]),
        (rule("code", "==", value="7"), [1]),
        (rule("code", "in", values=[7, 8]), [1, 2]),
        (rule("night", "is true"), [1]),
        (rule("night", "is false"), [2, 4]),
        ({"formula": "distance > 500 && !isBlank(carrier)"}, [2]),
        (
            {
                "match": "any",
                "rules": [
                    {"column": "id", "operator": "==", "value": 4},
                    {
                        "match": "all",
                        "rules": [rule("id", "<", value=3)["rules"][0], rule("id", ">", value=1)["rules"][0]],
                    },
                ],
            },
            [2, 4],
        ),
    ],
)
def test_a_filter_keeps_the_rows_that_are_true(
    definition: dict[str, Any], ids: list[int], backend: Any
) -> None:
    assert kept(definition, backend) == ids


@pytest.mark.requirement("A11")
def test_a_filter_on_dates_uses_the_values_that_the_variables_have_now(backend: Any) -> None:
    chosen = Filter.model_validate(
        {
            "rules": [
                {"column": "day", "operator": ">=", "value": "${start_date}"},
                {"column": "day", "operator": "<=", "value": "${end_date}"},
            ]
        }
    )
    table = ibis.memtable(ROWS)
    assert used(chosen) == {"start_date", "end_date"}
    for start, end, ids in (("2013-01-15", "2013-02-15", [2]), ("2013-01-01", "2013-12-31", [1, 2, 3])):
        now = expand(chosen, {"start_date": start, "end_date": end})
        assert backend.to_pyarrow(now.keep(table))["id"].to_pylist() == ids


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (rule("a", "is empty", value=1), "takes no value"),
        (rule("a", "in"), "needs values"),
        (rule("a", "between", values=[1]), "the lowest and the highest"),
        (rule("a", "=="), "needs a value"),
        (rule("a", "=", value=1), "not one of the words"),
        ({"rules": [{"column": "a", "operator": "==", "valu": 1}]}, "Did you mean value"),
        ({"rules": [{"match": "any", "rules": []}]}, "at least 1"),
        ({"formula": "a >"}, "A value is missing"),
        ({"formula": "a", **rule("a", "is empty")}, "not both"),
    ],
)
def test_a_broken_filter_is_refused_at_save(definition: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidDefinition, match=words):
        registry.validate(Filter, definition)


def test_a_rule_on_a_missing_column_names_the_nearest(backend: Any) -> None:
    with pytest.raises(InvalidExpression, match="Did you mean carrier"):
        kept(rule("carier", "==", value="UA"), backend)


def test_a_filter_writes_back_what_it_read() -> None:
    definition = {
        "match": "any",
        "rules": [{"column": "day", "operator": "<", "value": "2013-01-01"}, rule("b", "in", values=["x"])],
    }
    assert Filter.model_validate(definition).to_mapping() == definition


def test_many_rules_make_a_flat_tree(backend: Any) -> None:
    rules = [{"column": "id", "operator": "==", "value": n} for n in range(300)]
    assert kept({"match": "any", "rules": rules}, backend) == [1, 2, 3, 4]
