"""Which file of a project holds what, and which names a file may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from penstock.core import registry
from penstock.core.dashboard import Dashboard
from penstock.core.errors import InvalidDefinition, InvalidName, KindMissing, did_you_mean
from penstock.core.evaluation import EvaluationStore
from penstock.core.folder import Folder
from penstock.core.kind import Definition
from penstock.core.lineage import LINEAGE_FILE, Lineage
from penstock.core.model import SavedModel
from penstock.core.names import check_name
from penstock.core.project import ProjectSettings, Zones
from penstock.core.recipe import Recipe
from penstock.core.saved_comparison import SavedComparison
from penstock.core.scenario import Scenario
from penstock.core.service import ApiService
from penstock.core.wiki import TREE_FILE, Wiki

SETTINGS = "project.yaml"
ZONES = "flow/zones.yaml"
RECIPES = "flow/recipes"
SCENARIOS = "scenarios"
DASHBOARDS = "dashboards"
COMPARISONS = "comparisons"
SERVICES = "services"
LIBRARY = "lib"
TOPS = ("flow", SCENARIOS, DASHBOARDS, COMPARISONS, SERVICES)
"""Folders that hold nothing but definitions and their code."""

FOLDERS: dict[str, str | type[Definition]] = {
    "flow/datasets": "datasets",
    "flow/folders": Folder,
    RECIPES: "recipes",
    "flow/models": SavedModel,
    "flow/evaluations": EvaluationStore,
    SCENARIOS: Scenario,
    DASHBOARDS: Dashboard,
    COMPARISONS: SavedComparison,
    SERVICES: ApiService,
}
"""Folder of one-file-an-object → the family of kinds in it, or what each file is."""

FILES: dict[str, type[Definition]] = {
    SETTINGS: ProjectSettings,
    ZONES: Zones,
    LINEAGE_FILE: Lineage,
    TREE_FILE: Wiki,
}


def check_file(file: str) -> str:
    """A path inside a project that may be written. Raises InvalidName for one that leads out or hides."""
    parts = file.split("/")
    if not file or any(not part or part.startswith(".") or re.search(r"[\\\0-\x1f]", part) for part in parts):
        raise InvalidName(f"'{file}' is not the path of a project file: no hidden parts, no '..', no '\\'.")
    folder = "/".join(parts[:-1])
    if parts[0] in TOPS and folder not in FOLDERS and file not in FILES:
        where = "a Flow" if parts[0] == "flow" else f"the {parts[0]}"
        raise InvalidName(
            f"'{file}' does not belong to {where}.{did_you_mean(folder, FOLDERS)}",
            hint="A dataset is flow/datasets/<name>.yaml, a scenario scenarios/<name>.yaml, and so on.",
        )
    if folder in FOLDERS:
        check_name(PurePosixPath(file).stem)
    return file


def is_definition(file: str) -> bool:
    """Whether a file is YAML that this program parses."""
    return file in FILES or (file.endswith(".yaml") and str(PurePosixPath(file).parent) in FOLDERS)


def name_of(file: str) -> str:
    return PurePosixPath(file).stem


def file_of(folder: str, name: str) -> str:
    return f"{folder}/{name}.yaml"


def body_file(file: str, ending: str) -> str:
    """Where the code of an object stands: `flow/recipes/clean.yaml`, py → `flow/recipes/clean.py`."""
    return str(PurePosixPath(file).with_suffix(f".{ending.lstrip('.')}"))


def has_bodies(file: str) -> bool:
    """Whether code may stand in a file beside this one."""
    return str(PurePosixPath(file).parent) in (RECIPES, SCENARIOS)


def body_ending(file: str, value: Mapping[str, Any]) -> str:
    """The ending of the code file beside a definition, as its values say; empty when there is none."""
    folder = str(PurePosixPath(file).parent)
    if folder == SCENARIOS:
        return "py" if value.get("kind") == "python" else ""
    if folder != RECIPES:
        return ""
    try:
        kind = registry.kind("recipes", str(value.get("type", "")))
    except KindMissing:
        return ""
    return kind.BODY if issubclass(kind, Recipe) else ""


def definition_of(file: str, value: Mapping[str, Any], body: str | None = None) -> Definition:
    """A file's values → the definition. Raises InvalidDefinition with its field (not yet its file and line)."""
    fields = dict(value)
    if body is not None:
        if "body" in fields:
            raise InvalidDefinition(
                "The code has a file of its own beside this one.", field="body", hint="Leave it out here."
            )
        fields["body"] = body
    family = FILES.get(file) or FOLDERS[str(PurePosixPath(file).parent)]
    if isinstance(family, str):
        return registry.parse(family, fields)
    return registry.validate(family, fields)


def values_of(definition: Definition) -> tuple[dict[str, Any], str | None]:
    """What a definition's YAML says, and the code that belongs into the file beside it, if it has one."""
    values = definition.to_mapping()
    if isinstance(definition, ProjectSettings):
        values = {"format": definition.format, **values}
    if isinstance(definition, Recipe) and definition.BODY:
        return values, str(values.pop("body", "") or getattr(definition, "body", ""))
    if isinstance(definition, Scenario):
        values.pop("body", "")
        return values, definition.body if definition.kind == "python" else None
    return values, None


def inside(root: Path, path: Path) -> bool:
    """Whether a file really lies under a folder, links followed."""
    return path.resolve().is_relative_to(root.resolve())
