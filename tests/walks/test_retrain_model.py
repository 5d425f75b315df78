"""The story of *Retrain Model*: the store is built, its check judges, and the model is trained again if it must be."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from penstock.app import open_node
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import ScenarioRun
from penstock.runtime import datasets, evaluations, folders, jobs, projects, scenarios, training
from tests.walks.test_monitor_a_model import FILES, month

RETRAIN = """
title: Retrain Model
steps:
  - {type: build, name: Build MES, items: [mes_for_input_drift]}
  - {type: run_checks, name: Run MES checks, items: [mes_for_input_drift]}
  - type: build
    name: Build model
    items: [authorized]
    run_if: some prior step failed
    reset_failure: true
"""
CHECKED = """
checks:
  - {type: numeric_range, name: Data Drift < 0.7, metric: "drift:DATA_DRIFT", soft_maximum: 0.65, maximum: 0.7}
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a trained model, to be copied: training is the slow part."""
    home = tmp_path_factory.mktemp("retrain") / "home"
    node = open_node(home, user="ann")
    projects.create(node, "FRAUD", title="Fraud", author="ann")
    files = {
        **FILES,
        "flow/evaluations/mes_for_input_drift.yaml": CHECKED,
        "scenarios/retrain_model.yaml": RETRAIN,
    }
    node.projects.save("FRAUD", files, author="ann", message="The Flow")
    months = {
        "history": month(1500, seed=1),
        "april": month(800, seed=2),
        "may": month(800, seed=3, shift=3.0),
    }
    for name, table in months.items():
        pq.write_table(table, home.parent / f"{name}.parquet")
        folders.put(node, "FRAUD", "months", [home.parent / f"{name}.parquet"])
    node.projects.set_variables("FRAUD", {"period": "April"}, author="ann")
    jobs.build(node, "FRAUD", ["authorized"])
    return home


@pytest.fixture
def node(trained: Path, tmp_path: Path) -> Node:
    import shutil

    shutil.copytree(trained, tmp_path / "home")
    return open_node(tmp_path / "home", user="ann")


def run(node: Node) -> ScenarioRun:
    return scenarios.run_and_wait(node, "FRAUD", "retrain_model", fail_on="")


def told(node: Node, done: ScenarioRun) -> dict[str, str]:
    return {s.label: str(s.outcome or s.state) for s in scenarios.steps(node, done.id)}


def may_comes(node: Node) -> None:
    datasets.select_files(node, "FRAUD", "new_transactions", ["may.parquet"], author="ann")


@pytest.mark.requirement("A57", "M84")
def test_when_the_check_fails_the_model_is_trained_and_the_run_is_a_success(node):
    may_comes(node)
    before = training.active(node, "FRAUD", "authorized")
    done = run(node)
    assert told(node, done) == {
        "Build MES": "SUCCESS",
        "Run MES checks": "FAILED",
        "Build model": "SUCCESS",
    }
    assert done.outcome is Outcome.SUCCESS
    versions = training.versions(node, "FRAUD", "authorized")
    active = training.active(node, "FRAUD", "authorized")
    assert [v.id for v in versions] == [active, before]
    train = next(s for s in scenarios.steps(node, done.id) if s.label == "Build model")
    assert versions[0].job == train.jobs[0]
    assert "Data Drift < 0.7: ERROR" in scenarios.log(node, done.id, "Run MES checks")


@pytest.mark.requirement("A58", "M85")
def test_when_the_check_passes_nothing_is_trained(node):
    before = training.active(node, "FRAUD", "authorized")
    done = run(node)
    assert told(node, done) == {
        "Build MES": "SUCCESS",
        "Run MES checks": "SUCCESS",
        "Build model": "SKIPPED",
    }
    assert done.outcome is Outcome.SUCCESS
    assert [v.id for v in training.versions(node, "FRAUD", "authorized")] == [before]
    assert evaluations.newest(node, "FRAUD", "mes_for_input_drift").dataset == "new_transactions"


@pytest.mark.requirement("A59")
def test_without_the_reset_the_model_is_trained_and_the_run_is_failed(node):
    text = RETRAIN.replace("    reset_failure: true\n", "")
    node.projects.save("FRAUD", {"scenarios/retrain_model.yaml": text}, author="ann", message="No reset")
    may_comes(node)
    done = run(node)
    assert (done.outcome, told(node, done)["Build model"]) == (Outcome.FAILED, "SUCCESS")
    assert len(training.versions(node, "FRAUD", "authorized")) == 2


@pytest.mark.requirement("A66", "A31")
def test_one_step_builds_a_store_a_dataset_a_model_and_a_folder(node):
    copy = "from penstock import Dataset, Folder\nimport json\n" + (
        'Folder("out").write("n.json", json.dumps(Dataset("history").arrow().num_rows).encode())\n'
    )
    step = "steps: [{type: build, items: [mes_for_ground_truth, test_scored, authorized, out]}]"
    files = {
        "flow/folders/out.yaml": "{}",
        "flow/recipes/count.yaml": "type: python\ninputs: [history]\noutputs: [out]\n",
        "flow/recipes/count.py": copy,
        "scenarios/everything.yaml": step,
    }
    node.projects.save("FRAUD", files, author="ann", message="Everything at once")
    done = scenarios.run_and_wait(node, "FRAUD", "everything")
    (built,) = scenarios.steps(node, done.id)
    assert len(built.jobs) == 1
    assert len(training.versions(node, "FRAUD", "authorized")) == 2
    assert evaluations.page(node, "FRAUD", "mes_for_ground_truth").total == 1
    assert [f.path for f in folders.files(node, "FRAUD", "out")] == ["n.json"]
