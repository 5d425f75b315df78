"""Small kinds and builders for tests of the Flow: what they compute does not matter here, only how they connect."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from penstock.core.dataset import Dataset
from penstock.core.evaluation import EvaluationStore
from penstock.core.folder import Folder
from penstock.core.job import BuildRecord
from penstock.core.kind import Definition
from penstock.core.model import SavedModel
from penstock.core.names import InputItem, OutputItem
from penstock.core.project import Project, ProjectSettings, Zone, Zones
from penstock.core.recipe import Recipe


class Managed(Dataset):
    MANAGED: ClassVar[bool] = True

    @classmethod
    def kind_name(cls) -> str:
        return "managed"


class External(Dataset):
    selection: tuple[str, ...] = ()
    folder: str = ""

    @classmethod
    def kind_name(cls) -> str:
        return "external"

    def depends_on(self) -> tuple[str, ...]:
        return (self.folder,) if self.folder else ()


class Step(Definition):
    formula: str = ""
    comment: str = ""


class Work(Recipe):
    inputs: tuple[InputItem, ...] = ()
    outputs: tuple[OutputItem, ...] = ()
    steps: tuple[Step, ...] = ()
    condition: str = ""
    threshold: Annotated[float, Field(ge=0)] = 0.5

    @classmethod
    def kind_name(cls) -> str:
        return "work"


class Code(Work):
    BODY: ClassVar[str] = ".py"
    CATEGORY: ClassVar[str] = "code"
    body: str = ""


def a_recipe(inputs: str, outputs: str, **settings: Any) -> Work:
    """a_recipe("a b", "c")"""
    return Work(inputs=tuple(inputs.split()), outputs=tuple(outputs.split()), **settings)


def a_flow_project(recipes: dict[str, Recipe], **parts: Any) -> Project:
    """A project whose items appear by being used: written ones managed, the others external. Given ones win."""
    given = {"models": {}, "evaluation_stores": {}, "folders": {}, "datasets": {}} | parts
    known = {n for kind in ("models", "evaluation_stores", "folders", "datasets") for n in given[kind]}
    datasets = dict(given["datasets"])
    written = {n for r in recipes.values() for n in r.writes}
    for recipe in recipes.values():
        for name in (*recipe.reads, *recipe.writes):
            if name not in known and name not in datasets:
                datasets[name] = Managed() if name in written else External()
    return Project(
        key=parts.get("key", "P"), path=Path("nowhere"), settings=parts.get("settings", ProjectSettings()),
        zones=Zones(zones={z: Zone(items=tuple(i)) for z, i in parts.get("zones", {}).items()}),
        datasets=datasets, folders=given["folders"], models=given["models"],
        evaluation_stores=given["evaluation_stores"], recipes=recipes,
        library_hash=parts.get("library_hash", ""),
    )  # fmt: skip


def mission(**parts: Any) -> Project:
    """The mission's Flow: train on history; score new transactions; evaluate what was scored."""
    return a_flow_project(
        {
            "train": a_recipe("history", "authorized"),
            "score": a_recipe("new_transactions authorized", "test_scored"),
            "evaluate": a_recipe("test_scored authorized", "mes"),
        },
        models={"authorized": SavedModel()},
        evaluation_stores={"mes": EvaluationStore()},
        **parts,
    )


def a_record(item: str, **fields: Any) -> BuildRecord:
    base: dict[str, Any] = {
        "project": "P", "item": item, "recipe": "r", "recipe_fingerprint": "", "input_states": {},
        "state": "1", "job": "j", "built_at": datetime(2026, 1, 1, 8, tzinfo=UTC), "success": True,
    }  # fmt: skip
    return BuildRecord(**(base | fields))


def a_folder(**settings: Any) -> Folder:
    return Folder(**settings)
