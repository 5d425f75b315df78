from __future__ import annotations

import pytest

from penstock.core.outcome import Outcome
from penstock.testing import fill
from tests.runtime.acts import KEY, a_scenario, a_stage, named, run, steps

COMPUTE = {"type": "compute_metrics", "name": "the_metrics", "items": ["flights"]}


@pytest.mark.requirement("A74")
def test_a_later_formula_finds_the_record_count(tmp_path):
    node = a_stage(tmp_path, {"datasets/flights": {"type": "managed"}})
    fill(node, "flights", n=[1, 2, 3])
    formula = (
        f"filter(parseJson(stepOutput_the_metrics)['{KEY}.flights_NP'].computed, x, "
        "x.metricId == 'records:COUNT_RECORDS')[0].value"
    )
    read = {"type": "define_variables", "formulas": {"count": f"toNumber({formula})"}}
    a_scenario(node, "s", COMPUTE, named("r", read))
    done = run(node, "s")
    assert done.outcome is Outcome.SUCCESS
    assert steps(node, done)["r"].output == {"count": 3}
    output = steps(node, done)["the_metrics"].output[f"{KEY}.flights_NP"]
    assert output["skipped"] == []
    assert output["startTime"] <= output["endTime"]
    assert {m["dataType"] for m in output["computed"] if m["metricId"] == "records:COUNT_RECORDS"} == {
        "BIGINT"
    }


def test_a_metric_that_gets_no_value_warns_and_says_why(tmp_path):
    probe = {"type": "column_statistics", "columns": ["nothing"], "aggregates": ["MEAN"]}
    node = a_stage(tmp_path, {"datasets/flights": {"type": "managed", "probes": [probe]}})
    fill(node, "flights", n=[1])
    a_scenario(node, "s", COMPUTE)
    done = run(node, "s")
    assert done.outcome is Outcome.WARNING
    step = steps(node, done)["the_metrics"]
    assert "nothing" in step.message
    assert step.output[f"{KEY}.flights_NP"]["skipped"]


@pytest.mark.requirement("A49")
def test_probes_read_the_variables_of_the_run(tmp_path):
    probe = {"type": "sql", "name": "few", "query": "SELECT count(*) AS n FROM dataset WHERE n < ${limit}"}
    node = a_stage(tmp_path, {"datasets/flights": {"type": "managed", "probes": [probe]}})
    fill(node, "flights", n=[1, 2, 3])
    a_scenario(node, "s", {"type": "define_variables", "values": {"limit": 3}}, COMPUTE)
    done = run(node, "s")
    assert done.message == ""
    output = steps(node, done)["the_metrics"].output[f"{KEY}.flights_NP"]
    assert {m["metricId"]: m["value"] for m in output["computed"]}["sql_query:n:few"] == "2"
