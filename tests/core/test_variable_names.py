"""Names that variables can have."""

from __future__ import annotations

import pytest

from penstock.core import registry, variables
from penstock.core.errors import InvalidDefinition, InvalidName
from penstock.core.names import check_variable_name
from penstock.core.project import ProjectSettings


@pytest.mark.parametrize(
    "name", ["projectKey", "outcome", "scenarioRunId", "stepOutcome_Build", "a-b", "1st"]
)
def test_what_is_given_or_no_name_is_no_variable_of_a_project(name):
    with pytest.raises(InvalidName):
        check_variable_name(name)
    with pytest.raises(InvalidDefinition, match=name):
        registry.validate(ProjectSettings, {"variables": {name: 1}})


@pytest.mark.parametrize("name", ["train_until", "outcomes", "projectkey"])
def test_any_other_name_is_free(name):
    assert check_variable_name(name) == name


def test_a_definition_with_a_field_called_keys_is_filled_in_like_any_other():
    group = registry.parse("recipes", {"type": "group", "input": "a", "output": "b", "keys": ["${x}"]})
    assert variables.used(group) == {"x"}
    assert variables.expand(group, {"x": "carrier"}).keys == ("carrier",)
    assert group.changed(record_count="n").keys == ("${x}",)
