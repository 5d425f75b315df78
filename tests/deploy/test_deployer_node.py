"""A deployer on a node of its own: one process designs, one deploys, one runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from penstock.core.errors import Conflict
from penstock.testing import a_project, fill, rows

from ..nodes import RunningNode, a_home, a_running_node

pytestmark = pytest.mark.slow
FLOW = {
    "datasets/raw": {"type": "managed"}, "datasets/out": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "out"},
}  # fmt: skip


@dataclass
class Three:
    design: RunningNode
    deployer: RunningNode
    automation: RunningNode


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Three]:
    with a_running_node(tmp_path, "deployer", worker=False) as deployer:
        settings = {"deployer_url": deployer.url, "deployer_key": "secret:deployer"}
        design = a_home(tmp_path / "design", "design", **settings)
        design.node.secrets.put("deployer", deployer.key)
        design.worker = False
        try:
            design.start()
            with a_running_node(tmp_path, "automation", trusts=[design], worker=False) as automation:
                yield Three(design, deployer, automation)
        finally:
            design.stop()


@pytest.mark.requirement("D11", "D13", "D22", "D34")
def test_a_project_goes_from_design_through_a_deployer_of_its_own_to_where_it_runs(three: Three) -> None:
    a_project(three.design.node, FLOW, key="FRAUD")
    fill(three.design.node, "raw", key="FRAUD", n=[1, 2])
    home = three.design.home
    home.project("FRAUD").bundles.create("v1", content={"datasets": ["raw"]})
    home.deployer.publish_bundle("FRAUD", "v1")
    with pytest.raises(Conflict, match="v1"):
        home.deployer.publish_bundle("FRAUD", "v1")
    home.project("FRAUD").bundles.delete("v1")
    assert three.design.node.deployer.names("project") == []

    deployer = three.deployer.home.deployer
    (published,) = deployer.published()
    assert (published.name, [p.id for p in published.packages]) == ("FRAUD", ["v1"])
    assert published.packages[0].source.node == "design"
    three.deployer.node.secrets.put("prod", three.automation.key)
    deployer.set_infrastructure(
        "prod", {"type": "automation_node", "url": three.automation.url, "key": "secret:prod"}
    )
    deployment = deployer.create_deployment("FRAUD", "v1", "prod")
    assert deployment.update(ignore_warnings=True).package == "v1"

    assert three.deployer.home.keys() == []
    project = three.automation.home.project("FRAUD")
    assert three.automation.home.incoming.active("FRAUD").bundle == "v1"
    project.build("out")
    assert rows(three.automation.node, "out", key="FRAUD") == [{"n": 1}, {"n": 2}]
    assert [u.package for u in deployment.updates()] == ["v1"]
