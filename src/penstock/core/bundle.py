"""Bundles: what one holds, what it is called, and what a node is told when it becomes the state of a project. Pure.

manifest.json, signature.json     core/signing.py
project/…                         the files of the project at one commit
data/datasets/<name>/…            uploaded files, or rows as Parquet
data/folders/<name>/…             files of managed folders
data/models/<name>/<version>/…    the files of model versions
data/stores/<name>/<id>/…         detail.json and sample.parquet of evaluations
environments/python/<name>/…      requested and actual packages; wheels/ with the packages themselves
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from penstock.core import archive
from penstock.core.errors import InvalidName, UnsafeArchive
from penstock.core.kind import Definition
from penstock.core.names import Name
from penstock.core.signing import MANIFEST

FORMAT = 1
PROJECT, DATASETS, DIRECTORIES, MODELS, STORES, ENVIRONMENTS = (
    "project/", "data/datasets/", "data/folders/", "data/models/", "data/stores/", "environments/",
)  # fmt: skip
_ID = re.compile(r"\w(?:[\w.-]{0,78}\w)?", re.ASCII)
Side = Literal["made", "received"]
Severity = Literal["INFO", "WARNING", "ERROR", "FATAL"]


def check_bundle_id(id: str) -> str:
    """The id itself, or InvalidName: 1-80 of letters, digits, `_ . -`; it is a file name and a git tag too."""
    if not _ID.fullmatch(id) or ".." in id or id.endswith(".lock"):
        raise InvalidName(
            f"'{id[:100]}' cannot be the id of a bundle.",
            hint="Use letters, digits, _, - and single dots, 80 at most, with a letter or digit at both ends.",
        )
    return id


def next_id(base: str, taken: Collection[str]) -> str:
    """`base` itself while it is free, else the next number behind it: v, v1, v2 … A later number is never reused
    while a higher one is there."""
    if base not in taken:
        return check_bundle_id(base)
    behind = [id.removeprefix(base) for id in taken if id.startswith(base)]
    numbers = [int(text) for text in behind if re.fullmatch(r"[0-9]{1,9}", text)]
    return check_bundle_id(f"{base}{max(numbers, default=0) + 1}")


class BundleContent(Definition):
    """What goes into a bundle beside the definitions. Remembered in `project.yaml`, used for every next one."""

    datasets: tuple[Name, ...] = Field(
        default=(), description="Their rows go along: uploaded files, reference data."
    )
    models: tuple[Name, ...] = Field(default=(), description="Their trained versions go along.")
    folders: tuple[Name, ...] = Field(default=(), description="Their files go along.")
    evaluation_stores: tuple[Name, ...] = Field(default=(), description="Their evaluations go along.")
    wheelhouse: bool = Field(
        default=False,
        description="The packages of its code environments go along, so that a node without a network builds them.",
    )
    only_required_versions: bool = Field(
        default=True,
        description="Of each model only the active version, and those that recipes and endpoints name; off: all.",
    )


class Told(Definition):
    """Part of a manifest. What a newer release adds is left aside, so that older nodes read it still."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ModelFacts(Told):
    """A saved model at the moment of the bundle."""

    active: str = ""
    """Id of its active version; empty when none was."""
    name: str = ""
    algorithm: str = ""
    metrics: dict[str, float] = {}
    """Of the active version, score id → value."""
    versions: tuple[str, ...] = ()
    """Ids of the versions whose files are in the bundle."""


class DatasetFacts(Told):
    """A dataset whose data is in the bundle."""

    form: Literal["files", "rows"] = "files"
    rows: int | None = None
    bytes: int = 0


class EnvironmentFacts(Told):
    """A code environment the project uses: what was asked for, and what is installed."""

    name: str
    language: str = "python"
    version: str = ""
    requested: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()
    """`name==version`, in order."""


class PluginFacts(Told):
    """A plugin that the project uses."""

    name: str
    version: str = ""
    used_by: tuple[str, ...] = ()
    """`recipes/clean`: the objects that name one of its kinds."""


class CommitFacts(Told):
    """A save between the bundle before and this one."""

    id: str
    author: str
    time: datetime
    message: str


class BundleManifest(Told):
    """What a bundle says of itself."""

    format: int
    kind: Literal["bundle"]
    bundle: str
    project: str
    title: str = ""
    node: str = ""
    node_url: str = ""
    created_at: datetime
    created_by: str = ""
    commit: str = ""
    tag: str = ""
    notes: str = ""
    previous: str = ""
    """The bundle before it."""
    penstock: str = ""
    """Version of the program that made it."""
    objects: dict[str, tuple[str, ...]] = {}
    """Sort → names: {"dataset": …, "recipe": …, "scenario": …}."""
    content: BundleContent = BundleContent()
    datasets: dict[str, DatasetFacts] = {}
    models: dict[str, ModelFacts] = {}
    environments: tuple[EnvironmentFacts, ...] = ()
    plugins: tuple[PluginFacts, ...] = ()
    connections: dict[str, str] = {}
    """Connection the project names → its type on the node that made the bundle."""
    foreign: tuple[str, ...] = ()
    """Objects of other projects that it reads, as KEY.name."""
    commits: tuple[CommitFacts, ...] = ()
    """The saves since the bundle before, newest first."""
    people: dict[str, Any] = {}
    """Who had which rights where it was made; used only when a deployment asks for it, the first time."""
    standards: dict[str, Any] = {}
    """What project standards found when it was made, as `StandardsReport.facts` says it; it stays so."""
    warnings: tuple[str, ...] = ()

    def check_id(self) -> BundleManifest:
        """Itself. Raises UnsafeArchive for names and formats that we do not take."""
        from penstock.core.names import check_project_key

        try:
            check_bundle_id(self.bundle)
            check_project_key(self.project)
        except InvalidName as wrong:
            raise UnsafeArchive(f"{MANIFEST}: {wrong.message}") from wrong
        if self.format > FORMAT:
            raise UnsafeArchive(
                f"The bundle has format {self.format}; this node reads {FORMAT} at most.",
                hint="Bring this node to the release of the one that made it.",
            )
        return self


def manifest_of(told: Mapping[str, Any]) -> BundleManifest:
    """A manifest's JSON as its values. Raises UnsafeArchive for one that is no bundle's."""
    try:
        return BundleManifest.model_validate({**told}).check_id()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnsafeArchive(f"{MANIFEST} is no bundle's: {place}: {first['msg']}") from wrong


def read_manifest(path: Path) -> BundleManifest:
    """The manifest of a zip, **unverified**: to show what it says. `bundles.import_` looks at the signature."""
    import json

    with archive.read(path) as opened:
        try:
            told = json.loads(opened.content(MANIFEST))
        except ValueError as wrong:
            raise UnsafeArchive(f"{MANIFEST} is no JSON.") from wrong
    if not isinstance(told, dict):
        raise UnsafeArchive(f"{MANIFEST} holds no mapping.")
    return manifest_of(told)


class ActivationSettings(Definition):
    """What is different on the node that a bundle goes to. Remembered there, and used for the next activation too."""

    connections: dict[str, str] = Field(
        default_factory=dict, description="Connection the project names → the one of this node in its place."
    )
    environments: dict[str, str] = Field(
        default_factory=dict, description="Code environment the project names → the one here in its place."
    )
    environment_mode: Literal["DO_NOTHING", "FAIL_IF_MISS", "INSTALL_IF_MISS"] = Field(
        default="INSTALL_IF_MISS",
        description="What happens when a code environment is not here as it was there.",
    )
    environment_match: Literal["SPECIFIED", "ACTUAL"] = Field(
        default="SPECIFIED", description="Compare the packages that were asked for, or those installed."
    )
    local_variables: dict[str, Any] | None = Field(
        default=None, description="The project's local variables here, all of them; left out: they stay."
    )
    scenarios: dict[str, bool] = Field(
        default_factory=dict,
        description="Scenario → its triggers on or off; one not named stays as it is here.",
    )
    triggers_off: bool = Field(default=False, description="No trigger of the project starts anything.")
    run_as: str = Field(default="", description="As whom its scenarios run; as they say when empty.")
    permissions: Literal["NONE", "READ_ONLY", "ALL"] = Field(
        default="NONE",
        description="Rights that are taken over when the project comes here for the first time.",
    )
    keep_local_active_version: bool = Field(
        default=False, description="A model version that was activated here stays active."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleMessage:
    """One thing to know before or after an activation."""

    severity: Severity
    code: str
    text: str
    hint: str = ""
    object: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationReport:
    """What an activation, or a look before it, found."""

    project: str
    bundle: str
    messages: tuple[BundleMessage, ...] = ()
    activated: bool = False

    @property
    def worst(self) -> str:
        found = {message.severity for message in self.messages}
        return next((s for s in ("FATAL", "ERROR", "WARNING", "INFO") if s in found), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveBundle:
    """The bundle whose state a project has on this node."""

    project: str
    bundle: str
    activated_at: datetime
    by: str
    settings: ActivationSettings
    warnings: tuple[str, ...] = ()
    switches: Mapping[str, bool] | None = None
    """Scenario → whether its triggers were on when somebody last chose; outlives bundles that do not have it."""
    files: Mapping[str, str] = field(default_factory=dict)
    """File of the project that came with it → sha256 as it was put there; a next bundle may take it away."""
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Code environment that the project names → its `name` and `version` on this node."""


def blocking(messages: Collection[BundleMessage], *, ignore_warnings: bool) -> list[BundleMessage]:
    """What keeps a bundle from being activated."""
    stops = ("FATAL", "ERROR") if ignore_warnings else ("FATAL", "ERROR", "WARNING")
    return [message for message in messages if message.severity in stops]


def switched(
    scenarios: Collection[str], settings: ActivationSettings, before: Mapping[str, bool]
) -> tuple[dict[str, bool], dict[str, bool]]:
    """Scenario → whether its triggers are on now; and what is remembered for next time. New ones are off until
    somebody switches them on: a node that gets a project starts nothing by surprise."""
    remembered = {**before, **{name: on for name, on in settings.scenarios.items() if name in scenarios}}
    now = {name: remembered.get(name, False) and not settings.triggers_off for name in scenarios}
    return now, remembered


def required_versions(
    active: str, named: Collection[str], there: Collection[str], *, only: bool
) -> list[str]:
    """Which versions of a model travel, in the order they are there."""
    return [id for id in there if not only or id == active or id in named]


def endings(id: str, others: Collection[str]) -> Iterator[str]:
    """Ids to propose after one: `v3` → `v4`."""
    stem = id.rstrip("0123456789")
    yield next_id(stem or "v", [*others, stem or "v"])
