"""What is wrong with values, in plain words and with its place as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition
from penstock.core.model import SavedModel
from penstock.core.project import ProjectSettings
from penstock.core.scenario import Scenario


def told(cls: Any, fields: Mapping[str, Any]) -> dict[str, str]:
    """Field → problem, of everything that is wrong."""
    with pytest.raises(InvalidDefinition) as caught:
        registry.parse(cls, fields) if isinstance(cls, str) else registry.validate(cls, fields)
    found = (caught.value, *caught.value.also)
    assert len({p.field for p in found}) == len(found), "one sentence for one place"
    return {p.field: p.problem for p in found}


def test_everything_wrong_is_told_at_once_however_deep() -> None:
    found = told("datasets", {
        "type": "managed", "titel": "x", "schema_edited": "maybe", "columns": [{"name": "a", "type": "x"}, 3],
        "checks": [{"type": "numeric_range", "name": "A", "metric": "m", "maximum": "x"}, {"type": "numeric_rang"}],
    })  # fmt: skip
    assert set(found) == {
        "titel", "schema_edited", "columns.0.type", "columns.1", "checks.0.maximum", "checks.1.type"
    }  # fmt: skip
    assert next(iter(found)) == "titel"


def test_no_word_of_the_library_and_no_name_of_a_type_gets_through() -> None:
    design = {"target": "x", "algorithms": [{"type": "ridge", "alpha": "many"}, "rigde"]}
    found = told(SavedModel, {"design": design})
    assert found["design.algorithms.0.alpha"].startswith(
        "'many' is not what belongs here: a number or a list"
    )
    assert "Did you mean ridge?" in found["design.algorithms.1"]
    found = told(Scenario, {"active": "x", "max_duration": -1, "steps": [{"type": "build", "items": 3}]})
    assert found == {
        "active": "'x' is not what belongs here: true or false.",
        "max_duration": "It must be more than 0.0; here it is '-1'.",
        "steps.0.items": "'3' is not what belongs here: a list.",
    }
    assert told(ProjectSettings, {"snapshots_kept": 0, "variables": None}) == {
        "snapshots_kept": "It must be at least 1; here it is '0'.",
        "variables": "Nothing is not what belongs here: settings such as `name: value`.",
    }


def test_a_mistyped_setting_is_not_told_as_missing_as_well() -> None:
    assert set(told("recipes", {"type": "sync", "inptu": "x", "output": "b"})) == {"inptu"}
    assert set(told("recipes", {"type": "sync", "colour": "x", "output": "b"})) == {"colour", "input"}


def test_a_word_of_a_choice_between_sorts_is_answered_with_the_nearest() -> None:
    features = {"a": {"role": "input", "handling": {"type": "numric"}}, "b": {"role": "inptu"}}
    found = told(SavedModel, {"design": {"target": "x", "features": features}})
    assert "Did you mean numeric?" in found["design.features.a.handling.type"]
    assert "Did you mean input?" in found["design.features.b.role"]


@pytest.mark.parametrize(
    ("bounds", "field"),
    [({"minimum": 2, "maximum": 1}, "maximum"), ({"minimum": 2, "soft_minimum": 1}, "soft_minimum"),
     ({"soft_minimum": 2, "soft_maximum": 1}, "soft_maximum"), ({"soft_maximum": 2, "maximum": 1}, "maximum"),
     ({"minimum": 2, "soft_maximum": 1, "maximum": 3}, "soft_maximum")],
)  # fmt: skip
def test_bounds_that_do_not_rise_are_refused(bounds: dict[str, Any], field: str) -> None:
    found = told("checks", {"type": "numeric_range", "name": "A", "metric": "m", **bounds})
    assert list(found) == [field]


def test_equal_bounds_and_bounds_that_are_off_are_no_matter() -> None:
    off = {"value": 9, "enabled": False}
    for bounds in ({"minimum": 1, "soft_minimum": 1, "maximum": 1}, {"minimum": off, "maximum": 1}):
        registry.parse("checks", {"type": "numeric_range", "name": "A", "metric": "m", **bounds})


def test_a_mistyped_attachment_is_told_once_and_as_the_sort_it_was_meant_to_be() -> None:
    wanted = ["lgo", {"dataste": "x"}, {"dataset": "x", "form": "csvv"}, {"folder": "x", "flie": "y"}, 3]
    found = told("reporters", {"type": "mail", "to": "a@example.org", "attachments": wanted})
    assert set(found) == {
        "attachments.0", "attachments.1.dataste", "attachments.2.form", "attachments.3.flie", "attachments.4"
    }  # fmt: skip
    assert "Did you mean log?" in found["attachments.0"]
    assert "Did you mean dataset?" in found["attachments.1.dataste"]
    assert "Did you mean csv" in found["attachments.2.form"]


@pytest.mark.parametrize(("run_if", "field", "said"), [
    ({"conditon": "outcome == 'FAILED'"}, "run_if.conditon", "Did you mean condition?"),
    ({"outcomes": ["FAILED"]}, "run_if.outcomes", "Did you mean outcome?"),
    ({"outcome": ["FAIL"]}, "run_if.outcome.0", "Did you mean FAILED?"),
    ("outcome == 'FAILED'", "run_if", "A formula goes into a setting of its own: {condition: outcome == 'FAILED'}."),
    ({"condition": "outcome = 1"}, "run_if.condition", "Write == to compare."),
    ("nevr", "run_if", "Did you mean never?"),
])  # fmt: skip
def test_a_mistyped_condition_is_told_once(run_if: Any, field: str, said: str) -> None:
    found = told("steps", {"type": "clear", "items": ["x"], "run_if": run_if})
    assert list(found) == [field]
    assert said in found[field]


def test_a_number_with_a_comma_is_told_to_have_a_point() -> None:
    check = {"type": "numeric_range", "name": "A", "metric": "m", "maximum": "0,7"}
    said = told("datasets", {"type": "managed", "checks": [check]})["checks.0.maximum"]
    assert said.endswith("a number. Write 0.7, with a point.")
