"""On a node that runs bundles, people do not change what was designed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.core.access import Identity, Permission, Source
from penstock.core.errors import MadeOnDesignNode
from penstock.core.node import Node
from penstock.runtime import caller, scenarios, variables
from penstock.testing import a_node, a_project, build, fill, rows

FLOW = {
    "datasets/raw": {"type": "managed"}, "datasets/out": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "out"},
}  # fmt: skip
RECIPE = "type: sync\ninput: raw\noutput: out\nshort_description: Changed\n"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path, role="automation")
    a_project(made, FLOW)
    scenarios.save(made, "DEMO", "nightly", {"steps": [{"type": "build", "items": ["out"]}]}, author="ann")
    files = dict.fromkeys(made.projects.files_at("DEMO", "HEAD"), "hash")
    made.bundles.note("DEMO", "active", {"bundle": "v3", "files": files})
    return made


@pytest.fixture
def op(node: Node) -> Iterator[None]:
    """Somebody with every right asks."""
    with caller.calling():
        caller.turned_out(
            Identity(login="op", permissions=frozenset({Permission.ADMINISTRATOR}), source=Source.SESSION)
        )
        yield


@pytest.mark.usefixtures("op")
def test_objects_that_came_are_refused_with_where_to_change_them(node: Node) -> None:
    with pytest.raises(
        MadeOnDesignNode, match=r"copy of DEMO was made on the design node .* bundle v3"
    ) as no:
        node.projects.save("DEMO", {"flow/recipes/copy.yaml": RECIPE}, author="op", message="No")
    assert "variables" in no.value.hint
    for file in ("flow/recipes/new.yaml", "wiki/page.md", "lib/tools.py", "dashboards/d.yaml"):
        with pytest.raises(MadeOnDesignNode):
            node.projects.save("DEMO", {file: "type: sync\n"}, author="op", message="No")
    with pytest.raises(MadeOnDesignNode):
        node.projects.rename("DEMO", "out", "other", author="op")
    with pytest.raises(MadeOnDesignNode):
        node.projects.revert("DEMO", node.projects.history("DEMO")[0].id, author="op")
    with pytest.raises(MadeOnDesignNode):
        scenarios.save(node, "DEMO", "nightly", {"title": "Other", "steps": []}, author="op")


@pytest.mark.usefixtures("op")
def test_variables_switches_and_scenarios_of_this_node_change(node: Node) -> None:
    variables.assign(node, "DEMO", {"place": "prod"}, author="op", local=True)
    scenarios.switch(node, "DEMO", "nightly", True, author="op")
    assert node.projects.load("DEMO").scenarios["nightly"].active
    scenarios.save(node, "DEMO", "own", {"steps": []}, author="op")
    scenarios.save(node, "DEMO", "own", {"title": "Ours", "steps": []}, author="op")
    node.projects.rename("DEMO", "own", "ours", author="op")
    node.projects.save("DEMO", {"scenarios/ours.yaml": None}, author="op", message="Delete it")


@pytest.mark.usefixtures("op")
def test_a_project_made_here_is_free(node: Node) -> None:
    a_project(node, FLOW, key="LOCAL")
    node.projects.save("LOCAL", {"flow/recipes/copy.yaml": RECIPE}, author="op", message="Yes")


def test_jobs_write_what_they_make(node: Node) -> None:
    fill(node, "raw", n=[1, 2])
    build(node, "out")
    assert rows(node, "out") == [{"n": 1}, {"n": 2}]
