"""Every processor of Prepare gives the same rows on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import registry
from penstock.core.prepare import PrepareContext
from tests.engines.conftest import Engine
from tests.engines.given import ROWS, compared
from tests.engines.processor_cases import CASES


def test_every_processor_has_a_case() -> None:
    assert sorted(CASES) == sorted(registry.names("processors"))


@pytest.mark.parametrize(
    ("name", "case"), [pytest.param(n, c, id=f"{n}-{i}") for n, cs in CASES.items() for i, c in enumerate(cs)]
)
def test_a_step_gives_the_same_rows(name: str, case: dict[str, Any], engine: Engine, duckdb: Engine) -> None:
    step: Any = registry.parse("processors", {"type": name, **case})
    found, wanted = (step.apply(e.table(ROWS), PrepareContext()) for e in (engine, duckdb))
    said = compared(engine.arrow(found), duckdb.arrow(wanted))
    assert not said, said
