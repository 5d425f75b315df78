"""Train: a new version with everything that must stay with it."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from penstock.core.errors import ActiveVersion, JobFailed
from penstock.core.metric import ObjectKey
from penstock.core.model import ModelVersion, SavedModel
from penstock.core.node import Node
from penstock.runtime import jobs, training
from tests.kinds.recipes.fraud import (
    DESIGN,
    a_bank,
    add,
    change,
    fill,
    recipe,
    replace,
    run,
    set_variables,
    trained,
    transactions,
)

MODEL = ObjectKey(project="P", type="model", name="authorized")


def newest(node: Node) -> ModelVersion:
    return training.versions(node, "P", "authorized")[0]


def settle(node: Node, **fields: object) -> None:
    """Change the saved model's definition."""
    project = node.projects.load("P")
    change(node, models={"authorized": project.models["authorized"].changed(**fields)})


@pytest.mark.requirement("M91")
def test_a_retrain_adds_a_version_and_activates_it(tmp_path):
    node = trained(tmp_path)
    jobs.build(node, "P", ["authorized"])
    versions = training.versions(node, "P", "authorized")
    assert [v.name for v in versions] == ["Logistic regression - v2", "Logistic regression - v1"]
    assert training.active(node, "P", "authorized") == versions[0].id


@pytest.mark.requirement("M92")
def test_with_manual_activation_the_active_version_stays(tmp_path):
    node = trained(tmp_path)
    before = training.active(node, "P", "authorized")
    settle(node, activation="manual")
    jobs.build(node, "P", ["authorized"])
    assert len(training.versions(node, "P", "authorized")) == 2
    assert training.active(node, "P", "authorized") == before


@pytest.mark.requirement("M93")
def test_the_active_version_is_not_deleted_and_others_are(tmp_path):
    node = trained(tmp_path)
    first = training.active(node, "P", "authorized")
    jobs.build(node, "P", ["authorized"])
    second = training.active(node, "P", "authorized")
    with pytest.raises(ActiveVersion):
        training.delete(node, "P", "authorized", [first, second])
    assert len(training.versions(node, "P", "authorized")) == 2
    assert training.delete(node, "P", "authorized", [first]) == 1
    assert [v.id for v in training.versions(node, "P", "authorized")] == [second]


def test_a_version_says_where_it_comes_from(tmp_path):
    node = trained(tmp_path)
    version = newest(node)
    assert (version.train_dataset, version.target, version.classes) == (
        "history",
        "authorized_flag",
        ("0", "1"),
    )
    assert version.train_rows + version.test_rows == 1500
    assert version.threshold == 0.4
    assert version.features == 3
    assert version.main_metric == "auc"
    assert version.scoring
    assert len(version.fingerprint) == 64
    assert version.job


@pytest.mark.requirement("M97")
def test_the_same_data_and_design_give_the_same_metrics_again(tmp_path):
    node = trained(tmp_path)
    jobs.build(node, "P", ["authorized"])
    second, first = training.versions(node, "P", "authorized")
    assert second.metrics == first.metrics


def test_a_version_keeps_its_test_set_within_the_limit(tmp_path):
    node = trained(tmp_path)
    version = newest(node)
    test = pq.read_table(node.models.files("P", "authorized", version.id) / "test.parquet")
    assert test.num_rows == version.test_rows
    assert test.column_names == [*transactions(1).column_names, "proba_0", "proba_1", "prediction"]


@pytest.mark.requirement("M94")
def test_the_report_holds_design_scores_pictures_and_packages(tmp_path):
    report = training.report(trained(tmp_path), "P", "authorized")
    assert report["design"]["target"] == "authorized_flag"
    assert report["performance"]["auc"] > 0.5
    assert report["curves"]["confusion"]
    assert report["winner"]["type"] == "logistic_regression"
    assert "scikit-learn" in report["packages"]


@pytest.mark.requirement("M87")
def test_diagnostics_of_training_are_warnings_of_the_job_and_facts_of_the_version(tmp_path):
    node = a_bank(tmp_path)
    job = jobs.build(node, "P", ["authorized"])
    assert "test_set_too_small" in {d["type"] for d in newest(node).diagnostics}
    assert job.state == "DONE"
    assert job.warnings > 0
    assert "below 1,000" in node.runs.log_path(job.id, "train_authorized").read_text()


def test_the_metrics_of_the_model_are_its_active_versions(tmp_path):
    node = trained(tmp_path)
    first = newest(node)
    fill(node, "history", transactions(900, seed=3))
    jobs.build(node, "P", ["authorized"])
    second = newest(node)
    assert node.metrics.last(MODEL)["performance:auc"].number == second.metrics["auc"]
    training.activate(node, "P", "authorized", first.id, by="ann")
    assert node.metrics.last(MODEL)["performance:auc"].number == first.metrics["auc"]


def test_labels_come_from_tags_and_from_the_model(tmp_path):
    node = a_bank(tmp_path)
    project = node.projects.load("P")
    tagged = project.datasets["history"].changed(tags=("region:EU", "raw"))
    change(node, datasets={**project.datasets, "history": tagged})
    settle(node, version_labels={"team": "${team}"}, version_name="Fraud")
    set_variables(node, team="risk")
    jobs.build(node, "P", ["authorized"])
    version = newest(node)
    assert version.name == "Fraud - v1"
    assert version.labels["trainDataset:region"] == version.labels["testDataset:region"] == "EU"
    assert version.labels["model:team"] == "risk"


def test_a_retrain_may_keep_hyperparameters_and_threshold(tmp_path):
    node = trained(tmp_path)
    again = {**DESIGN, "threshold": 0.7, "algorithms": ["decision_tree"]}
    settle(node, design=again, search_again=False, threshold_again=False)
    jobs.build(node, "P", ["authorized"])
    assert newest(node).algorithm == "Logistic regression"
    assert newest(node).threshold == 0.4


def test_an_explicit_split_tests_on_the_second_dataset(tmp_path):
    node = a_bank(tmp_path, design={**DESIGN, "split": {"type": "explicit"}})
    with pytest.raises(JobFailed, match="names no test dataset"):
        jobs.build(node, "P", ["authorized"])
    fill(node, "later", transactions(400, seed=8))
    add(node, train_authorized=recipe("train", input="history", test="later", model="authorized"))
    run(node, "train_authorized")
    version = newest(node)
    assert (version.train_rows, version.test_rows) == (1500, 400)
    assert version.labels["testDataset:dataset-name"] == "later"


def test_a_model_without_a_design_is_refused(tmp_path):
    node = a_bank(tmp_path)
    change(node, models={"authorized": SavedModel()})
    with pytest.raises(JobFailed, match="has no design"):
        jobs.build(node, "P", ["authorized"])


def test_the_code_of_an_algorithm_may_lie_in_the_project_library(tmp_path):
    algorithm = {"type": "custom_python", "name": "Mine", "file": "bank/mine.py"}
    node = a_bank(tmp_path, design={**DESIGN, "algorithms": [algorithm]})
    library = tmp_path / "project" / "lib" / "bank"
    library.mkdir(parents=True)
    (library / "mine.py").write_text(
        "from sklearn.linear_model import LogisticRegression\n"
        "def estimator(prediction_type, seed):\n    return LogisticRegression()\n"
    )
    held = node.projects.held  # type: ignore[attr-defined]
    held["P"] = replace(held["P"], path=tmp_path / "project")
    jobs.build(node, "P", ["authorized"])
    assert newest(node).algorithm == "Mine"


@pytest.mark.requirement("A31")
def test_building_the_scored_rows_does_not_retrain_and_naming_the_model_does(tmp_path):
    node = trained(tmp_path)
    fill(node, "may", transactions(100, seed=2))
    fill(node, "history", transactions(1600))
    add(node, score_it=recipe("score", input="may", model="authorized", output="scored"))
    jobs.build(node, "P", ["scored"], "RECURSIVE_FORCED_BUILD")
    assert len(training.versions(node, "P", "authorized")) == 1
    jobs.build(node, "P", ["authorized"])
    assert len(training.versions(node, "P", "authorized")) == 2
