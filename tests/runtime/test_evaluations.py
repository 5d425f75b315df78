"""Evaluation stores: what is listed, renamed, labelled, deleted, pushed and compared."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from penstock.core import metric
from penstock.core.errors import Invalid, InvalidName, NotFound
from penstock.core.evaluation import EvaluationStore
from penstock.core.metric import DATA_DRIFT, ObjectKey
from penstock.core.node import Node
from penstock.runtime import evaluations, jobs, training
from tests.kinds.recipes.fraud import evaluated, fill, trained, transactions

from .stage import a_node, a_project, change

STORE = ObjectKey(project="P", type="evaluation_store", name="mes")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node with an empty store."""
    return a_node(
        tmp_path, a_project({}, evaluation_stores={"mes": EvaluationStore(), "other": EvaluationStore()})
    )


def push(node: Node, id: str, **metrics: float) -> None:
    evaluations.push(node, "P", "mes", metrics or {"revenue": 1.0}, id=id)


def last(node: Node, metric_id: str = "custom:revenue") -> float | None:
    found = node.metrics.last(STORE).get(metric_id)
    return found.number if found else None


@pytest.mark.requirement("M44")
def test_arbitrary_metrics_can_be_pushed_and_are_there_to_be_checked(node):
    kept = evaluations.push(
        node, "P", "mes", {"revenue": 12.5, DATA_DRIFT: 0.6}, name="From afar", labels_={"region": "EU"}
    )
    assert (kept.name, kept.labels["region"]) == ("From afar", "EU")
    assert evaluations.show(node, "P", "mes").evaluation == kept
    assert last(node) == 12.5
    assert last(node, DATA_DRIFT) == 0.6


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_refused_and_nothing_kept(node, value):
    with pytest.raises(Invalid, match="revenue"):
        push(node, "a", revenue=value)
    assert evaluations.page(node, "P", "mes").total == 0


@pytest.mark.requirement("M21")
def test_a_pushed_id_obeys_the_rule_too(node):
    with pytest.raises(InvalidName, match="a-z, 0-9 and _"):
        push(node, "May")


def test_a_store_that_does_not_exist_is_named_with_the_nearest(node):
    with pytest.raises(NotFound, match="Did you mean mes"):
        evaluations.page(node, "P", "mess")


@pytest.mark.requirement("M32")
def test_pages_are_newest_first_and_know_the_total(node):
    for number in range(5):
        push(node, f"e{number}")
    found = evaluations.page(node, "P", "mes", limit=2, offset=1)
    assert ([e.id for e in found.evaluations], found.total) == (["e3", "e2"], 5)
    oldest = evaluations.page(node, "P", "mes", newest_first=False)
    assert [e.id for e in oldest.evaluations] == ["e0", "e1", "e2", "e3", "e4"]


def test_an_empty_store_has_no_newest(node):
    with pytest.raises(NotFound, match="Build mes first"):
        evaluations.show(node, "P", "mes")


@pytest.mark.requirement("M37")
def test_deleting_the_newest_makes_the_last_value_that_of_the_one_before(node):
    push(node, "april", revenue=1.0)
    push(node, "may", revenue=2.0)
    assert last(node) == 2.0
    assert evaluations.delete(node, "P", "mes", ["may"]) == 1
    assert last(node) == 1.0


@pytest.mark.requirement("M37")
def test_a_store_can_be_emptied(node):
    push(node, "april")
    push(node, "may")
    assert evaluations.delete_all(node, "P", "mes") == 2
    assert evaluations.page(node, "P", "mes").total == 0
    assert last(node) is None


@pytest.mark.requirement("M20")
def test_pushing_a_known_id_replaces_the_evaluation_and_its_values(node):
    push(node, "april", revenue=1.0)
    push(node, "april", profit=3.0)
    assert evaluations.page(node, "P", "mes").total == 1
    assert set(node.metrics.last(STORE)) == {"custom:profit"}


def test_an_evaluation_is_renamed_but_never_to_nothing(node):
    push(node, "april")
    assert evaluations.rename(node, "P", "mes", "april", " April 2026 ").name == "April 2026"
    with pytest.raises(Invalid, match="needs a name"):
        evaluations.rename(node, "P", "mes", "april", "  ")


def test_labels_are_set_and_taken_off_the_automatic_ones_too(node):
    push(node, "april")
    assert evaluations.set_label(node, "P", "mes", "april", "period", "2026-04").labels["period"] == "2026-04"
    without = evaluations.remove_label(node, "P", "mes", "april", "evaluation:date")
    assert "evaluation:date" not in without.labels
    with pytest.raises(NotFound, match="Did you mean period"):
        evaluations.remove_label(node, "P", "mes", "april", "perio")


def test_a_pushed_evaluation_has_no_rows_to_export(node):
    push(node, "april")
    with pytest.raises(NotFound, match="pushed without rows"):
        evaluations.export_sample(node, "P", "mes", "april")


def test_deleting_elsewhere_leaves_this_store_alone(node):
    push(node, "april")
    evaluations.push(node, "P", "other", {"revenue": 9.0}, id="april")
    evaluations.delete(node, "P", "other", ["april"])
    assert last(node) == 1.0


@pytest.mark.requirement("M40")
def test_moving_the_threshold_changes_what_depends_on_labels_and_nothing_else(tmp_path):
    node = trained(tmp_path)
    fill(node, "may", transactions(600, seed=2))
    kept = evaluated(node)
    low, high = (evaluations.at_threshold(node, "P", "mes", kept.id, t) for t in (0.2, 0.8))
    for code in ("tp", "fp", "precision", "recall", "f1", "gain"):
        assert low[code] != high[code]
    own = evaluations.at_threshold(node, "P", "mes", kept.id, 0.4)
    assert own["f1"] == pytest.approx(kept.metrics["performance:f1"])
    assert own["gain"] == pytest.approx(kept.metrics["performance:costMatrixGain"])
    assert not {"auc", "logLoss"} & set(own)


@pytest.mark.requirement("M40")
def test_other_gains_are_worked_out_from_the_same_counts(tmp_path):
    from penstock.core.score import CostMatrix

    node = trained(tmp_path)
    fill(node, "may", transactions(600, seed=2))
    kept = evaluated(node)
    free = evaluations.at_threshold(node, "P", "mes", kept.id, 0.4, CostMatrix(tp=1, fp=0, tn=0, fn=0))
    assert free["gain"] == pytest.approx(free["tp"] / 600)
    assert free["total_gain"] == pytest.approx(free["tp"])


def test_without_probabilities_no_threshold_can_be_moved(node):
    push(node, "april")
    with pytest.raises(Invalid, match="no probabilities"):
        evaluations.at_threshold(node, "P", "mes", "april", 0.5)


@pytest.mark.requirement("M98")
def test_versions_and_evaluations_are_compared_side_by_side(tmp_path):
    node = trained(tmp_path)
    fill(node, "may", transactions(600, seed=2))
    kept, version = evaluated(node), training.versions(node, "P", "authorized")[0]
    found = evaluations.compare(
        node, "P", [f"authorized/{version.id}", kept.full_id], champion=version.full_id
    )
    rows = {row.key: row for row in found.rows}
    assert rows["performance:auc"].values == (version.metrics["auc"], kept.metrics["performance:auc"])
    assert rows["evaluation_dataset"].stands_out == (False, True)
    assert rows["algorithm"].stands_out == (False, False)


@pytest.mark.requirement("M98")
def test_a_comparison_refuses_another_prediction_type(node):
    evaluations.push(node, "P", "mes", {"a": 1.0}, id="one", prediction_type="binary")
    evaluations.push(node, "P", "mes", {"a": 1.0}, id="two", prediction_type="regression")
    with pytest.raises(Invalid, match="one prediction type"):
        evaluations.compare(node, "P", ["mes/one", "mes/two"])


@pytest.mark.requirement("M43")
def test_an_evaluation_stays_readable_when_its_version_is_gone(tmp_path):
    node = trained(tmp_path)
    fill(node, "may", transactions(600, seed=2))
    first = training.active(node, "P", "authorized")
    kept = evaluated(node)
    jobs.build(node, "P", ["authorized"])
    training.delete(node, "P", "authorized", [first])
    shown = evaluations.show(node, "P", "mes", kept.id)
    assert shown.detail["model"]["algorithm"] == "Logistic regression"
    assert shown.evaluation.metrics == kept.metrics
    assert evaluations.export_sample(node, "P", "mes", kept.id).is_file()
    change(node, models={})
    assert evaluations.show(node, "P", "mes", kept.id).detail["performance"]["curves"]


@pytest.mark.requirement("M45", "A40")
def test_every_metric_of_an_evaluation_has_a_name_and_a_history_without_a_probe(tmp_path):
    node = trained(tmp_path)
    fill(node, "may", transactions(600, seed=2))
    for _ in range(2):
        evaluated(node)
    stored = node.metrics.last(STORE)
    assert metric.label(DATA_DRIFT) == "Data Drift"
    assert {DATA_DRIFT, "performance:auc"} <= set(stored)
    assert len(node.metrics.history(STORE, DATA_DRIFT)) == 2


@pytest.mark.requirement("M39")
def test_the_detail_offers_every_picture_of_a_binary_evaluation(tmp_path):
    node = trained(tmp_path)
    fill(node, "may", transactions(600, seed=2))
    evaluated(node)
    curves = evaluations.show(node, "P", "mes").detail["performance"]["curves"]
    assert {"confusion", "decision", "lift", "by_class"} <= set(curves)
    assert {"roc", "precision_recall", "calibration", "density"} <= set(curves["by_class"]["1"])


def test_the_latest_evaluation_and_the_last_values_are_of_the_same_one(node):
    push(node, "january", revenue=1.0)
    push(node, "february", revenue=2.0)
    push(node, "january", revenue=3.0)
    latest = evaluations.newest(node, "P", "mes")
    assert (latest.id, last(node)) == ("january", 3.0)
    assert [e.id for e in evaluations.page(node, "P", "mes").evaluations] == ["february", "january"]
    evaluations.delete(node, "P", "mes", ["january"])
    assert (evaluations.newest(node, "P", "mes").id, last(node)) == ("february", 2.0)
