"""Formulas in the sessions that recipes really run in."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.config import Config
from penstock.core.grammar import parse
from penstock.engine.engines import LocalEngines


@pytest.mark.parametrize(
    ("formula", "answers"),
    [
        ("filter(split(t, ','), x, x > 'a')", [["b"], []]),
        ("forEach([1, n], x, x * 2)", [[2, 10], [2, 14]]),
        ("filter(parseJson(j), x, x.n > 1)[0].n * 1", [2.0, None]),
        ("asDate(d, 'dd/MM/yyyy') >= '2013-04-01'", [True, False]),
        ("at == '2013-01-01T10:00:00+02:00'", [True, False]),
    ],
)
def test_a_formula_over_a_table_of_the_engine(formula: str, answers: list[object], tmp_path: Path) -> None:
    engines = LocalEngines(Config(home=tmp_path, threads=1))
    with engines.session() as session:
        session.backend.raw_sql(
            "CREATE VIEW v AS FROM (VALUES "
            "('a,b', 5, '[{\"n\": 1}, {\"n\": 2}]', '01/04/2013', '2013-01-01 08:00:00+00'::TIMESTAMPTZ), "
            "('', 7, '[]', '31/03/2013', '2013-01-01 09:00:00+00'::TIMESTAMPTZ)) rows(t, n, j, d, \"at\")"
        )
        table = session.backend.table("v")
        assert session.arrow(table.select(x=parse(formula).compile(table)))["x"].to_pylist() == answers
    engines.close()
