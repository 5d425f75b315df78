"""Data that nobody prepared for us: well-known sets, typed and as a CSV whose columns are all text."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pytest
from sklearn import datasets

from penstock.core.design import Design
from penstock.ml import model_file
from penstock.ml.scoring import score_table
from penstock.ml.train import train


def typed(load: Any) -> pa.Table:
    return pa.Table.from_pandas(load(as_frame=True).frame, preserve_index=False)


def as_texts(table: pa.Table) -> pa.Table:
    file = io.BytesIO()
    csv.write_csv(table, file)
    file.seek(0)
    texts = dict.fromkeys(table.column_names, pa.string())
    return csv.read_csv(file, convert_options=csv.ConvertOptions(column_types=texts))


@pytest.mark.parametrize("form", [lambda t: t, as_texts], ids=["typed", "texts"])
@pytest.mark.parametrize(
    ("load", "kind", "code", "least"),
    [
        (datasets.load_breast_cancer, "binary", "auc", 0.97),
        (datasets.load_diabetes, "regression", "r2", 0.35),
        (datasets.load_wine, "multiclass", "mrocAUC", 0.97),
    ],
    ids=["breast cancer", "diabetes", "wine"],
)
def test_one_word_of_design_trains_keeps_and_scores(
    load: Any, form: Any, kind: str, code: str, least: float, tmp_path: Path
) -> None:
    table = form(typed(load))
    model = train(Design(target="target"), table)
    assert model.design.prediction_type == kind
    value = model.performance[code]
    assert value is not None
    assert value > least
    model_file.save(model, tmp_path)
    scored = score_table(model_file.load(tmp_path), table)
    assert scored["prediction"].null_count == 0
    assert scored.num_rows == table.num_rows
