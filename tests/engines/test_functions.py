"""Every function of formulas gives the same answer on every engine: its examples, and over the columns of a table."""

from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core import registry
from penstock.core.expression import function, parse
from tests.engines.conftest import Engine
from tests.engines.formula_cases import CASES
from tests.engines.given import ROWS, different, same

NAMES = registry.names("functions")
ONE = pa.table({"unused": [1]})


def test_every_function_has_a_formula_over_columns() -> None:
    assert sorted(CASES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_gives_its_answer(name: str, engine: Engine) -> None:
    examples = dict(function(name).EXAMPLES)
    [row] = asked(engine, ONE, list(examples)).to_pylist()
    wrong = [f"{f} is {row[f]!r} instead of {a!r}" for f, a in examples.items() if not same(row[f], a)]
    assert not wrong, "; ".join(wrong)


@pytest.mark.parametrize("name", NAMES)
def test_a_formula_over_columns_gives_the_same_rows(name: str, engine: Engine, duckdb: Engine) -> None:
    found, wanted = (asked(e, ROWS, CASES[name]).to_pylist() for e in (engine, duckdb))
    said = different(found, wanted, ordered=False)
    assert not said, said


def asked(engine: Engine, data: pa.Table, formulas: list[str]) -> pa.Table:
    """The answers to formulas over the rows of a table, by row, in one query."""
    table = engine.table(data)
    answers = {f"v{n}": parse(formula).compile(table) for n, formula in enumerate(formulas)}
    found = engine.arrow(table.select(*table.columns[:1], **answers))
    return found.rename_columns([found.column_names[0], *formulas])
