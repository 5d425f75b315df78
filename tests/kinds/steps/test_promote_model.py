"""Promotion is tried on headers and small files of versions; what a training makes of them is tested elsewhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core import registry
from penstock.core.errors import Invalid, InvalidDefinition
from penstock.core.evaluation import Evaluation
from penstock.core.model import ModelVersion
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.runtime import training
from tests.runtime.acts import KEY, a_scenario, a_stage, run, steps

PROMOTE = {"type": "promote_model", "name": "p", "model": "authorized", "metric": "ROC AUC", "by": 0.01}


def a_version(
    node: Node, tmp_path: Path, id: str, *, activate: bool = False, rows: int = 3, **metrics: float
) -> None:
    files = tmp_path / id
    files.mkdir()
    table = pa.table({"x": list(range(rows)), "prediction": [id] * rows, "proba_1": [0.5] * rows})
    pq.write_table(table, files / "test.parquet")
    later = timedelta(seconds=len(node.models.versions(KEY, "authorized")))
    version = ModelVersion(
        project=KEY, model="authorized", id=id, name=id, created_at=node.clock.now() + later, test_rows=rows,
        prediction_type="binary", target="y", algorithm="logistic_regression", metrics=metrics,
    )  # fmt: skip
    training.keep(node, version, files, activate=activate)


def an_evaluation(node: Node, version: str, dataset: str, auc: float) -> None:
    evaluation = Evaluation(
        project=KEY, store="mes", id=f"e_{version}_{dataset}", name="", created_at=node.clock.now(),
        prediction_type="binary", model="authorized", version=version, dataset=dataset, rows=9,
        metrics={"performance:auc": auc},
    )  # fmt: skip
    node.evaluations.save(evaluation, detail={}, sample=None)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_stage(tmp_path, {"models/authorized": {"activation": "manual"}, "evaluations/mes": {}})


def promoted(node: Node, **settings: Any) -> tuple[Outcome, dict[str, Any], str]:
    """(outcome of the step, its output, the version that is active afterwards)"""
    a_scenario(node, "s", {**PROMOTE, **settings})
    done = run(node, "s")
    step = steps(node, done)["p"]
    assert step.outcome is not None
    return step.outcome, step.output, training.active(node, KEY, "authorized")


@pytest.mark.parametrize(("auc", "by", "active"), [
    (0.82, 0.01, "new"), (0.805, 0.01, "old"), (0.78, 0.0, "old"), (0.80, 0.0, "old"), (0.801, 0.0, "new"),
])  # fmt: skip
def test_a_version_is_promoted_when_it_is_better_by_the_margin(node, tmp_path, auc, by, active):
    a_version(node, tmp_path, "old", activate=True, auc=0.80)
    a_version(node, tmp_path, "new", auc=auc)
    outcome, output, now = promoted(node, by=by)
    assert (outcome, now, output["promoted"]) == (Outcome.SUCCESS, active, active == "new")
    assert (output["candidate"], output["active"], output["candidate_value"]) == ("new", "old", auc)


def test_less_is_better_for_a_loss(node, tmp_path):
    a_version(node, tmp_path, "old", activate=True, logLoss=0.5)
    a_version(node, tmp_path, "new", logLoss=0.4)
    assert promoted(node, metric="logLoss")[2] == "new"


def test_the_first_version_is_promoted_and_the_active_one_left_alone(node, tmp_path):
    a_version(node, tmp_path, "only", auc=0.5)
    assert promoted(node)[2] == "only"
    outcome, output, now = promoted(node)
    assert (outcome, output["promoted"], now) == (Outcome.SUCCESS, False, "only")


def test_nothing_is_promoted_on_different_test_rows(node, tmp_path):
    a_version(node, tmp_path, "old", activate=True, auc=0.5)
    a_version(node, tmp_path, "new", rows=4, auc=0.9)
    outcome, output, now = promoted(node)
    assert (outcome, now) == (Outcome.WARNING, "old")
    assert "different rows" in output["why"]


def test_evaluations_of_the_same_data_in_a_store_decide(node, tmp_path):
    a_version(node, tmp_path, "old", activate=True, auc=0.9)
    a_version(node, tmp_path, "new", rows=4, auc=0.5)
    assert "never evaluated" in promoted(node, store="mes")[1]["why"]
    an_evaluation(node, "old", "may", 0.6)
    an_evaluation(node, "new", "april", 0.7)
    assert "different data" in promoted(node, store="mes")[1]["why"]
    an_evaluation(node, "new", "may", 0.7)
    outcome, output, now = promoted(node, store="mes")
    assert (outcome, now) == (Outcome.SUCCESS, "new")
    assert output["difference"] == pytest.approx(0.1)


def test_a_model_without_versions_fails_the_step(node):
    assert promoted(node)[0] is Outcome.FAILED


def test_an_unknown_score_is_refused_when_it_is_written():
    with pytest.raises(InvalidDefinition, match="Did you mean"):
        registry.parse("steps", {**PROMOTE, "metric": "ROC ACU"})


def test_people_promote_by_the_same_rule(node, tmp_path):
    a_version(node, tmp_path, "old", activate=True, auc=0.80)
    a_version(node, tmp_path, "new", auc=0.82)
    kept = training.promote(node, KEY, "authorized", "new", metric="auc", margin=0.05, by="ann")
    assert (kept.promoted, training.active(node, KEY, "authorized")) == (False, "old")
    done = training.promote(node, KEY, "authorized", metric="ROC AUC", margin=0.01, by="ann")
    assert (done.promoted, done.difference, training.active(node, KEY, "authorized")) == (
        True,
        pytest.approx(0.02),
        "new",
    )


def test_people_who_name_no_score_or_an_unknown_one(node, tmp_path):
    a_version(node, tmp_path, "only", auc=0.80)
    assert training.promote(node, KEY, "authorized", by="ann").promoted
    with pytest.raises(Invalid, match="beauty"):
        training.promote(node, KEY, "authorized", metric="beauty", by="ann")
