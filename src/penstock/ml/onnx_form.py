"""ONNX as the scoring form of a scikit-learn estimator, when it is shown to say the same.

Single precision can move a row across a split of a tree, so equality on everyday rows proves little: rows are also
placed exactly on the split thresholds and a last bit to either side.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from penstock.core.errors import UntrustedModel
from penstock.ml.predictor import Predictor
from penstock.ml.scorer import OnnxScorer, SklearnScorer
from penstock.ml.trusted import trees_of

TOLERANCE = 1e-6
"""Largest difference of a probability, or of a number relative to max(1, |number|)."""
FUZZED_SPLITS = 2_000
MOST_NODES = 500_000
"""Larger forests take longer to convert (some 50,000 nodes a second) than the faster form saves."""
SEED = 1337


EQUAL = "ONNX scores: it equals scikit-learn on the test set and around the splits."


def fastest(predictor: Predictor, matrix: np.ndarray) -> Predictor:
    """The same predictor on ONNX, when it agrees on the prepared test rows and around the split thresholds.

    Else the predictor as it was, with the sentence that says why scikit-learn scores.
    """
    scorer = predictor.scorer
    if not isinstance(scorer, SklearnScorer):
        return predictor
    nodes = sum(int(tree.node_count) for tree, _ in trees_of(scorer.estimator))
    if nodes > MOST_NODES:
        return replace(
            predictor, scoring=f"scikit-learn scores, not ONNX: {nodes:,} tree nodes are too many."
        )
    fuzz = around_splits(scorer.estimator, np.vstack([matrix[:200], predictor.background]))
    reason = "it could not be converted"
    for single in (
        (True,) if nodes else (False, True)
    ):  # scikit-learn's trees read single precision themselves
        onnx = _converted(scorer, matrix.shape[1], single)
        if onnx is None:
            continue
        found = _difference(predictor, onnx, matrix, fuzz)
        if found == "":
            return replace(predictor, scorer=onnx, scoring=EQUAL)
        reason = found
    return replace(predictor, scoring=f"scikit-learn scores, not ONNX: {reason}.")


def _converted(scorer: SklearnScorer, width: int, single: bool) -> OnnxScorer | None:
    graph = _graph(scorer, width, single)
    try:
        return (
            None if graph is None else replace(open_graph(graph, scorer.count, single=single), source=scorer)
        )
    except UntrustedModel:
        return None  # the converter made a graph that onnxruntime does not take


def open_graph(graph: bytes, count: int, *, single: bool) -> OnnxScorer:
    """A session over the graph, one thread per batch. Raises UntrustedModel for a graph that reaches outside."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as problems

    _check_graph(graph)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    refused = (
        problems.Fail, problems.InvalidArgument, problems.InvalidGraph, problems.InvalidProtobuf,
        problems.NotImplemented, problems.RuntimeException,
    )  # fmt: skip
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except refused as error:
        raise UntrustedModel(f"The ONNX graph cannot be opened: {error}") from error
    return OnnxScorer(session, count, single, graph)


def _check_graph(graph: bytes) -> None:
    """Only standard operators, and no tensor that lies in another file."""
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load_model_from_string(graph)
    except (DecodeError, ValueError) as error:
        raise UntrustedModel(f"The ONNX graph cannot be read: {error}") from error
    foreign = {o.domain for o in model.opset_import} - {"", "ai.onnx", "ai.onnx.ml"}
    outside = any(t.data_location == onnx.TensorProto.EXTERNAL for t in model.graph.initializer)
    if foreign or outside or len(model.functions):
        raise UntrustedModel("The ONNX graph uses operators or files outside the standard.")


def _graph(scorer: SklearnScorer, width: int, single: bool) -> bytes | None:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = FloatTensorType if single else DoubleTensorType
    options = {id(scorer.estimator): {"zipmap": False}} if scorer.count else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = convert_sklearn(
                scorer.estimator,
                name="penstock",
                initial_types=[("rows", kind([None, width]))],
                options=options,
            )
    except (
        RuntimeError,
        ValueError,
        TypeError,
        NotImplementedError,
        AttributeError,
        KeyError,
        IndexError,
        NameError,
    ):
        return None  # the converter knows no such estimator, in words that differ from version to version
    return bytes(model.SerializeToString())


def _difference(predictor: Predictor, onnx: OnnxScorer, matrix: np.ndarray, fuzz: np.ndarray) -> str:
    """Empty when equal, else what differs, for the middle of a sentence."""
    for rows, where in ((matrix, "on the test set"), (fuzz, "around the split thresholds")):
        if not len(rows):
            continue
        own, other = _answers(predictor.scorer, rows), _answers(onnx, rows)
        if other is None or own is None or own.shape != other.shape:
            return f"it gives no comparable answer {where}"
        worst = float(np.max(np.abs(own - other) / np.maximum(1.0, np.abs(own))))
        if not worst <= TOLERANCE:
            return f"it differs by up to {worst:.2g} {where}, more than {TOLERANCE:.0e}"
        if where == "on the test set" and predictor.classes and _moved(predictor, own, other):
            return "some test rows lie so near the threshold that their prediction would change"
    return ""


def _answers(scorer: Any, rows: np.ndarray) -> np.ndarray | None:
    from onnxruntime.capi import onnxruntime_pybind11_state as problems

    try:
        return np.asarray(scorer.raw(rows))
    except (
        problems.Fail,
        problems.InvalidArgument,
        problems.RuntimeException,
        problems.NotImplemented,
        ValueError,
    ):
        return None


def _moved(predictor: Predictor, own: np.ndarray, other: np.ndarray) -> bool:
    bend = predictor.calibrator.bend if predictor.calibrator else (lambda proba: proba)
    return bool((predictor.decide(bend(own)) != predictor.decide(bend(other))).any())


def around_splits(estimator: Any, rows: np.ndarray) -> np.ndarray:
    """(m, width) copies of rows with one feature on a split threshold, its nearest single, or a bit beside."""
    splits = sorted({split for tree, _ in trees_of(estimator) for split in _splits(tree)})
    random = np.random.default_rng(SEED)
    if len(splits) > FUZZED_SPLITS:
        splits = [splits[i] for i in np.sort(random.choice(len(splits), FUZZED_SPLITS, replace=False))]
    values = [(feature, value) for feature, threshold in splits for value in _beside(threshold)]
    if not values or not len(rows):
        return np.empty((0, rows.shape[1]))
    fuzz = rows[random.integers(len(rows), size=len(values))].astype(np.float64)
    places = np.array([feature for feature, _ in values])
    fuzz[np.arange(len(values)), places] = [value for _, value in values]
    return fuzz


def _splits(tree: Any) -> Iterator[tuple[int, float]]:
    inner = tree.children_left != -1
    yield from zip(tree.feature[inner].tolist(), tree.threshold[inner].tolist(), strict=True)


def _beside(threshold: float) -> list[float]:
    single = np.float32(threshold)
    near = [float(single), *(float(np.nextafter(single, np.float32(way))) for way in (-np.inf, np.inf))]
    return [threshold, float(np.nextafter(threshold, -np.inf)), float(np.nextafter(threshold, np.inf)), *near]
