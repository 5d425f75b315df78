"""The example plugin on a real node: its kinds are found, parsed, built and judged like ours."""

from __future__ import annotations

from pathlib import Path

import pytest

import penstock
from penstock.core import registry
from penstock.core.outcome import Verdict
from penstock.sdk.client import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = penstock.open(tmp_path).create_project("P")
    rows = [{"city": "Oslo", "january": 1, "february": 2}, {"city": "Rome", "january": 3, "february": 4}]
    made.define("dataset", "wide", {"type": "inline", "rows": rows})
    checks = [{"type": "example.even", "name": "pairs", "metric": "records:COUNT_RECORDS"}]
    made.define("dataset", "long", {"type": "managed", "checks": checks})
    recipe = {
        "type": "example.unpivot", "input": "wide", "output": "long",
        "columns": ["january", "february"], "name": "month", "value": "sold",
    }  # fmt: skip
    made.define("recipe", "unpivot", recipe)
    return made


def test_a_recipe_of_a_plugin_builds(project: Project) -> None:
    project.build("long")
    assert [(r["city"], r["month"], r["sold"]) for r in project.dataset("long").head().rows] == [
        ("Oslo", "january", 1), ("Oslo", "february", 2), ("Rome", "january", 3), ("Rome", "february", 4),
    ]  # fmt: skip


def test_a_check_of_a_plugin_judges(project: Project) -> None:
    long = project.dataset("long")
    long.build()
    assert [r.verdict for r in long.run_checks()] == [Verdict.EMPTY]
    long.compute_metrics()
    assert [(r.verdict, r.message) for r in long.run_checks()] == [(Verdict.OK, "4")]


def test_its_kinds_carry_the_name_of_the_plugin() -> None:
    assert "example.unpivot" in registry.names("recipes")
    with pytest.raises(registry.InvalidDefinition, match=r"Did you mean example\.unpivot"):
        registry.parse("recipes", {"type": "example.unpivto"})
