from __future__ import annotations

import datetime

import pyarrow as pa
import pytest

from penstock.core.outcome import Outcome
from penstock.testing import fill
from tests.runtime.acts import KEY, a_scenario, a_stage, named, run, steps
from tests.servers import warehouse


@pytest.mark.requirement("A73")
def test_a_later_formula_reads_the_first_cell(tmp_path):
    node = a_stage(tmp_path, {"datasets/flights": {"type": "managed"}})
    fill(node, "flights", n=[1, 2, 3])
    node.projects.set_variables(KEY, {"least": 2}, author="ann")
    ask = {
        "type": "sql",
        "name": "the_sql",
        "query": "SELECT count(*) AS many FROM flights WHERE n >= ${least}",
    }
    read = {
        "type": "define_variables",
        "formulas": {"x": "toNumber(parseJson(stepOutput_the_sql)['rows'][0][0])"},
    }
    a_scenario(node, "s", ask, named("r", read))
    found = steps(node, run(node, "s"))
    assert found["r"].output == {"x": 2}
    output = found["the_sql"].output
    assert (output["success"], output["hasResultset"], output["totalRows"]) == (True, True, 1)
    assert output["columns"] == [{"name": "many", "type": "int64"}]


def test_all_rows_are_counted_and_the_first_ones_kept(tmp_path):
    node = a_stage(tmp_path, {"datasets/flights": {"type": "managed"}})
    day = datetime.date(2026, 11, 21)
    fill(node, "flights", pa.table({"d": [day] * 5, "x": [1.5, None, float("nan"), 2.0, 3.0]}))
    a_scenario(node, "s", {"type": "sql", "name": "q", "query": "SELECT d, x FROM flights", "limit": 3})
    output = steps(node, run(node, "s"))["q"].output
    assert output["totalRows"] == 5
    assert output["rows"] == [["2026-11-21", 1.5], ["2026-11-21", None], ["2026-11-21", None]]


@pytest.mark.parametrize(
    "query", ["SELECT * FROM nothing", "DROP TABLE flights", "SELECT '${undefined_one}'"]
)
def test_what_cannot_be_asked_fails_the_step(tmp_path, query):
    node = a_stage(tmp_path, {"datasets/flights": {"type": "managed"}})
    fill(node, "flights", n=[1])
    a_scenario(node, "s", {"type": "sql", "query": query})
    done = run(node, "s")
    assert done.outcome is Outcome.FAILED
    assert done.message


@pytest.mark.requirement("A73")
def test_a_database_is_asked_in_its_own_sql(tmp_path, postgres):
    postgres.run("CREATE TABLE sales AS SELECT i, 'x' AS name FROM generate_series(1, 5) AS i")
    few = {"type": "sql_query", "connection": "warehouse", "query": "SELECT * FROM sales WHERE i < 4"}
    node = warehouse(a_stage(tmp_path, {"datasets/few": few}), postgres)
    query = "SELECT string_agg(name, '' ORDER BY i), (SELECT count(*) FROM sales) FROM few"
    a_scenario(node, "s", {"type": "sql", "name": "the_sql", "connection": "warehouse", "query": query})
    output = steps(node, run(node, "s"))["the_sql"].output
    assert output["rows"] == [["xxx", 5]]
    assert [c["name"] for c in output["columns"]] == ["string_agg", "count"]


def test_a_database_is_asked_only_by_those_who_may_use_its_connection(tmp_path, postgres):
    node = warehouse(a_stage(tmp_path), postgres, allowed=["bob"])
    a_scenario(node, "s", {"type": "sql", "connection": "warehouse", "query": "SELECT 1"}, run_as="ann")
    done = run(node, "s")
    assert done.outcome is Outcome.FAILED
    assert "ann may not use connection warehouse" in done.message


def test_a_step_changes_nothing_in_a_database(tmp_path, postgres):
    postgres.run("CREATE TABLE sales (n int)")
    node = warehouse(a_stage(tmp_path), postgres)
    a_scenario(node, "s", {"type": "sql", "connection": "warehouse", "query": "SELECT 1; DROP TABLE sales"})
    assert run(node, "s").outcome is Outcome.FAILED
    assert postgres.run("SELECT count(*) FROM sales") == [(0,)]
