"""A broken file hinders the builds that need it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import InvalidDefinition
from penstock.core.node import Node
from penstock.runtime import flow as flows
from penstock.runtime import jobs, projects, schedule, variables, zones
from penstock.testing import KEY, a_node, a_project, build, fill, rows

MANAGED = {"type": "managed"}


def sync(source: str, target: str) -> dict[str, str]:
    return {"type": "sync", "input": source, "output": target}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """raw → first → second → third, and side by side: raw → other."""
    node = a_node(tmp_path)
    objects: dict[str, dict[str, str]] = {
        f"datasets/{d}": MANAGED for d in ("raw", "first", "second", "third", "other")
    }
    objects |= {
        "recipes/one": sync("raw", "first"), "recipes/two": sync("first", "second"),
        "recipes/three": sync("second", "third"), "recipes/aside": sync("raw", "other"),
    }  # fmt: skip
    a_project(node, objects)
    fill(node, "raw", n=[1, 2])
    return node


def spoil(node: Node, file: str) -> None:
    path = node.projects.path(KEY) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "nonsense: 1\n")


@pytest.mark.parametrize(
    "file",
    ["flow/recipes/three.yaml", "flow/datasets/third.yaml", "flow/recipes/aside.yaml", "scenarios/s.yaml",
     "flow/models/m.yaml"],
)  # fmt: skip
def test_a_build_goes_on_beside_a_broken_file_it_does_not_need(node: Node, file: str) -> None:
    spoil(node, file)
    build(node, "second")
    assert rows(node, "second") == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    "file",
    ["flow/recipes/one.yaml", "flow/recipes/two.yaml", "flow/datasets/raw.yaml", "flow/datasets/first.yaml",
     "flow/datasets/second.yaml", "project.yaml", "flow/zones.yaml"],
)  # fmt: skip
def test_a_build_is_refused_with_the_problem_of_a_file_it_needs(node: Node, file: str) -> None:
    spoil(node, file)
    for ask in (jobs.build, jobs.preview):
        with pytest.raises(InvalidDefinition, match="nonsense") as refused:
            ask(node, KEY, ["second"])
        assert refused.value.file == file
    assert node.runs.jobs(KEY) == []


@pytest.mark.parametrize(
    ("target", "mode"), [("*", "required"), ("first", "downstream"), ("three", "required")]
)
def test_whoever_asks_for_all_or_for_what_is_behind_meets_the_broken_recipe(
    node: Node, target: str, mode: str
) -> None:
    spoil(node, "flow/recipes/three.yaml")
    with pytest.raises(InvalidDefinition, match=r"three\.yaml"):
        build(node, target, mode=mode)


def test_a_broken_recipe_that_once_made_something_is_needed_to_make_it_again(node: Node) -> None:
    build(node, "second")
    spoil(node, "flow/recipes/one.yaml")
    with pytest.raises(InvalidDefinition, match=r"one\.yaml"):
        build(node, "second")


def test_a_zone_with_a_broken_file_is_not_built_in_part(node: Node) -> None:
    zones.create(node, KEY, "Z", author="ann")
    zones.move(node, KEY, ["second", "other"], "Z", author="ann")
    spoil(node, "flow/recipes/two.yaml")
    with pytest.raises(InvalidDefinition, match=r"two\.yaml"):
        build(node, "zone:Z")


def test_state_and_other_objects_are_read_beside_broken_files(node: Node) -> None:
    build(node, "second")
    for file in ("flow/datasets/first.yaml", "flow/recipes/aside.yaml", "project.yaml"):
        spoil(node, file)
    assert rows(node, "second") == [{"n": 1}, {"n": 2}]
    picture = flows.show(node, KEY)
    assert [p.file for p in picture.problems] == [
        "flow/datasets/first.yaml", "flow/recipes/aside.yaml", "project.yaml"
    ]  # fmt: skip
    assert [s.problem for s in projects.summaries(node)] == [str(picture.problems[0])]
    assert len(variables.levels(node, KEY)) == 1


def test_zones_and_variables_of_a_broken_file_are_not_written_over(node: Node) -> None:
    spoil(node, "flow/zones.yaml")
    spoil(node, "project.yaml")
    with pytest.raises(InvalidDefinition, match="nonsense"):
        zones.create(node, KEY, "Z", author="ann")
    with pytest.raises(InvalidDefinition, match="nonsense"):
        variables.remove(node, KEY, ["x"], author="ann")


def test_triggers_of_a_broken_scenario_stay_as_they_were(node: Node) -> None:
    text = "triggers: [{type: time, every: day}]\nsteps: []\nactive: true\n"
    node.projects.save(KEY, {"scenarios/s.yaml": text}, author="ann", message="A scenario")
    now = node.clock.now()
    schedule.sync(node, node.projects.load(KEY), now)
    before = node.scenario_runs.trigger_states(KEY)
    assert len(before) == 1
    spoil(node, "scenarios/s.yaml")
    schedule.sync(node, node.projects.load(KEY), now)
    assert node.scenario_runs.trigger_states(KEY) == before
    with pytest.raises(InvalidDefinition, match="nonsense"):
        schedule.of_state(node.projects.load(KEY), before[0])


def test_a_broken_definition_that_is_in_the_history_can_be_removed(node: Node) -> None:
    file = "flow/datasets/other.yaml"
    projects.remove(node, KEY, "recipe", "aside", author="ann")
    spoil(node, file)
    from penstock.store.git import Repository

    data = (node.projects.path(KEY) / file).read_bytes()
    Repository(node.projects.path(KEY)).commit({file: data}, author="x", message="x", at=node.clock.now())
    projects.remove(node, KEY, "dataset", "other", author="ann")
    assert node.projects.load(KEY).problems == ()


def test_a_preview_tells_which_variables_have_no_value(node: Node) -> None:
    text = "type: sql\ninputs: [raw]\noutput: first\n"
    node.projects.save(
        KEY, {"flow/recipes/one.yaml": text, "flow/recipes/one.sql": "select * from raw where n > ${least}\n"},
        author="ann", message="SQL",
    )  # fmt: skip
    (problem,) = jobs.preview(node, KEY, ["first"]).problems
    assert problem.startswith("flow/recipes/one.yaml: body: Variable 'least' has no value.")
    assert jobs.preview(node, KEY, ["first"], variables={"least": 1}).problems == ()
    assert jobs.preview(node, KEY, ["other"]).problems == ()
