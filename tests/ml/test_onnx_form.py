"""ONNX scores only when it says the same as scikit-learn, on splits too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from sklearn.tree import DecisionTreeClassifier

from penstock.core.errors import UntrustedModel
from penstock.ml import onnx_form
from penstock.ml.predictor import Predictor
from penstock.ml.scorer import OnnxScorer, SklearnScorer

from .models import trained, visits


def sklearn_predictor(target: str, algorithm: str) -> tuple[Predictor, np.ndarray]:
    """A trained model before it was given its faster form, and prepared rows."""
    model = trained(target, algorithm=algorithm)
    scorer = SklearnScorer(model.estimator, len(model.predictor.classes))
    predictor = replace(model.predictor, scorer=scorer, scoring="")
    return predictor, predictor.preparation.matrix(visits(300, 2))[0]


@pytest.mark.parametrize(
    ("target", "algorithm"),
    [
        ("late", "random_forest"),
        ("level", "logistic_regression"),
        ("minutes", "extra_trees"),
        ("minutes", "ridge"),
    ],
)
def test_the_faster_form_says_the_same(target: str, algorithm: str) -> None:
    predictor, matrix = sklearn_predictor(target, algorithm)
    fast = onnx_form.fastest(predictor, matrix)
    assert fast.scoring.startswith(("ONNX scores", "scikit-learn scores, not ONNX"))
    np.testing.assert_allclose(fast.values(matrix), predictor.values(matrix), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(
        fast.predict_matrix(matrix).place if fast.classes else 0,
        predictor.predict_matrix(matrix).place if fast.classes else 0,
    )


def test_a_forest_is_scored_by_onnx() -> None:
    model = trained(algorithm="random_forest")
    assert isinstance(model.predictor.scorer, OnnxScorer)
    assert model.predictor.scoring == onnx_form.EQUAL


def test_what_has_no_converter_says_so() -> None:
    assert (
        trained(algorithm="dummy").predictor.scoring
        == "scikit-learn scores, not ONNX: it could not be converted."
    )


def test_a_forest_too_large_to_convert_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor, matrix = sklearn_predictor("late", "random_forest")  # before: what is trained here is kept
    monkeypatch.setattr(onnx_form, "MOST_NODES", 10)
    assert "tree nodes are too many" in onnx_form.fastest(predictor, matrix).scoring


def test_rows_stand_on_each_threshold_and_a_bit_beside() -> None:
    rows = np.array([[0.0], [1.0], [2.0], [3.0]])
    tree = DecisionTreeClassifier(max_depth=1).fit(rows, [0, 0, 1, 1])
    fuzz = onnx_form.around_splits(tree, rows)[:, 0]
    single = np.float32(1.5)
    assert set(fuzz) == {
        1.5, np.nextafter(1.5, 0), np.nextafter(1.5, 2),
        float(np.nextafter(single, np.float32(0))), float(np.nextafter(single, np.float32(2))),
    }  # fmt: skip


def test_a_graph_whose_split_moved_by_one_bit_is_refused() -> None:
    """On the test set the two agree; on the split itself they do not."""
    rows = np.array([[1.0], [2.0], [3.0], [4.0]])
    tree = DecisionTreeClassifier(max_depth=1).fit(rows, [0, 0, 1, 1])
    predictor = replace(trained().predictor, scorer=SklearnScorer(tree, 2), background=rows)
    honest = onnx_form._converted(SklearnScorer(tree, 2), 1, single=True)
    assert honest is not None
    graph = onnx.load_model_from_string(honest.graph)
    [values] = [a for n in graph.graph.node for a in n.attribute if a.name == "nodes_values"]
    values.floats[0] = np.nextafter(np.float32(2.5), np.float32(9))
    moved = onnx_form.open_graph(graph.SerializeToString(), 2, single=True)
    fuzz = onnx_form.around_splits(tree, rows)
    assert onnx_form._difference(predictor, honest, rows, fuzz) == ""
    assert onnx_form._difference(predictor, moved, rows, np.empty((0, 1))) == ""
    assert "around the split thresholds" in onnx_form._difference(predictor, moved, rows, fuzz)


def test_a_prediction_that_would_flip_at_the_threshold_is_refused() -> None:
    rows = np.array([[1.0], [2.0], [3.0], [4.0]])
    tree = DecisionTreeClassifier(max_depth=1).fit(rows, [0, 1, 1, 1])
    scorer = SklearnScorer(tree, 2)
    predictor = replace(trained().predictor, scorer=scorer, background=rows, threshold=1.0)

    class Nearly(OnnxScorer):
        def raw(self, matrix: np.ndarray) -> np.ndarray:
            return scorer.raw(matrix) - 1e-8

    nearly = Nearly(None, 2, True)
    assert "would change" in onnx_form._difference(predictor, nearly, rows, np.empty((0, 1)))


def test_a_graph_that_reaches_outside_is_refused() -> None:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])
    outside = onnx.TensorProto(
        name="w", data_type=TensorProto.FLOAT, dims=[1, 1], data_location=TensorProto.EXTERNAL
    )
    outside.external_data.add(key="location", value="../secret")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [x], [y], [outside])
    with pytest.raises(UntrustedModel, match="outside the standard"):
        onnx_form.open_graph(helper.make_model(graph).SerializeToString(), 0, single=True)
    node = helper.make_node("Evil", ["x"], ["y"], domain="com.evil")
    foreign = helper.make_model(
        helper.make_graph([node], "g", [x], [y]), opset_imports=[helper.make_opsetid("com.evil", 1)]
    )
    with pytest.raises(UntrustedModel, match="outside the standard"):
        onnx_form.open_graph(foreign.SerializeToString(), 0, single=True)


@pytest.mark.parametrize("graph", [b"", b"\xff\xff\xff", b"no graph at all"])
def test_what_is_no_graph_is_refused(graph: bytes) -> None:
    with pytest.raises(UntrustedModel):
        onnx_form.open_graph(graph, 2, single=True)
