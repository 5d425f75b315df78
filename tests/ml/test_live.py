"""Single records get the numbers of the batch path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import Invalid
from penstock.ml import live, model_file
from penstock.ml.live import LivePredictor

from .models import TARGETS, trained, visits

EVERY_PART = ["year", "quarter", "month", "day", "weekday", "day_of_year", "hour", "minute", "epoch"]
CODED = {
    "city": {"handling": {"type": "category", "encode": "target"}},
    "count": {"handling": {"type": "category", "encode": "one_hot", "missing": "drop"}},
    "age": {"handling": {"type": "numeric", "form": "quantise"}},
    "member": {"handling": {"type": "category", "encode": "hashing"}},
}
CIRCLED = {
    "when": {"handling": {"type": "datetime", "cyclical": True, "parts": EVERY_PART}},
    "age": {"handling": {"type": "numeric", "form": "flag"}},
    "count": {"handling": {"type": "numeric", "form": "binarise"}},
    "member": {
        "handling": {"type": "category", "encode": "ordinal", "missing": "constant", "constant": "true"}
    },
}
FORMS = [
    ("late", "lightgbm", {}),
    ("level", "lightgbm", {}),
    ("minutes", "lightgbm", {}),
    ("late", "lightgbm", {"calibration": {"method": "sigmoid"}}),
    ("late", "logistic_regression", {}),
    ("level", "random_forest", {}),
    ("minutes", "ridge", {}),
    ("late", "lightgbm", {"features": CODED}),
    ("late", "lightgbm", {"features": CIRCLED}),
    ("late", "logistic_regression", {"features": CIRCLED}),
]


def opened(
    tmp_path: Path, target: str = "late", algorithm: str = "lightgbm", **settings: Any
) -> LivePredictor:
    model_file.save(trained(target, algorithm=algorithm, **settings), tmp_path / "model")
    return live.open(tmp_path / "model")


def odd_rows() -> pa.Table:
    """Everyday rows, some of their cells empty, some categories never seen."""
    table = visits(400, 9)
    random = np.random.default_rng(3)
    for name in ("age", "count", "city", "member", "when"):
        gone = pa.array(random.random(400) < 0.15)
        column = pa.compute.if_else(gone, pa.scalar(None, table[name].type), table[name])
        table = table.set_column(table.schema.get_field_index(name), name, column)
    strange = pa.compute.if_else(pa.array(random.random(400) < 0.1), pa.scalar("Ulm"), table["city"])
    return table.set_column(table.schema.get_field_index("city"), "city", strange)


def spoken(row: dict[str, Any]) -> dict[str, Any]:
    """The row as JSON brings it."""
    told = json.loads(json.dumps(row, default=str))
    assert isinstance(told, dict)
    return told


@pytest.mark.requirement("D42")
@pytest.mark.parametrize(("target", "algorithm", "settings"), FORMS)
def test_a_row_gets_the_same_numbers_live_as_in_a_batch(
    tmp_path: Path, target: str, algorithm: str, settings: dict[str, Any]
) -> None:
    model = opened(tmp_path, target, algorithm, **settings)
    rows = odd_rows()
    batch = trained(target, algorithm=algorithm, **settings).predictor.predict(rows)
    expected = batch.place[:, None] if batch.proba is None else batch.proba
    records = [spoken(row) for row in rows.to_pylist()]
    one_by_one = [model.values(record) for record in records]
    together = model.many(records)
    for place, (found, answer) in enumerate(zip(one_by_one, together, strict=True)):
        assert (found is not None) == batch.scored[place] == (not answer.ignored)
        if found is not None:
            np.testing.assert_allclose(found, expected[place], rtol=1e-6, atol=1e-6)
            said = [answer.prediction] if answer.probas is None else list(answer.probas.values())
            np.testing.assert_allclose(said, expected[place], rtol=1e-6, atol=1e-6)
            if answer.probas is not None:
                assert answer.prediction == str(batch.labels[place].as_py())


@pytest.mark.parametrize("target", TARGETS)
def test_texts_and_whole_numbers_count_as_the_typed_cells_do(tmp_path: Path, target: str) -> None:
    model = opened(tmp_path, target)
    for row in visits(40, 5).select(["age", "count", "city", "member", "when"]).to_pylist():
        texts = {k: "" if v is None and k == "age" else v if v is None else str(v) for k, v in row.items()}
        assert model.values(texts) == pytest.approx(model.values(spoken(row)), abs=1e-9)
        assert model.values({**spoken(row), "count": float(row["count"])}) == model.values(spoken(row))


@pytest.mark.requirement("D45")
@pytest.mark.parametrize("odd", ["many", [1], {"a": 1}, 10**400, "0x10"])
def test_a_cell_that_is_no_number_counts_as_empty_and_is_told(tmp_path: Path, odd: Any) -> None:
    model = opened(tmp_path)
    row = {"age": odd, "count": 2, "city": "Bonn", "member": True, "when": "2024-03-01"}
    answer = model.one(row)
    assert answer.probas == model.one({**row, "age": None}).probas
    assert any("'age'" in warning for warning in answer.warnings)


@pytest.mark.requirement("D45")
def test_unknown_features_are_told_and_missing_ones_are_empty(tmp_path: Path) -> None:
    model = opened(tmp_path)
    answer = model.one({"age": 0.5, "shoe size": 43})
    assert answer.warnings == ("Feature 'shoe size' is not used by the model.",)
    assert answer.as_result()["probas"] == model.one({"age": 0.5, "city": None, "count": None}).probas


def test_the_result_says_where_the_probability_stands_among_the_test_rows(tmp_path: Path) -> None:
    model = opened(tmp_path)
    found = [model.one({"age": age, "city": "Bonn"}).as_result() for age in (-3.0, 3.0)]
    assert found[0]["probaPercentile"] < found[1]["probaPercentile"]
    assert set(found[0]) == {"prediction", "probaPercentile", "probas", "ignored"}
    assert sum(found[0]["probas"].values()) == pytest.approx(1)


def test_contributions_are_those_of_the_python_package(tmp_path: Path) -> None:
    from penstock.ml import explain

    model = opened(tmp_path)
    known = trained().predictor
    matrix, _ = known.preparation.matrix(visits(20, 2))
    np.testing.assert_allclose(
        explain.shapley(model.predictor, matrix), explain.shapley(known, matrix), atol=1e-9
    )


@pytest.mark.parametrize(
    "moment",
    [
        "2024-03-01", "2024-03-01T10:11", "2024-03-01 10:11:12", "2024-12-31T23:59:59.5", "2024-03-01T10:11:12.1234567",
        "2024-03-01T23:30:00+02:00", "2024-03-01T23:30:00Z", " 2024-03-01 ", "1969-12-31T23:59:59.999999",
        "0001-01-01", "",
    ],
)  # fmt: skip
def test_instants_are_read_as_columns_are(tmp_path: Path, moment: str) -> None:
    settings = {"features": CIRCLED}
    model = opened(tmp_path, **settings)
    record = {"age": 0.3, "count": 1, "city": "Graz", "member": "No", "when": moment}
    row, ok = model.row(record)
    try:
        known, fine = trained(**settings).predictor.preparation.matrix(pa.Table.from_pylist([record]))
    except Invalid:
        assert any("'when'" in warning for warning in model.one(record).warnings)
        return
    np.testing.assert_allclose(row, known, rtol=1e-9, atol=1e-9)
    assert ok == fine[0]
