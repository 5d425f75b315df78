"""Rows become rows of a matrix as they did in training."""

from __future__ import annotations

import datetime as dt
import zlib

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import ColumnMissing
from penstock.ml.prepare import (
    FittedAsIs,
    FittedCategory,
    FittedInstant,
    FittedNumber,
    FittedPart,
    Preparation,
    part_values,
)


def matrix(feature: object, column: object) -> tuple[list[list[float]], list[bool]]:
    preparation = Preparation.model_validate({"features": [feature]})
    found, ok = preparation.matrix(pa.table({"x": column}))
    assert found.shape[1] == len(preparation.columns)
    return found.tolist(), ok.tolist()


def number(**settings: object) -> FittedNumber:
    return FittedNumber.model_validate(
        {"type": "number", "name": "x", "trained": "number", "fill": 0.0, **settings}
    )


def category(**settings: object) -> FittedCategory:
    base = {"type": "category", "name": "x", "trained": "text", "encode": "one_hot", "vocabulary": ("a", "b")}
    return FittedCategory.model_validate(base | settings)


def test_a_number_is_filled_and_rescaled() -> None:
    found, ok = matrix(number(fill=4.0, centre=2.0, scale=2.0), [4.0, None, 6.0])
    assert found == [[1.0], [1.0], [2.0]]
    assert ok == [True, True, True]


def test_an_empty_cell_with_a_drop_rule_has_no_prediction() -> None:
    assert matrix(number(fill=None), [1.0, None])[1] == [True, False]
    assert matrix(category(drop=True), ["a", None])[1] == [True, False]


def test_a_missing_flag_is_one_more_column() -> None:
    assert matrix(number(missing_flag=True), [5.0, None])[0] == [[5.0, 0.0], [0.0, 1.0]]


def test_numbers_can_be_binned_cut_and_flagged() -> None:
    assert matrix(number(form="quantise", cuts=(1.0, 2.0)), [0.0, 1.0, 9.0])[0] == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]
    assert matrix(number(form="binarise", cuts=(1.0,)), [1.0, 1.5])[0] == [[0], [1]]
    assert matrix(number(form="flag"), [1.0, None])[0] == [[1], [0]]


@pytest.mark.requirement("M09")
def test_an_unknown_category_counts_as_a_rare_one() -> None:
    assert matrix(category(), ["a", "b", "never seen", None])[0] == [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
    ]


def test_a_category_may_be_filled() -> None:
    assert matrix(category(fill="b", missing_is_value=False), [None, "a"])[0] == [[0, 1, 0], [1, 0, 0]]


def test_a_table_encodes_words_rare_and_empty() -> None:
    encoded = category(encode="target", table=((0.1,), (0.2,), (0.3,), (0.4,)))
    assert matrix(encoded, ["b", "?", None])[0] == [[0.2], [0.3], [0.4]]


def test_hashing_is_the_same_in_every_process() -> None:
    hashed = category(encode="hashing", vocabulary=(), buckets=4)
    found = matrix(hashed, ["Bonn", "Graz", None])[0]
    assert np.sum(found, axis=1).tolist() == [1, 1, 1]
    assert [row.index(1.0) for row in found[:2]] == [zlib.crc32(b"Bonn") % 4, zlib.crc32(b"Graz") % 4]
    assert matrix(hashed, ["Bonn"])[0] == matrix(hashed, pa.array(["Bonn"]).dictionary_encode())[0]


def test_parts_of_an_instant_and_their_circle() -> None:
    instants = pa.array([dt.datetime(2024, 12, 31, 18, 30), None], pa.timestamp("us"))
    assert part_values(instants, "month")[0] == 12
    assert part_values(instants, "weekday")[0] == 1  # Tuesday, Monday is 0
    assert part_values(instants, "hour", "sine")[0] == pytest.approx(-1)
    assert part_values(instants, "epoch")[0] == dt.datetime(2024, 12, 31, 18, 30, tzinfo=dt.UTC).timestamp()
    assert np.isnan(part_values(instants, "day")[1])


def test_an_instant_fills_its_parts() -> None:
    fitted = FittedInstant(
        type="instant",
        name="x",
        trained="instant",
        parts=(FittedPart(part="year", fill=2020, centre=2000, scale=10),),
    )
    assert matrix(fitted, pa.array([dt.date(2030, 1, 1), None]))[0] == [[3.0], [2.0]]


def test_an_imported_model_gets_its_columns_as_they_are() -> None:
    preparation = Preparation(features=(FittedAsIs(type="as_is", name="x", trained="text"),))
    found, _ = preparation.matrix(pa.table({"x": ["a", None]}))
    assert found.dtype == object
    assert found.tolist() == [["a"], [None]]


def test_a_missing_column_is_named_with_its_neighbour() -> None:
    preparation = Preparation(features=(number(),))
    with pytest.raises(ColumnMissing, match=r"no column 'x'.*Did you mean X"):
        preparation.matrix(pa.table({"X": [1.0]}))


def test_a_preparation_survives_the_way_to_json() -> None:
    preparation = Preparation(features=(number(fill=0.1 + 0.2), category()))
    assert Preparation.model_validate_json(preparation.model_dump_json()) == preparation
