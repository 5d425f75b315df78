"""A design with its gaps filled: what a person left out is decided by looking at the data, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from penstock.core import registry
from penstock.core.algorithm import Algorithm
from penstock.core.design import (
    CategoryHandling,
    DatetimeHandling,
    Design,
    Feature,
    Handling,
    NumericHandling,
)
from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.score import PredictionType
from penstock.ml import cells, target

DEFAULT_ALGORITHMS: dict[PredictionType, tuple[str, ...]] = {
    "binary": ("logistic_regression", "lightgbm"),
    "multiclass": ("logistic_regression", "lightgbm"),
    "regression": ("ridge", "lightgbm"),
}
DEFAULT_METRIC: dict[PredictionType, str] = {"binary": "auc", "multiclass": "mroc_auc", "regression": "r2"}

MANY_WORDS, MOSTLY_DIFFERENT = 100, 0.5
"""A text column with over 100 values, over half of them different, is an identifier or prose: left out."""


NUMBERED, DENSE = 50, 0.5
"""Over 50 whole numbers, all different, that fill half of their range number the rows: left out."""


def complete(design: Design, table: pa.Table, *, dataset: str = "the train data") -> Design:
    """The same design with prediction type, every feature, weighting, metric and algorithms spelled out.

    Raises ColumnMissing for a target or feature that is not there, Invalid when nothing is left to learn from.
    """
    require(design, table.column_names, dataset)
    kind = design.prediction_type or target.prediction_type_of(table[design.target], name=design.target)
    algorithms = design.algorithms or tuple(_algorithm(name) for name in DEFAULT_ALGORITHMS[kind])
    unfit = next((a for a in algorithms if kind not in a.SERVES), None)
    if unfit is not None:
        raise Invalid(f"{unfit.LABEL} does not serve {kind} targets.")
    return design.changed(
        prediction_type=kind,
        features=_features(design, table),
        other_columns="reject",
        weighting=_weighting(design, kind),
        metric=design.metric or registry.parse("scores", {"type": DEFAULT_METRIC[kind]}),
        algorithms=algorithms,
    )


def handlings(design: Design) -> dict[str, Handling]:
    """Input column → handling, of a complete design."""
    return {n: f.handling for n, f in design.features.items() if f.role == "input" and f.handling}


def default_handling(column: pa.ChunkedArray) -> Handling | None:
    """By the column's type, and for texts by what they read as; None when there is nothing to learn from it."""
    trained = cells.content_type(column)
    if trained is None or column.null_count == len(column):
        return None
    if trained in ("integer", "number"):
        return NumericHandling(type="numeric")
    return DatetimeHandling(type="datetime") if trained == "instant" else CategoryHandling(type="category")


def worth_learning(column: pa.ChunkedArray) -> bool:
    """False for one value in all rows, for texts that are nearly all different, and for what numbers the rows."""
    distinct = len(pc.unique(cells.flat(column).drop_null()))
    if distinct + (column.null_count > 0) < 2:
        return False
    is_text = cells.content_type(column) == "text"
    if numbers_rows(column):
        return False
    return not (is_text and distinct > MANY_WORDS and distinct > MOSTLY_DIFFERENT * len(column))


def numbers_rows(column: pa.ChunkedArray) -> bool:
    """Whether a column looks like an id: a model that learns it knows the rows it saw, and nothing of others."""
    if not pa.types.is_integer(column.type) or column.null_count or len(column) <= NUMBERED:
        return False
    ends = pc.min_max(column).as_py()
    dense = len(column) >= DENSE * (ends["max"] - ends["min"] + 1)
    return bool(dense and len(pc.unique(cells.flat(column))) == len(column))


def _algorithm(name: str) -> Algorithm:
    return cast("Algorithm", registry.parse("algorithms", {"type": name}))


def require(design: Design, names: Sequence[str], dataset: str) -> None:
    """Raise ColumnMissing for the first column that the design names and these rows do not have."""
    if design.target not in names:
        raise ColumnMissing(design.target, dataset=dataset, near=names, needed_by="The target of the design")
    for name in design.features:
        if name not in names:
            raise ColumnMissing(name, dataset=dataset, near=names, needed_by="A feature of the design")


def _features(design: Design, table: pa.Table) -> dict[str, Feature]:
    features: dict[str, Feature] = {}
    for name in table.column_names:
        if name != design.target:
            features[name] = _feature(design, name, table[name])
    if not any(f.role == "input" for f in features.values()):
        raise Invalid("No column is left to learn from.", hint="Give at least one feature the role input.")
    return features


def _feature(design: Design, name: str, column: pa.ChunkedArray) -> Feature:
    given = design.features.get(name)
    if given is not None and (given.role != "input" or given.handling is not None):
        return given
    handling = default_handling(column)
    if given is not None:
        if handling is None:
            raise Invalid(f"Column '{name}' of type {column.type} holds nothing a model can learn from.")
        return Feature(role="input", handling=handling)
    splits_by_it = getattr(design.split, "column", "") == name
    if design.other_columns == "reject" or splits_by_it or handling is None or not worth_learning(column):
        return Feature(role="reject")
    return Feature(role="input", handling=handling)


def _weighting(design: Design, kind: PredictionType) -> str:
    by_class = kind != "regression"
    if design.weighting == "auto":
        sample = design.weight_column is not None
        return {(0, 0): "none", (0, 1): "sample", (1, 0): "class", (1, 1): "class_and_sample"}[
            by_class, sample
        ]
    if not by_class and design.weighting.startswith("class"):
        raise Invalid("A regression has no classes to weigh.", hint="Use weighting: none or sample.")
    return design.weighting
