"""The rule of execution: which steps run, what they count as, how a run ends."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, InvalidExpression, UndefinedVariable
from penstock.core.formula import Formula
from penstock.core.outcome import Outcome
from penstock.core.rehearsal import rehearse
from penstock.core.scenario import (
    OnCondition,
    OnOutcome,
    RunIf,
    Scenario,
    Step,
    after,
    asked,
    settled,
    slug,
)

S, W, F, A = Outcome.SUCCESS, Outcome.WARNING, Outcome.FAILED, Outcome.ABORTED


class Nothing(Step):
    NAME: ClassVar[str] = "nothing"

    @classmethod
    def kind_name(cls) -> str:
        return cls.NAME


def a_step(name: str = "", run_if: Any = "no prior step failed", **settings: Any) -> Step:
    return Nothing(name=name, run_if=run_if, **settings)


def a_scenario(*steps: Step, **settings: Any) -> Scenario:
    return Scenario(steps=steps, **settings)


def ended(scenario: Scenario, **outcomes: Outcome) -> tuple[Outcome, list[bool]]:
    """How it ends, and which steps ran."""
    found = rehearse(scenario, outcomes)
    return found[-1].afterwards, [step.runs for step in found]


# run condition × outcome so far → runs
CONDITIONS: list[tuple[RunIf | OnOutcome | OnCondition, dict[Outcome, bool]]] = [
    ("no prior step failed", {S: True, W: True, F: False, A: False}),
    ("some prior step failed", {S: False, W: False, F: True, A: False}),
    (OnOutcome(outcome=(W,)), {S: False, W: True, F: False, A: False}),
    (OnOutcome(outcome=(S, F)), {S: True, W: False, F: True, A: False}),
    ("always", {S: True, W: True, F: True, A: True}),
    ("never", {S: False, W: False, F: False, A: False}),
    (OnCondition(condition=Formula("outcome == 'FAILED'")), {S: False, W: False, F: True, A: False}),
]


@pytest.mark.requirement("A61")
@pytest.mark.parametrize(("condition", "outcome", "runs"), [
    (condition, outcome, runs) for condition, table in CONDITIONS for outcome, runs in table.items()
])  # fmt: skip
def test_a_step_runs_as_its_condition_says_of_the_outcome_so_far(condition, outcome, runs):
    ask = asked(a_step(run_if=condition), outcome, {"outcome": str(outcome)})
    assert ask.runs is runs
    assert ask.why.endswith(".")


@pytest.mark.parametrize(("reset", "before", "outcome", "expected"), [
    (False, S, S, S), (False, S, W, W), (False, S, F, F), (False, W, S, W), (False, F, S, F), (False, F, W, F),
    (True, F, S, S), (True, F, W, W), (True, W, S, S), (True, S, F, F), (True, F, F, F),
])  # fmt: skip
def test_the_outcome_so_far_is_the_worst_or_is_forgotten(reset, before, outcome, expected):
    assert after(a_step(reset_failure=reset), before, outcome) is expected


@pytest.mark.requirement("A60", "A65")
@pytest.mark.parametrize(("settings", "outcome", "counts"), [
    ({}, W, W), ({}, F, F), ({}, S, S), ({}, A, A),
    ({"warnings_as": S}, W, S), ({"warnings_as": F}, W, F), ({"warnings_as": S}, F, F),
    ({"proceed_on_failure": True}, F, W), ({"proceed_on_failure": True}, S, S),
    ({"proceed_on_failure": True}, A, A), ({"proceed_on_failure": True, "warnings_as": F}, W, W),
])  # fmt: skip
def test_a_step_counts_as_its_settings_say(settings, outcome, counts):
    assert settled(a_step(**settings), outcome) is counts


RETRAIN = {"build_mes": a_step("build_mes"), "checks": a_step("checks")}


def retrain(**settings: Any) -> Scenario:
    model = a_step("model", "some prior step failed", **settings)
    return a_scenario(*RETRAIN.values(), model)


@pytest.mark.requirement("A57")
def test_a_step_that_catches_a_failure_and_resets_it_makes_the_run_a_success():
    assert ended(retrain(reset_failure=True), checks=F) == (S, [True, True, True])


@pytest.mark.requirement("A58")
def test_a_step_that_catches_failures_is_skipped_when_there_is_none():
    assert ended(retrain(reset_failure=True)) == (S, [True, True, False])


@pytest.mark.requirement("A59")
def test_without_a_reset_the_run_stays_failed_although_the_step_ran():
    assert ended(retrain(), checks=F) == (F, [True, True, True])


def test_when_the_catching_step_fails_itself_the_run_is_failed():
    assert ended(retrain(reset_failure=True), checks=F, model=F) == (F, [True, True, True])


@pytest.mark.requirement("A61")
def test_a_failed_step_does_not_end_the_loop_and_every_later_one_is_asked():
    scenario = a_scenario(
        a_step("a"), a_step("b"), a_step("c", "some prior step failed"), a_step("d", "always"), a_step("e")
    )
    assert ended(scenario, a=F) == (F, [True, False, True, True, False])


@pytest.mark.requirement("A60")
def test_a_warning_goes_through_to_the_end_and_stops_nothing():
    assert ended(a_scenario(a_step("a"), a_step("b")), a=W) == (W, [True, True])


@pytest.mark.requirement("A65")
def test_after_a_failure_that_may_be_passed_over_the_next_step_runs():
    scenario = a_scenario(a_step("a", proceed_on_failure=True), a_step("b"))
    assert ended(scenario, a=F) == (W, [True, True])


@pytest.mark.requirement("A62")
def test_a_step_switched_off_never_runs_and_keeps_its_settings():
    step = a_step("a", "some prior step failed", retries=3, enabled=False)
    assert not asked(step, F, {}).runs
    on = step.changed(enabled=True)
    assert (on.retries, on.run_if) == (3, "some prior step failed")
    assert asked(on, F, {}).runs


@pytest.mark.requirement("A63")
@pytest.mark.parametrize(("condition", "a", "runs"), [
    ("stepOutcome_A == 'SUCCESS' && outcome != 'WARNING'", S, True),
    ("stepOutcome_A == 'SUCCESS' && outcome != 'WARNING'", W, False),
    ("stepOutcome_A == 'FAILED' || stepOutcome_A == 'WARNING'", W, True),
    ("stepOutcome_A == 'FAILED' or stepOutcome_A == 'WARNING'", F, True),
    ("stepOutcome_A == 'SUCCESS' and outcome == 'SUCCESS'", S, True),
    ('variables["stepOutcome_A"] == \'WARNING\'', W, True),
])  # fmt: skip
def test_a_condition_speaks_of_earlier_steps(condition, a, runs):
    scenario = a_scenario(a_step("A"), a_step("B", OnCondition(condition=Formula(condition))))
    assert ended(scenario, A=a)[1] == [True, runs]


@pytest.mark.requirement("A63")
@pytest.mark.parametrize("broken", ["outcome = 'FAILED'", "outcome == ", "outcome == 'FAILED", "(outcome"])
def test_a_broken_condition_is_refused_when_it_is_written(broken):
    with pytest.raises(InvalidDefinition, match="Character"):
        registry.validate(Scenario, {"steps": [
            {"type": "clear", "items": ["x"], "run_if": {"condition": broken}}
        ]})  # fmt: skip


def test_a_condition_about_nothing_known_is_an_error_and_never_silently_false():
    with pytest.raises(UndefinedVariable, match="outcom"):
        asked(a_step(run_if=OnCondition(condition=Formula("outcom == 'FAILED'"))), S, {"outcome": "SUCCESS"})


def test_a_condition_that_is_neither_true_nor_false_is_an_error():
    with pytest.raises(InvalidExpression, match="neither true nor false"):
        asked(a_step(run_if=OnCondition(condition=Formula("outcome"))), S, {"outcome": "SUCCESS"})


def test_steps_without_a_name_are_called_by_their_place():
    scenario = a_scenario(a_step(), a_step("b"), a_step())
    assert scenario.labels == ["Step #1", "b", "Step #3"]
    assert slug("Step #3") == "Step_3"


@pytest.mark.parametrize("names", [("a", "a"), ("Run MES checks", "Run_MES_checks"), ("Step #2", "")])
def test_two_steps_that_variables_could_not_tell_apart_are_refused(names):
    with pytest.raises(ValueError, match="apart"):
        a_scenario(*(a_step(name) for name in names))


def test_a_scenario_has_steps_or_a_script_and_the_script_must_be_python():
    with pytest.raises(ValueError, match="no steps"):
        Scenario(kind="python", body="pass", steps=(a_step(),))
    with pytest.raises(ValueError, match="no script"):
        Scenario(body="pass")
    with pytest.raises(ValueError, match="Line 2 of the script"):
        Scenario(kind="python", body="x = 1\ny = = 2\n")


def test_a_rehearsal_says_what_is_known_only_when_it_runs():
    scenario = a_scenario(a_step("a", OnCondition(condition=Formula("limit > 3"))))
    assert "limit" in rehearse(scenario, {})[0].why
    assert not rehearse(scenario, {}, {"limit": 2})[0].runs


def test_a_step_that_never_runs_and_one_that_is_off_say_so_each_in_its_words() -> None:
    never = registry.parse("steps", {"type": "clear", "items": ["x"], "run_if": "never"})
    off = registry.parse("steps", {"type": "clear", "items": ["x"], "enabled": False})
    said = [asked(step, Outcome.SUCCESS, {}).why for step in (never, off)]
    assert said == ["It is set to never run.", "It is switched off."]
