"""Models that MLflow saved, read without MLflow. The fixtures were made by MLflow 3.17.2 with scikit-learn 1.9.1."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import ColumnMissing, Failed, Invalid, UntrustedModel
from penstock.ml import mlflow, model_file, performance
from penstock.ml.scoring import Explanations, ScoreOptions, score_table

FIXTURES = Path(__file__).parent.parent / "fixtures/mlflow"
EXPECTED = json.loads((FIXTURES / "expected.json").read_text())
ROWS = pa.table(EXPECTED["rows"])
FATES = ROWS.append_column("fate", pa.array(["stays", "leaves"] * 3))


def import_model(name: str = "skops", **settings: Any) -> Any:
    return mlflow.import_model(FIXTURES / name, target_column="fate", **settings)


@pytest.mark.requirement("M96")
@pytest.mark.parametrize("name", ["skops", "pickled"])
def test_an_imported_model_gives_mlflows_probabilities(name: str) -> None:
    found = import_model(name, trust_pickle=True)
    assert found.classes == tuple(EXPECTED["classes"])
    np.testing.assert_allclose(found.predict(ROWS).proba, EXPECTED["proba"], atol=1e-12)


@pytest.mark.requirement("M96")
def test_an_imported_model_is_kept_scored_and_evaluated(tmp_path: Path) -> None:
    mlflow.convert(FIXTURES / "pickled", tmp_path, target_column="fate", trust_pickle=True, rows=FATES)
    opened = model_file.load(tmp_path)
    scored = score_table(opened, FATES, ScoreOptions(explanations=Explanations(samples=25)))
    assert scored.column_names[-4:] == ["proba_leaves", "proba_stays", "prediction", "explanations"]
    np.testing.assert_allclose(
        scored["proba_stays"].to_numpy(), np.array(EXPECTED["proba"])[:, 1], atol=1e-12
    )
    judged = performance.judge(opened, FATES, opened.predict(FATES))
    assert performance.performance(judged.truth, judged.guess, "binary")["auc"] is not None


def test_a_pickle_is_not_loaded_without_a_grant() -> None:
    with pytest.raises(UntrustedModel, match="loading it can run anything"):
        import_model("pickled")


@pytest.mark.requirement("M96")
@pytest.mark.parametrize(
    ("classes", "why"),
    [(["stays", "leaves"], "in another order"), (["yes", "no"], "others"), (["leaves"], "others")],
)
def test_classes_that_differ_from_the_models_are_refused(classes: list[str], why: str) -> None:
    with pytest.raises(Invalid, match=f"classes are leaves, stays; you gave {why}"):
        import_model(classes=classes)
    assert import_model(classes=["leaves", "stays"]).class_names == ("leaves", "stays")


@pytest.mark.requirement("M96")
@pytest.mark.parametrize("labels", [["yes", "no"] * 3, ["stays", "moves"] * 3, ["stays"] * 6])
def test_labels_of_the_data_that_are_not_the_models_are_refused(labels: list[str]) -> None:
    with pytest.raises(Invalid, match="classes are not those of 'fate'"):
        import_model(rows=ROWS.append_column("fate", pa.array(labels)))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ColumnMissing, match="'city'"):
        import_model(rows=ROWS.drop_columns(["city"]))


class Spy:
    """Writes down what it can see when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        code = f"__import__('pathlib').Path({str(self.trace)!r}).write_text(repr(dict(__import__('os').environ)))"
        return eval, (code,)


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "pickled", tmp_path / "evil")
    (tmp_path / "evil/model.pkl").write_bytes(pickle.dumps(Spy(tmp_path / "seen")))
    return tmp_path / "evil"


def test_an_evil_pickle_does_not_run_without_a_grant(evil: Path) -> None:
    with pytest.raises(UntrustedModel):
        mlflow.import_model(evil, target_column="fate")
    assert not (evil.parent / "seen").exists()


def test_a_granted_pickle_runs_in_a_child_without_our_environment(
    evil: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_OURS", "xyzzy")
    with pytest.raises(Invalid, match="holds no model but a int"):
        mlflow.import_model(evil, target_column="fate", trust_pickle=True)
    assert "xyzzy" not in (evil.parent / "seen").read_text()
    assert os.environ["A_SECRET_OF_OURS"] == "xyzzy"


def test_a_pickle_that_cannot_be_loaded_says_why(evil: Path) -> None:
    (evil / "model.pkl").write_bytes(b"no pickle")
    with pytest.raises(Failed, match=r"model\.pkl could not be loaded: .*Error"):
        mlflow.import_model(evil, target_column="fate", trust_pickle=True)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    folder = tmp_path / "changed"
    shutil.copytree(FIXTURES / "skops", folder)
    text = (folder / "MLmodel").read_text()
    assert old in text
    (folder / "MLmodel").write_text(text.replace(old, new))
    return folder


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("  sklearn:", "  xgboost:", Invalid, "no scikit-learn model but python_function, xgboost"),
        ("pickled_model: model.skops", "pickled_model: ../model.skops", UntrustedModel, "outside itself"),
        ("serialization_format: skops", "serialization_format: dill", UntrustedModel, "dill"),
        ("flavors:", "flavors: [", Invalid, "no MLmodel file we can read"),
        ('"double"', '"binary"', Invalid, "Input age of the model is no plain column"),
    ],
)
def test_folders_we_do_not_understand_are_refused(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        mlflow.import_model(changed(tmp_path, old, new), target_column="fate")


def test_without_an_example_rows_are_asked_for(tmp_path: Path) -> None:
    folder = changed(tmp_path, "artifact_path: input_example.json", "artifact_path: gone.json")
    with pytest.raises(Invalid, match="no input example"):
        mlflow.import_model(folder, target_column="fate")
    assert mlflow.import_model(folder, target_column="fate", rows=ROWS).features == ("age", "visits", "city")


def test_no_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no MLmodel file"):
        mlflow.read(tmp_path)
