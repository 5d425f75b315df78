"""The Flow as people look at it."""

from __future__ import annotations

from pathlib import Path

from penstock.core.node import Node
from penstock.runtime import flow
from penstock.testing import KEY, a_node, a_project, build, fill


def staged(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(
        node,
        {
            "datasets/raw": {"type": "managed", "tags": ["gold"]},
            "datasets/copied": {"type": "managed"},
            "datasets/sorted": {"type": "managed"},
            "recipes/copy_it": {"type": "sync", "input": "raw", "output": "copied", "tags": ["daily"]},
            "recipes/sort_it": {
                "type": "sort",
                "input": "copied",
                "output": "sorted",
                "order": [{"column": "n"}],
            },
        },
    )
    fill(node, "raw", n=[2, 1])
    return node


def states(node: Node) -> dict[str, str]:
    return {n.id: n.state for n in flow.show(node, KEY, fresh=True).nodes}


def test_states_follow_builds_and_changes(tmp_path: Path) -> None:
    node = staged(tmp_path)
    assert states(node) == {
        "raw": "source", "copied": "never", "sorted": "never", "recipe:copy_it": "success", "recipe:sort_it": "success",
    }  # fmt: skip
    build(node, "sorted")
    assert {states(node)[n] for n in ("copied", "sorted")} == {"success"}
    fill(node, "raw", n=[3])
    picture = flow.show(node, KEY, fresh=True)
    assert {i.name: i.state for i in picture.items} == {"raw": "source", "copied": "stale", "sorted": "stale"}
    assert next(i.why for i in picture.items if i.name == "sorted") == "an input will be rebuilt: copied"
    assert {i.state for i in flow.show(node, KEY).items} == {"source", "success"}


def test_a_failed_build_is_told_with_its_reason_on_the_recipe_too(tmp_path: Path) -> None:
    node = staged(tmp_path)
    a_project(
        node,
        {
            "recipes/sort_it": {
                "type": "sort",
                "input": "copied",
                "output": "sorted",
                "order": [{"column": "gone"}],
            }
        },
    )
    build(node, "sorted", no_fail=True)
    picture = flow.show(node, KEY)
    failed = next(i for i in picture.items if i.name == "sorted")
    assert (failed.state, "gone" in failed.why) == ("failed", True)
    assert next(r.state for r in picture.recipes if r.name == "sort_it") == "failed"


def test_tags_and_zones_with_their_colours_are_in_the_picture(tmp_path: Path) -> None:
    from penstock.runtime import zones

    node = staged(tmp_path)
    zones.move(node, KEY, ["sorted"], "Z", author="ann", new=True, color="#ff0000")
    picture = flow.show(node, KEY)
    assert [(b.name, b.color) for b in picture.boxes] == [("default", ""), ("Z", "#ff0000")]
    assert {n.id: n.tags for n in picture.nodes if n.tags} == {"raw": ("gold",), "recipe:copy_it": ("daily",)}


def test_an_activity_that_runs_marks_its_recipe_and_outputs(tmp_path: Path) -> None:
    from dataclasses import replace

    from penstock.core.job import ActivityState, JobState

    node = staged(tmp_path)
    job = build(node, "sorted")
    node.runs.update_job(replace(job, state=JobState.RUNNING))
    activity = next(a for a in node.runs.activities(job.id) if a.recipe == "sort_it")
    node.runs.save_activity(replace(activity, state=ActivityState.RUNNING))
    assert flow.running(node, KEY) == {"recipe:sort_it": job.id, "sorted": job.id}
    assert states(node)["sorted"] == "running"
