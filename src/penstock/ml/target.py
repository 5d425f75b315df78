"""The target column: which classes it has, in which order, and rows as class codes or numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from penstock.core.errors import Invalid
from penstock.core.schema import column_type
from penstock.core.score import PredictionType
from penstock.ml import cells
from penstock.ml.cells import CellType

UNLABELLED, UNKNOWN = -1, -2
"""Codes of rows without a target, and of targets that are none of the model's classes."""

MOST_CLASSES = 50
"""More values than this are no classes: refused for classification."""

FEW_NUMBERS = 10
"""An integer target with at most this many values is read as classes."""

Label = str | int | float | bool


def prediction_type_of(column: pa.Array | pa.ChunkedArray, *, name: str) -> PredictionType:
    """Two values: binary; words, or up to ten whole numbers: multiclass; other numbers, as text too: regression."""
    trained = target_type(column, name=name)
    words = pc.unique(cells.flat(column).drop_null())
    distinct = len(words)
    if distinct == 2:
        return "binary"
    if trained == "text" and distinct > FEW_NUMBERS and cells.content_type(words) == "number":
        return "regression"
    if trained == "number" or (trained == "integer" and distinct > FEW_NUMBERS):
        return "regression"
    return "multiclass"


def target_type(column: pa.Array | pa.ChunkedArray, *, name: str) -> CellType:
    """How the target's cells are read; whole floats, as empty cells make of integers, are integers."""
    trained = cells.cell_type(column.type)
    if trained is None or trained == "instant":
        kind = column_type(str(column.type))
        raise Invalid(f"The target '{name}' is of type {kind}, which no model predicts.")
    if trained == "number":
        values = cells.numbers(column, name=name)
        values = values[~np.isnan(values)]
        if len(np.unique(values[:1000])) <= FEW_NUMBERS and np.all(np.floor(values) == values):
            return "integer" if len(np.unique(values)) <= FEW_NUMBERS else "number"
    return trained


def classes_of(column: pa.Array | pa.ChunkedArray, *, name: str, positive: str = "") -> tuple[Label, ...]:
    """The labels in order – numbers by size, texts by alphabet, false before true – the positive one last.

    Raises Invalid for fewer than two classes, more than 50, or a positive class that is not there.
    """
    trained = target_type(column, name=name)
    words = pc.unique(cells.texts(column, name=name, trained=trained).drop_null()).to_pylist()
    labels = sorted(label_of(w, trained) for w in words if w)
    if len(labels) < 2:
        only = f"only '{text_of(labels[0])}'" if labels else "no value at all"
        raise Invalid(f"The target '{name}' has {only}: a classifier needs at least two classes.")
    if len(labels) > MOST_CLASSES:
        raise Invalid(
            f"The target '{name}' has {len(labels)} classes, more than {MOST_CLASSES}.",
            hint="Set prediction_type: regression, or group the rare classes first.",
        )
    return _positive_last(labels, positive, name) if positive else tuple(labels)


def _positive_last(labels: list[Label], positive: str, name: str) -> tuple[Label, ...]:
    chosen = [label for label in labels if text_of(label) == positive]
    if not chosen:
        words = ", ".join(text_of(label) for label in labels)
        raise Invalid(f"The positive class '{positive}' is not a value of '{name}': there are {words}.")
    return (*(label for label in labels if label not in chosen), *chosen)


def label_of(word: str, trained: CellType) -> Label:
    if trained == "integer":
        return int(word)
    if trained == "number":
        return float(word)
    return word == "true" if trained == "boolean" else word


def text_of(label: Label) -> str:
    """A label as it stands behind `proba_`: 1, true, fraud."""
    if isinstance(label, bool):
        return "true" if label else "false"
    return repr(label).removesuffix(".0") if isinstance(label, float) else str(label)


def labels_type(classes: tuple[Label, ...]) -> pa.DataType:
    """The Arrow type of the prediction column: that of the target."""
    if all(isinstance(c, bool) for c in classes):
        return pa.bool_()
    if all(isinstance(c, int) for c in classes):
        return pa.int64()
    return pa.float64() if all(isinstance(c, float) for c in classes) else pa.string()


def codes(column: pa.Array | pa.ChunkedArray, classes: tuple[Label, ...], *, name: str) -> np.ndarray:
    """(n,) int: place of each row's label among the classes; -1 without a label, -2 for one we do not know.

    Labels are compared as texts in one spelling, so that 1, 1.0, '1' and true (for classes 0 and 1) agree.
    """
    words = _spelled(cells.flat(column), classes, name)
    known = pa.array([text_of(c) for c in classes], pa.string())
    place = pc.fill_null(pc.index_in(words, value_set=known), UNKNOWN).to_numpy(zero_copy_only=False)
    empty = pc.fill_null(pc.equal(words, ""), True).to_numpy(zero_copy_only=False)
    return np.where(empty, UNLABELLED, place).astype(np.int64)


def _spelled(column: pa.Array, classes: tuple[Label, ...], name: str) -> pa.Array:
    arrow = labels_type(classes)
    if pa.types.is_boolean(arrow):
        return _boolean_words(column, name)
    if cells.is_text(column.type) and not pa.types.is_string(arrow):
        return _number_words(column, name)
    if pa.types.is_boolean(column.type) and pa.types.is_integer(arrow):
        column = column.cast(pa.int64())
    return cells.texts(column, name=name, trained="text")


def _boolean_words(column: pa.Array, name: str) -> pa.Array:
    if cells.is_text(column.type):
        words = pc.utf8_lower(pc.utf8_trim_whitespace(column))
        words = pc.if_else(pc.is_in(words, pa.array(cells.TRUE_WORDS)), "true", words)
        return pc.if_else(pc.is_in(words, pa.array(cells.FALSE_WORDS)), "false", words)
    words = cells.texts(column, name=name, trained="text")
    return pc.if_else(pc.equal(words, "1"), "true", pc.if_else(pc.equal(words, "0"), "false", words))


def _number_words(column: pa.Array, name: str) -> pa.Array:
    return pc.replace_substring_regex(pc.utf8_trim_whitespace(column), r"\.0+$", "")


def numbers(column: pa.Array | pa.ChunkedArray, *, name: str) -> np.ndarray:
    """(n,) float64 targets of a regression, NaN where there is none."""
    return cells.numbers(column, name=name)


def columns_for_means(truth: np.ndarray, count: int) -> np.ndarray:
    """(n, m) what target encoding averages: the number itself, the positive class, or each class."""
    if count == 0:
        return truth[:, None].astype(np.float64)
    if count == 2:
        return (truth == 1).astype(np.float64)[:, None]
    return (truth[:, None] == np.arange(count)[None, :]).astype(np.float64)


def arrow_labels(place: np.ndarray, classes: tuple[Label, ...], scored: np.ndarray) -> pa.Array:
    """(n,) labels in the target's type; null where not scored."""
    dictionary = pa.array(list(classes), labels_type(classes))
    return dictionary.take(pa.array(place, mask=~scored))


def describe(classes: tuple[Any, ...]) -> str:
    return ", ".join(text_of(c) for c in classes)
