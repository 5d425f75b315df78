from __future__ import annotations

from penstock.core import fingerprint, staleness
from penstock.core.flow import Flow
from penstock.core.staleness import Facts, stale

from .shapes import a_flow_project, a_recipe, a_record

PROJECT = a_flow_project({"r": a_recipe("a", "b")})
FLOW = Flow.of(PROJECT)
PRINT = fingerprint.of_recipe(PROJECT, "r", {})


def facts(state: str = "1", **record: object) -> Facts:
    built = a_record(
        "b", **{"recipe_fingerprint": PRINT.hash, "parts": PRINT.parts, "input_states": {"a": "1"}, **record}
    )
    return Facts(records={"b": built}, states={"a": state, "b": "1"}, fingerprints={"r": PRINT})


def test_what_saw_the_same_is_up_to_date() -> None:
    assert stale(FLOW, facts(), set(), "r") == []
    assert staleness.since(("b",), facts()) == "up to date since 2026-01-01 08:00:00 UTC"


def test_an_input_written_earlier_in_the_same_build_is_the_only_reason_given_for_it() -> None:
    assert stale(FLOW, facts(state="2"), {"a"}, "r") == ["an input will be rebuilt: a"]


def test_an_input_the_record_does_not_know_is_new() -> None:
    assert stale(FLOW, facts(input_states={}), set(), "r") == ["input a is new"]


def test_several_reasons_are_all_given() -> None:
    reasons = stale(FLOW, facts(state="2", recipe_fingerprint="x", parts={}), set(), "r")
    assert reasons == ["its recipe changed", "input a changed: its data is other data now"]


def test_nothing_about_an_output_is_no_record_of_success() -> None:
    assert stale(FLOW, Facts(states={"b": "1"}, fingerprints={"r": PRINT}), set(), "r") == ["never built"]


def test_an_empty_state_stays_empty_whatever_the_settings() -> None:
    assert staleness.state_text("", "{}") == ""
    assert staleness.state_text("s", "") == "s"
    assert staleness.state_text("s", "{1}") != staleness.state_text("s", "{2}")
