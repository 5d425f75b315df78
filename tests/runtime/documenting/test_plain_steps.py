"""Steps of Prepare as sentences."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from penstock.core import registry
from penstock.core.kind import documentation
from penstock.runtime.documenting import plain_steps

SAID: list[tuple[dict[str, Any], str]] = [
    ({"type": "formula", "column": "speed", "formula": "distance / hours"}, "speed = distance / hours"),
    ({"type": "parse_date", "columns": ["day"], "formats": ["%Y-%m"], "output": "since"},
     "Reads the dates of day, written as %Y-%m, into since"),
    ({"type": "keep_columns", "columns": ["a", "b"]}, "Keeps only a, b"),
    ({"type": "rename", "columns": {"a": "b", "c": "d"}}, "Renames a to b, c to d"),
    ({"type": "round", "columns": ["x"], "direction": "up"}, "Rounds x to whole numbers (direction: up)"),
    ({"type": "filter_rows", "action": "remove", "rules": [{"column": "x", "operator": ">", "value": 1}]},
     "Removes the rows where x > 1"),
    ({"type": "flag_rows", "output": "late", "formula": "delay > 15"}, "Marks the rows where delay > 15, into late"),
    ({"type": "if_then_else", "column": "d", "otherwise": "none", "cases": [
        {"when": {"formula": "x > 60"}, "then": "long"}]}, "d is long where x > 60, otherwise none"),
    ({"type": "impute", "columns": {}, "flag": True}, "Fills empty cells of every column (flag: yes)"),
    ({"type": "of_a_plugin", "columns": ["x"], "deep": 3}, "Of a plugin (columns: x; deep: 3)"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "said"), SAID, ids=lambda v: str(v)[:40])
@pytest.mark.requirement("D82")
def test_a_step_is_a_sentence(step: dict[str, Any], said: str) -> None:
    assert plain_steps.said(step) == said


@pytest.mark.parametrize("kind", registry.names("processors"))
def test_every_processor_of_ours_has_one(kind: str) -> None:
    _, example = documentation(registry.kind("processors", kind))
    said = plain_steps.said(yaml.safe_load(example))
    assert said[0] not in "{(", said
    assert "{" not in said
    assert not said.startswith(f"{plain_steps._label(kind)} ("), f"{kind} has no sentence: {said}"
