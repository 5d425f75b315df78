from __future__ import annotations

from typing import Any

import pytest

from penstock.core.errors import InvalidDefinition
from penstock.core.metric import Unavailable
from tests.kinds.probes.given import Given, probe


def answered(row: dict[str, Any], **settings: Any) -> tuple[str, dict[str, Any]]:
    ctx: Any = Given(row=row)
    found = probe(type="sql", name="amounts", **settings).measure(ctx)
    return ctx.asked[0], dict(found)


def test_each_alias_of_the_first_row_is_a_metric_and_variables_are_filled_in() -> None:
    query, found = answered({"n": 3, "m": 7.5}, query="SELECT 1 WHERE x > ${least}")
    assert query == "SELECT 1 WHERE x > 2"
    assert found == {"sql_query:n:amounts": 3, "sql_query:m:amounts": 7.5}


def test_a_single_aggregate_needs_no_select_and_no_alias() -> None:
    query, found = answered({"count(DISTINCT card_id)": 3}, aggregate="count(DISTINCT card_id)")
    assert query == "SELECT count(DISTINCT card_id) FROM dataset"
    assert found == {"sql_query:col_0:amounts": 3}


def test_a_query_without_a_row_says_so() -> None:
    _, found = answered({}, query="SELECT 1 WHERE false")
    assert isinstance(found["sql_query:col_0:amounts"], Unavailable)


def test_either_a_query_or_an_aggregate_is_needed() -> None:
    for settings in ({}, {"query": "SELECT 1", "aggregate": "count(*)"}):
        with pytest.raises(InvalidDefinition, match="either a `query` or an `aggregate`"):
            probe(type="sql", name="amounts", **settings)
