"""Every probe that computes with columns says the same on every engine, in one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from penstock.core import gap, registry
from penstock.core.metric import Probe, Unavailable
from tests.engines.conftest import Engine
from tests.engines.given import ROWS, same

CASES: Mapping[str, list[Mapping[str, Any]]] = {
    "records": [{}],
    "column_statistics": [
        {
            "aggregates": ["MIN", "MAX", "MEAN", "SUM", "MEDIAN", "COUNT", "COUNT_DISTINCT", "COUNT_EMPTY"],
            "columns": ["n", "x", "ok", "name", "kind", "day", "at", "moment"],
        },
        {"aggregates": ["STDDEV"], "columns": ["n", "i"]},
        {"aggregates": ["MIN", "MAX", "MEAN", "COUNT", "MEDIAN"], "columns": ["huge"]},
    ],
    "advanced_column_statistics": [{"columns": ["kind", "n", "ok", "name"], "top": 3}],
    "percentiles": [{"columns": ["n", "x"], "percentiles": [0, 5, 25, 50, 75, 95, 100]}],
}


def computed(engine: Engine, probe: Probe) -> dict[str, Any]:
    table = engine.table(ROWS)
    found = probe.expressions(table, None)  # type: ignore[arg-type]
    possible = {i: e for i, e in found.items() if not isinstance(e, Unavailable)}
    scalars: dict[str, Any] = engine.session.aggregate(table, possible)
    return {i: str(e) for i, e in found.items() if i not in possible} | scalars


def test_every_probe_has_a_case() -> None:
    assert sorted(CASES) == sorted(gap.tried("probes"))


@pytest.mark.parametrize(
    ("name", "case"), [pytest.param(n, c, id=f"{n}-{i}") for n, cs in CASES.items() for i, c in enumerate(cs)]
)
def test_a_probe_says_the_same(name: str, case: dict[str, Any], engine: Engine, duckdb: Engine) -> None:
    probe: Any = registry.parse("probes", {"type": name, **case})
    found, wanted = computed(engine, probe), computed(duckdb, probe)
    wrong = [
        f"{i}: {found[i]!r} instead of {wanted[i]!r}" for i in wanted if not same(found.get(i), wanted[i])
    ]
    assert not wrong, "; ".join(wrong)
    assert list(found) == list(wanted)
