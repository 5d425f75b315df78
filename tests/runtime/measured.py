"""A project with rows, stores and a folder, on a real node: what the tests of metrics, checks and statuses share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from penstock.app import open_node
from penstock.core import registry
from penstock.core.evaluation import EvaluationStore
from penstock.core.folder import Folder
from penstock.core.kind import Definition
from penstock.core.model import SavedModel
from penstock.core.project import Project, Zone, Zones, file_of

KEY = "FRAUD"


class World:
    """A node with one project in it. Every change of a definition is saved as people's are."""

    def __init__(self, home: Path) -> None:
        self.node = open_node(home, user="ann", threads=1)
        self.node.projects.create(KEY, title="", author="ann")
        self.node.projects.set_variables(KEY, {"least": 2}, author="ann")

    @property
    def project(self) -> Project:
        return self.node.projects.load(KEY)

    def dataset(self, name: str, rows: Mapping[str, Any], **settings: Any) -> None:
        """A managed dataset with these rows."""
        fresh = self.node.data.begin(KEY, name)
        pq.write_table(pa.table(dict(rows)), fresh / "part-00000.parquet")
        self.node.data.finish(KEY, name, fresh, job="", keep=3)
        self.save("dataset", name, registry.parse("datasets", {"type": "managed", **settings}))

    def store(self, name: str, **settings: Any) -> None:
        self.save("evaluation_store", name, registry.validate(EvaluationStore, settings))

    def folder(self, name: str, **settings: Any) -> Path:
        self.save("folder", name, registry.validate(Folder, settings))
        return self.node.data.folder(KEY, self.project.folder(name).id or name)

    def model(self, name: str) -> None:
        self.save("model", name, SavedModel())

    def recipe(self, name: str, definition: Mapping[str, Any]) -> None:
        self.save("recipe", name, registry.parse("recipes", definition))

    def zone(self, name: str, *items: str) -> None:
        zones = Zones(zones={**self.project.zones.zones, name: Zone(items=items)})
        self.node.projects.save(KEY, {"flow/zones.yaml": zones}, author="ann", message="zone")

    def save(self, what: str, name: str, definition: Definition) -> None:
        self.node.projects.save(KEY, {file_of(what, name): definition}, author="ann", message=f"Save {name}")
