"""From a design and a table to a model with everything worth knowing about it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.core import registry
from penstock.core.design import Design
from penstock.core.errors import Invalid
from penstock.ml import performance
from penstock.ml.train import train

from .models import TARGETS, design, trained, visits


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("algorithm", ["lightgbm", "decision_tree"])
def test_each_prediction_type_is_learned_better_than_by_chance(target: str, algorithm: str) -> None:
    model = trained(target, algorithm=algorithm)
    code, least = {"late": ("auc", 0.65), "level": ("mrocAUC", 0.7), "minutes": ("r2", 0.4)}[target]
    value = model.performance[code]
    assert value is not None
    assert value > least
    assert model.test.num_rows == 120
    assert model.report.train_rows == 480


def test_five_lines_train() -> None:
    mapping = {
        "target": "late",
        "features": {"level": "reject", "minutes": "reject"},
        "search": {"validation": "hold_out"},
    }
    model = train(registry.validate(Design, mapping), visits())
    assert {t.algorithm for t in model.report.trials} == {"Logistic regression", "LightGBM"}
    assert model.predictor.algorithm in {"Logistic regression", "LightGBM"}


@pytest.mark.requirement("M97")
@pytest.mark.parametrize("algorithm", ["lightgbm", "random_forest", "logistic_regression", "mlp"])
def test_the_same_seed_gives_the_same_metrics_whatever_the_number_of_threads(algorithm: str) -> None:
    found = [train(design(algorithm=algorithm), visits(), threads=n) for n in (1, 1, 3)]
    assert found[0].performance == found[1].performance == found[2].performance
    assert found[0].predictor.threshold == found[2].predictor.threshold
    assert found[0].importances == found[1].importances


@pytest.mark.requirement("M97")
@pytest.mark.parametrize(
    "split", [{"type": "random", "stratified": False}, {"type": "time", "column": "when"}]
)
def test_the_test_set_never_enters_the_search(split: dict[str, object]) -> None:
    """Spoil the targets of the test rows: nothing that was chosen or learned changes, only the metrics do."""
    tree = {"type": "decision_tree", "max_depth": [1, 3, 9]}
    wanted = design(algorithm=tree, split=split, calibration={"method": "sigmoid"})
    first = train(wanted, visits())
    tested = set(first.test["id"].to_pylist())
    rows = zip(visits()["id"].to_pylist(), visits()["late"].to_pylist(), strict=True)
    spoilt = pa.array([1 - late if id in tested else late for id, late in rows])
    second = train(wanted, visits().set_column(visits().schema.get_field_index("late"), "late", spoilt))
    assert [(t.values, t.score) for t in first.report.trials] == [
        (t.values, t.score) for t in second.report.trials
    ]
    assert first.predictor.threshold == second.predictor.threshold
    assert first.test["proba_1"].to_pylist() == second.test["proba_1"].to_pylist()
    assert first.performance != second.performance


def test_the_threshold_is_found_on_rows_held_out_of_the_train_set() -> None:
    model = trained()
    assert model.predictor.threshold not in (None, 0.5)
    fixed = trained(threshold=0.37)
    assert fixed.predictor.threshold == 0.37
    np.testing.assert_array_equal(
        fixed.test["prediction"].to_numpy(), (fixed.test["proba_1"].to_numpy() >= 0.37).astype(int)
    )


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
@pytest.mark.parametrize("target", ["late", "level"])
def test_calibrated_probabilities_sum_to_one(method: str, target: str) -> None:
    model = trained(target, calibration={"method": method, "held_out": 0.3})
    assert model.predictor.calibrator is not None
    columns = [model.test[c].to_numpy() for c in model.predictor.proba_columns]
    np.testing.assert_allclose(np.sum(columns, axis=0), 1, atol=1e-9)


def test_a_time_split_trains_on_the_past() -> None:
    model = trained(split={"type": "time", "column": "when"})
    newest = visits()["when"].to_pylist()
    assert min(model.test["when"].to_pylist()) >= sorted(newest)[479]


def test_a_cross_test_judges_every_row_once_and_gives_a_spread() -> None:
    model = trained(split={"type": "cross_test", "folds": 3}, algorithm="decision_tree")
    assert model.test.num_rows == 600
    assert model.test["id"].to_pylist() == visits()["id"].to_pylist()
    assert model.report.spread["auc"] is not None
    assert model.report.spread["auc"] > 0
    assert model.report.train_rows == 600


def test_an_explicit_test_set_is_used_as_it_is() -> None:
    wanted = design(split={"type": "explicit"})
    model = train(wanted, visits(), test=visits(200, 9))
    assert model.test.num_rows == 200
    assert model.report.train_rows == 600
    with pytest.raises(Invalid, match="no test set was given"):
        train(wanted, visits())


def test_rows_without_a_target_are_left_out() -> None:
    table = visits()
    late = pa.array([None if i < 60 else v for i, v in enumerate(table["late"].to_pylist())])
    model = train(design(), table.set_column(table.schema.get_field_index("late"), "late", late))
    assert model.report.train_rows + model.test.num_rows == 540


def test_a_class_on_one_side_only_is_refused() -> None:
    table = visits().filter(pa.array([v != "high" for v in visits()["level"].to_pylist()]))
    with pytest.raises(Invalid, match="No test row has class high"):
        train(design("level", split={"type": "explicit"}), visits(), test=table)


def test_classes_weigh_alike_unless_told_otherwise() -> None:
    table = visits().filter(
        pa.array([v == 0 or i % 5 == 0 for i, v in enumerate(visits()["late"].to_pylist())])
    )
    mean = {}
    for weighting in ("class", "none"):
        model = train(design(algorithm="logistic_regression", weighting=weighting, importance="off"), table)
        mean[weighting] = float(np.mean(model.test["proba_1"].to_numpy()))
    assert mean["class"] > mean["none"] + 0.1


def test_sample_weights_change_the_metrics_and_class_weights_do_not() -> None:
    weighted = trained(features={"count": "weight"})
    assert weighted.judged is not None
    assert weighted.judged.guess.weights is not None
    assert "count" not in weighted.predictor.features
    assert trained().judged.guess.weights is None  # type: ignore[union-attr]


def test_dropped_rows_have_no_prediction_and_are_counted() -> None:
    model = trained(features={"age": {"handling": {"type": "numeric", "missing": "drop"}}})
    empty = [a is None for a in model.test["age"].to_pylist()]
    assert [p is None for p in model.test["prediction"].to_pylist()] == empty
    assert [p is None for p in model.test["proba_1"].to_pylist()] == empty
    assert model.judged is not None
    assert model.judged.unscored == sum(empty) > 0
    assert model.report.dropped_rows > 0


def test_progress_is_told_in_order() -> None:
    told: list[tuple[str, float | None]] = []
    train(
        design(algorithm={"type": "decision_tree", "max_depth": [2, 3]}, importance="off"),
        visits(),
        progress=lambda message, fraction: told.append((message, fraction)),
    )
    fractions = [f for _, f in told if f is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any(m.startswith("Search: Decision tree max_depth=2") for m, _ in told)


def test_stopping_trains_the_best_so_far() -> None:
    told: list[str] = []
    model = train(
        design(algorithm={"type": "decision_tree", "max_depth": [1, 2, 3, 4, 5, 6]}),
        visits(),
        progress=lambda message, fraction: told.append(message),
        should_stop=lambda: sum(m.startswith("Search: ") for m in told) >= 2,
    )
    assert len(model.report.trials) == 2
    assert model.report.search_stopped


@pytest.mark.requirement("M41")
@pytest.mark.parametrize("target", TARGETS)
def test_the_metrics_of_training_are_those_of_the_predictor_on_the_test_set(target: str) -> None:
    model = trained(target)
    judged = performance.judge(model.predictor, model.test, model.predictor.predict(model.test))
    again = performance.performance(judged.truth, judged.guess, model.predictor.prediction_type)
    assert again == dict(model.performance)


def test_the_winner_can_be_trained_again_without_a_search() -> None:
    model = trained(algorithm={"type": "decision_tree", "max_depth": [1, 3, 9]})
    again = train(
        model.design.changed(algorithms=(model.winner,), threshold=model.predictor.threshold), visits()
    )
    assert again.report.trials == ()
    assert again.performance == model.performance


def test_a_positive_class_is_chosen_by_name() -> None:
    table = visits().append_column(
        "fate", pa.array(["good" if v else "bad" for v in visits()["late"].to_pylist()])
    )
    model = train(design("fate", positive="bad", features={"late": "reject"}), table)
    assert model.predictor.class_names == ("good", "bad")
    assert model.test.column_names[-3:] == ["proba_good", "proba_bad", "prediction"]


@pytest.mark.parametrize("target", ["late", "minutes"])
def test_a_csv_whose_columns_are_all_text_trains_alike(target: str) -> None:
    """As files without schema inference come: the same features are found, with the same handling."""
    table = visits()
    rows = {
        n: pa.array([None if v is None else str(v) for v in table[n].to_pylist()]) for n in table.column_names
    }
    texts, typed = train(design(target), pa.table(rows)), trained(target)
    assert texts.predictor.features == typed.predictor.features
    assert texts.predictor.start["count"] == typed.predictor.start["count"]
    code = "auc" if target == "late" else "r2"
    assert texts.performance[code] == pytest.approx(typed.performance[code], abs=0.02)
