"""Project: goals, people, variables, and everything that was designed in it, parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, field_validator

from penstock.core.access import Authorised
from penstock.core.bundle import BundleContent
from penstock.core.dashboard import DEFAULT, Dashboard
from penstock.core.dataset import Dataset
from penstock.core.environment import EnvironmentName
from penstock.core.errors import FlawAt, InvalidDefinition, NotFound
from penstock.core.evaluation import EvaluationStore
from penstock.core.folder import Folder
from penstock.core.kind import Definition, Described
from penstock.core.lineage import Lineage
from penstock.core.model import SavedModel
from penstock.core.names import ItemType, Name, flaw_of_variable, owner_of
from penstock.core.recipe import Recipe
from penstock.core.saved_comparison import SavedComparison
from penstock.core.scenario import Scenario
from penstock.core.service import ApiService
from penstock.core.sharing import Share
from penstock.core.wiki import Wiki

FORMAT = 1
"""The version of the project files this program writes; store/upgrades lifts older ones."""

Named = TypeVar("Named")
Item = Dataset | Folder | SavedModel | EvaluationStore

SETTINGS_FILE = "project.yaml"
ZONES_FILE = "flow/zones.yaml"
FOLDERS: dict[str, str] = {
    "dataset": "flow/datasets",
    "folder": "flow/folders",
    "recipe": "flow/recipes",
    "model": "flow/models",
    "evaluation_store": "flow/evaluations",
    "scenario": "scenarios",
    "dashboard": "dashboards",
    "comparison": "comparisons",
    "service": "services",
}
"""What a file in a folder of a project defines."""
ITEMS = ("dataset", "folder", "model", "evaluation_store")
SORTS: Mapping[ItemType, type[Item]] = {
    "dataset": Dataset, "folder": Folder, "model": SavedModel, "evaluation_store": EvaluationStore,
}  # fmt: skip
"""What the objects of each type are."""


def file_of(what: str, name: str) -> str:
    """The file that defines an object: `flow/datasets/flights.yaml`."""
    return f"{FOLDERS[what]}/{name}.yaml"


class ToDo(Definition):
    """One thing somebody should do; for people, nothing runs because of it."""

    text: Annotated[str, Field(min_length=1)] = Field(description="What.")
    done: bool = Field(default=False, description="It is done.")
    done_by: str = Field(default="", description="Who said so.")
    done_at: datetime | None = Field(default=None, description="When.")


class ProjectSettings(Described):
    """`project.yaml`."""

    format: int = Field(default=FORMAT, description="Version of the project files.")
    goals: str = Field(default="", description="What the project is for, in Markdown.")
    people: dict[str, str] = Field(default_factory=dict, description="Who is involved: name → role.")
    variables: dict[str, Any] = Field(default_factory=dict, description="Project variables, any JSON values.")

    @field_validator("variables")
    @classmethod
    def _words(cls, variables: dict[str, Any]) -> dict[str, Any]:
        for name in variables:
            flaw = flaw_of_variable(name)
            if flaw:
                raise FlawAt(flaw, name)
        return variables

    to_dos: tuple[ToDo, ...] = Field(default=(), description="What is left to do, for people.")
    authorised: tuple[Authorised, ...] = Field(
        default=(),
        description="What people who may only see dashboards see on them; see `penstock project people`.",
    )
    shared: tuple[Share, ...] = Field(
        default=(), description="Objects that other projects read; see `penstock project share`."
    )
    bundle: BundleContent = Field(
        default=BundleContent(),
        description="What goes into bundles beside the definitions; see `penstock bundle`.",
    )
    variables_in_fingerprint: bool = Field(
        default=True, description="A changed variable makes the recipes that use it stale."
    )
    library_in_fingerprint: bool = Field(
        default=True, description="A changed project library makes code recipes stale."
    )
    code_environment: EnvironmentName = Field(
        default="",
        description="Code environment that Python of the project runs in unless it names another; the node's own "
        "when empty.",
    )
    snapshots_kept: Annotated[int, Field(ge=1)] = Field(
        default=3, description="How many finished writes of each managed dataset stay readable."
    )


class Zone(Definition):
    """A named part of the Flow, for reading and building; no security meaning."""

    color: str = Field(default="#2f6fed", description="As #rrggbb.")

    @field_validator("color")
    @classmethod
    def _six_digits(cls, color: str) -> str:
        if not re.fullmatch("#[0-9a-fA-F]{6}", color):
            raise ValueError(f"'{color}' is no colour: write it as #rrggbb, such as #2f6fed.")
        return color

    items: tuple[Name, ...] = Field(
        default=(), description="Names of the items in it; recipes follow outputs."
    )
    shared: tuple[Name, ...] = Field(default=(), description="Items of other zones shown here too.")


class Zones(Definition):
    """`flow/zones.yaml`. What no zone names lies in the default one."""

    default_title: str = Field(default="Default", description="Name people see for the rest of the Flow.")
    zones: dict[str, Zone] = Field(default_factory=dict, description="Zone name → zone, in order.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project as it stands in its files at one commit; immutable, cheap to pass."""

    key: str
    path: Path
    settings: ProjectSettings
    local_variables: Mapping[str, Any] = field(default_factory=dict)
    """Of this node only: never in git, never in bundles."""
    zones: Zones = field(default_factory=Zones)
    lineage: Lineage = field(default_factory=Lineage)
    wiki: Wiki = field(default_factory=Wiki)
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    folders: Mapping[str, Folder] = field(default_factory=dict)
    models: Mapping[str, SavedModel] = field(default_factory=dict)
    evaluation_stores: Mapping[str, EvaluationStore] = field(default_factory=dict)
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict)
    comparisons: Mapping[str, SavedComparison] = field(default_factory=dict)
    services: Mapping[str, ApiService] = field(default_factory=dict)
    foreign: Mapping[str, Item] = field(default_factory=dict)
    """What other projects share with this one, by `KEY.name`: read here, changed there."""
    library_hash: str = ""
    """sha256 over lib/**; empty when there is no library."""
    problems: tuple[InvalidDefinition, ...] = ()
    """Files that could not be read. What they define is missing here; asking for it by name raises its problem."""

    @property
    def own_items(self) -> dict[str, Item]:
        """Every object of its own that data flows through, by name; names are unique over the four types."""
        return {**self.datasets, **self.folders, **self.models, **self.evaluation_stores}

    @property
    def items(self) -> dict[str, Item]:
        """The same, and what other projects share with it, which is called `KEY.name`."""
        return {**self.own_items, **self.foreign}

    def home_of(self, name: str) -> tuple[str, str]:
        """Under which key and name an object is kept: another project's is kept there."""
        owner = owner_of(name)
        return (owner, name.partition(".")[2]) if owner else (self.key, name)

    def item(self, name: str) -> Item:
        """The dataset, folder, model or evaluation store of that name. Raises NotFound with the nearest."""
        found = self.items.get(name)
        if found is None:
            self.check_object(name)
            raise NotFound("object", name, among=self.items, where=f"project {self.key}")
        return found

    def check_object(self, name: str, *sorts: str) -> None:
        """Raise the problem of an object whose file could not be read: of any sort, or of those named."""
        folders = {FOLDERS[sort] for sort in sorts or ITEMS}
        for problem in self.problems:
            folder, _, file = problem.file.rpartition("/")
            if folder in folders and file.rpartition(".")[0] == name:
                raise problem.with_traceback(None)

    def broken(self, what: str) -> dict[str, InvalidDefinition]:
        """Objects of a sort (`scenario`) that are missing here because a file could not be read, by name."""
        found: dict[str, InvalidDefinition] = {}
        for problem in self.problems:
            folder, _, file = problem.file.rpartition("/")
            name = file.rpartition(".")[0]
            if folder == FOLDERS[what] and name not in getattr(self, f"{what}s"):
                found.setdefault(name, problem)
        return found

    def check_files(self, *files: str) -> None:
        """Raise the first problem of some files, or of any when none is named."""
        for problem in self.problems:
            if not files or problem.file in files:
                raise problem.with_traceback(None)

    def without_echoes(self, found: Iterable[InvalidDefinition]) -> list[InvalidDefinition]:
        """Problems without those that only say that an object is missing whose file could not be read."""
        broken = [f"'{problem.file.rpartition('/')[2].rpartition('.')[0]}'" for problem in self.problems]
        return [problem for problem in found if not any(name in problem.problem for name in broken)]

    def item_type(self, name: str) -> ItemType:
        by_type: list[tuple[ItemType, Mapping[str, Any]]] = [
            ("dataset", self.datasets), ("folder", self.folders),
            ("model", self.models), ("evaluation_store", self.evaluation_stores),
        ]  # fmt: skip
        for item_type, among in by_type:
            if name in among:
                return item_type
        if name in self.foreign:
            return next(t for t, sort in SORTS.items() if isinstance(self.foreign[name], sort))
        self.check_object(name)
        raise NotFound("object", name, among=self.items, where=f"project {self.key}")

    def dataset(self, name: str) -> Dataset:
        return _named(self, "dataset", name, self._readable(self.datasets, Dataset, name))

    def folder(self, name: str) -> Folder:
        return _named(self, "folder", name, self._readable(self.folders, Folder, name))

    def model(self, name: str) -> SavedModel:
        return _named(self, "model", name, self._readable(self.models, SavedModel, name))

    def _readable(self, own: Mapping[str, Named], sort: type[Named], name: str) -> Mapping[str, Named]:
        """Its own objects of a sort, and the one of another project when that is asked for."""
        found = self.foreign.get(name)
        return {**own, name: found} if isinstance(found, sort) else own

    def evaluation_store(self, name: str) -> EvaluationStore:
        return _named(self, "evaluation store", name, self.evaluation_stores)

    def recipe(self, name: str) -> Recipe:
        return _named(self, "recipe", name, self.recipes)

    def scenario(self, name: str) -> Scenario:
        return _named(self, "scenario", name, self.scenarios)

    def dashboard(self, name: str) -> Dashboard:
        """The dashboard of that name; an empty one for the default one, which needs no file."""
        if name == DEFAULT and name not in self.dashboards:
            self.check_object(name, "dashboard")
        there = {DEFAULT: Dashboard(title="Default dashboard"), **self.dashboards}
        return _named(self, "dashboard", name, there)

    def comparison(self, name: str) -> SavedComparison:
        return _named(self, "comparison", name, self.comparisons)

    def service(self, name: str) -> ApiService:
        return _named(self, "service", name, self.services)

    def producer(self, item: str) -> str | None:
        """The name of the recipe that writes an item, or None for a source."""
        return next((name for name, recipe in self.recipes.items() if item in recipe.writes), None)


def _named(project: Project, what: str, name: str, among: Mapping[str, Named]) -> Named:
    if name not in among:
        project.check_object(name, what.replace(" ", "_"))
        raise NotFound(what, name, among=among, where=f"project {project.key}")
    return among[name]
