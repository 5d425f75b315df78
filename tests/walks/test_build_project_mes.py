"""The story of *Build_Project_MES*: a script walks over the quarters and lets another scenario evaluate each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.metric import EVALUATED_ROWS
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.runtime import evaluations, jobs, scenarios
from penstock.testing import KEY, a_node, a_project, fill

pytestmark = pytest.mark.both_states

FLOW = {
    "datasets/transactions": {"type": "managed"},
    "datasets/transactions_train": {"type": "managed"},
    "datasets/transactions_quarter": {"type": "managed"},
    "models/authorized": {
        "design": {"target": "authorized_flag", "algorithms": ["logistic_regression"], "importance": "off",
                   "features": {"purchase_date": "reject"}},
    },
    "evaluations/mes_project": {},
    "recipes/filter_train": {
        "type": "sql", "inputs": ["transactions"], "output": "transactions_train",
        "body": "SELECT * FROM transactions WHERE purchase_date < DATE '2017-04-01'",
    },
    "recipes/filter_quarter": {
        "type": "sql", "inputs": ["transactions"], "output": "transactions_quarter",
        "body": "SELECT * FROM transactions WHERE purchase_date >= DATE '${quarter_start}' "
                "AND purchase_date < DATE '${quarter_end}'",
    },
    "recipes/train_authorized": {"type": "train", "input": "transactions_train", "model": "authorized"},
    "recipes/evaluate_quarter": {
        "type": "evaluate", "input": "transactions_quarter", "model": "authorized", "store": "mes_project",
        "labels": {"start": "${quarter_start}"},
    },
}  # fmt: skip
RECURSIVE = """
title: Recursive_MES
steps:
  - {type: build, name: Build MES, items: [mes_project], mode: recursive}
"""
SCRIPT = """
from penstock.scenario import Scenario

QUARTERS = {
    "Q2": ("2017-04-01", "2017-07-01"),
    "Q3": ("2017-07-01", "2017-10-01"),
    "Q4": ("2017-10-01", "2018-01-01"),
}
scenario = Scenario()
for quarter, (start, end) in QUARTERS.items():
    scenario.set_project_variables(quarter_start=start, quarter_end=end)
    scenario.run_scenario("recursive_mes", name=quarter)
"""


def a_year(rows: int = 2400) -> pa.Table:
    random = np.random.default_rng(1)
    days = np.datetime64("2017-01-01") + np.sort(random.integers(0, 365, rows))
    age, score = random.normal(60, 20, rows), random.normal(680, 50, rows)
    logit = 0.03 * (age - 60) + 0.01 * (score - 680)
    return pa.table({
        "purchase_date": days.astype("datetime64[D]"), "card_age": age, "card_fico_score": score,
        "authorized_flag": (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int64),
    })  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, FLOW)
    fill(node, "transactions", a_year())
    node.projects.save(
        KEY, {"scenarios/recursive_mes.yaml": RECURSIVE}, author="ben", message="Recursive_MES"
    )
    scenarios.save(node, KEY, "build_project_mes", {"kind": "python", "body": SCRIPT}, author="ann")
    jobs.build(node, KEY, ["authorized"], "all")
    return node


@pytest.mark.requirement("A67")
def test_three_quarters_become_three_child_runs_and_three_evaluations(node):
    done = scenarios.run_and_wait(node, KEY, "build_project_mes", fail_on="")
    assert (done.outcome, done.message) == (Outcome.SUCCESS, "")
    children = scenarios.history(node, KEY, "recursive_mes")[::-1]
    assert [child.outcome for child in children] == [Outcome.SUCCESS] * 3
    assert {(child.parent, child.run_as) for child in children} == {(done.id, "ann")}
    found = evaluations.page(node, KEY, "mes_project", newest_first=False).evaluations
    assert [e.labels["start"] for e in found] == ["2017-04-01", "2017-07-01", "2017-10-01"]
    rows = [e.metrics[EVALUATED_ROWS] for e in found]
    assert sum(rows) == pytest.approx(2400 * 275 / 365, rel=0.05)
    assert "performance:auc" in found[0].metrics
    assert [s.label for s in scenarios.steps(node, done.id) if s.type == "run_scenario"] == ["Q2", "Q3", "Q4"]
    assert len(node.models.versions(KEY, "authorized")) == 1


@pytest.mark.requirement("A68")
def test_the_owner_of_the_child_does_not_matter_and_the_switch_changes_the_parents(node):
    scenarios.switch(node, KEY, "build_project_mes", True, author="eva")
    done = scenarios.run_and_wait(node, KEY, "build_project_mes")
    assert {run.run_as for run in scenarios.history(node, KEY)} == {"eva"}
    jobs_of_it = [job for job in jobs.history(node, KEY) if job.origin == "scenario"]
    assert {job.initiator for job in jobs_of_it} == {"eva"}
    assert done.state == "DONE"
