from __future__ import annotations

import pytest

from penstock.core import fingerprint
from penstock.core.project import ProjectSettings
from penstock.core.schema import Column

from .shapes import Code, External, Managed, Step, a_flow_project, a_recipe, mission


def test_equal_recipes_have_equal_fingerprints_and_parts_say_what_they_are_made_of() -> None:
    project = a_flow_project({"r": Code(inputs=("a",), outputs=("b",), body="print(1)")}, library_hash="L")
    one, two = (fingerprint.of_recipe(project, "r", {}) for _ in range(2))
    assert one == two
    assert set(one.parts) == {"settings", "body", "library"}


def test_defaults_written_out_change_nothing() -> None:
    plain = a_flow_project({"r": a_recipe("a", "b")})
    spelled = a_flow_project({"r": a_recipe("a", "b", threshold=0.5, steps=())})
    assert fingerprint.of_recipe(plain, "r", {}) == fingerprint.of_recipe(spelled, "r", {})


def test_the_library_counts_for_code_and_not_for_visual_recipes() -> None:
    project = a_flow_project({"r": a_recipe("a", "b")}, library_hash="L")
    assert "library" not in fingerprint.of_recipe(project, "r", {}).parts


def test_only_used_variables_are_in_it() -> None:
    project = a_flow_project({"r": a_recipe("a", "b", condition="${x}")})
    parts = fingerprint.of_recipe(project, "r", {"x": 1, "y": 2}).parts
    assert parts["variables"] == '{"x": 1}'
    off = a_flow_project(
        {"r": a_recipe("a", "b", condition="${x}")}, settings=ProjectSettings(variables_in_fingerprint=False)
    )
    assert "variables" not in fingerprint.of_recipe(off, "r", {"x": 1}).parts


def test_the_design_of_a_model_is_in_the_fingerprint_of_what_trains_it() -> None:
    assert "designs" in fingerprint.of_recipe(mission(), "train", {}).parts
    assert "designs" not in fingerprint.of_recipe(mission(), "score", {}).parts


def test_of_an_input_only_what_chooses_the_data_counts() -> None:
    assert fingerprint.of_input(Managed(columns=(Column(name="n"),), tags=("t",))) == ""
    assert "april" in fingerprint.of_input(External(selection=("april",), description="for people"))
    assert "for people" not in fingerprint.of_input(External(selection=("april",), description="for people"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"threshold": 0.4}, {"threshold": 0.6}, "threshold"),
        ({"steps": (Step(formula="a"),)}, {"steps": (Step(formula="b"),)}, "formula in step 1"),
        ({"steps": (Step(formula="a"),) * 3}, {"steps": (Step(formula="a"),)}, "steps (2 removed)"),
        (
            {"threshold": 0.4, "condition": "a", "title": "x"},
            {"threshold": 0.6, "condition": "b", "title": "y"},
            "condition, threshold",
        ),
    ],
)
def test_changed_settings_are_said_in_words(old: dict, new: dict, said: str) -> None:  # type: ignore[type-arg]
    before, after = (
        fingerprint.of_recipe(a_flow_project({"r": a_recipe("a", "b", **s)}), "r", {}).parts
        for s in (old, new)
    )
    assert fingerprint.changes(before, after) == [f"its recipe changed: {said}"]


def test_a_record_from_before_parts_were_kept_still_says_something() -> None:
    assert fingerprint.changes({}, {"settings": "{}"}) == ["its recipe changed"]


def test_long_values_of_variables_are_cut() -> None:
    before, after = ('{"x": "' + letter * 200 + '"}' for letter in "ab")
    (said,) = fingerprint.variable_changes(before, after)
    assert len(said) < 160
    assert "…" in said


def test_long_lists_are_cut() -> None:
    assert fingerprint.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
