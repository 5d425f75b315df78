"""The gaps that the reference tells of are there, on their engine and on no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from penstock.core import gap, registry
from penstock.core.grammar import parse
from penstock.core.prepare import PrepareContext
from tests.engines.conftest import Engine
from tests.engines.given import ROWS, compared

GAPS: Mapping[tuple[str, str], tuple[str, Any, str]] = {}
"""Family and kind → the engine, what is asked of it, and where the answer differs."""


def formula(name: str, case: str, table: Any) -> Any:
    return table.select("i", answer=parse(case).compile(table))


def step(name: str, case: Mapping[str, Any], table: Any) -> Any:
    made: Any = registry.parse("processors", {"type": name, **case})
    return made.apply(table, PrepareContext())


ASKED: Mapping[str, Callable[[str, Any, Any], Any]] = {"functions": formula, "processors": step}


def test_every_gap_of_the_reference_is_proved() -> None:
    assert {(f, k): e for f, k, e, _ in gap.gaps()} == {key: engine for key, (engine, _, _) in GAPS.items()}


@pytest.mark.parametrize(("family", "name"), GAPS)
def test_a_gap_is_on_its_engine_and_on_no_other(
    family: str, name: str, engine: Engine, duckdb: Engine
) -> None:
    where, case, said = GAPS[family, name]
    found, wanted = (e.arrow(ASKED[family](name, case, e.table(ROWS))) for e in (engine, duckdb))
    difference = compared(found, wanted)
    if engine.name != where:
        assert not difference, difference
    else:
        with pytest.raises(AssertionError, match=said):
            assert not difference, difference
