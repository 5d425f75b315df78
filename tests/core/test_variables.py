"""Variables: their levels, and their expansion in texts, nests and definitions."""

from __future__ import annotations

import pytest
from pydantic import Field

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, UndefinedVariable
from penstock.core.filter import Filter
from penstock.core.formula import Formula
from penstock.core.kind import Definition, Described
from penstock.core.variables import expand, expand_text, levels, names_in, used


class Letter(Described):
    subject: str = ""
    to: tuple[str, ...] = ()
    copies: int = 1
    when: Formula = Formula("true")
    inner: Filter = Filter()
    options: dict[str, int | str] = Field(default_factory=dict)


@pytest.mark.requirement("A98")
def test_run_wins_over_local_over_standard_over_instance() -> None:
    given = {"instance": {"x": 1, "a": 1}, "instance_local": {"x": 2, "b": 2}, "standard": {"x": 3, "c": 3},
             "local": {"x": 4, "d": 4}, "run": {"x": 5}}  # fmt: skip
    found = levels(**given, project_key="FLIGHTS")  # type: ignore[arg-type]
    assert found == {"x": 5, "a": 1, "b": 2, "c": 3, "d": 4, "projectKey": "FLIGHTS"}
    for level in ("run", "local", "standard", "instance_local"):
        given[level] = {}
        assert levels(**given)["x"] == {"run": 4, "local": 3, "standard": 2, "instance_local": 1}[level]  # type: ignore[arg-type]


@pytest.mark.requirement("A98")
@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("from ${start} on", "from 2013-01-01 on"),
        ("${n}/${flag}/${none}/${list}", '5/true//[1, "é"]'),
        ("$${start}", "${start}"),
        ("$$${start}", "$${start}"),
        ("${missing|default:7} rows", "7 rows"),
        ("${start|default:7}", "2013-01-01"),
        ("${missing|default:}", ""),
        ("${stepOutcome_Step #2}", "WARNING"),
        ("costs $5 {x}", "costs $5 {x}"),
    ],
)
def test_a_text_prints_its_variables(text: str, printed: str) -> None:
    values = {
        "start": "2013-01-01",
        "n": 5,
        "flag": True,
        "none": None,
        "list": [1, "é"],
        "stepOutcome_Step #2": "WARNING",
    }
    assert expand_text(text, values) == printed


@pytest.mark.requirement("A98")
def test_an_undefined_variable_fails_with_its_name_the_place_and_the_nearest() -> None:
    with pytest.raises(
        UndefinedVariable, match=r"'start_dat' is used in recipe by_day.*Did you mean start_date"
    ):
        expand_text("day > '${start_dat}'", {"start_date": "x"}, where="recipe by_day")


@pytest.mark.requirement("A98")
def test_an_undefined_variable_prints_as_typed_where_people_only_read() -> None:
    assert expand_text("Since ${x}", {}, undefined="as typed") == "Since ${x}"
    assert expand_text("Since ${x}", {}, undefined="empty") == "Since "


def test_a_text_that_is_one_variable_keeps_its_type() -> None:
    nest = {"rows": "${n}", "all": ["${list}", "n=${n}"], 7: ("${missing|default:5}",)}
    assert expand(nest, {"n": 5, "list": [1]}) == {"rows": 5, "all": [[1], "n=5"], 7: ("5",)}


def test_a_definition_is_filled_in_and_validated_again() -> None:
    letter = Letter(
        title="About ${x}",
        subject="${x}",
        to=("${who}", "b@bank.example"),
        when=Formula("amount > ${x} && day == '${who}'"),
        inner=Filter.model_validate({"rules": [{"column": "day", "operator": "<", "value": "${x}"}]}),
        options={"limit": "${x}"},
    )
    filled = expand(letter, {"x": 5, "who": "a@bank.example"})
    assert filled.title == "About ${x}"
    assert filled.subject == "5"
    assert filled.to == ("a@bank.example", "b@bank.example")
    assert filled.when == "amount > 5 && day == 'a@bank.example'"
    assert filled.inner.rules[0].value == 5
    assert filled.options == {"limit": 5}
    assert filled.to_mapping().keys() == letter.to_mapping().keys()


def test_a_definition_without_variables_stays_the_same_object() -> None:
    letter = Letter(subject="hello")
    assert expand(letter, {"x": 1}) is letter


def test_a_value_that_does_not_fit_its_field_is_named() -> None:
    class Strict(Definition):
        unit: str = Field(default="", pattern="^[a-z]+$")

    with pytest.raises(InvalidDefinition, match="unit"):
        expand(Strict.model_construct(_fields_set={"unit"}, unit="${x}"), {"x": "5 5"})


def test_a_definition_lists_every_variable_it_uses() -> None:
    letter = Letter(
        description="${not_this}",
        subject="${a} $${b} ${c|default:1}",
        when=Formula("variables['d'] > ${e}"),
        inner=Filter.model_validate({"rules": [{"rules": [{"column": "${f}", "operator": "is empty"}]}]}),
        options={"limit": "${g}"},
    )
    assert used(letter) == {"a", "c", "d", "e", "f", "g"}
    assert used([{"x": "${y}"}, "${z}"]) == {"y", "z"}


def test_names_come_once_and_in_order() -> None:
    assert names_in("${b} ${a} ${b} $${c}") == ("b", "a")


def test_a_definition_may_have_a_setting_called_keys() -> None:
    group = registry.parse("recipes", {"type": "group", "input": "a", "output": "b", "keys": ["${key}"]})
    assert used(group) == {"key"}
    assert expand(group, {"key": "origin"}).keys == ("origin",)
    assert group.changed(keys=("dest",)).keys == ("dest",)
