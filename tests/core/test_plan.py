from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from penstock.core import fingerprint, plan, staleness
from penstock.core.errors import Invalid, NotFound, WriteProtected
from penstock.core.flow import Flow
from penstock.core.job import BuildMode, BuildRecord
from penstock.core.model import SavedModel
from penstock.core.plan import Plan
from penstock.core.project import Project, ProjectSettings
from penstock.core.schema import Column
from penstock.core.scope import Request
from penstock.core.staleness import Facts

from .shapes import Code, External, Managed, Step, Work, a_flow_project, a_folder, a_recipe, a_record, mission

DATA = "data"


def facts_of(project: Project, records: dict[str, BuildRecord] | None = None, **known: Any) -> Facts:
    """What is known when every object holds data; `states` and `files` say what is different."""
    flow, values = Flow.of(project), known.get("variables", {})
    states, details = dict[str, str](), dict[str, str]()
    for name, item in project.items.items():
        settings = fingerprint.of_input(item)
        states[name] = staleness.state_text(known.get("states", {}).get(name, DATA), settings)
        details[name] = staleness.detail(settings, known.get("files", {}).get(name))
    return Facts(
        records=records or {}, states=states, details=details,
        fingerprints={r: fingerprint.of_recipe(project, r, values) for r in flow.reads},
    )  # fmt: skip


def built(project: Project, **known: Any) -> dict[str, BuildRecord]:
    """The records a successful build of everything would leave."""
    facts, flow = facts_of(project, **known), Flow.of(project)
    return {
        output: a_record(
            output, recipe=recipe, recipe_fingerprint=facts.fingerprints[recipe].hash,
            input_states={i: facts.states[i] for i in flow.reads[recipe]},
            parts={
                **facts.fingerprints[recipe].parts,
                **{f"input:{i}": facts.details[i] for i in flow.reads[recipe]},
            },
        )
        for recipe in flow.reads for output in flow.writes[recipe]
    }  # fmt: skip


def planned(
    project: Project, targets: str, mode: BuildMode = BuildMode.REQUIRED, facts: Facts | None = None, **options: Any
) -> Plan:  # fmt: skip
    request = Request(targets=tuple(targets.split()), mode=mode, **options)
    return plan.make(Flow.of(project), request, facts or facts_of(project))


def after(project: Project, changed: Project, targets: str, **known: Any) -> Plan:
    """A smart build of a changed project after everything was built as it was."""
    before = known.pop("before", {})
    return planned(changed, targets, facts=facts_of(changed, built(project, **before), **known))


@pytest.mark.requirement("A23")
def test_build_only_this_runs_the_producing_recipe_alone() -> None:
    made = planned(mission(), "mes", BuildMode.ONLY_THIS, facts_of(mission(), built(mission())))
    assert made.recipes == ("evaluate",)
    assert made.activities[0].reason == "asked for"


@pytest.mark.requirement("A24", "M33")
def test_recursive_upstream_of_the_store_is_score_then_evaluate() -> None:
    made = planned(mission(), "mes", facts=facts_of(mission(), {}))
    assert made.recipes == ("score", "evaluate")
    assert made.activities[0].reason == "never built"
    assert made.activities[1].reason == "an input will be rebuilt: test_scored; never built"


@pytest.mark.requirement("A25")
def test_another_file_selection_makes_score_and_evaluate_run_and_then_nothing() -> None:
    april, may = (
        mission(datasets={"new_transactions": External(selection=(m,))}) for m in ("april.csv", "may.csv")
    )
    files = {"before": {"files": {"new_transactions": [("april.csv", 1, 1)]}}}
    made = after(
        april,
        may,
        "mes",
        files={"new_transactions": [("may.csv", 1, 1)]},
        states={"new_transactions": "2"},
        **files,
    )
    assert made.recipes == ("score", "evaluate")
    assert made.activities[0].reason == (
        "input new_transactions changed: its settings (selection 1), 1 file added, 1 removed"
    )
    again = after(may, may, "mes")
    assert again.recipes == ()
    assert {n.name: n.why for n in again.not_run}["score"] == "up to date since 2026-01-01 08:00:00 UTC"


@pytest.mark.requirement("A26")
def test_a_recipe_edit_is_named() -> None:
    def with_formula(formula: str) -> Project:
        steps = (Step(formula="a"), Step(formula=formula))
        return a_flow_project({"prepare": a_recipe("raw", "clean", steps=steps)})

    made = after(with_formula("b"), with_formula("c"), "clean")
    assert made.activities[0].reason == "its recipe changed: formula in step 2"


@pytest.mark.requirement("A26")
def test_a_step_more_is_named() -> None:
    one, two = (a_flow_project({"r": a_recipe("a", "b", steps=(Step(formula="x"),) * n)}) for n in (1, 2))
    assert after(one, two, "b").activities[0].reason == "its recipe changed: steps (1 added)"


@pytest.mark.requirement("A26")
def test_a_code_edit_is_named() -> None:
    old, new = (
        a_flow_project({"r": Code(inputs=("a",), outputs=("b",), body=body)}) for body in ("one", "two")
    )
    assert after(old, new, "b").activities[0].reason == "its code changed"


@pytest.mark.requirement("A26")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ([("a", 1, 1)], [("a", 1, 1), ("b", 1, 1)], "1 file added"),
        ([("a", 1, 1), ("b", 1, 1)], [("a", 1, 1)], "1 file removed"),
        ([("a", 1, 1)], [("a", 2, 1)], "1 file changed"),
        ([("a", 1, 1)], [("a", 1, 2)], "1 file changed"),
        ([("a", 1, 1)], [("b", 1, 1), ("c", 1, 1)], "2 files added, 1 removed"),
    ],
)
def test_changed_files_are_counted(old: list[Any], new: list[Any], said: str) -> None:
    project = a_flow_project({"r": a_recipe("a", "b")})
    made = after(project, project, "b", files={"a": new}, states={"a": "2"}, before={"files": {"a": old}})
    assert made.activities[0].reason == f"input a changed: {said}"


@pytest.mark.requirement("A26")
def test_a_rebuilt_input_is_named_with_its_time() -> None:
    project = a_flow_project({"r": a_recipe("a", "b"), "s": a_recipe("b", "c")})
    records = built(project)
    later = records["b"].built_at.replace(hour=9)
    facts = facts_of(project, {**records, "b": replace(records["b"], built_at=later)}, states={"b": "2"})
    assert (
        planned(project, "c", facts=facts).activities[0].reason
        == "input b was rebuilt at 2026-01-01 09:00:00"
    )


@pytest.mark.requirement("A26")
def test_words_for_people_never_make_anything_stale() -> None:
    plain = a_flow_project({"r": a_recipe("a", "b", steps=(Step(formula="x"),))}, datasets={
        "a": External(columns=(Column(name="n"),)),
    })  # fmt: skip
    described = a_flow_project(
        {
            "r": a_recipe(
                "a", "b", steps=(Step(formula="x", comment="why"),), title="T", description="D", tags=("t",)
            )
        },
        datasets={
            "a": External(
                columns=(Column(name="n", description="count"),), short_description="s",
                annotations={"k": 1}, displayed_metrics=("m",), rebuild="explicit",
            )
        },
    )  # fmt: skip
    assert after(plain, described, "b").recipes == ()


@pytest.mark.requirement("A26")
def test_another_type_of_a_column_of_a_source_makes_stale() -> None:
    text, number = (
        a_flow_project(
            {"r": a_recipe("a", "b")}, datasets={"a": External(columns=(Column(name="n", type=t),))}
        )
        for t in ("string", "int")
    )
    assert after(text, number, "b").activities[0].reason == ("input a changed: its settings (column 1)")


@pytest.mark.requirement("A29")
def test_a_variable_used_by_a_filter_is_named_with_both_values() -> None:
    project = a_flow_project({"r": a_recipe("a", "b", condition="date >= ${start_date}")})
    made = after(
        project, project, "b", variables={"start_date": "2017-04-01", "other": 2},
        before={"variables": {"start_date": "2017-01-01", "other": 1}},
    )  # fmt: skip
    assert made.activities[0].reason == "variable start_date changed from 2017-01-01 to 2017-04-01"


def test_a_variable_nobody_uses_makes_nothing_stale() -> None:
    project = a_flow_project({"r": a_recipe("a", "b", condition="x > 1")})
    assert after(project, project, "b", variables={"v": 2}, before={"variables": {"v": 1}}).recipes == ()


@pytest.mark.parametrize("body", ['penstock.variables["v"]', "variables.get('v')", "SELECT ${v}"])
def test_variables_used_by_code_count(body: str) -> None:
    project = a_flow_project({"r": Code(inputs=("a",), outputs=("b",), body=body)})
    made = after(project, project, "b", variables={"v": 2}, before={"variables": {"v": 1}})
    assert made.activities[0].reason == "variable v changed from 1 to 2"


def test_a_variable_behind_a_variable_counts() -> None:
    project = a_flow_project({"r": a_recipe("a", "b", condition="${path}")})
    values = [{"path": "/x/${day}", "day": day} for day in (1, 2)]
    made = after(project, project, "b", variables=values[1], before={"variables": values[0]})
    assert made.activities[0].reason == "variable day changed from 1 to 2"


def test_variables_can_be_left_out_of_the_fingerprint() -> None:
    project = a_flow_project(
        {"r": a_recipe("a", "b", condition="${v}")}, settings=ProjectSettings(variables_in_fingerprint=False)
    )
    assert after(project, project, "b", variables={"v": 2}, before={"variables": {"v": 1}}).recipes == ()


def test_the_project_library_makes_code_stale_unless_switched_off() -> None:
    def with_library(hash_: str, counted: bool) -> Project:
        return a_flow_project(
            {"r": Code(inputs=("a",), outputs=("b",), body="x"), "v": a_recipe("a", "c")},
            library_hash=hash_, settings=ProjectSettings(library_in_fingerprint=counted),
        )  # fmt: skip

    made = after(with_library("1", True), with_library("2", True), "b c")
    assert [(a.recipe, a.reason) for a in made.activities] == [("r", "the project library changed")]
    assert after(with_library("1", False), with_library("2", False), "b").recipes == ()


def test_a_failed_build_and_cleared_data_are_reasons() -> None:
    project = a_flow_project({"r": a_recipe("a", "b")})
    failed = {"b": replace(built(project)["b"], success=False)}
    assert planned(project, "b", facts=facts_of(project, failed)).activities[0].reason == "last build failed"
    cleared = facts_of(project, built(project), states={"b": ""})
    assert planned(project, "b", facts=cleared).activities[0].reason == "its data was cleared"


def chain(**rebuild: str) -> Project:
    """source → A → B → C → out"""
    return a_flow_project(
        {
            "make_a": a_recipe("source", "a"), "make_b": a_recipe("a", "b"),
            "make_c": a_recipe("b", "c"), "make_out": a_recipe("c", "out"),
        },
        datasets={name: Managed(rebuild=setting) for name, setting in rebuild.items()},
    )  # fmt: skip


@pytest.mark.requirement("A30")
def test_recursion_stops_at_an_explicit_object_and_looks_no_further_through_it() -> None:
    made = planned(chain(b="explicit"), "out", facts=facts_of(chain(), {}))
    assert made.recipes == ("make_c", "make_out")
    assert {n.name: n.why for n in made.not_run}["b"].startswith("explicit")
    assert planned(chain(b="explicit"), "out", BuildMode.ALL_UPSTREAM).recipes == ("make_c", "make_out")


@pytest.mark.requirement("A30")
def test_an_explicit_object_is_built_when_named() -> None:
    project = chain(b="explicit")
    assert planned(project, "b", BuildMode.ONLY_THIS).recipes == ("make_b",)
    assert planned(project, "b").recipes == ("make_a", "make_b")


@pytest.mark.requirement("A30")
def test_downstream_of_the_input_skips_the_explicit_one_and_goes_on() -> None:
    made = planned(chain(b="explicit"), "source", BuildMode.DOWNSTREAM)
    assert made.recipes == ("make_a", "make_c", "make_out")
    assert made.activities[0].reason == "it is downstream of source"


@pytest.mark.requirement("A30")
def test_find_outputs_builds_only_below_the_explicit_one() -> None:
    for mode in (BuildMode.DOWNSTREAM_OUTPUTS, BuildMode.DOWNSTREAM_OUTPUTS_ALL):
        assert planned(chain(b="explicit"), "source", mode).recipes == ("make_c", "make_out")


@pytest.mark.requirement("A30")
@pytest.mark.parametrize("mode", [BuildMode.ONLY_THIS, BuildMode.REQUIRED, BuildMode.ALL_UPSTREAM])
def test_a_write_protected_target_is_refused(mode: BuildMode) -> None:
    with pytest.raises(WriteProtected, match="'b' is write-protected"):
        planned(chain(b="write_protected"), "b", mode)


def test_recursion_leaves_a_write_protected_object_alone() -> None:
    assert planned(chain(b="write_protected"), "out").recipes == ("make_c", "make_out")


def test_downstream_does_not_rebuild_the_object_itself() -> None:
    assert planned(chain(), "b", BuildMode.DOWNSTREAM).recipes == ("make_c", "make_out")


def test_everything_upstream_runs_whatever_its_state() -> None:
    project = chain()
    made = planned(project, "c", BuildMode.ALL_UPSTREAM, facts_of(project, built(project)))
    assert [a.reason for a in made.activities] == [
        "everything upstream of c was asked for", "everything upstream of c was asked for", "asked for",
    ]  # fmt: skip


@pytest.mark.requirement("A31", "M91")
def test_a_model_is_trained_again_by_naming_it_and_never_by_recursion() -> None:
    facts = facts_of(mission(), built(mission()))
    assert planned(mission(), "test_scored", BuildMode.ALL_UPSTREAM, facts).recipes == ("score",)
    for mode in (BuildMode.ONLY_THIS, BuildMode.REQUIRED):
        assert planned(mission(), "authorized", mode, facts).recipes == ("train",)


def test_a_model_that_is_not_explicit_is_trained_by_recursion_when_stale() -> None:
    project = mission()
    project = replace(project, models={"authorized": SavedModel(rebuild="normal")})
    assert planned(project, "test_scored", facts=facts_of(project, {})).recipes == ("train", "score")
    current = facts_of(project, built(project))
    assert planned(project, "authorized", facts=current).recipes == ()


def test_another_active_version_makes_the_scored_data_stale() -> None:
    made = after(mission(), mission(), "test_scored", states={"authorized": "v2"})
    assert made.activities[0].reason == "input authorized changed: another version is active"


def test_another_design_makes_the_model_stale_and_another_activation_does_not() -> None:
    def with_model(**settings: Any) -> Project:
        return replace(mission(), models={"authorized": SavedModel(rebuild="normal", **settings)})

    made = after(with_model(), with_model(search_again=False), "authorized")
    assert made.activities[0].reason == "the design changed: search again"
    assert after(with_model(), with_model(activation="manual"), "authorized").recipes == ()


@pytest.mark.requirement("A32")
def test_stopping_at_the_zone_ignores_stale_objects_of_other_zones() -> None:
    project = replace(chain(), zones=a_flow_project({}, zones={"Z": ["c", "out"]}).zones)
    assert planned(project, "out", stop_at_zone=True).recipes == ("make_c", "make_out")
    assert planned(project, "out").recipes == ("make_a", "make_b", "make_c", "make_out")


@pytest.mark.requirement("A33")
def test_siblings_are_one_activity() -> None:
    project = a_flow_project({"split": a_recipe("raw", "train test"), "x": a_recipe("train", "y")})
    made = planned(project, "train test y")
    assert made.recipes == ("split", "x")
    assert made.activities[0].outputs == ("train", "test")
    half = {**built(project), "test": replace(built(project)["test"], success=False)}
    assert (
        planned(project, "train", facts=facts_of(project, half)).activities[0].reason
        == "test: last build failed"
    )


def test_a_recipe_taken_out_by_hand_does_not_make_the_next_one_run() -> None:
    project = chain()
    facts = facts_of(project, {**built(project), "b": replace(built(project)["b"], success=False)})
    assert planned(project, "out", facts=facts).recipes == ("make_b", "make_c", "make_out")
    made = planned(project, "out", facts=facts, without=frozenset({"make_b"}))
    assert made.recipes == ()
    assert {n.name: n.why for n in made.not_run}["make_b"] == "taken out of the plan"


def test_an_input_that_changed_while_the_recipe_ran_is_stale_next_time() -> None:
    project = a_flow_project({"r": a_recipe("a", "b")})
    records = built(project, states={"a": "when the build began"})
    facts = facts_of(project, records, states={"a": "when it ended"})
    assert planned(project, "b", facts=facts).recipes == ("r",)


def test_a_source_is_not_built_and_the_plan_says_so() -> None:
    made = planned(mission(), "history", BuildMode.ONLY_THIS)
    assert made.recipes == ()
    assert made.not_run[0].why == "a source: no recipe writes it"


def test_a_rebuilt_folder_makes_what_reads_its_dataset_run() -> None:
    project = a_flow_project(
        {"fill": a_recipe("raw", "inbox"), "clean": a_recipe("batch", "cleaned")},
        folders={"inbox": a_folder()}, datasets={"batch": External(folder="inbox")},
    )  # fmt: skip
    records = {**built(project), "inbox": replace(built(project)["inbox"], success=False)}
    made = planned(project, "cleaned", facts=facts_of(project, records))
    assert [(a.recipe, a.reason) for a in made.activities] == [
        ("fill", "last build failed"),
        ("clean", "an input will be rebuilt: batch"),
    ]
    assert plan.needed(Flow.of(project), made) == ("raw",)


def test_what_is_needed_first_is_what_nothing_in_the_plan_writes() -> None:
    made = planned(mission(), "mes", facts=facts_of(mission(), {}))
    assert set(plan.needed(Flow.of(mission()), made)) == {"new_transactions", "authorized"}


def test_only_what_may_run_is_examined_and_nothing_when_forced() -> None:
    flow = Flow.of(mission())
    smart = Request(targets=("test_scored",), mode=BuildMode.REQUIRED)
    assert set(plan.examined(flow, smart)) == {"new_transactions", "authorized", "test_scored"}
    assert plan.examined(flow, replace(smart, mode=BuildMode.ONLY_THIS)) == ()


def test_an_unknown_target_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="Did you mean test_scored"):
        planned(mission(), "test_scord")


@pytest.mark.requirement("A39")
def test_an_unknown_build_mode_is_answered_with_the_nearest() -> None:
    with pytest.raises(Invalid, match="Did you mean required"):
        BuildMode.parse("requird")
    assert BuildMode.parse("RECURSIVE_BUILD") is BuildMode.parse("recursive") is BuildMode.REQUIRED
    assert BuildMode.parse("non-recursive") is BuildMode.ONLY_THIS


def test_a_plan_of_a_very_long_chain_is_made() -> None:
    project = a_flow_project({f"r{i}": Work(inputs=(f"d{i}",), outputs=(f"d{i + 1}",)) for i in range(2000)})
    made = planned(project, "d2000", facts=facts_of(project, {}))
    assert len(made.activities) == 2000
