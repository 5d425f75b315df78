"""Drift as screens ask for it: as stored, or worked out again under other terms."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core import metric
from penstock.core.drift import DriftSettings
from penstock.core.errors import Invalid, NotFound
from penstock.core.node import Node
from penstock.runtime import drift, evaluations, jobs, training
from tests.kinds.recipes.fraud import evaluated, fill, table, trained, transactions


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """April is like the test set; in May the cards are older."""
    node = trained(tmp_path)
    fill(node, "april", transactions(600, seed=2))
    fill(node, "may", transactions(600, seed=3, shift=1.0))
    evaluated(node, "april", evaluation_id="april")
    evaluated(node, "may", evaluation_id="may")
    return node


@pytest.mark.requirement("M56", "M81")
def test_without_other_terms_what_was_stored_is_shown(node):
    shown = drift.show(node, "P", "mes", "may")
    version = training.versions(node, "P", "authorized")[0]
    assert shown.stored
    assert shown.report is not None
    assert shown.report.metrics()[metric.DATA_DRIFT] == shown.evaluation.metrics[metric.DATA_DRIFT]
    assert shown.reference_id == version.full_id
    table_ = {row.metric_id: row for row in shown.performance}
    assert {i: row.reference for i, row in table_.items()} == {
        metric.performance_id(c): v for c, v in version.metrics.items()
    }
    assert table_["performance:auc"].current == shown.evaluation.metrics["performance:auc"]


@pytest.mark.requirement("M56", "M83")
def test_another_evaluation_as_reference_changes_the_comparison_and_nothing_stored(node):
    before = dict(evaluations.show(node, "P", "mes", "may").evaluation.metrics)
    shown = drift.show(node, "P", "mes", "may", reference="mes/april")
    assert not shown.stored
    assert shown.reference_id == "ME-P-mes-april"
    assert "evaluation" in shown.reference
    assert shown.report is not None
    assert shown.report.score is not None
    assert shown.report.score.reference_rows == 600
    april = node.evaluations.get("P", "mes", "april")
    row = next(r for r in shown.performance if r.metric_id == "performance:auc")
    assert row.reference == april.metrics["performance:auc"]
    assert evaluations.show(node, "P", "mes", "may").evaluation.metrics == before


def test_an_evaluation_against_itself_does_not_drift(node):
    shown = drift.show(node, "P", "mes", "may", reference="mes/may")
    assert shown.report is not None
    assert shown.report.score is not None
    assert shown.report.score.score == pytest.approx(0.5, abs=0.05)
    assert {row.difference for row in shown.performance} == {0.0}


def test_the_same_terms_give_the_same_score_as_the_run(node):
    version = training.versions(node, "P", "authorized")[0]
    again = drift.show(node, "P", "mes", "may", reference=version.full_id)
    assert again.report is not None
    assert again.report.metrics() == drift.show(node, "P", "mes", "may").report.metrics()  # type: ignore[union-attr]


@pytest.mark.requirement("M61")
def test_another_confidence_level_widens_the_interval(node):
    usual = drift.show(node, "P", "mes", "may").report
    wide = drift.show(node, "P", "mes", "may", settings=DriftSettings(confidence_level=0.99)).report
    assert usual is not None
    assert wide is not None
    assert usual.score is not None
    assert wide.score is not None
    assert wide.score.score == usual.score.score
    assert wide.score.lower < usual.score.lower < usual.score.upper < wide.score.upper  # type: ignore[operator]


@pytest.mark.requirement("M71")
def test_a_column_can_be_treated_otherwise(node):
    settings = DriftSettings.model_validate({"columns": {"card_age": {"handling": "categorical"}}})
    report = drift.show(node, "P", "mes", "april", settings=settings).report
    assert report is not None
    assert report.univariate is not None
    column = report.univariate.column("card_age")
    assert column is not None
    assert (column.handling, column.default_handling) == ("categorical", "numerical")
    assert "chi_square" in column.distances


@pytest.mark.requirement("M82")
def test_without_performance_the_panel_says_why(node):
    evaluated(node, "may", evaluation_id="may", skip_performance=True)
    for shown in (
        drift.show(node, "P", "mes", "may"),
        drift.show(node, "P", "mes", "may", reference="mes/april"),
    ):
        assert shown.performance == ()
        assert "skipped" in shown.performance_reason


@pytest.mark.requirement("M43")
def test_with_the_version_gone_another_reference_still_serves(node):
    first = training.active(node, "P", "authorized")
    jobs.build(node, "P", ["authorized"])
    training.delete(node, "P", "authorized", [first])
    assert drift.show(node, "P", "mes", "may").report is not None
    assert drift.show(node, "P", "mes", "may", reference="mes/april").report is not None
    with pytest.raises(NotFound, match="version"):
        drift.show(node, "P", "mes", "may", settings=DriftSettings(bins=20))


def test_a_reference_of_another_prediction_type_is_refused(node):
    from tests.kinds.recipes.fraud import add, recipe, run

    fill(node, "rides", table(node, "may"))
    add(node, ride=recipe(
        "standalone_evaluate", input="rides", store="other", prediction_type="regression", target="amount",
        prediction="card_age", evaluation_id="rides",
    ))  # fmt: skip
    run(node, "ride")
    with pytest.raises(Invalid, match="binary evaluation cannot be compared"):
        drift.show(node, "P", "mes", "may", reference="other/rides")


def test_an_evaluation_without_a_reference_says_so(node):
    evaluations.push(node, "P", "mes", {"a": 1.0}, id="pushed")
    shown = drift.show(node, "P", "mes", "pushed")
    assert shown.report is None
    assert shown.reason
