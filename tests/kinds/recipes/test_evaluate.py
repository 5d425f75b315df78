"""Evaluate: what is measured, what is kept, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core import metric
from penstock.core.errors import InvalidDefinition, JobFailed
from penstock.core.metric import ObjectKey
from penstock.core.node import Node
from penstock.runtime import jobs, logs, training
from tests.kinds.recipes.fraud import (
    a_bank,
    add,
    detail,
    evaluated,
    fares,
    fill,
    recipe,
    retag,
    run,
    set_variables,
    table,
    trained,
    transactions,
)

AUC = "performance:auc"


def bank(tmp_path, rows: pa.Table | None = None, **settings: object) -> Node:
    node = trained(tmp_path, **settings)
    fill(node, "may", transactions(1200, seed=2) if rows is None else rows)
    return node


def without_truth(rows: pa.Table) -> pa.Table:
    return rows.drop_columns(["authorized_flag"])


def with_column(rows: pa.Table, name: str, values: object) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, pa.array(values))


def performance_of(metrics) -> dict[str, float]:
    return {k: v for k, v in metrics.items() if k.startswith("performance:")}


def drift_of(metrics) -> dict[str, float]:
    return {k: v for k, v in metrics.items() if not k.startswith("performance:")}


@pytest.mark.requirement("M11", "M34")
def test_a_store_alone_is_output_enough_and_the_row_says_what_was_measured(tmp_path):
    node = bank(tmp_path)
    found = evaluated(node)
    assert (found.dataset, found.model, found.rows) == ("may", "authorized", 1200)
    assert found.version == training.active(node, "P", "authorized")
    assert 0.5 < found.metrics[AUC] < 1
    assert 0.4 < found.metrics[metric.DATA_DRIFT] < 0.6
    assert detail(node, found)["performance"]["curves"]["confusion"]


@pytest.mark.requirement("M12")
@pytest.mark.parametrize(
    "outputs",
    ["store", "output", "metrics", "store output", "store metrics", "output metrics", "store output metrics"],
)
def test_every_combination_of_outputs_runs(tmp_path, outputs):
    node = bank(tmp_path, transactions(300, seed=2))
    names = {"store": "mes", "output": "rows_out", "metrics": "metrics_out"}
    chosen = {role: names[role] for role in outputs.split()}
    add(node, evaluate_it=recipe("evaluate", input="may", model="authorized", **chosen))
    run(node, "evaluate_it")
    assert node.evaluations.count("P", "mes") == ("store" in chosen)
    assert (node.data.snapshot("P", "rows_out") is not None) == ("output" in chosen)
    assert (node.data.snapshot("P", "metrics_out") is not None) == ("metrics" in chosen)


@pytest.mark.requirement("M12")
def test_no_output_at_all_is_refused():
    with pytest.raises(InvalidDefinition, match="needs an output"):
        recipe("evaluate", input="may", model="authorized")


@pytest.mark.requirement("M13")
def test_the_proposed_sampling_keeps_about_ten_thousand_rows_and_all_of_a_small_dataset(tmp_path):
    sampling = type(recipe("evaluate", input="a", model="m", store="s")).model_fields["sampling"]
    proposed = sampling.json_schema_extra["proposed"]  # type: ignore[index,call-overload]
    node = bank(tmp_path, transactions(50_000, seed=2))
    assert evaluated(node, sampling=proposed).rows == pytest.approx(10_000, rel=0.05)
    fill(node, "may", transactions(4000, seed=3))
    assert evaluated(node, sampling=proposed).rows == 4000


@pytest.mark.requirement("M14")
@pytest.mark.parametrize("truth", ["absent", "empty"])
def test_without_ground_truth_the_run_fails_and_names_the_option(tmp_path, truth):
    rows = without_truth(transactions(300, seed=2))
    if truth == "empty":
        rows = rows.append_column("authorized_flag", pa.nulls(300, pa.int64()))
    node = bank(tmp_path, rows)
    add(node, evaluate_it=recipe("evaluate", input="may", model="authorized", store="mes", output="out"))
    with pytest.raises(JobFailed, match="skip_performance"):
        run(node, "evaluate_it")
    assert node.evaluations.count("P", "mes") == 0
    assert node.data.snapshot("P", "out") is None


@pytest.mark.requirement("M15", "M35", "M82")
def test_skipping_performance_leaves_drift_and_says_why_there_is_no_more(tmp_path):
    node = bank(tmp_path, without_truth(transactions(1200, seed=2)))
    found = evaluated(node, skip_performance=True)
    assert performance_of(found.metrics) == {}
    assert metric.DATA_DRIFT in found.metrics
    assert metric.PREDICTION_PSI in found.metrics
    kept = detail(node, found)
    assert "skipped" in kept["performance"]["reason"]
    assert "skipped" in kept["drift"]["possible"]["performance"]


@pytest.mark.requirement("M16")
def test_with_performance_skipped_the_target_has_no_influence(tmp_path):
    rows = transactions(1200, seed=2)
    node = bank(tmp_path, rows)
    kept = evaluated(node, skip_performance=True).metrics
    shuffled = np.random.default_rng(0).permutation(rows["authorized_flag"])
    fill(node, "may", with_column(rows, "authorized_flag", shuffled))
    assert evaluated(node, skip_performance=True).metrics == kept


@pytest.mark.requirement("M17", "M62")
def test_old_predictions_target_and_rejected_columns_are_no_drift_features(tmp_path):
    rows = transactions(1200, seed=2)
    node = bank(tmp_path, rows)
    plain = evaluated(node)
    odd = rows.append_column("prediction", pa.array([7] * 1200)).append_column(
        "proba_1", pa.array([9.0] * 1200)
    )
    odd = with_column(odd, "transaction_id", ["another"] * 1200).append_column("spare", pa.array(range(1200)))
    fill(node, "may", odd)
    again = evaluated(node)
    assert again.metrics == plain.metrics
    columns = detail(node, again)["drift"]["report"]["score"]["columns"]
    assert sorted(columns) == ["amount", "card_age", "sector"]


@pytest.mark.requirement("M62")
def test_the_target_never_enters_the_drift_model(tmp_path):
    rows = transactions(1200, seed=2)
    node = bank(tmp_path, rows)
    usual = drift_of(evaluated(node).metrics)
    fill(node, "may", with_column(rows, "authorized_flag", [1] * 1199 + [0]))
    assert drift_of(evaluated(node).metrics) == usual


@pytest.mark.requirement("M18")
def test_skip_scoring_needs_a_prediction_and_measures_it(tmp_path):
    rows = transactions(400, seed=2)
    node = bank(tmp_path, rows)
    with pytest.raises(JobFailed, match="no column 'prediction'"):
        evaluated(node, skip_scoring=True)
    fill(node, "may", rows.append_column("prediction", rows["authorized_flag"]))
    found = evaluated(node, skip_scoring=True)
    assert found.metrics["performance:accuracy"] == 1.0
    assert AUC not in found.metrics


@pytest.mark.requirement("M19")
def test_an_empty_version_is_the_active_one_and_a_chosen_one_is_recorded(tmp_path):
    node = bank(tmp_path)
    first = training.active(node, "P", "authorized")
    jobs.build(node, "P", ["authorized"])
    assert evaluated(node).version == training.active(node, "P", "authorized") != first
    assert evaluated(node, version=first).version == first


@pytest.mark.requirement("M20")
def test_names_and_ids_are_made_up_and_a_known_id_is_replaced(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    made_up = evaluated(node)
    assert made_up.name == made_up.labels["evaluation:date"]
    assert len(made_up.id) == 12
    evaluated(node, evaluation_id="may_2026", evaluation_name="May")
    again = evaluated(node, evaluation_id="may_2026", evaluation_name="May again")
    assert node.evaluations.count("P", "mes") == 2
    assert node.evaluations.get("P", "mes", "may_2026").name == again.name == "May again"
    key = ObjectKey(project="P", type="evaluation_store", name="mes")
    assert len(node.metrics.history(key, AUC)) == 2


@pytest.mark.requirement("M21")
@pytest.mark.parametrize("id", ["May", "may-2026", "a b"])
def test_an_id_with_another_character_is_refused(id):
    with pytest.raises(InvalidDefinition, match="a-z, 0-9 and _"):
        recipe("evaluate", input="may", model="m", store="mes", evaluation_id=id)


@pytest.mark.requirement("M22")
def test_the_metrics_dataset_gains_a_row_a_run_with_the_ticked_metrics(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    for _ in range(2):
        found = evaluated(node, metrics="metrics_out", metrics_to_save=["auc", metric.DATA_DRIFT])
    rows = table(node, "metrics_out")
    assert rows.num_rows == 2
    assert rows.column_names[-2:] == ["auc", "data_drift"]
    assert rows["auc"][1].as_py() == found.metrics[AUC]
    assert "performance:logLoss" in found.metrics


@pytest.mark.requirement("M22")
def test_another_choice_of_metrics_keeps_the_rows_there_are(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    evaluated(node, metrics="metrics_out", metrics_to_save=["auc"])
    evaluated(node, metrics="metrics_out", metrics_to_save=["auc", "logLoss"])
    rows = table(node, "metrics_out")
    assert [value is None for value in rows["logLoss"].to_pylist()] == [True, False]
    assert rows["auc"].null_count == 0


@pytest.mark.requirement("M23")
def test_the_output_says_which_predictions_are_correct(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    evaluated(node, output="out")
    rows = table(node, "out")
    assert rows.column_names[-4:] == ["proba_0", "proba_1", "prediction", "prediction_correct"]
    expected = [
        p == t
        for p, t in zip(rows["prediction"].to_pylist(), rows["authorized_flag"].to_pylist(), strict=True)
    ]
    assert rows["prediction_correct"].to_pylist() == expected


def test_the_output_can_do_without_probabilities_and_correctness(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    evaluated(node, output="out", output_probabilities=False, output_correctness=False)
    assert table(node, "out").column_names[-2:] == ["authorized_flag", "prediction"]


@pytest.mark.requirement("M24")
def test_labels_hold_the_value_a_variable_has_at_run_time(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    set_variables(node, period="2026-05")
    assert evaluated(node, labels={"period": "${period}"}).labels["period"] == "2026-05"
    set_variables(node, period="2026-06")
    assert evaluated(node, labels={"period": "${period}", "empty": ""}).labels["period"] == "2026-06"


@pytest.mark.requirement("M38")
def test_the_eight_automatic_labels_and_tags_of_the_datasets_are_there(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    retag(node, "may", "region:EU", "fresh")
    labels = evaluated(node).labels
    version = training.versions(node, "P", "authorized")[0]
    assert labels["evaluation:model-name"] == "authorized"
    assert labels["evaluationDataset:dataset-name"] == "may"
    assert labels["model:name"] == version.name == "Logistic regression - v1"
    assert labels["model:algorithm"] == "Logistic regression"
    assert labels["model:date"] == version.created_at.strftime("%Y-%m-%d %H:%M:%S")
    assert labels["trainDataset:dataset-name"] == labels["testDataset:dataset-name"] == "history"
    assert labels["evaluationDataset:region"] == "EU"
    assert "evaluation:date" in labels


@pytest.mark.requirement("M25")
def test_partly_labelled_rows_are_judged_where_they_can_be_and_drift_looks_at_all(tmp_path):
    rows = transactions(1200, seed=2)
    node = bank(tmp_path, rows)
    whole = evaluated(node)
    hidden = np.random.default_rng(0).random(1200) < 0.3
    gaps = [None if h else int(v) for h, v in zip(hidden, rows["authorized_flag"].to_numpy(), strict=True)]
    fill(node, "may", with_column(rows, "authorized_flag", gaps))
    partly = evaluated(node)
    fill(node, "may", rows.filter(pa.array(~hidden)))
    labelled = evaluated(node)
    assert performance_of(partly.metrics) == performance_of(labelled.metrics)
    assert drift_of(partly.metrics) == drift_of(whole.metrics)


def test_target_values_that_are_no_class_are_warned_about_and_left_out(tmp_path):
    rows = transactions(300, seed=2)
    node = bank(tmp_path, with_column(rows, "authorized_flag", [7, *rows["authorized_flag"].to_pylist()[1:]]))
    found = evaluated(node)
    assert "'7'" in next(d["message"] for d in found.diagnostics if d["type"] == "unknown_target_values")
    assert detail(node, found)["dataset"]["judged"] == 299


@pytest.mark.requirement("M26")
def test_custom_metrics_become_metrics_and_a_raising_one_a_diagnostic(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    code = "def metric(truth, reference):\n    assert len(truth) == 300 and reference.num_rows > 100\n    return 0.42"
    broken = "def metric(truth):\n    raise RuntimeError('no revenue known')"
    found = evaluated(
        node, custom_metrics=[{"name": "revenue", "code": code}, {"name": "broken", "code": broken}]
    )
    assert found.metrics["custom:revenue"] == 0.42
    assert "custom:broken" not in found.metrics
    assert any(
        "broken failed" in d["message"] and "no revenue known" in d["message"] for d in found.diagnostics
    )


@pytest.mark.requirement("M27")
def test_drift_that_cannot_be_computed_fails_the_run_only_when_asked_to(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    nothing = {name: {"enabled": False} for name in ("amount", "card_age", "sector")}
    with pytest.raises(JobFailed, match="fails_on_warnings"):
        evaluated(node, feature_handling=nothing)
    assert node.evaluations.count("P", "mes") == 0
    found = evaluated(node, feature_handling=nothing, fails_on_warnings=False)
    assert metric.DATA_DRIFT not in found.metrics
    assert AUC in found.metrics


@pytest.mark.requirement("M28")
def test_the_same_seed_and_data_give_identical_metrics(tmp_path):
    node = bank(tmp_path)
    assert evaluated(node).metrics == evaluated(node).metrics


@pytest.mark.requirement("M41")
def test_evaluating_the_test_set_gives_the_metrics_of_the_version(tmp_path):
    node = bank(tmp_path)
    version = training.versions(node, "P", "authorized")[0]
    fill(node, "may", pq.read_table(node.models.files("P", "authorized", version.id) / "test.parquet"))
    found = evaluated(node)
    assert performance_of(found.metrics) == {metric.performance_id(c): v for c, v in version.metrics.items()}


@pytest.mark.requirement("M56")
def test_the_default_reference_is_the_test_set_and_the_panel_says_so(tmp_path):
    node = bank(tmp_path)
    reference = detail(node, evaluated(node))["drift"]["reference"]
    version = training.versions(node, "P", "authorized")[0]
    assert reference["id"] == version.full_id
    assert reference["rows"] == version.test_rows
    assert "the test set of authorized" in reference["description"]


@pytest.mark.requirement("M65")
def test_the_stored_data_drift_is_the_accuracy_of_the_panel(tmp_path):
    node = bank(tmp_path)
    found = evaluated(node)
    assert found.metrics[metric.DATA_DRIFT] == detail(node, found)["drift"]["report"]["score"]["score"]


@pytest.mark.requirement("M74")
def test_a_new_category_is_warned_about_by_name(tmp_path):
    rows = transactions(1200, seed=2)
    sectors = ["space"] * 50 + rows["sector"].to_pylist()[50:]
    node = bank(tmp_path, with_column(rows, "sector", sectors))
    assert any("space" in d["message"] for d in evaluated(node).diagnostics)


@pytest.mark.requirement("M77", "M78")
def test_fugacity_counts_the_predictions_at_the_versions_threshold(tmp_path):
    node = bank(tmp_path)
    found = evaluated(node, skip_performance=True, output="out")
    drift = detail(node, found)["drift"]["report"]["prediction"]
    predicted = table(node, "out")["prediction"].to_pylist()
    shares = {row["label"]: row["current"] for row in drift["fugacity"]}
    assert shares["1"] == pytest.approx(100 * predicted.count(1) / len(predicted))
    assert sum(shares.values()) == pytest.approx(100)
    assert sum(row["reference"] for row in drift["fugacity"]) == pytest.approx(100)
    assert len(drift["densities"]) == 2


@pytest.mark.requirement("M80")
def test_prediction_drift_is_stored_as_metrics(tmp_path):
    metrics = evaluated(bank(tmp_path)).metrics
    assert {metric.PREDICTION_PSI, metric.PREDICTION_CHI2_P_VALUE} <= set(metrics)


@pytest.mark.requirement("M87", "A37")
def test_the_dataset_sanity_diagnostic_is_in_the_log_and_in_the_evaluation_and_fails_nothing(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    add(node, evaluate_it=recipe("evaluate", input="may", model="authorized", store="mes"))
    job = run(node, "evaluate_it")
    found = node.evaluations.latest("P", "mes")
    assert found is not None
    assert any(d["group"] == "dataset_sanity" for d in found.diagnostics)
    [activity] = node.runs.activities(job.id)
    assert (job.state, activity.state) == ("DONE", "WARNING")
    assert "Only 300 rows were evaluated" in node.runs.log_path(job.id, "evaluate_it").read_text()
    assert any("Only 300 rows" in text for text in activity.warnings)


@pytest.mark.requirement("M89")
def test_logged_queries_are_evaluated_directly_and_their_answers_used(tmp_path):
    rows = transactions(400, seed=2)
    logs = pa.table(
        {
            "time": ["2026-05-01"] * 400,
            **{f"message.feature.{n}": rows[n] for n in ("amount", "card_age", "sector")},
            "message.result.prediction": rows["authorized_flag"].cast(pa.string()),
            "authorized_flag": rows["authorized_flag"],
        }
    )
    node = bank(tmp_path, logs)
    scored_anew = evaluated(node, api_node_logs=True)
    as_logged = evaluated(node, api_node_logs=True, skip_scoring=True)
    assert scored_anew.metrics["performance:accuracy"] < 1
    assert as_logged.metrics["performance:accuracy"] == 1
    assert as_logged.metrics[metric.DATA_DRIFT] == scored_anew.metrics[metric.DATA_DRIFT]


@pytest.mark.requirement("M42")
def test_the_stored_sample_is_cut_and_all_rows_are_looked_at_beside_it(tmp_path):
    node = bank(tmp_path)
    found = evaluated(node, drift_limit={"rows": 500})
    sample = node.evaluations.sample(found)
    assert sample is not None
    assert pq.read_table(sample).num_rows == 500
    drift = detail(node, found)["drift"]
    assert drift["report"]["univariate"]["columns"][0]["current_rows"] == 1200
    assert drift["sampled"]["univariate"]["columns"][0]["current_rows"] == 500


def test_a_shifted_column_is_found(tmp_path):
    node = bank(tmp_path, transactions(1200, seed=2, shift=1.0))
    found = evaluated(node)
    assert found.metrics[metric.DATA_DRIFT] > 0.62
    assert detail(node, found)["drift"]["report"]["score"]["verdict"] == "drift detected"
    assert found.metrics[metric.DRIFTED_COLUMNS] == 1


@pytest.mark.requirement("M63")
def test_excluding_the_shifted_column_brings_the_score_back(tmp_path):
    node = bank(tmp_path, transactions(2000, seed=2, shift=1.0))
    found = evaluated(node, feature_handling={"card_age": {"enabled": False}})
    assert 0.4 < found.metrics[metric.DATA_DRIFT] < 0.6


def test_an_empty_dataset_is_refused_by_name(tmp_path):
    node = bank(tmp_path, transactions(10).slice(0, 0))
    with pytest.raises(JobFailed, match="no row to evaluate in may"):
        evaluated(node)
    assert node.evaluations.count("P", "mes") == 0


def test_without_a_version_the_message_says_what_to_do(tmp_path):
    node = a_bank(tmp_path)
    fill(node, "may", transactions(50))
    with pytest.raises(JobFailed, match="no active version"):
        evaluated(node)


def test_the_detail_is_small_and_never_holds_nan(tmp_path):
    node = bank(tmp_path)
    text = json.dumps(detail(node, evaluated(node)), allow_nan=False)
    assert len(text) < 150_000


def test_the_evaluation_outlives_what_it_measured(tmp_path):
    node = bank(tmp_path)
    found = evaluated(node)
    assert replace(found, name="x").full_id == f"ME-P-mes-{found.id}"
    assert detail(node, found)["model"]["algorithm"] == "Logistic regression"


def a_meter(tmp_path, **settings: object) -> Node:
    """A trained regression and dataset `may`."""
    node = a_bank(
        tmp_path, design={"target": "fare", "algorithms": ["ridge"], "importance": "off", **settings}
    )
    fill(node, "history", fares(1200))
    jobs.build(node, "P", ["authorized"])
    fill(node, "may", fares(1100, seed=2))
    return node


@pytest.mark.requirement("M39", "M80")
def test_a_regression_has_its_own_scores_pictures_and_prediction_drift(tmp_path):
    node = a_meter(tmp_path)
    found = evaluated(node, output="out")
    assert found.metrics["performance:r2"] > 0.8
    assert metric.PREDICTION_KS_P_VALUE in found.metrics
    assert metric.PREDICTION_CHI2_P_VALUE not in found.metrics
    kept = detail(node, found)
    assert {"scatter", "errors"} <= set(kept["performance"]["curves"])
    assert len(kept["drift"]["report"]["prediction"]["fugacity"]) == 10
    rows = table(node, "out")
    assert rows.column_names[-4:] == ["error", "absolute_error", "relative_error", "error_decile"]
    error = rows["prediction"].to_numpy() - rows["fare"].to_numpy()
    assert rows["error"].to_numpy() == pytest.approx(error)
    assert found.metrics["performance:mae"] == pytest.approx(np.abs(error).mean())


def test_sample_weights_count_as_they_did_in_training(tmp_path):
    rows = fares(1200)
    heavy = rows.append_column("w", pa.array([1.0] * 1200))
    node = a_bank(
        tmp_path,
        design={
            "target": "fare",
            "algorithms": ["ridge"],
            "importance": "off",
            "features": {"w": {"role": "weight"}},
        },
    )
    fill(node, "history", heavy)
    jobs.build(node, "P", ["authorized"])
    fill(node, "may", rows.append_column("w", pa.array([1.0] * 600 + [0.0] * 600)))
    first_half = evaluated(node).metrics["performance:mae"]
    fill(node, "may", heavy.slice(0, 600))
    assert evaluated(node).metrics["performance:mae"] == pytest.approx(first_half)


@pytest.mark.requirement("M77")
def test_a_multiclass_model_is_measured_class_by_class(tmp_path):
    rows = transactions(1500).drop_columns(["authorized_flag"])
    node = a_bank(
        tmp_path, design={"target": "sector", "algorithms": ["decision_tree"], "importance": "off",
                          "features": {"transaction_id": "reject"}},
    )  # fmt: skip
    fill(node, "history", rows)
    jobs.build(node, "P", ["authorized"])
    fill(node, "may", transactions(1100, seed=2).drop_columns(["authorized_flag"]))
    found = evaluated(node, output="out")
    assert found.main_metric == "performance:mrocAUC"
    assert set(table(node, "out").column_names) >= {
        "proba_food",
        "proba_games",
        "proba_travel",
        "prediction_correct",
    }
    assert len(detail(node, found)["drift"]["report"]["prediction"]["fugacity"]) == 3


def test_metrics_and_columns_that_are_not_there_are_named(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    with pytest.raises(JobFailed, match=r"no metric 'acu'.*Did you mean auc"):
        evaluated(node, metrics="metrics_out", metrics_to_save=["acu"])
    with pytest.raises(JobFailed, match=r"no column 'card_ages'.*Did you mean card_age"):
        evaluated(node, feature_handling={"card_ages": {"enabled": False}})
    said = logs.read(node, node.runs.jobs("P")[0].id, "evaluate_it")
    assert "Dataset may has no column 'card_ages'" in said
    assert "scored" not in said  # found before the work


@pytest.mark.requirement("A36")
def test_an_aborted_evaluation_leaves_nothing(tmp_path):
    node = bank(tmp_path, transactions(60_000, seed=2))
    add(node, evaluate_it=recipe("evaluate", input="may", model="authorized", store="mes", output="out"))

    def stop(event):
        if "rows scored" in event.message:
            jobs.abort(node, event.job)

    job = jobs.build(node, "P", ["evaluate_it"], "NON_RECURSIVE_FORCED_BUILD", watch=stop, no_fail=True)
    assert job.state == "ABORTED"
    assert node.evaluations.count("P", "mes") == 0
    assert node.data.snapshot("P", "out") is None


@pytest.mark.requirement("M57")
def test_the_drift_model_draws_as_many_rows_from_both_sides_and_says_so(tmp_path):
    node = bank(tmp_path)
    found = evaluated(node)
    score = detail(node, found)["drift"]["report"]["score"]
    version = training.versions(node, "P", "authorized")[0]
    assert (score["reference_rows"], score["current_rows"]) == (version.test_rows, 1200)
    assert score["drawn_each"] == version.test_rows


@pytest.mark.requirement("M21")
def test_an_id_that_a_variable_spoils_is_refused_before_anything_is_computed(tmp_path):
    node = bank(tmp_path, transactions(300, seed=2))
    set_variables(node, period="May 2026")
    with pytest.raises(JobFailed, match="'May 2026' cannot be the id of an evaluation"):
        evaluated(node, evaluation_id="${period}")


def test_a_target_of_other_values_alone_is_refused(tmp_path):
    rows = transactions(300, seed=2)
    node = bank(tmp_path, with_column(rows, "authorized_flag", [7] * 300))
    with pytest.raises(JobFailed, match="No row of may has both a prediction and a known truth"):
        evaluated(node)


def test_the_detail_of_25_columns_stays_under_300_kilobytes(tmp_path):
    random = np.random.default_rng(0)
    wide = {f"x{i}": random.normal(size=1500) for i in range(20)}
    wide |= {f"c{i}": random.choice(list("abcdefghijklmnopqrstuvwxyz"), 1500) for i in range(5)}
    table_ = pa.table({**wide, "y": random.integers(0, 2, 1500)})
    node = a_bank(
        tmp_path, design={"target": "y", "algorithms": ["logistic_regression"], "importance": "off"}
    )
    fill(node, "history", table_)
    jobs.build(node, "P", ["authorized"])
    fill(node, "may", table_)
    kept = detail(node, evaluated(node, drift_limit={"rows": 1000}))
    assert len(json.dumps(kept)) < 300_000
