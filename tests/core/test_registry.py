"""The one discovery of kinds."""

from __future__ import annotations

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, KindMissing
from penstock.core.kind import Kind


def test_a_mistyped_kind_is_answered_with_the_nearest_word() -> None:
    with pytest.raises(InvalidDefinition, match="Did you mean group"):
        registry.parse("recipes", {"type": "gruop"})


def test_a_definition_without_a_type_names_the_field() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        registry.parse("checks", {"name": "x"})
    assert caught.value.field == "type"


def test_a_problem_deep_inside_names_its_whole_path() -> None:
    definition = {"type": "managed", "checks": [{"type": "numeric_range", "name": "x", "metrik": "y"}]}
    with pytest.raises(InvalidDefinition) as caught:
        registry.parse("datasets", definition)
    assert caught.value.field == "checks.0.metrik"
    assert "Did you mean metric" in str(caught.value)


def test_a_plugin_kind_carries_the_name_of_its_plugin() -> None:
    assert registry.names("checks")["example.even"] == "penstock_example.checks.even"
    assert registry.name_of(registry.kind("checks", "example.even")) == "example.even"


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(KindMissing, match="recipes"):
        registry.names("recipe")


@pytest.mark.parametrize("family", registry.FAMILIES)
def test_every_base_is_a_kind_of_its_family(family: str) -> None:
    base = registry.base(family)
    assert issubclass(base, Kind)
    assert family == base.FAMILY
