"""Every function of formulas gives the same answer on every engine: its examples, and over the columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import pyarrow as pa
import pytest
from ibis.common.exceptions import IbisError

from penstock.core import registry
from penstock.core.errors import PenstockError
from penstock.core.expression import function
from penstock.core.grammar import parse
from tests.engines.conftest import Engine
from tests.engines.formula_cases import CASES
from tests.engines.given import ROWS, different, same

NAMES = registry.names("functions")
ONE = pa.table({"unused": [1]})
EXAMPLES = {name: dict(function(name).EXAMPLES) for name in NAMES}
Row: TypeAlias = dict[str, Any]


def test_every_function_has_a_formula_over_columns() -> None:
    assert sorted(CASES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_gives_its_answer(name: str, engine: Engine) -> None:
    examples = EXAMPLES[name]
    [row] = answers(engine, ONE, EXAMPLES, name)
    wrong = [f"{f} is {row[f]!r} instead of {a!r}" for f, a in examples.items() if not same(row[f], a)]
    assert not wrong, "; ".join(wrong)


@pytest.mark.parametrize("name", NAMES)
def test_a_formula_over_columns_gives_the_same_rows(name: str, engine: Engine, duckdb: Engine) -> None:
    found, wanted = (answers(e, ROWS, CASES, name) for e in (engine, duckdb))
    said = different(found, wanted, ordered=False)
    assert not said, said


def answers(engine: Engine, data: pa.Table, cases: Mapping[str, Iterable[str]], name: str) -> list[Row]:
    """The answers to the formulas of one function, by row. Those of all functions are asked for at once, and kept;
    when that fails, of each alone, so that it is seen which one it was."""
    if id(cases) not in engine.known:
        every = dict.fromkeys(formula for formulas in cases.values() for formula in formulas)
        engine.known[id(cases)] = _asked_at_once(engine, data, list(every))
    rows = engine.known[id(cases)] or asked(engine, data, list(cases[name]))
    return [{word: row[word] for word in (data.column_names[0], *cases[name])} for row in rows]


def _asked_at_once(engine: Engine, data: pa.Table, formulas: list[str]) -> list[Row] | None:
    try:
        return asked(engine, data, formulas)
    except (PenstockError, IbisError):
        return None


def asked(engine: Engine, data: pa.Table, formulas: list[str]) -> list[Row]:
    """The answers to formulas over the rows of a table, in one query."""
    table = engine.table(data)
    columns = {f"v{n}": parse(formula).compile(table) for n, formula in enumerate(formulas)}
    found = engine.arrow(table.select(*table.columns[:1], **columns))
    rows: list[Row] = found.rename_columns([found.column_names[0], *formulas]).to_pylist()
    return rows
