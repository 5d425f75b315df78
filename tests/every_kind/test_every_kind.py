"""What every kind must keep, over the whole registry, plugins included. A new kind is tested by existing."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from ruamel.yaml import YAML

from penstock.core import registry
from penstock.core.kind import documentation

EVERY_KIND = [(family, name) for family in registry.FAMILIES for name in registry.names(family)]


def as_yaml(value: object) -> str:
    out = io.StringIO()
    YAML(typ="safe").dump(value, out)
    return out.getvalue()


@pytest.mark.parametrize(("family", "name"), EVERY_KIND)
def test_a_kind_says_what_it_does_and_its_example_parses(family: str, name: str) -> None:
    kind = registry.kind(family, name)
    sentence, example = documentation(kind)
    assert len(sentence) > 10, f"{name} needs a docstring that says what it does for the user"
    assert example, f"{name} needs an `Example:` of YAML in its docstring"
    parsed = registry.parse(family, YAML(typ="safe").load(example))
    assert type(parsed) is kind


@pytest.mark.parametrize(("family", "name"), EVERY_KIND)
def test_a_kind_survives_the_way_to_yaml_and_back(family: str, name: str) -> None:
    _, example = documentation(registry.kind(family, name))
    parsed = registry.parse(family, YAML(typ="safe").load(example))
    again = registry.parse(family, YAML(typ="safe").load(as_yaml(parsed.to_mapping())))
    assert again == parsed
    assert again.to_mapping() == parsed.to_mapping()


@pytest.mark.parametrize(("family", "name"), EVERY_KIND)
def test_every_setting_of_a_kind_is_described(family: str, name: str) -> None:
    bare = [f for f, info in registry.kind(family, name).model_fields.items() if not info.description]
    assert not bare, f"{name}: give these fields a Field(description=…): {bare}"


@pytest.mark.parametrize("family", registry.FAMILIES)
def test_importing_a_family_loads_no_heavy_library(family: str) -> None:
    code = (
        "import sys\n"
        "from penstock.core import registry\n"
        f"for name in registry.names({family!r}): registry.kind({family!r}, name)\n"
        "heavy = {'ibis','duckdb','pyarrow','numpy','pandas','sklearn','lightgbm','optuna','sqlalchemy'}\n"
        "found = heavy & set(sys.modules)\n"
        "assert not found, f'imported at module top: {sorted(found)}'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("family", "name"), EVERY_KIND)
def test_an_unknown_setting_is_refused_by_name(family: str, name: str) -> None:
    _, example = documentation(registry.kind(family, name))
    mapping = dict(YAML(typ="safe").load(example))
    with pytest.raises(registry.InvalidDefinition, match="no_such_setting"):
        registry.parse(family, {**mapping, "no_such_setting": 1})
