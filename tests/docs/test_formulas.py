"""The page about formulas does not lie."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from ruamel.yaml import YAML

from penstock.core import registry
from penstock.core.filter import Filter, Operator
from penstock.core.formula import Formula

PAGE = (Path(__file__).parent.parent.parent / "docs/reference/formulas.md").read_text(encoding="utf-8")
SECTION = PAGE.split("## What a formula may hold")[1].split("\n## ")[0]
ROWS: list[tuple[str, str]] = re.findall(r"^\| `(.+)` \| `(.+)` \|$", SECTION, re.M)


@pytest.mark.parametrize(("formula", "answer"), ROWS)
def test_a_formula_of_the_page_gives_the_answer_beside_it(formula: str, answer: str) -> None:
    found, written = Formula(formula).evaluate({}), Formula(answer).evaluate({})
    assert found == written
    assert type(found) is type(written)


def test_the_page_shows_formulas() -> None:
    assert len(ROWS) > 15


def test_the_filter_of_the_page_parses_and_every_operator_is_named() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    assert len(registry.validate(Filter, YAML(typ="safe").load(example)).rules) == 2
    assert all(f"`{operator}`" in PAGE for operator in get_args(Operator))
