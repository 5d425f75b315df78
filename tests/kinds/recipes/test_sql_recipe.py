"""SQL recipes: a SELECT over the inputs, with variables, and nothing beside."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.errors import Refused, UndefinedVariable
from penstock.core.placement import Place
from penstock.core.registry import parse
from penstock.core.schema import Column
from penstock.core.variables import expand_text


@pytest.fixture
def ctx(place: Any, tmp_path: Path) -> Any:
    pq.write_table(pa.table({"origin": ["JFK", "LGA", "JFK"], "delay": [1, None, 5]}), tmp_path / "0.parquet")
    written: dict[str, list[dict[str, Any]]] = {}
    return SimpleNamespace(
        written=written,
        place=Place("local"),
        expand=lambda text: expand_text(text, {"least": 2}),
        parquet=lambda name: [tmp_path / "0.parquet"],
        query=place.session.query,
        write=lambda name, rows: written.update({name: rows.read_all().to_pylist()}),
    )


def sql(body: str) -> Any:
    return parse("recipes", {"type": "sql", "inputs": ["flights"], "output": "out", "body": body})


def test_the_rows_of_the_last_select_are_written(ctx: Any) -> None:
    sql(
        "SELECT 1; SELECT origin, sum(delay) AS delay FROM flights WHERE delay >= ${least} GROUP BY 1 -- done"
    ).run(ctx)
    assert ctx.written == {"out": [{"origin": "JFK", "delay": 5}]}


def test_a_variable_without_a_value_is_named(ctx: Any) -> None:
    with pytest.raises(UndefinedVariable, match="most"):
        sql("SELECT ${most}").run(ctx)


def test_anything_else_is_refused_and_nothing_written(ctx: Any) -> None:
    with pytest.raises(Refused, match="COPY"):
        sql("COPY flights TO '/tmp/x.csv'").run(ctx)
    assert ctx.written == {}


def test_its_columns_are_known_without_running_it(place: Any) -> None:
    inputs = {"flights": (Column(name="origin"), Column(name="delay", type="int"))}
    found = sql(
        "SELECT origin, avg(delay) AS delay FROM flights WHERE delay > ${least} GROUP BY 1"
    ).validated(place.session, inputs, {"least": 2})
    assert [(c.name, c.type) for c in found] == [("origin", "string"), ("delay", "double")]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("COPY flights TO '/tmp/x.csv'", "COPY"),
        ("SELECT 1; -- and then\n drop table flights", "DROP"),
        ("/* first */ INSTALL httpfs; SELECT 1", "INSTALL"),
    ],
)
def test_a_forbidden_statement_is_found_without_running_it(body: str, word: str) -> None:
    assert sql(body).flaws() == [
        f"A SQL recipe may only SELECT; this is {word}. Its output is written by Penstock."
    ]


@pytest.mark.parametrize(
    "body", ["SELECT '; DROP x' AS a -- ; COPY", "WITH a AS (SELECT 1) FROM a", "${all}", "VALUES (1)", ""]
)
def test_a_select_has_no_flaws(body: str) -> None:
    assert sql(body).flaws() == []
