"""Model files: what goes in comes out, and nothing in them ever runs."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from penstock.core import registry
from penstock.core.algorithm import Algorithm
from penstock.core.errors import GoldenBatchMismatch, UntrustedModel
from penstock.ml import model_file
from penstock.ml.scoring import Explanations, ScoreOptions, score_table
from penstock.ml.train import train

from .models import TARGETS, design, trained, visits

NEW = visits(80, 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model_file.save(trained(algorithm="logistic_regression"), tmp_path / "version")
    return tmp_path / "version"


def rewrite(folder: Path, **fields: Any) -> None:
    """Change the manifest as a forger would."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | fields))


def replace_file(folder: Path, name: str, content: bytes) -> None:
    """Put in another file, its checksum made right: a forger can do that too."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    rewrite(folder, checksums=manifest["checksums"] | {name: hashlib.sha256(content).hexdigest()})


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "algorithm", ["lightgbm", "random_forest", "extra_trees", "decision_tree", "mlp", "knn", "dummy"]
)
def test_an_opened_model_scores_as_the_trained_one(target: str, algorithm: str, tmp_path: Path) -> None:
    model = trained(target, algorithm=algorithm)
    model_file.save(model, tmp_path)
    opened = model_file.load(tmp_path)
    assert score_table(opened, NEW).equals(score_table(model.predictor, NEW))
    assert opened.start == model.predictor.start
    options = ScoreOptions(explanations=Explanations(samples=25))
    assert score_table(opened, NEW.slice(0, 3), options).equals(
        score_table(model.predictor, NEW.slice(0, 3), options)
    )


@pytest.mark.parametrize(
    ("target", "algorithm"), [("late", "logistic_regression"), ("minutes", "ridge"), ("minutes", "lasso")]
)
def test_linear_models_survive_too(target: str, algorithm: str, tmp_path: Path) -> None:
    model = trained(target, algorithm=algorithm)
    model_file.save(model, tmp_path)
    assert score_table(model_file.load(tmp_path), NEW).equals(score_table(model.predictor, NEW))


def test_a_folder_written_twice_holds_the_second_model_only(tmp_path: Path) -> None:
    model_file.save(trained(algorithm="random_forest"), tmp_path)
    model_file.save(trained(), tmp_path)
    assert not (tmp_path / "model.onnx").exists()
    assert model_file.load(tmp_path).scorer.form == "lightgbm"


def test_calibration_and_threshold_are_kept(tmp_path: Path) -> None:
    model = trained(calibration={"method": "isotonic"})
    model_file.save(model, tmp_path)
    opened = model_file.load(tmp_path)
    assert opened.calibrator == model.predictor.calibrator
    assert opened.threshold == model.predictor.threshold


def test_a_version_keeps_design_winner_lock_report_and_test_set(folder: Path) -> None:
    model = trained(algorithm="logistic_regression")
    manifest = model_file.read_manifest(folder)
    assert registry.validate(type(model.design), manifest.design or {}) == model.design
    winner = registry.parse("algorithms", manifest.winner or {})
    assert isinstance(winner, Algorithm)
    assert winner == model.winner
    assert manifest.packages["scikit-learn"]
    assert len(manifest.packages) > 20
    report = model_file.read_report(folder)
    assert report["performance"] == dict(model.performance)
    assert report["importances"]["shapley"]
    assert model_file.read_test(folder).to_pylist() == model.test.to_pylist()


def test_equal_models_have_equal_fingerprints(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        forest = design(algorithm="random_forest", seed=seed, importance="off")
        model_file.save(train(forest, visits()), tmp_path / name)
    a, b, c = (model_file.fingerprint(tmp_path / n) for n in "abc")
    assert a == b != c


def test_no_number_of_a_report_is_nan(folder: Path) -> None:
    assert "NaN" not in (folder / "report.json").read_text()
    assert "Infinity" not in (folder / "report.json").read_text()


class Bomb:
    """Runs when unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


def test_a_pickle_in_place_of_a_model_is_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "exploded"
    for algorithm, name in (
        ("lightgbm", "model.txt"),
        ("dummy", "model.skops"),
        ("logistic_regression", "model.onnx"),
    ):
        folder = tmp_path / algorithm
        model_file.save(trained(algorithm=algorithm), folder)
        for content in (pickle.dumps(Bomb(trace)), b"", b"\x00" * 100):
            replace_file(folder, name, content)
            with pytest.raises(UntrustedModel):
                model_file.load(folder)
    assert not trace.exists()
    pickle.loads(pickle.dumps(Bomb(trace)))
    assert trace.exists()  # the bomb would have worked


def test_a_changed_file_is_noticed(folder: Path) -> None:
    content = (folder / "model.skops").read_bytes()
    (folder / "model.skops").write_bytes(content[:-1] + b"x")
    with pytest.raises(UntrustedModel, match=r"model\.skops of version is not the file that was saved"):
        model_file.load(folder)


def test_a_missing_file_is_noticed(folder: Path) -> None:
    (folder / "golden.parquet").unlink()
    with pytest.raises(UntrustedModel, match=r"golden\.parquet"):
        model_file.load(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99}', '{"format": 1}', "[" * 100_000])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(UntrustedModel):
        model_file.load(folder)


def test_a_model_that_answers_otherwise_is_refused(folder: Path) -> None:
    golden = json.loads((folder / "manifest.json").read_text())["golden"]
    golden["values"][0] = [v + 1e-5 for v in golden["values"][0]]
    rewrite(folder, golden=golden)
    with pytest.raises(GoldenBatchMismatch, match="1 of 51 golden rows"):
        model_file.load(folder)


def test_an_older_library_is_named_when_answers_changed(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    golden = {"values": [None if v is None else [x + 0.1 for x in v] for v in manifest["golden"]["values"]]}
    rewrite(folder, golden=golden, packages=manifest["packages"] | {"scikit-learn": "1.0"})
    with pytest.raises(GoldenBatchMismatch, match=r"Changed since: scikit-learn 1\.0 → "):
        model_file.load(folder)


def test_a_changed_preparation_does_not_pass_the_golden_rows(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    number = next(f for f in manifest["preparation"]["features"] if f["type"] == "number")
    number["centre"] += 0.01
    rewrite(folder, preparation=manifest["preparation"])
    with pytest.raises(GoldenBatchMismatch):
        model_file.load(folder)


def test_a_lightgbm_text_of_another_width_is_refused(tmp_path: Path) -> None:
    model_file.save(trained(), tmp_path / "a")
    model_file.save(trained(features={"when": "reject"}), tmp_path / "b")
    replace_file(tmp_path / "a", "model.txt", (tmp_path / "b/model.txt").read_bytes())
    with pytest.raises(UntrustedModel, match="does not fit its manifest"):
        model_file.load(tmp_path / "a")


def test_the_golden_rows_hold_one_with_every_cell_empty(folder: Path) -> None:
    golden = pq.read_table(folder / "golden.parquet")
    assert golden.num_rows == 51
    assert all(v is None for v in golden.slice(50).to_pylist()[0].values())


def test_a_model_folder_can_be_moved(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder, tmp_path / "elsewhere")
    assert model_file.load(tmp_path / "elsewhere").target == "late"


def test_no_path_of_this_machine_is_in_the_files(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        assert str(tmp_path).encode() not in file.read_bytes()


CUSTOM = """
from sklearn.{module} import {name}
def estimator(prediction_type, seed):
    return {name}()
"""


def test_a_custom_estimator_is_kept_when_all_its_parts_are_on_the_list(tmp_path: Path) -> None:
    code = CUSTOM.format(module="naive_bayes", name="GaussianNB")
    model = trained(algorithm={"type": "custom_python", "code": code})
    model_file.save(model, tmp_path)
    assert score_table(model_file.load(tmp_path), NEW).equals(score_table(model.predictor, NEW))


def test_a_custom_class_of_the_project_is_refused_in_plain_words(tmp_path: Path) -> None:
    code = CUSTOM.format(module="linear_model", name="LogisticRegression").replace(
        "return L", "return Mine\n    return L"
    )
    code = code.replace("def est", "class Mine(LogisticRegression):\n    pass\n\ndef est").replace(
        "Mine\n    ", "Mine()\n    "
    )
    model = trained(algorithm={"type": "custom_python", "code": code})
    with pytest.raises(UntrustedModel, match="not on our allow-list"):
        model_file.save(model, tmp_path)


def test_probabilities_of_an_opened_model_are_those_of_the_report(folder: Path) -> None:
    test = model_file.read_test(folder)
    again = model_file.load(folder).predict(test).proba
    assert again is not None
    np.testing.assert_array_equal(again[:, 1], test["proba_1"].to_numpy())
