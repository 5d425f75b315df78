"""The story of monitoring: files arrive month by month, a model scores them, two stores watch it, checks judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.app import open_node
from penstock.core.job import BuildMode
from penstock.core.metric import DATA_DRIFT, ObjectKey
from penstock.core.node import Node
from penstock.core.outcome import Verdict
from penstock.runtime import checks, datasets, drift, evaluations, folders, jobs, projects, training

FILES: Mapping[str, str] = {
    "flow/folders/months.yaml": "short_description: What the bank delivers, a file a month.\n",
    "flow/datasets/history.yaml": """
type: files
folder: months
format: parquet
selection: {mode: explicit, files: [history.parquet]}
""",
    "flow/datasets/new_transactions.yaml": """
type: files
folder: months
format: parquet
selection: {mode: explicit, files: [april.parquet]}
tags: ["bank:ours"]
""",
    "flow/datasets/test_scored.yaml": "type: managed\n",
    "flow/datasets/run_metrics.yaml": "type: managed\n",
    "flow/datasets/drift_history.yaml": "type: metrics\nitem: mes_for_input_drift\n",
    "flow/models/authorized.yaml": """
design:
  target: authorized_flag
  features: {transaction_id: reject}
  algorithms: [logistic_regression]
  importance: "off"
""",
    "flow/evaluations/mes_for_ground_truth.yaml": "short_description: How good the model is.\n",
    "flow/evaluations/mes_for_input_drift.yaml": """
short_description: How far new transactions are from what the model knows.
checks:
  - {type: numeric_range, name: Data Drift < 0.8, metric: "drift:DATA_DRIFT", soft_maximum: 0.6, maximum: 0.8}
  - {type: numeric_range, name: data drift < 0.45, metric: "drift:DATA_DRIFT", soft_maximum: 0.45}
  - {type: numeric_range, name: AUC, metric: "performance:auc", minimum: 0.5}
""",
    "flow/recipes/train_authorized.yaml": "type: train\ninput: history\nmodel: authorized\n",
    "flow/recipes/score_new.yaml": """
type: score
input: new_transactions
model: authorized
output: test_scored
""",
    "flow/recipes/evaluate_truth.yaml": """
type: evaluate
input: test_scored
model: authorized
store: mes_for_ground_truth
metrics: run_metrics
sampling: {type: random_approximate_number}
labels: {period: "${period}"}
""",
    "flow/recipes/evaluate_drift.yaml": """
type: evaluate
input: new_transactions
model: authorized
store: mes_for_input_drift
sampling: {type: random_approximate_number}
skip_performance: true
""",
}


def month(rows: int, *, seed: int, shift: float = 0.0) -> pa.Table:
    """Purchases of a month; `shift` makes the cards older, in deviations."""
    random = np.random.default_rng(seed)
    age, score = random.normal(60 + 20 * shift, 20, rows), random.normal(680, 50, rows)
    sector = random.integers(0, 4, rows)
    logit = 0.02 * (age - 60) + 0.01 * (score - 680) - 0.3 * (sector - 1.5)
    return pa.table(
        {
            "transaction_id": [f"{seed}-{i}" for i in range(rows)],
            "card_age": age,
            "card_fico_score": score,
            "sector": [f"sector {s}" for s in sector],
            "authorized_flag": (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int64),
        }
    )


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = open_node(tmp_path / "home", user="ann")
    projects.create(node, "FRAUD", title="Fraud", author="ann")
    node.projects.save("FRAUD", dict(FILES), author="ann", message="The Flow")
    months = {
        "history": month(2500, seed=1),
        "april": month(1500, seed=2),
        "may": month(1500, seed=3, shift=2.0),
    }
    for name, table in months.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
        folders.put(node, "FRAUD", "months", [tmp_path / f"{name}.parquet"])
    node.projects.set_variables("FRAUD", {"period": "April"}, author="ann")
    jobs.build(node, "FRAUD", ["authorized"])
    return node


def build(node: Node, *stores: str) -> None:
    jobs.build(node, "FRAUD", list(stores), BuildMode.REQUIRED)


def may_comes(node: Node) -> None:
    datasets.select_files(node, "FRAUD", "new_transactions", ["may.parquet"], author="ann")
    node.projects.set_variables("FRAUD", {"period": "May"}, author="ann")


@pytest.mark.requirement("M32", "M33", "M34", "M17")
def test_the_ground_truth_pipeline_scores_then_evaluates_month_after_month(node):
    plan = jobs.preview(node, "FRAUD", ["mes_for_ground_truth"], BuildMode.REQUIRED)
    assert [activity.recipe for activity in plan.activities] == ["score_new", "evaluate_truth"]
    build(node, "mes_for_ground_truth")
    may_comes(node)
    build(node, "mes_for_ground_truth")
    april, may = evaluations.page(node, "FRAUD", "mes_for_ground_truth", newest_first=False).evaluations
    assert (april.labels["period"], may.labels["period"]) == ("April", "May")
    assert april.created_at < may.created_at
    assert (april.dataset, april.model, april.rows) == ("test_scored", "authorized", 1500)
    assert {"performance:auc", DATA_DRIFT} <= set(april.metrics)
    rows = datasets.head(node, "FRAUD", "run_metrics").rows
    assert [row["evaluation_id"] for row in rows] == [april.id, may.id]
    shown = evaluations.show(node, "FRAUD", "mes_for_ground_truth", may.id)
    features = shown.detail["drift"]["report"]["score"]["columns"]
    assert sorted(features) == ["card_age", "card_fico_score", "sector"]


@pytest.mark.requirement("M15", "M35", "M53", "M82", "A40", "M54")
def test_the_input_drift_pipeline_needs_no_truth_and_its_checks_judge_the_latest_month(node):
    build(node, "mes_for_input_drift")
    judged = {r.check_name: r.verdict for r in checks.run(node, "FRAUD", "mes_for_input_drift")}
    assert judged == {
        "Data Drift < 0.8": Verdict.OK,
        "data drift < 0.45": Verdict.WARNING,
        "AUC": Verdict.EMPTY,
    }
    may_comes(node)
    build(node, "mes_for_input_drift")
    newest = evaluations.newest(node, "FRAUD", "mes_for_input_drift")
    assert not [name for name in newest.metrics if name.startswith("performance:")]
    assert newest.labels["evaluationDataset:bank"] == "ours"
    assert newest.metrics[DATA_DRIFT] > 0.7
    judged = {r.check_name: r.verdict for r in checks.run(node, "FRAUD", "mes_for_input_drift")}
    assert judged["Data Drift < 0.8"] in (Verdict.WARNING, Verdict.ERROR)
    live = datasets.head(node, "FRAUD", "drift_history", 1000).rows
    assert len([row for row in live if row["metric_name"] == "Data Drift"]) == 2
    assert drift.show(node, "FRAUD", "mes_for_input_drift").performance_reason


@pytest.mark.requirement("M72", "M83")
def test_the_drift_screen_names_the_column_and_compares_with_april(node):
    build(node, "mes_for_input_drift")
    april = evaluations.newest(node, "FRAUD", "mes_for_input_drift")
    may_comes(node)
    build(node, "mes_for_input_drift")
    shown = drift.show(node, "FRAUD", "mes_for_input_drift")
    assert shown.report is not None
    assert shown.report.univariate is not None
    assert shown.report.univariate.drifted == ("card_age",)
    against_april = drift.show(node, "FRAUD", "mes_for_input_drift", reference=april.full_id)
    assert against_april.report is not None
    assert against_april.report.univariate is not None
    assert against_april.report.univariate.drifted == ("card_age",)


@pytest.mark.requirement("A31", "M91")
def test_monitoring_never_retrains_and_a_retrain_is_the_next_reference(node):
    build(node, "mes_for_ground_truth", "mes_for_input_drift")
    assert len(training.versions(node, "FRAUD", "authorized")) == 1
    first = evaluations.newest(node, "FRAUD", "mes_for_input_drift")
    jobs.build(node, "FRAUD", ["authorized"])
    jobs.build(node, "FRAUD", ["mes_for_input_drift"], BuildMode.ONLY_THIS)
    second = evaluations.newest(node, "FRAUD", "mes_for_input_drift")
    assert second.version == training.active(node, "FRAUD", "authorized") != first.version


@pytest.mark.requirement("M37", "M43")
def test_a_removed_month_is_as_if_it_had_never_been(node):
    build(node, "mes_for_input_drift")
    before = evaluations.newest(node, "FRAUD", "mes_for_input_drift")
    may_comes(node)
    build(node, "mes_for_input_drift")
    may = evaluations.newest(node, "FRAUD", "mes_for_input_drift")
    evaluations.delete(node, "FRAUD", "mes_for_input_drift", [may.id])
    key = ObjectKey(project="FRAUD", type="evaluation_store", name="mes_for_input_drift")
    assert node.metrics.last(key)[DATA_DRIFT].number == before.metrics[DATA_DRIFT]


@pytest.mark.requirement("M14")
def test_forgetting_skip_performance_fails_and_leaves_no_evaluation(node, tmp_path):
    pq.write_table(month(300, seed=5).drop_columns(["authorized_flag"]), tmp_path / "may.parquet")
    folders.put(node, "FRAUD", "months", [tmp_path / "may.parquet"])
    may_comes(node)
    job = jobs.build(node, "FRAUD", ["mes_for_ground_truth"], no_fail=True)
    assert job.state == "FAILED"
    assert "skip_performance" in job.error
    assert evaluations.page(node, "FRAUD", "mes_for_ground_truth").total == 0


@pytest.mark.requirement("M42")
def test_the_sample_of_an_evaluation_becomes_a_dataset(node):
    build(node, "mes_for_input_drift")
    kept = evaluations.newest(node, "FRAUD", "mes_for_input_drift")
    evaluations.export_to_dataset(node, "FRAUD", "mes_for_input_drift", kept.id, "april_sample", author="ann")
    table = datasets.arrow(node, "FRAUD", "april_sample")
    assert table.num_rows == kept.rows
    assert {"card_age", "prediction"} <= set(table.column_names)
