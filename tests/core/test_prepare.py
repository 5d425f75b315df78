"""The bases of Prepare: how functions are named, how columns are chosen."""

from __future__ import annotations

import ibis
import pytest

from penstock.core import registry
from penstock.core.errors import ColumnMissing, KindMissing
from penstock.core.expression import function, function_name
from penstock.core.kind import Definition
from penstock.core.prepare import Columns
from penstock.core.variables import expand


class Holder(Definition):
    columns: Columns


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("is_null", "is_null"), ("isNull", "is_null"), ("parseJson", "parse_json"), ("toNumber", "to_number"),
        ("asDate", "as_date"), ("toDate", "as_date"), ("if", "if_else"), ("toLowercase", "lower"), ("mod", "modulo"),
    ],
)  # fmt: skip
def test_a_function_is_found_by_its_name_in_camel_case_and_by_other_words(word: str, name: str) -> None:
    assert function_name(word) == name


def test_an_unknown_function_is_named_with_the_nearest() -> None:
    with pytest.raises(KindMissing, match="Did you mean substring"):
        function_name("substrin")


def test_no_word_leads_to_two_functions() -> None:
    words = [w for name in registry.names("functions") for w in (name, *function(name).ALIASES)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("name", "arity"), [("now", (0, 0)), ("if_else", (2, 3)), ("concat", (0, None)), ("lower", (1, 1))]
)
def test_a_function_says_how_many_values_it_takes(name: str, arity: tuple[int, int | None]) -> None:
    assert function(name).arity() == arity


@pytest.mark.parametrize(
    ("choice", "columns"),
    [
        ("b", ["b"]),
        (["c", "a"], ["c", "a"]),
        ({"pattern": "[ab]"}, ["a", "b"]),
        ({"types": ["bigint", "date"]}, ["a", "c"]),
        ({"pattern": "[ab]", "types": ["bigint"]}, ["a"]),
        ({}, ["a", "b", "c"]),
    ],
)
def test_columns_are_chosen_by_name_pattern_and_type(choice: object, columns: list[str]) -> None:
    holder = Holder.model_validate({"columns": choice})
    assert holder.columns.of(ibis.table({"a": "int64", "b": "string", "c": "date"}, name="t")) == columns
    assert Holder.model_validate(holder.to_mapping()) == holder


def test_a_chosen_column_that_is_missing_is_named_with_the_nearest() -> None:
    with pytest.raises(ColumnMissing, match="Did you mean carrier"):
        Columns("carier").of(ibis.table({"carrier": "string"}, name="t"))


def test_variables_may_name_columns() -> None:
    holder = Holder.model_validate({"columns": ["${x}", "b"]})
    assert expand(holder, {"x": "a"}).columns.root == ("a", "b")
    assert expand(Holder(columns=Columns("${x}")), {"x": "a"}).columns.root == "a"
