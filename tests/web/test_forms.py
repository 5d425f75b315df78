"""Forms from definitions: errors at their fields, what is kept, how values travel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field
from starlette.datastructures import FormData
from starlette.requests import Request

from penstock.core import registry
from penstock.core.access import NOBODY
from penstock.core.errors import InvalidDefinition
from penstock.core.kind import Definition, Described
from penstock.testing import a_node, a_project
from penstock.web import forms, shapes
from penstock.web.asking import Ask
from penstock.web.look import Look
from tests.web.browser import Answer


class Point(Definition):
    """A place."""

    x: float = Field(description="Across.")
    y: float = Field(default=1.5, description="Up.")


class Sample(Described):
    """Something with every sort of field."""

    name: str = Field(description="Its name.")
    size: Annotated[int, Field(ge=1, le=9)] = Field(default=3, description="How large.")
    note: str | None = Field(default="said", description="A note, or none.")
    words: tuple[str, ...] = Field(default=("a",), description="Words.")
    points: tuple[Point, ...] = Field(default=(), description="Places.")
    best: Point | None = Field(default=None, description="The best of them.")
    limit: int | tuple[int, ...] = Field(default=1, description="One, or several to try.")
    labels: dict[str, str] = Field(default_factory=dict, description="Words for words.")
    free: dict[str, Any] = Field(default_factory=dict, description="Anything.")
    ready: bool | None = Field(default=None, description="Yes, no, or not known.")
    value: bool | int | float | str = Field(default="", description="A constant.")


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed", "columns": [{"name": "dest", "type": "string"}]}})
    request = Request({
        "type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"",
        "path_params": {"project": "DEMO"},
    })  # fmt: skip
    return Ask(request=request, node=node, me=NOBODY, look=Look())


def sent(html: str, **changes: str | list[str]) -> FormData:
    values = {**Answer(200, f"<form>{html}</form>", {}, b"").form_values(), **changes}
    return FormData(
        [(k, v) for k, held in values.items() for v in ([held] if isinstance(held, str) else held)]
    )


FULL = Sample(
    name="n", size=5, note=None, words=(), points=(Point(x=1), Point(x=2, y=0)), best=Point(x=3), limit=(1, 2),
    labels={"a": "b"}, free={"deep": [1, {"x": None}]}, ready=False, value="5",
)  # fmt: skip


@pytest.mark.parametrize(
    "shown", [FULL, Sample(name="n"), Sample(name="n", value=5, ready=True, tags=("t",))]
)
def test_what_is_shown_comes_back_as_it_was(ask: Ask, shown: Sample) -> None:
    assert registry.validate(Sample, forms.read(Sample, sent(forms.draw(ask, shown)))) == shown


def test_values_that_say_what_is_so_anyway_are_left_out(ask: Ask) -> None:
    assert forms.read(Sample, sent(forms.draw(ask, Sample(name="n")))) == {"name": "n"}


def test_a_problem_stands_at_its_field_and_what_was_typed_stays(ask: Ask) -> None:
    typed = forms.read(Sample, sent(forms.draw(ask, Sample), size="99", **{"points.0.x": "far"}))
    with pytest.raises(InvalidDefinition) as caught:
        registry.validate(Sample, typed)
    html = forms.draw(ask, Sample, typed, wrong=caught.value)
    assert html.count('role="alert"') == 3
    assert 'value="99"' in html
    assert 'value="far"' in html


def test_a_problem_without_a_field_stands_on_top(ask: Ask) -> None:
    html = forms.draw(ask, Sample, {}, wrong=InvalidDefinition("All of it is odd."))
    assert html.index("All of it is odd.") < html.index('name="name"')


def test_fields_that_were_not_shown_are_kept(ask: Ask) -> None:
    html = forms.draw(ask, FULL, only=("size",))
    assert 'name="labels' not in html
    found = registry.validate(Sample, forms.read(Sample, sent(html, size="7"), keep=FULL))
    assert found == FULL.changed(size=7)


def test_several_definitions_stand_in_one_form(ask: Ask) -> None:
    html = forms.draw(ask, FULL, prefix="a.0") + forms.draw(ask, Point(x=9), prefix="b")
    form = sent(html)
    assert registry.validate(Sample, forms.read(Sample, form, "a.0")) == FULL
    assert forms.read(Point, form, "b") == {"x": 9.0}


def test_what_a_person_typed_is_escaped(ask: Ask) -> None:
    evil = '"><script>alert(1)</script>'
    html = forms.draw(ask, Sample(name=evil, labels={evil: evil}, words=(evil,), note=f"{evil}\n{evil}"))
    assert "<script>alert" not in html


def test_items_are_read_in_the_order_of_their_numbers(ask: Ask) -> None:
    form = FormData([("name", "n"), ("points.10.x", "10"), ("points.2.x", "2"), ("points.#", "")])
    assert forms.read(Sample, form)["points"] == [{"x": 2}, {"x": 10}]


def test_a_text_with_a_variable_in_a_number_stays_for_the_definition_to_judge(ask: Ask) -> None:
    assert forms.read(Sample, FormData([("size", "${n}")])) == {"size": "${n}"}


def test_broken_yaml_is_told_at_its_field() -> None:
    values = forms.read(Sample, FormData([("free", "a: [1")]))
    assert values == {"free": "a: [1"}
    with pytest.raises(InvalidDefinition, match="not well-formed YAML") as caught:
        registry.validate(Sample, values)
    assert caught.value.field == "free"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("5", 5), ("0.5", 0.5), ("true", True), ('"5"', "5"), ("five", "five"), ("2013-04-01", "2013-04-01")],
)
def test_a_constant_is_read_as_yaml_reads_it(typed: str, meant: object) -> None:
    assert forms.read(Sample, FormData([("value", typed)])).get("value") == meant


def test_pickers_offer_objects_of_the_right_sort_and_columns_of_the_inputs(ask: Ask) -> None:
    group = {"type": "group", "input": "raw", "output": "out", "keys": ["dest"]}
    html = forms.draw(ask, registry.parse("recipes", group))
    assert '<option selected value="raw">' in html
    assert '<option value="dest">' in html


def test_columns_that_are_known_are_offered(ask: Ask) -> None:
    html = forms.draw(ask, registry.kind("rules", "column_unique"), more={"columns": ("carrier",)})
    assert '<option value="carrier">' in html


def test_a_list_offers_a_blank_item_without_a_number(ask: Ask) -> None:
    html = forms.draw(ask, Sample)
    assert 'name="__path0__.__i0__.x"' in html


def test_a_kind_in_a_list_says_in_one_line_what_it_does(ask: Ask) -> None:
    steps = [
        {"type": "rename", "columns": {"wind_speed": "wind"}},
        {"type": "fill_empty", "columns": "x", "value": 0},
    ]
    recipe = registry.parse("recipes", {"type": "prepare", "input": "raw", "output": "out", "steps": steps})
    html = str(forms.draw(ask, recipe))
    assert "<summary>wind_speed → wind</summary>" in html


def test_a_kind_with_a_problem_stands_open(ask: Ask) -> None:
    typed = {
        "type": "prepare",
        "input": "raw",
        "output": "out",
        "steps": [{"type": "round", "columns": "x", "decimals": "many"}],
    }
    with pytest.raises(InvalidDefinition) as caught:
        registry.parse("recipes", typed)
    html = str(forms.draw(ask, registry.kind("recipes", "prepare"), typed, wrong=caught.value))
    assert 'role="alert"' in html
    assert '<details class="more brief">' not in html


@pytest.mark.parametrize("name", sorted(registry.names("recipes")))
def test_the_main_settings_of_a_recipe_are_fields_of_it(name: str) -> None:
    kind = registry.kind("recipes", name)
    assert set(kind.MAIN) <= set(kind.model_fields)


def test_main_settings_come_first_and_the_rest_waits_unless_it_says_something(ask: Ask) -> None:
    kind = registry.kind("recipes", "evaluate")
    html = str(forms.draw(ask, kind, {"input": "raw"}))
    first, more = html.split("More settings")
    assert 'name="skip_performance"' in first
    assert first.index('name="store"') < first.index('name="skip_performance"')
    assert 'name="fails_on_warnings"' in more
    html = str(forms.draw(ask, kind, {"input": "raw", "seed": 5}))
    assert 'name="seed"' in html.split("More settings")[0]


def test_a_problem_with_a_setting_that_waits_is_seen(ask: Ask) -> None:
    wrong = InvalidDefinition("Not so.", field="confidence_level")
    html = str(forms.draw(ask, registry.kind("recipes", "evaluate"), {}, wrong=wrong))
    assert "Not so." in html.split("More settings")[0]


def test_the_words_of_a_text_tile_have_room_for_several_lines() -> None:
    words = next(f for f in shapes.fields(registry.kind("tiles", "text")) if f.name == "markdown")
    assert words.shape == shapes.Line(widget="area")
