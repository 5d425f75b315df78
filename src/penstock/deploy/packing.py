"""Packing: what goes into a bundle, as members of its archive, and what its manifest says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from penstock.core import bundle, registry, remapping
from penstock.core.archive import Source
from penstock.core.bundle import BundleContent, DatasetFacts, ModelFacts, PluginFacts
from penstock.core.errors import NotFound, Refused
from penstock.core.evaluation import Evaluation
from penstock.core.kind import walk
from penstock.core.model import ModelVersion
from penstock.core.project import FOLDERS
from penstock.deploy import furnishing
from penstock.runtime import contexts, keeping, placing, variables

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

VERSION, FACTS, FILES, DETAIL, SAMPLE = (
    "version.json",
    "evaluation.json",
    "files/",
    "detail.json",
    "sample.parquet",
)
VERSIONS: TypeAdapter[ModelVersion] = TypeAdapter(ModelVersion)
EVALUATIONS: TypeAdapter[Evaluation] = TypeAdapter(Evaluation)


@dataclass(kw_only=True)
class Packed:
    """Members so far, and what the manifest will say of them."""

    members: dict[str, Source] = field(default_factory=dict)
    datasets: dict[str, DatasetFacts] = field(default_factory=dict)
    models: dict[str, ModelFacts] = field(default_factory=dict)


def check_content(project: Project, content: BundleContent) -> None:
    """Raise NotFound for an object the project does not have, Refused for rows that are not ours to send."""
    sorts: Sequence[tuple[str, Sequence[str], Mapping[str, Any]]] = (
        ("dataset", content.datasets, project.datasets), ("model", content.models, project.models),
        ("folder", content.folders, project.folders),
        ("evaluation store", content.evaluation_stores, project.evaluation_stores),
    )  # fmt: skip
    for sort, names, among in sorts:
        for name in names:
            if name not in among:
                raise NotFound(sort, name, among=among, where=f"project {project.key}")
    for name in content.datasets:
        if not can_travel(project, name):
            raise Refused(
                f"The rows of dataset {name} live {project.dataset(name).where()}, so they do not travel.",
                hint="Uploaded files and managed datasets do; another node reads the rest by its own connections.",
            )


def can_travel(project: Project, name: str) -> bool:
    """Whether the rows of a dataset are ours to send: uploads, and what recipes write."""
    dataset = project.datasets[name]
    return dataset.MANAGED or dataset.kind_name() == "upload"


def forgotten(project: Project, content: BundleContent) -> list[str]:
    """Sentences about what people regret not to have put in: inputs that nothing builds, models that score."""
    written = {name for recipe in project.recipes.values() for name in recipe.writes}
    read = {name for recipe in project.recipes.values() for name in recipe.reads}
    inputs = [
        n for n, d in project.datasets.items() if d.kind_name() == "upload" and n not in content.datasets
    ]
    inputs += [n for n, d in project.datasets.items() if d.MANAGED and n not in {*written, *content.datasets}]
    folders = [f for f in project.folders if f in read - written and f not in content.folders
               and project.folders[f].is_ours()]  # fmt: skip
    models = [m for m in project.models if m in read and m not in content.models]
    return [
        *_inputs("Dataset", inputs, "rows do not go along: the Flow there finds none."),
        *_inputs("Folder", folders, "files do not go along."),
        *(f"Model {n} is used, and no version of it goes along: it has none there unless it is trained there."
          for n in models),
    ]  # fmt: skip


def _inputs(noun: str, names: Sequence[str], lack: str) -> list[str]:
    """One sentence about every input that goes without what it holds."""
    if len(names) > 1:
        *first, last = sorted(names)
        listed = f"{', '.join(first)} and {last}"
        return [f"{noun}s {listed} are inputs, and their {lack}"]
    return [f"{noun} {name} is an input, and its {lack}" for name in names]


def pack(
    node: Node, project: Project, content: BundleContent, files: Mapping[str, bytes], work: Path
) -> Packed:
    """Everything but the manifest. What has to be written first is written into `work`."""
    packed = data(node, project, content, work)
    packed.members |= {bundle.PROJECT + name: text for name, text in files.items()}
    packed.members |= furnishing.members(node, project, wheelhouse=content.wheelhouse)
    return packed


def data(node: Node, project: Project, content: BundleContent, work: Path) -> Packed:
    """The data alone: rows, files, versions, evaluations."""
    packed = Packed()
    for name in content.datasets:
        packed.members |= _dataset(node, project, name, work, packed)
    for name in content.folders:
        found = contexts.folder_root(node, project, name)
        listed = found.listed()
        here = found.local(listed, lambda: work / "folders")
        packed.members |= {f"{bundle.DIRECTORIES}{name}/{file.path}": here / file.path for file in listed}
    for name in project.models:
        packed.members |= _model(node, project, name, content, packed)
    for name in content.evaluation_stores:
        packed.members |= _store(node, project.key, name)
    return packed


def objects(project: Project) -> dict[str, tuple[str, ...]]:
    """Sort → names of what was designed."""
    found = {sort: tuple(sorted(getattr(project, f"{sort}s"))) for sort in FOLDERS}
    return {sort: names for sort, names in found.items() if names}


def plugins(files: Mapping[str, bytes]) -> tuple[PluginFacts, ...]:
    """The plugins whose kinds the files of a project name, with their versions and by which objects."""
    found = []
    for point in sorted(entry_points(group="penstock.plugins")):
        words = {f"{point.name}.{kind}".encode() for kind in _kinds_of(point.name)}
        users = sorted(f for f, data in files.items() if any(word in data for word in words))
        if users:
            version = point.dist.version if point.dist else ""
            found.append(PluginFacts(name=point.name, version=version, used_by=tuple(users)))
    return tuple(found)


def connections(node: Node, project: Project) -> dict[str, str]:
    """Connection the project names → its type here, as far as it is here."""
    known = placing.connections(node)
    return {
        need.name: known[need.name].kind_name() for need in remapping.needs(project) if need.name in known
    }


def _kinds_of(plugin: str) -> set[str]:
    every = (name for family in registry.FAMILIES for name in registry.names(family))
    return {name.partition(".")[2] for name in every if name.startswith(f"{plugin}.")}


def _dataset(node: Node, project: Project, name: str, work: Path, packed: Packed) -> dict[str, Source]:
    files, rows = (
        _rows(node, project, name, work) if project.dataset(name).MANAGED else _uploads(node, project, name)
    )
    size = sum(file.stat().st_size for file in files.values())
    form = "rows" if project.dataset(name).MANAGED else "files"
    packed.datasets[name] = DatasetFacts.model_validate({"form": form, "rows": rows, "bytes": size})
    return {f"{bundle.DATASETS}{name}/{path}": file for path, file in files.items()}


def _uploads(node: Node, project: Project, name: str) -> tuple[dict[str, Path], int | None]:
    root = node.data.uploads(project.key, name)
    found = sorted(p for p in root.rglob("*") if p.is_file() and not p.name.startswith("."))
    return {p.relative_to(root).as_posix(): p for p in found}, None


def _rows(node: Node, project: Project, name: str, work: Path) -> tuple[dict[str, Path], int | None]:
    """The rows as Parquet: the snapshot's own files where there are such, else written out."""
    keeper = keeping.of(node, project, name)
    snapshot = keeper.snapshot()
    if snapshot is None:
        raise Refused(f"Dataset {name} has not been built yet, so it has no rows to go along.",
                      hint=f"Build it first: penstock flow build {name}")  # fmt: skip
    files = keeper.files() or _written(node, project, name, work / "datasets" / name)
    return {file.name: file for file in files}, snapshot.rows


def _written(node: Node, project: Project, name: str, folder: Path) -> list[Path]:
    folder.mkdir(parents=True)
    place = contexts.place_of(node, project, name)
    with contexts.reading(node, project, variables.resolve(node, project), place=place) as opened:
        opened.session.write_parquet(opened.table(name), folder)
    return sorted(folder.glob("*.parquet"))


def _model(
    node: Node, project: Project, name: str, content: BundleContent, packed: Packed
) -> dict[str, Source]:
    """The versions that travel; and, even when none does, what the active one was."""
    active = node.models.active(project.key, name)
    versions = {v.id: v for v in reversed(node.models.versions(project.key, name))}
    chosen = name in content.models
    named = _texts(project) & set(versions) if content.only_required_versions else set(versions)
    ids = (
        bundle.required_versions(active, named, versions, only=content.only_required_versions)
        if chosen
        else []
    )
    told = versions.get(active)
    packed.models[name] = ModelFacts(
        active=active, name=told.name if told else "", algorithm=told.algorithm if told else "",
        metrics=dict(told.metrics) if told else {}, versions=tuple(ids),
    )  # fmt: skip
    members: dict[str, Source] = {}
    for id in ids:
        place = f"{bundle.MODELS}{name}/{id}/"
        members[place + VERSION] = VERSIONS.dump_json(versions[id])
        members |= _below(node.models.files(project.key, name, id), place + FILES)
    return members


def _texts(project: Project) -> set[str]:
    """Every text in recipes, scenarios and services: versions are named by their ids."""
    among = (project.recipes, project.scenarios, project.services)
    fields = (value for group in among for thing in group.values() for _, value, _ in walk(thing))
    return {value for value in fields if isinstance(value, str)}


def _store(node: Node, project: str, name: str) -> dict[str, Source]:
    members: dict[str, Source] = {}
    for evaluation in node.evaluations.list(project, name):
        place = f"{bundle.STORES}{name}/{evaluation.id}/"
        members[place + FACTS] = EVALUATIONS.dump_json(evaluation)
        members[place + DETAIL] = json.dumps(node.evaluations.detail(evaluation), allow_nan=False).encode()
        sample = node.evaluations.sample(evaluation)
        members |= {place + SAMPLE: sample} if sample else {}
    return members


def _below(folder: Path, place: str) -> dict[str, Source]:
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    return {place + p.relative_to(folder).as_posix(): p for p in found}
