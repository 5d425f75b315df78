"""Versions of models: activation and what it changes, reports, what-if, and models made elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core import metric
from penstock.core.analysis import ImportSettings
from penstock.core.errors import Invalid, JobFailed, NoActiveVersion, NotFound, UntrustedModel
from penstock.core.node import Node
from penstock.runtime import jobs, training
from tests.kinds.recipes.fraud import add, evaluated, fill, recipe, run, table, trained, transactions

FIXTURES = Path(__file__).parent.parent / "fixtures/mlflow"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return trained(tmp_path)


def row_of(values: dict[str, object]) -> pa.Table:
    return pa.table({name: [value] for name, value in values.items()})


@pytest.mark.requirement("M91")
def test_activating_says_what_changes_downstream(node):
    first = training.active(node, "P", "authorized")
    project = node.projects.load("P")
    design = project.models["authorized"].design
    assert design is not None
    changed = project.models["authorized"].changed(design=design.changed(threshold=0.7))
    from .stage import change

    change(node, models={"authorized": changed})
    jobs.build(node, "P", ["authorized"])
    told = training.activate(node, "P", "authorized", first, by="ann")
    assert told.version.id == first
    assert told.before is not None
    assert any("threshold was 0.7; it is 0.4 now" in notice for notice in told.notices)
    assert any("test set" in notice for notice in told.notices)


def test_activating_the_active_version_changes_nothing(node):
    first = training.active(node, "P", "authorized")
    assert training.activate(node, "P", "authorized", first, by="ann").notices == ()


def test_unknown_versions_and_models_are_named(node):
    with pytest.raises(NotFound, match="Did you mean authorized"):
        training.versions(node, "P", "authorised")
    with pytest.raises(NotFound, match="version 'nope'"):
        training.activate(node, "P", "authorized", "nope", by="ann")


def test_a_model_never_trained_has_no_active_version(tmp_path):
    from tests.kinds.recipes.fraud import a_bank

    with pytest.raises(NoActiveVersion):
        training.what_if(a_bank(tmp_path), "P", "authorized")


@pytest.mark.requirement("M95")
def test_what_if_starts_from_the_typical_row_and_agrees_with_score(node):
    typical = training.what_if(node, "P", "authorized")
    fill(node, "new", row_of(typical["row"]))
    add(node, score_it=recipe("score", input="new", model="authorized", output="scored"))
    run(node, "score_it")
    assert table(node, "scored")["proba_1"][0].as_py() == pytest.approx(
        typical["probabilities"]["1"], abs=1e-9
    )
    ages = transactions(1500)["card_age"].to_numpy()
    assert typical["row"]["card_age"] == pytest.approx(float(sorted(ages)[750]), rel=0.1)


def test_what_if_follows_a_change(node):
    young, old = (training.what_if(node, "P", "authorized", {"card_age": age}) for age in (20.0, 120.0))
    assert young["probabilities"]["1"] < old["probabilities"]["1"]


@pytest.mark.requirement("M94")
def test_the_lowest_and_highest_predictions_are_explained(node):
    found = training.explanations(node, "P", "authorized", rows=2)
    lowest, highest = found["lowest"], found["highest"]
    assert len(lowest) == len(highest) == 2
    assert lowest[0]["value"] < highest[0]["value"]
    assert {feature for feature, _ in highest[0]["influences"]} <= {"amount", "card_age", "sector"}
    assert lowest[0]["cells"]["card_age"] < highest[0]["cells"]["card_age"]


@pytest.mark.requirement("M94")
def test_a_version_explains_itself_on_its_test_set(node):
    dependence = training.partial_dependence(node, "P", "authorized", "card_age")
    assert dependence["value"][0][0] < dependence["value"][-1][0]
    groups = training.subpopulations(node, "P", "authorized", "sector")
    assert {g["name"] for g in groups["groups"]} == {"food", "travel", "games"}
    fair = training.fairness(node, "P", "authorized", "sector", "food")
    assert fair["disparity"]["demographic_parity"] > 0
    with pytest.raises(NotFound, match="Did you mean card_age"):
        training.partial_dependence(node, "P", "authorized", "card_ages")


def test_the_last_report_of_an_imported_version_is_missing_by_name(node):
    imported(node)
    with pytest.raises(NotFound, match="imported without an evaluation"):
        training.report(node, "P", "authorized")


def imported(node: Node, **settings: object):
    given = {"target": "fate", **settings}
    return training.import_mlflow(
        node,
        "P",
        "authorized",
        FIXTURES / "skops",
        ImportSettings(**given),
        by="ann",  # type: ignore[arg-type]
    )


def fates(tmp_path: Path) -> Path:
    rows = pa.table(json.loads((FIXTURES / "expected.json").read_text())["rows"])
    path = tmp_path / "fates.parquet"
    pq.write_table(rows.append_column("fate", pa.array(["stays", "leaves"] * 3)), path)
    return path


@pytest.mark.requirement("M96")
def test_an_imported_classifier_is_a_version_that_scores_and_evaluates(node, tmp_path):
    rows = fates(tmp_path)
    version = imported(node, rows=rows)
    assert (version.origin, version.classes, version.threshold) == ("mlflow", ("leaves", "stays"), 0.5)
    assert training.active(node, "P", "authorized") == version.id
    assert not list((node.config.home / "work").glob("import-*"))
    fill(node, "may", pq.read_table(rows))
    add(node, score_it=recipe("score", input="may", model="authorized", output="scored"))
    run(node, "score_it")
    assert table(node, "scored").column_names[-3:] == ["proba_leaves", "proba_stays", "prediction"]
    found = evaluated(node, fails_on_warnings=False)
    assert found.metrics["performance:accuracy"] == version.metrics["accuracy"]
    assert metric.PREDICTION_PSI in found.metrics


@pytest.mark.requirement("M96")
def test_classes_that_are_not_the_models_are_refused_and_nothing_is_kept(node):
    with pytest.raises(Invalid, match="in another order"):
        imported(node, classes=("stays", "leaves"))
    assert len(training.versions(node, "P", "authorized")) == 1


def test_an_imported_version_without_rows_has_no_reference(node, tmp_path):
    imported(node)
    fill(node, "may", pq.read_table(fates(tmp_path)))
    found = evaluated(node)
    assert metric.DATA_DRIFT not in found.metrics
    assert "performance:accuracy" in found.metrics


def test_a_pickle_needs_a_grant(node):
    with pytest.raises(UntrustedModel, match="can run anything"):
        training.import_mlflow(node, "P", "authorized", FIXTURES / "pickled", ImportSettings(target="fate"))


@pytest.mark.parametrize(
    "file",
    ["test.parquet", "test_profile.parquet", "test_predictions.parquet", "report.json", "manifest.json"],
)
def test_everything_a_version_keeps_is_refused_when_it_was_changed(node, file):
    version = training.active(node, "P", "authorized")
    kept = node.models.files("P", "authorized", version) / file
    kept.chmod(0o644)
    kept.write_bytes(b"\xff" + kept.read_bytes()[1:])
    said = f"{file} of model authorized, version '{version}', is not the file that was saved"
    for look in (training.report, training.what_if):
        with pytest.raises(UntrustedModel, match=said):
            look(node, "P", "authorized")
    fill(node, "may", transactions(100))
    with pytest.raises(JobFailed, match=said):
        evaluated(node)


@pytest.mark.requirement("M95")
def test_what_if_refuses_what_it_cannot_answer_and_names_the_nearest_feature(node):
    with pytest.raises(NotFound, match=r"no feature 'card_aeg' in the model\. Did you mean card_age"):
        training.what_if(node, "P", "authorized", {"card_aeg": 3})
    for value in ("old", [1], {"a": 1}, b"x"):
        with pytest.raises(Invalid, match=r"'card_age' cannot be .*In the typical row it is"):
            training.what_if(node, "P", "authorized", {"card_age": value})
    assert training.what_if(node, "P", "authorized", {"card_age": None})["row"]["card_age"] is None
    assert training.what_if(node, "P", "authorized", {"card_age": "7"})["probabilities"]


def test_a_column_that_the_train_data_lacks_is_missing_in_the_dataset_of_that_name(node):
    project = node.projects.load("P")
    model = project.models["authorized"]
    from .stage import change

    change(node, models={"authorized": model.changed(design=model.design.changed(target="authorised"))})
    with pytest.raises(JobFailed, match=r"Dataset history has no column 'authorised'"):
        jobs.build(node, "P", ["authorized"])


def test_a_version_says_who_made_it(node):
    assert {v.created_by for v in training.versions(node, "P", "authorized")} == {"ann"}
