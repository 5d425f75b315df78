"""Penstock from a notebook: `penstock.open()` does what the command line does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import penstock
from penstock.app import Local, open_node
from penstock.core.errors import (
    Aborted,
    ColumnMissing,
    Conflict,
    ExternalData,
    Invalid,
    JobFailed,
    NotFound,
    NotReady,
)
from penstock.core.job import JobState

from ..cli.bank import Bank


def test_a_notebook_opens_a_home_and_finds_its_way(bank: Bank) -> None:
    home = penstock.open(bank.home)
    assert home.keys() == ["BANK"]
    project = home.project("BANK")
    assert repr(project.dataset("may")) == "Dataset(BANK.may)"
    assert type(project.item("mes")).__name__ == "EvaluationStore"
    with pytest.raises(NotFound, match="Did you mean BANK"):
        home.project("BNK")
    with pytest.raises(NotFound, match="Did you mean may"):
        project.dataset("mai")


@pytest.mark.requirement("A20")
def test_explore_shows_10000_rows_by_default_and_when_they_were_looked_at(own: Bank, tmp_path: Path) -> None:
    (tmp_path / "many.csv").write_text("n\n" + "1\n" * 10_001)
    many = own.project.create_dataset("many", [tmp_path / "many.csv"])
    found = many.head()
    assert len(found.rows) == 10_000
    assert found.computed_at.tzinfo is not None
    assert found.built_at is None
    assert many.count() == 10_001


@pytest.mark.requirement("A39")
def test_building_raises_when_the_job_fails_and_not_when_it_is_done(own: Bank) -> None:
    project = own.project
    assert project.build("large").state is JobState.DONE
    project.unset_variables(["least"])
    with pytest.raises(JobFailed, match="penstock job log"):
        project.build("large")
    assert project.build("large", no_fail=True).state is JobState.FAILED


@pytest.mark.requirement("A39")
def test_waiting_for_an_aborted_job_raises(own: Bank) -> None:
    path = own.project.definitions().path
    (path / "flow/datasets/slow.yaml").write_text("type: managed\n")
    (path / "flow/recipes/wait.yaml").write_text("type: python\noutputs: [slow]\n")
    (path / "flow/recipes/wait.py").write_text("import time\ntime.sleep(600)\n")
    project = own.project
    started = project.start("slow")
    assert project.abort(started.job.id) is True
    with pytest.raises(Aborted):
        started.wait()
    assert project.abort(started.job.id) is False


@pytest.mark.requirement("A39")
def test_an_unknown_build_mode_is_refused_at_submission(bank: Bank) -> None:
    before = len(bank.project.jobs())
    with pytest.raises(Invalid, match="There is no build mode"):
        bank.project.build("scored", mode="sideways")
    assert len(bank.project.jobs()) == before


@pytest.mark.requirement("A39")
def test_the_log_of_an_activity_is_only_its_own(bank: Bank) -> None:
    job = bank.project.jobs()[0]
    assert "score_it" in bank.project.log(job.id)
    assert "score_it" not in bank.project.log(job.id, "evaluate_it")
    assert "".join(bank.project.follow(job.id)) == bank.project.log(job.id)


def test_rows_come_as_arrow_and_as_a_data_frame(bank: Bank) -> None:
    scored = bank.project.dataset("scored")
    assert scored.arrow().column_names[-3:] == ["proba_0", "proba_1", "prediction"]
    assert len(scored.dataframe()) == scored.count() == 300
    assert scored.columns()[0].name == "id"
    assert scored.snapshots()[0].rows == 300


def test_columns_are_described_and_objects_defined_from_python(own: Bank) -> None:
    project = own.project
    project.define("dataset", "fees", {"type": "inline", "rows": [{"carrier": "UA"}]})
    fees = project.dataset("fees")
    fees.describe([c.changed(description="Two letters") for c in fees.columns()])
    assert fees.show().columns[0].description == "Two letters"
    project.rename("fees", "prices")
    project.remove("prices")
    with pytest.raises(NotFound):
        project.dataset("prices")
    with pytest.raises(ExternalData):
        project.dataset("history").clear()
    with pytest.raises(Conflict):
        project.create_dataset("history", [own.home / "projects" / own.node.keys()[0] / "project.yaml"])


def test_the_newest_evaluation_its_drift_and_its_checks(own: Bank) -> None:
    store = own.project.evaluation_store("mes")
    newest = store.latest()
    assert newest is not None
    assert store.drift().report.score.score == newest.metrics["drift:DATA_DRIFT"]
    assert [str(r.verdict) for r in store.run_checks()] == ["ERROR"]
    assert own.project.status()["models"].unhealthy[0].check_name == "Data Drift < 0.7"
    suggestion = {"type": "numeric_range", "name": "x", "metric": "Data Drift", "maximum": 1}
    assert str(store.test_check(suggestion).verdict) == "OK"
    assert store.metrics()["drift:DATA_DRIFT"].number == newest.metrics["drift:DATA_DRIFT"]


@pytest.mark.requirement("M42")
def test_the_sample_of_an_evaluation_is_read_as_rows(bank: Bank) -> None:
    import pyarrow.parquet as pq

    store = bank.project.evaluation_store("mes")
    sample = pq.read_table(store.sample(store.evaluations()[0].id))
    assert 0 < sample.num_rows <= 50_000
    assert "age" in sample.column_names


@pytest.mark.requirement("M44")
def test_metrics_from_elsewhere_are_pushed_and_checked(own: Bank) -> None:
    store = own.project.evaluation_store("mes")
    store.push({"drift:DATA_DRIFT": 0.65, "gain": 3.0}, name="From elsewhere")
    assert [str(r.verdict) for r in store.run_checks()] == ["WARNING"]
    assert store.evaluations()[0].metrics["custom:gain"] == 3.0
    with pytest.raises(NotFound):
        store.sample(store.evaluations()[0].id)


def test_a_model_is_looked_into(bank: Bank) -> None:
    model = bank.project.model("authorized")
    assert model.version().id == model.active()
    assert model.report()["importances"]["shapley"]["age"] > 0
    assert model.partial_dependence("age")["rows"] > 0
    assert set(model.what_if()["probabilities"]) == {"0", "1"}


def test_a_model_without_a_version_says_what_to_do(own: Bank) -> None:
    own.project.define("model", "other", {"design": {"target": "ok"}})
    with pytest.raises(NotReady):
        own.project.model("other").version()


def test_rows_are_appended_and_the_flow_is_followed_both_ways(own: Bank) -> None:
    project = own.project
    project.define("dataset", "notes", {"type": "managed"})
    project.dataset("notes").append([{"text": "a"}])
    assert project.dataset("notes").append([{"text": "b"}]).rows == 2
    assert project.upstream("mes") == ["authorized", "history", "may"]
    assert "scored" in project.downstream("may")


def test_extreme_predictions_are_explained(bank: Bank) -> None:
    assert bank.project.model("authorized").explanations(2)


def test_the_status_of_an_item_is_the_worst_of_its_checks(own: Bank) -> None:
    store = own.project.evaluation_store("mes")
    assert store.status().verdict is None
    store.run_checks()
    assert str(store.status().verdict) == "ERROR"


def test_zones_are_arranged(own: Bank) -> None:
    zones = own.project.zones
    zones.move(["score_it"], "scores", new=True)
    assert [z.name for z in zones.list()] == ["default", "watching", "scores"]
    zones.delete("scores")
    assert own.project.flow().zones == ("default", "watching")


def test_a_verb_there_is_not_and_a_private_one_are_refused(bank: Bank) -> None:
    transport = Local(open_node(bank.home))
    with pytest.raises(NotFound):
        transport.call("datasets.nothing")
    with pytest.raises(NotFound):
        transport.call("nothing.show")
    with pytest.raises(Invalid):
        transport.call("datasets._open")


def test_a_model_predicts_rows_wherever_they_come_from(bank: Bank) -> None:
    rows, model = bank.project.dataset("may").arrow(), bank.project.model("authorized")
    said = model.predict(rows)
    assert said.column_names == ["proba_0", "proba_1", "prediction"]
    assert said.equals(bank.project.dataset("scored").arrow().select(said.column_names))
    assert model.predict(rows.to_pandas(), version=model.active()).equals(said)
    assert model.predict(rows.to_batches()[0]).num_rows == rows.to_batches()[0].num_rows
    assert model.predict(rows.slice(0, 2).to_pylist()).equals(said.slice(0, 2))
    assert model.predict(rows.slice(0, 0)).num_rows == 0
    assert set(model.predict(rows, threshold=0.0)["prediction"].to_pylist()) == {1}
    with pytest.raises(ColumnMissing, match="age"):
        model.predict(rows.drop_columns(["age"]))


def test_facts_are_one_short_line_in_a_notebook(bank: Bank) -> None:
    project = bank.project
    evaluation = project.evaluation_store("mes").latest()
    assert re.fullmatch(r"Job\(BANK \S+: DONE, .+\)", repr(project.jobs()[0]))
    assert re.fullmatch(r"Evaluation\(BANK.mes \w+: .+, 300 rows, ROC AUC 0\.\d+\)", repr(evaluation))
    assert re.fullmatch(
        r"ModelVersion\(BANK.authorized .+, ROC AUC 0\.\d+\)", repr(project.model("authorized").version())
    )


def test_opening_what_is_no_home_is_refused_unless_it_is_to_be_made(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("Dear")
    for folder in (tmp_path / "letters", tmp_path / "nowhere" / "at_all"):
        with pytest.raises(NotFound, match="create=True"):
            penstock.open(folder)
    assert not (tmp_path / "nowhere").exists()
    assert penstock.open(tmp_path / "nowhere", create=True).keys() == []
    assert penstock.open(tmp_path / "nowhere").keys() == []
