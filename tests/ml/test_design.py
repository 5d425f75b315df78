"""A few words of design are enough: the rest is decided by looking at the data, and written down."""

from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core import registry
from penstock.core.design import CategoryHandling, DatetimeHandling, Design, NumericHandling
from penstock.core.errors import ColumnMissing, Invalid, InvalidDefinition
from penstock.ml.design import complete

from .models import visits


def test_a_target_is_enough() -> None:
    done = complete(Design(target="late"), visits())
    assert done.prediction_type == "binary"
    assert isinstance(done.features["age"].handling, NumericHandling)
    assert isinstance(done.features["city"].handling, CategoryHandling)
    assert isinstance(done.features["member"].handling, CategoryHandling)
    assert isinstance(done.features["when"].handling, DatetimeHandling)
    assert done.features["id"].role == "reject"
    assert [a.kind_name() for a in done.algorithms] == ["logistic_regression", "lightgbm"]
    assert done.metric is not None
    assert done.metric.kind_name() == "auc"
    assert done.weighting == "class"


def test_completing_twice_changes_nothing() -> None:
    once = complete(Design(target="minutes"), visits())
    assert complete(once, visits()) == once
    assert registry.validate(Design, once.to_mapping()) == once


@pytest.mark.parametrize(
    ("cells", "is_id"),
    [
        (range(9_007_199_262_133_513_000, 9_007_199_262_133_513_600), True),
        ([2 * n for n in range(600)][::-1], True),
        ([n // 2 for n in range(600)], False),
        ([n * n for n in range(600)], False),
        ([float(n) for n in range(600)], False),
    ],
    ids=["numbers", "every second one", "twice each", "far apart", "no whole numbers"],
)
def test_whole_numbers_that_number_the_rows_are_left_out_unless_they_are_asked_for(
    cells: list[int], is_id: bool
) -> None:
    table = visits().append_column("number", pa.array(list(cells)))
    assert complete(Design(target="late"), table).features["number"].role == ("reject" if is_id else "input")
    asked = Design.model_validate({"target": "late", "features": {"number": {"role": "input"}}})
    assert complete(asked, table).features["number"].role == "input"


def test_constants_and_empty_columns_are_left_out() -> None:
    table = visits().append_column("one", pa.array([1] * 600)).append_column("none", pa.nulls(600))
    done = complete(Design(target="late"), table)
    assert done.features["one"].role == "reject"
    assert done.features["none"].role == "reject"


def test_a_word_is_short_for_a_role() -> None:
    done = registry.validate(Design, {"target": "late", "features": {"id": "reject", "count": "weight"}})
    assert done.weight_column == "count"
    assert complete(done, visits()).weighting == "class_and_sample"


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"features": {"age": "weight", "count": "weight"}}, "Only one column can be the weight"),
        ({"weighting": "sample"}, "role: weight"),
        ({"features": {"late": "input"}}, "cannot be a feature too"),
        ({"search": {"strategy": "random"}}, "iterations or minutes"),
        ({"features": {"age": {"handling": {"type": "numeric", "rescal": "none"}}}}, "Did you mean rescale"),
    ],
)
def test_contradictions_are_refused_when_the_design_is_saved(mapping: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidDefinition, match=words):
        registry.validate(Design, {"target": "late", **mapping})


def test_a_feature_that_is_not_there_is_named() -> None:
    with pytest.raises(ColumnMissing, match=r"'agee'.*Did you mean age"):
        complete(registry.validate(Design, {"target": "late", "features": {"agee": "input"}}), visits())


def test_a_rejected_feature_that_is_not_there_is_named_too() -> None:
    with pytest.raises(ColumnMissing, match=r"'agee'.*Did you mean age"):
        complete(registry.validate(Design, {"target": "late", "features": {"agee": "reject"}}), visits())


def test_an_algorithm_must_serve_the_target() -> None:
    design = registry.validate(Design, {"target": "minutes", "algorithms": ["logistic_regression"]})
    with pytest.raises(Invalid, match="does not serve regression"):
        complete(design, visits())


def test_the_column_that_orders_the_rows_is_no_feature() -> None:
    design = registry.validate(Design, {"target": "late", "split": {"type": "time", "column": "when"}})
    assert complete(design, visits()).features["when"].role == "reject"
