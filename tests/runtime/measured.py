"""A small project with rows, stores and a folder, on a real node: what the tests of metrics and checks share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from penstock.core import registry
from penstock.core.config import Config
from penstock.core.dataset import Dataset
from penstock.core.evaluation import EvaluationStore
from penstock.core.folder import Folder
from penstock.core.model import SavedModel
from penstock.core.node import Node
from penstock.core.project import Project, ProjectSettings
from penstock.engine.engines import LocalEngines
from penstock.store.blobs import DiskBlobs
from penstock.store.clock import SystemClock
from penstock.store.data import DiskData
from penstock.store.database import Database
from penstock.store.evaluations import SqlEvaluations
from penstock.store.metrics import SqlMetrics
from penstock.store.models import SqlModels
from penstock.store.runs import SqlRuns

KEY = "FRAUD"


class Rows(Dataset):
    MANAGED = True

    def read(self, ctx: Any) -> Any:
        return ctx.backend.read_parquet([str(f) for f in ctx.snapshot_files()])


class Kept:
    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}

    def load(self, key: str) -> Project:
        return self.projects[key]

    def instance_variables(self) -> dict[str, Any]:
        return {}


class World:
    """A node with one project in it."""

    def __init__(self, home: Path) -> None:
        config = Config(home=home, threads=1)
        clock, blobs, database = SystemClock(), DiskBlobs(home), Database(home)
        self.kept = Kept()
        self.node: Node = Node(
            config=config, clock=clock, projects=self.kept, data=DiskData(home), engines=LocalEngines(config),
            runs=SqlRuns(database, home / "logs"), metrics=SqlMetrics(database), models=SqlModels(database, blobs),
            evaluations=SqlEvaluations(database, blobs), blobs=blobs,
        )  # fmt: skip
        self.kept.projects[KEY] = Project(
            key=KEY, path=home / "fraud", settings=ProjectSettings(variables={"least": 2})
        )

    @property
    def project(self) -> Project:
        return self.node.projects.load(KEY)

    def dataset(self, name: str, rows: Mapping[str, Any], **settings: Any) -> None:
        """A managed dataset with these rows."""
        fresh = self.node.data.begin(KEY, name)
        pq.write_table(pa.table(dict(rows)), fresh / "part-00000.parquet")
        self.node.data.finish(KEY, name, fresh, job="", keep=3)
        self.kept.projects[KEY] = replace(
            self.project, datasets={**self.project.datasets, name: Rows.model_validate(settings)}
        )

    def store(self, name: str, **settings: Any) -> None:
        stores = {**self.project.evaluation_stores, name: EvaluationStore.model_validate(settings)}
        self.kept.projects[KEY] = replace(self.project, evaluation_stores=stores)

    def folder(self, name: str, **settings: Any) -> Path:
        self.kept.projects[KEY] = replace(
            self.project, folders={**self.project.folders, name: Folder.model_validate(settings)}
        )
        return self.node.data.folder(KEY, name)

    def model(self, name: str, **settings: Any) -> None:
        self.kept.projects[KEY] = replace(
            self.project, models={**self.project.models, name: SavedModel.model_validate(settings)}
        )

    def recipe(self, name: str, definition: Mapping[str, Any]) -> None:
        self.kept.projects[KEY] = replace(
            self.project, recipes={**self.project.recipes, name: registry.parse("recipes", definition)}
        )
