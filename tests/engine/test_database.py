"""Looking at rows in a database: the question goes there, only the answer comes here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.node import Node
from penstock.runtime import checks, column_analysis, dashboards, datasets, metrics
from penstock.testing import a_node, a_project, rows
from tests.servers import warehouse
from tests.wire import Wire

COLUMNS = [f"x{i}" for i in range(10)]
ROWS = 5_000
FEW = 150
"""More than any answer, and what the catalogue says of ten columns."""


@pytest.fixture
def node(wire: Wire, tmp_path: Path) -> Node:
    listed = ", ".join(f"(i * {n + 1}) % 97 AS {name}" for n, name in enumerate(COLUMNS))
    wire.server.run(f"CREATE TABLE numbers AS SELECT i, {listed} FROM generate_series(1, {ROWS}) AS i")
    return warehouse(a_node(tmp_path), wire)


def numbers(node: Node, **words: Any) -> None:
    a_project(
        node,
        {"datasets/numbers": {"type": "sql_table", "connection": "warehouse", "table": "numbers", **words}},
    )


def asked(wire: Wire) -> list[str]:
    """The statements that read the table."""
    return [s for s in wire.statements if 'FROM "numbers"' in s]


@pytest.mark.requirement("A53")
def test_statistics_of_ten_columns_are_one_query_and_no_row_leaves_the_database(
    node: Node, wire: Wire
) -> None:
    numbers(node, probes=[{"type": "records"}, {"type": "column_statistics", "columns": COLUMNS}])
    found = metrics.compute(node, "DEMO", "numbers")
    said = {v.metric_id: v.number for v in found.computed}
    assert said["records:COUNT_RECORDS"] == ROWS
    assert [said[f"col_stats:MAX:{c}"] for c in COLUMNS] == [96] * 10
    assert len(said) == 52
    assert len(asked(wire)) == 1
    assert wire.rows < FEW


@pytest.mark.requirement("A53")
def test_probes_rules_and_looks_leave_the_rows_where_they_are(node: Node, wire: Wire) -> None:
    numbers(
        node,
        probes=[
            {"type": "advanced_column_statistics", "columns": ["x1"], "top": 3},
            {"type": "percentiles", "columns": ["x2"]},
            {"type": "sql", "name": "mine", "query": "SELECT count(*) AS n FROM dataset WHERE x1 > 50"},
        ],
        rules=[
            {"type": "values_in_range", "column": "x1", "minimum": 0, "maximum": 96},
            {"type": "column_unique", "column": "i"},
            {"type": "record_count_in_range", "minimum": ROWS},
        ],
    )
    assert len(metrics.compute(node, "DEMO", "numbers").computed) == 10
    assert [str(r.verdict) for r in checks.run(node, "DEMO", "numbers")] == ["OK", "OK", "OK"]
    assert column_analysis.analyse(node, "DEMO", "numbers", "x3").distinct == 97
    assert len(datasets.head(node, "DEMO", "numbers", rows=10).rows) == 10
    assert len(datasets.sample(node, "DEMO", "numbers", 10, way="random_number").rows) == 10
    assert datasets.count(node, "DEMO", "numbers") == ROWS
    chart = {"type": "chart", "dataset": "numbers", "by": {"column": "x1", "bins": "number", "bin_count": 5}}
    assert dashboards.preview(node, "DEMO", chart).content.parts
    assert wire.rows < 3 * FEW


def test_the_relay_counts_the_rows_that_do_leave(node: Node, wire: Wire) -> None:
    numbers(node)
    assert len(rows(node, "numbers")) == ROWS
    assert wire.rows >= ROWS


@pytest.mark.requirement("A49")
def test_a_sql_probe_is_in_the_databases_own_sql_and_names_its_metrics_after_aliases(
    node: Node, wire: Wire
) -> None:
    query = (
        "WITH few AS (SELECT * FROM numbers WHERE i <= ${most}::int) SELECT count(*) AS n, max(x1) AS m, "
        "(array_agg(x1 ORDER BY i))[1] || 'st' FROM few; "
    )
    numbers(node, probes=[{"type": "sql", "name": "mine", "query": query}])
    a_project(node)
    node.projects.set_variables("DEMO", {"most": 7}, author="ann")
    found = {v.metric_id: v.value for v in metrics.compute(node, "DEMO", "numbers").computed}
    assert {i: v for i, v in found.items() if i.startswith("sql_query")} == {
        "sql_query:n:mine": "7",
        "sql_query:m:mine": "14",
        "sql_query:col_2:mine": "2st",
    }


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT nothing FROM dataset", 'column "nothing" does not exist'),
        ("SELECT 1; DROP TABLE numbers", "multiple commands"),
        ("DROP TABLE numbers", "Only a SELECT is run here; this is DROP"),
        ("WITH gone AS (DELETE FROM numbers RETURNING 1) SELECT count(*) AS n FROM gone", "data-modifying"),
    ],
)
def test_a_query_that_is_wrong_or_changes_something_is_told_and_changes_nothing(
    node: Node, wire: Wire, query: str, said: str
) -> None:
    numbers(node, probes=[{"type": "sql", "name": "mine", "query": query}])
    (skipped,) = metrics.compute(node, "DEMO", "numbers").skipped
    assert said in skipped.reason
    assert wire.server.run("SELECT count(*) FROM numbers") == [(ROWS,)]


def test_a_probe_in_python_is_given_the_rows(node: Node) -> None:
    code = "def process(dataset):\n    return len(dataset.to_pandas())"
    numbers(node, probes=[{"type": "python", "name": "mine", "code": code}])
    assert [v.value for v in metrics.compute(node, "DEMO", "numbers").computed][-1:] == [str(ROWS)]
