"""Two nodes, two processes, two homes: one that designs, one that runs bundles. Each test has its own project."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from penstock.core.node import Node
from penstock.testing import a_project, fill

from ..nodes import RunningNode, a_running_node

_numbers = itertools.count(1)
CSV = b"n,city\n1,Rome\n2,Oslo\n3,Lima\n"


@dataclass
class Pair:
    """A design node that an automation node trusts, and the key of a project that is this test's alone."""

    design: RunningNode
    automation: RunningNode
    key: str
    folder: Path

    @property
    def here(self) -> Node:
        return self.design.node

    @property
    def there(self) -> Node:
        return self.automation.node

    @property
    def bundles(self) -> Any:
        return self.design.home.project(self.key).bundles

    @property
    def incoming(self) -> Any:
        return self.automation.home.incoming

    def project(self, objects: Mapping[str, Any] | None = None, **files: str) -> None:
        """Define objects in the project that is designed."""
        a_project(self.here, objects, key=self.key)
        if files:
            texts = {name.replace("__", "/"): text for name, text in files.items()}
            self.here.projects.save(self.key, texts, author="ann", message="More")

    def save(self, files: Mapping[str, str | None], *, author: str = "ann") -> None:
        self.here.projects.save(self.key, files, author=author, message=f"Change {', '.join(files)}")

    def upload(self, name: str, content: bytes = CSV, *, node: Node | None = None) -> None:
        source = self.folder / "orders.csv"
        source.write_bytes(content)
        data = (node or self.here).data
        data.put(source, data.uploads(self.key, name) / "orders.csv")

    def fill(self, name: str, **columns: Any) -> None:
        fill(self.here, name, key=self.key, **columns)

    def ship(self, id: str, **words: Any) -> Path:
        """Make a bundle and take it in on the other node."""
        self.bundles.create(id, **words)
        archive: Path = self.bundles.download(id, self.folder)
        self.incoming.receive(archive)
        return archive

    def deploy(self, id: str, settings: Mapping[str, Any] | None = None, **words: Any) -> Any:
        """Make a bundle and activate it there, warnings or not."""
        self.ship(id, **words)
        return self.activate(id, settings)

    def activate(self, id: str, settings: Mapping[str, Any] | None = None) -> Any:
        report = self.incoming.activate(self.key, id, settings, ignore_warnings=True)
        assert report.activated, report.messages
        return report


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningNode, RunningNode]]:
    """The two nodes of this test process."""
    folder = tmp_path_factory.mktemp("nodes")
    with a_running_node(folder, "design", worker=False) as design:  # noqa: SIM117  the second trusts the first
        with a_running_node(folder, "automation", trusts=[design], worker=False) as automation:
            yield design, automation


@pytest.fixture
def pair(nodes: tuple[RunningNode, RunningNode], tmp_path: Path) -> Pair:
    return Pair(design=nodes[0], automation=nodes[1], key=f"SHOP{next(_numbers)}", folder=tmp_path)


FLOW: Mapping[str, Any] = {
    "datasets/orders": {"type": "upload", "format": {"type": "csv"}},
    "datasets/copied": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "orders", "output": "copied"},
}
"""Uploaded orders, copied."""


@pytest.fixture
def shop(pair: Pair) -> Pair:
    """A project with a Flow, a scenario, a wiki article with an attachment, and variables of both sorts."""
    pair.project(FLOW)
    pair.save(
        {
            "scenarios/nightly.yaml": "active: true\nsteps:\n  - {type: build, items: [copied]}\n",
            "lib/tools.py": "def twice(x):\n    return 2 * x\n",
        }
    )
    pair.upload("orders")
    pair.here.projects.set_variables(pair.key, {"colour": "red"}, author="ann")
    pair.here.projects.set_variables(pair.key, {"secret_place": "here"}, author="ann", local=True)
    return pair
