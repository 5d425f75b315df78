"""Every table recipe gives the same rows on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import gap, registry
from tests.engines.conftest import Engine
from tests.engines.given import OTHERS, ROWS, compared
from tests.engines.recipe_cases import CASES


def results(engine: Engine, recipe: Any) -> dict[str, Any]:
    given = {"rows": ROWS, "others": OTHERS}
    tables = {name: engine.table(given[name]) for name in recipe.reads}
    return dict(recipe.results(*tables.values()))


def test_every_table_recipe_has_a_case() -> None:
    assert sorted(CASES) == sorted(gap.tried("recipes"))


@pytest.mark.requirement("A16", "A17", "A18")
@pytest.mark.parametrize(
    ("name", "case"), [pytest.param(n, c, id=f"{n}-{i}") for n, cs in CASES.items() for i, c in enumerate(cs)]
)
def test_a_recipe_gives_the_same_rows(
    name: str, case: dict[str, Any], engine: Engine, duckdb: Engine
) -> None:
    recipe = registry.parse("recipes", {"type": name, **case})
    wanted, found = results(duckdb, recipe), results(engine, recipe)
    assert list(found) == list(wanted)
    for output, table in found.items():
        ordered = name in ("sort", "top")
        said = compared(engine.arrow(table), duckdb.arrow(wanted[output]), ordered=ordered)
        assert not said, f"{output}: {said}"
