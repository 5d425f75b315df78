"""Classes in a fixed order, and labels that agree whatever they are spelled with."""

from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core.errors import Invalid
from penstock.ml import target


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([1, 0, None, 1], (0, 1)),
        ([1.0, 0.0, None], (0, 1)),
        (["yes", "no", ""], ("no", "yes")),
        ([True, False], (False, True)),
        ([10, 9, 2], (2, 9, 10)),
        ([0.5, 1.5], (0.5, 1.5)),
    ],
)
def test_classes_are_ordered_and_typed(values: list[object], classes: tuple[object, ...]) -> None:
    found = target.classes_of(pa.chunked_array([values]), name="y")
    assert found == classes
    assert [type(f) for f in found] == [type(c) for c in classes]


def test_the_positive_class_comes_last() -> None:
    column = pa.chunked_array([["bad", "good"]])
    assert target.classes_of(column, name="y", positive="bad") == ("good", "bad")
    with pytest.raises(Invalid, match=r"'ugly' is not a value of 'y': there are bad, good"):
        target.classes_of(column, name="y", positive="ugly")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 1, 1], "binary"),
        (["a", "b"], "binary"),
        (["a", "b", "c"], "multiclass"),
        ([1, 2, 3], "multiclass"),
        (list(range(30)), "regression"),
        ([0.1, 0.2, 0.3], "regression"),
    ],
)
def test_the_prediction_type_is_read_off_the_values(values: list[object], kind: str) -> None:
    assert target.prediction_type_of(pa.chunked_array([values]), name="y") == kind


@pytest.mark.parametrize(
    "column", [["1", "0", None, "2"], ["1.0", "0", "", "2"], [1.0, 0.0, None, 2.0], [1, 0, None, 2]]
)
def test_integer_labels_agree_in_every_spelling(column: list[object]) -> None:
    codes = target.codes(pa.array(column), (0, 1), name="y")
    assert codes.tolist() == [1, 0, target.UNLABELLED, target.UNKNOWN]


@pytest.mark.parametrize(
    "column", [[True, False, None], [1, 0, None], ["TRUE", "false", ""], [1.0, 0.0, None]]
)
def test_boolean_labels_agree_in_every_spelling(column: list[object]) -> None:
    assert target.codes(pa.array(column), (False, True), name="y").tolist() == [1, 0, target.UNLABELLED]


def test_booleans_are_zero_and_one_for_a_model_of_integers() -> None:
    assert target.codes(pa.array([True, False]), (0, 1), name="y").tolist() == [1, 0]


@pytest.mark.parametrize("values", [["a"], [None, None], []])
def test_fewer_than_two_classes_are_refused(values: list[object]) -> None:
    with pytest.raises(Invalid, match="at least two classes"):
        target.classes_of(pa.chunked_array([pa.array(values, pa.string())]), name="y")


def test_too_many_classes_are_refused() -> None:
    with pytest.raises(Invalid, match="51 classes, more than 50"):
        target.classes_of(pa.chunked_array([[f"c{i}" for i in range(51)]]), name="y")


def test_lists_cannot_be_predicted() -> None:
    with pytest.raises(Invalid, match="no model predicts"):
        target.target_type(pa.chunked_array([[[1], [2]]]), name="y")
