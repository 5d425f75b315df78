"""Every function of formulas: its examples, over plain values and over a table, give the same answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa
import pytest

from penstock.core import registry
from penstock.core.expression import function
from penstock.core.formula import Formula
from penstock.core.grammar import parse

EXAMPLES = [
    (name, formula, answer)
    for name in registry.names("functions")
    for formula, answer in function(name).EXAMPLES
]


@pytest.fixture(scope="module")
def backend() -> Any:
    backend = ibis.duckdb.connect()
    backend.raw_sql("SET lambda_syntax = 'ENABLE_SINGLE_ARROW'")
    return backend


@pytest.mark.parametrize("name", registry.names("functions"))
def test_every_function_shows_an_example_of_itself(name: str) -> None:
    assert function(name).EXAMPLES
    used = {
        getattr(node, "function", None) for text, _ in function(name).EXAMPLES for node in parse(text).walk()
    }
    assert name in used or name == "constant"


@pytest.mark.parametrize(("name", "formula", "answer"), EXAMPLES)
def test_an_example_gives_its_answer_for_plain_values(name: str, formula: str, answer: Any) -> None:
    found = Formula(formula).evaluate({})
    assert found == answer
    assert type(found) is type(answer)


@pytest.mark.parametrize(("name", "formula", "answer"), EXAMPLES)
def test_an_example_gives_the_same_answer_over_a_table(
    name: str, formula: str, answer: Any, backend: Any
) -> None:
    table = ibis.memtable(pa.table({"unused": [1]}))
    value = parse(formula).compile(table)
    [row] = backend.to_pyarrow(table.select(answer=value)).to_pylist()
    assert row["answer"] == answer
    assert isinstance(row["answer"], bool) == isinstance(answer, bool)
    assert isinstance(row["answer"], datetime) == isinstance(answer, datetime)
