"""The mission's Flow on real recipes: train once, then score and evaluate each month's file by recursive builds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pytest

from penstock.core.job import ActivityState, JobState
from penstock.core.node import Node
from penstock.runtime import datasets, folders, jobs, logs
from penstock.testing import KEY, a_node, a_project, build, fill, rows

COLUMNS = [
    {"name": "amount", "type": "double"}, {"name": "card_age", "type": "double"}, {"name": "authorized", "type": "int"},
]  # fmt: skip

FLOW = {
    "folders/monthly": "{}\n",
    "datasets/history": {"type": "managed"},
    "datasets/transactions": {
        "type": "files", "folder": "monthly", "format": "csv", "columns": COLUMNS,
        "selection": {"mode": "explicit", "files": ["april.csv"]},
    },
    "datasets/scored": {"type": "managed"},
    "models/authorized_model": {
        "design": {"target": "authorized", "prediction_type": "binary", "algorithms": [{"type": "logistic_regression"}]}
    },
    "evaluations/mes": "{}\n",
    "datasets/drift_history": {"type": "metrics", "item": "mes"},
    "datasets/report": {"type": "managed"},
    "recipes/tell": {"type": "sync", "input": "drift_history", "output": "report"},
    "recipes/train": {"type": "train", "input": "history", "model": "authorized_model"},
    "recipes/score": {
        "type": "score", "input": "transactions", "model": "authorized_model", "output": "scored"
    },
    "recipes/evaluate": {
        "type": "evaluate", "input": "scored", "model": "authorized_model", "store": "mes",
    },
}  # fmt: skip


def transactions(seed: int, count: int = 400) -> pa.Table:
    chance = np.random.default_rng(seed)
    amount, age = chance.normal(size=count), chance.normal(size=count)
    truth = (amount + age + chance.normal(size=count) * 0.5 > 0).astype("int32")
    return pa.table({"amount": amount, "card_age": age, "authorized": truth})


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """The Flow with its model trained and two months of files."""
    made = a_node(tmp_path)
    a_project(made, FLOW)
    fill(made, "history", transactions(1))
    for number, month in enumerate(("april", "may"), 2):
        csv.write_csv(transactions(number), tmp_path / f"{month}.csv")
    folders.put(made, KEY, "monthly", [tmp_path / "april.csv", tmp_path / "may.csv"])
    build(made, "authorized_model")
    return made


@pytest.mark.requirement("M33", "A23", "A24", "A25", "A31")
def test_a_month_is_scored_and_evaluated_by_one_recursive_build(node: Node) -> None:
    made = jobs.preview(node, KEY, ["mes"], "recursive")
    assert made.recipes == ("score", "evaluate")
    assert node.evaluations.count(KEY, "mes") == 0

    job = build(node, "mes")
    assert [a.recipe for a in node.runs.activities(job.id)] == ["score", "evaluate"]
    assert (job.state, node.evaluations.count(KEY, "mes")) == (JobState.DONE, 1)
    assert len(node.models.versions(KEY, "authorized_model")) == 1
    assert jobs.preview(node, KEY, ["mes"]).recipes == ()

    datasets.select_files(node, KEY, "transactions", ["may.csv"], author="ann")
    again = build(node, "mes")
    assert [a.recipe for a in node.runs.activities(again.id)] == ["score", "evaluate"]
    assert node.evaluations.count(KEY, "mes") == 2
    assert jobs.preview(node, KEY, ["mes"]).recipes == ()

    only = build(node, "mes", mode="only")
    assert [a.recipe for a in node.runs.activities(only.id)] == ["evaluate"]


@pytest.mark.requirement("A37")
@pytest.mark.parametrize(("target", "recipe"), [("mes", "evaluate"), ("authorized_model", "train")])
def test_the_log_shows_diagnostics_of_the_data_and_the_job_is_done(
    node: Node, target: str, recipe: str
) -> None:  # fmt: skip
    build(node, "scored")
    job = build(node, target, mode="only")
    (activity,) = node.runs.activities(job.id)
    assert job.state is JobState.DONE
    assert activity.state is ActivityState.WARNING
    assert job.warnings == len(activity.warnings) > 0
    assert "[WARN]" in logs.read(node, job.id, recipe)


def test_a_new_version_makes_the_scored_rows_stale(node: Node) -> None:
    build(node, "scored")
    build(node, "authorized_model")
    made = jobs.preview(node, KEY, ["scored"])
    assert [a.reason for a in made.activities] == [
        "input authorized_model changed: another version is active"
    ]


def test_the_rows_of_the_selected_month_are_scored(node: Node) -> None:
    build(node, "scored")
    assert [r["amount"] for r in rows(node, "scored")][:3] == pytest.approx(
        [r["amount"] for r in transactions(2).to_pylist()][:3]
    )


@pytest.mark.requirement("M33")
def test_what_reads_the_metrics_of_a_store_follows_its_evaluations(node: Node) -> None:
    build(node, "report")
    assert jobs.preview(node, KEY, ["report"]).recipes == ()
    build(node, "mes", mode="only")
    assert jobs.preview(node, KEY, ["report"]).recipes == ("tell",)
    build(node, "report")
    assert len({r["evaluation_id"] for r in rows(node, "report")} - {None}) == node.evaluations.count(
        KEY, "mes"
    )
