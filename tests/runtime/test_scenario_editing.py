"""Sketches of steps, triggers and reporters; problems by their place."""

from __future__ import annotations

import pytest

from penstock.core import registry
from penstock.core.errors import Invalid, InvalidDefinition
from penstock.runtime import scenario_editing
from penstock.runtime.scenario_editing import Family


def test_a_step_that_cannot_be_read_is_sketched_with_what_is_wrong() -> None:
    found = scenario_editing.sketch("steps", {"type": "build", "name": "Build"}, 1, "DEMO")
    assert (found.title, found.type) == ("Build", "build")
    assert (found.needs, found.wrong) == (("items",), "")


def test_a_step_without_a_name_is_called_by_its_place() -> None:
    found = scenario_editing.sketch(
        "steps", {"type": "build", "items": ["a", "b"], "enabled": False}, 2, "DEMO"
    )
    assert (found.title, found.what, found.is_off) == ("Step #2", "a, b", True)


def test_a_reporter_says_when_and_to_whom() -> None:
    values = {"type": "mail", "to": "a@example.org", "when": "outcome == 'FAILED'"}
    found = scenario_editing.sketch("reporters", values, 1, "DEMO")
    assert found.when == "at the end if outcome == 'FAILED', to a@example.org"


@pytest.mark.parametrize("family", ["steps", "triggers", "reporters"])
def test_every_kind_is_offered_once_with_a_sentence(family: Family) -> None:
    offers = scenario_editing.offers(family)
    assert sorted(offer.type for offer in offers) == sorted(registry.names(family))
    assert all(offer.sentence for offer in offers)


def test_problems_are_found_below_their_place_and_nowhere_else() -> None:
    wrong = InvalidDefinition("First.", field="steps.1.items.0")
    wrong.also = (
        InvalidDefinition("Other.", field="steps.10.name"),
        InvalidDefinition("Whole.", field="steps.1"),
    )
    found = scenario_editing.at(wrong, "steps.1")
    assert found is not None
    assert [(w.field, w.problem) for w in (found, *found.also)] == [("items.0", "First."), ("", "Whole.")]
    assert scenario_editing.at(wrong, "steps.2") is None


def test_a_scenario_has_no_other_parts() -> None:
    with pytest.raises(Invalid, match="has no titles"):
        scenario_editing.family("titles")
