"""Activity: what goes on, for those who may see it."""

from __future__ import annotations

from pathlib import Path

from penstock.core.access import Identity, Permission, Source
from penstock.runtime import activity, asking, scenarios, users
from penstock.testing import a_node, a_project


def test_what_goes_on_is_told_to_those_who_see_scenarios_and_then_how_it_ended(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    node.projects.save("DEMO", {"scenarios/nightly.yaml": "steps: []\n"}, author="ann", message="Nightly")
    run = asking.ask(node, "DEMO", "nightly", by="eve")
    (going,) = activity.running(node, users.local(node))
    assert (going.sort, going.title, going.by) == ("scenario", "nightly", "eve")
    assert going.url == f"/projects/DEMO/scenarios/nightly/runs/{run.id}"
    assert activity.ended(node, going) is None
    stranger = Identity(
        login="key:1", source=Source.GLOBAL_KEY, projects={"DEMO": frozenset({Permission.EXPORT})}
    )
    assert activity.running(node, stranger) == []
    scenarios.abort(node, run.id)
    assert activity.running(node, users.local(node)) == []


def test_something_nobody_knows_any_more_is_told_by_nobody(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    gone = activity.Going(sort="job", id="build_x", project="DEMO", title="x", by="ann", started_at=None)
    assert activity.ended(node, gone) is None
