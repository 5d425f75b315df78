"""Plugins: install them from a zip or from git, see which kinds they bring and what uses them, take them away."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core import archive, plugin, registry
from penstock.core.archive import Bounds
from penstock.core.bundle_diff import object_of
from penstock.core.errors import Conflict, Invalid, NotFound, Refused
from penstock.core.plugin import GROUP, PluginSource
from penstock.core.ports import InstalledPlugin
from penstock.runtime import audit

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

BOUNDS = Bounds(members=5_000, member=32 << 20, total=256 << 20, text=32 << 20)
TYPE = re.compile(r"""\btype['"]?\s*:\s*['"]?([a-z][a-z0-9_]*)\.([a-z]\w*)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginShown:
    """A plugin and what it brings."""

    name: str
    version: str
    """Empty for one that is missing."""
    description: str
    kinds: Mapping[str, tuple[str, ...]]
    """Family → names of its kinds."""
    here: bool
    """Installed in this home; others came with the program, beside Penstock."""
    source: str = ""
    installed_at: str = ""
    installed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginUsage:
    """One object that names a kind of a plugin."""

    project: str
    sort: str
    """dataset, recipe, scenario … """
    name: str
    family: str
    """recipes, processors, functions, datasets …; empty for a plugin that is missing."""
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginUsed:
    """A plugin that a project uses."""

    name: str
    version: str
    """Empty when it is not installed here."""
    usages: tuple[PluginUsage, ...]


def list_(node: Node) -> list[PluginShown]:
    """Every plugin, by name."""
    return [_shown(node, name) for name in sorted({point.name for point in entry_points(group=GROUP)})]


def show(node: Node, name: str) -> PluginShown:
    """One of them. Raises NotFound with the nearest."""
    found = {shown.name: shown for shown in list_(node)}
    if name not in found:
        raise NotFound("plugin", name, among=found)
    return found[name]


def install(node: Node, sources: Sequence[Path], *, by: str) -> PluginShown:
    """Install a plugin from one zip (of its sources, or a wheel), or bring the one that is there to another version.

    Raises UnsafeArchive, Invalid for what is no plugin, Refused while a package it imports is missing, Conflict for the
    version that is there.
    """
    if len(sources) != 1:
        raise Invalid("One plugin at a time, please.", hint="Send one zip file.")
    with tempfile.TemporaryDirectory(prefix="penstock-plugin-") as place:
        _unpack(sources[0], Path(place))
        return _installed(node, Path(place), by=by, source=sources[0].name)


def clone(node: Node, repository: str, *, by: str, branch: str = "", folder: str = "") -> PluginShown:
    """The same from a git repository: its newest state, or that of a branch; of a folder of it when told."""
    with tempfile.TemporaryDirectory(prefix="penstock-plugin-") as place:
        commit = node.plugins.clone(repository, Path(place) / "repository", branch)
        root = (Path(place) / "repository").resolve()
        inside = (root / folder).resolve()
        if not inside.is_relative_to(root) or not inside.is_dir():
            raise Invalid(f"There is no folder {folder} in the repository.")
        return _installed(node, inside, by=by, source=f"{_without_password(repository)} {commit[:10]}")


def delete(node: Node, name: str, *, by: str) -> None:
    """Remove a plugin. Raises Refused, naming them, while anything uses it, and for one that came with the program."""
    shown = show(node, name)
    if not shown.here:
        raise Refused(
            f"Plugin {name} is installed beside Penstock, not in this home.", hint="Remove it with pip."
        )
    used = usages(node, name)
    if used:
        told = ", ".join(f"{u.sort} {u.name} of {u.project}" for u in used[:5])
        raise Refused(f"Plugin {name} is used by {told}{' …' if len(used) > 5 else ''}.")
    node.plugins.delete(name)
    node.projects.forget()
    audit.note(node, "plugin-delete", object=f"plugin:{name}", by=by)


def usages(node: Node, name: str, project: str = "") -> list[PluginUsage]:
    """Every object that names one of its kinds, in every project or in one."""
    keys = [project] if project else node.projects.keys()
    return [u for key in keys for u in usages_in(node.projects.load(key)) if u.kind.partition(".")[0] == name]


def of_project(node: Node, project: str) -> list[PluginUsed]:
    """The plugins that a project uses, those too that are not installed here, and where."""
    found = list(usages_in(node.projects.load(project)))
    versions = {shown.name: shown.version for shown in list_(node)}
    return [
        PluginUsed(
            name=name, version=versions.get(name, ""),
            usages=tuple(u for u in found if u.kind.partition(".")[0] == name),
        )
        for name in sorted({u.kind.partition(".")[0] for u in found})
    ]  # fmt: skip


def _shown(node: Node, name: str) -> PluginShown:
    point = next(iter(entry_points(group=GROUP, name=name)))
    facts = node.plugins.get(name) if name in node.plugins.names() else None
    about = point.dist.metadata if point.dist else None
    return PluginShown(
        name=name, version=point.dist.version if point.dist else "", here=facts is not None,
        description=(about["Summary"] or "") if about is not None else "",
        kinds={
            family: tuple(kind.partition(".")[2] for kind in registry.names(family) if kind.startswith(f"{name}."))
            for family in registry.FAMILIES
            if any(kind.startswith(f"{name}.") for kind in registry.names(family))
        },
        source=facts.source if facts else "", installed_at=facts.installed_at if facts else "",
        installed_by=facts.installed_by if facts else "",
    )  # fmt: skip


def _installed(node: Node, folder: Path, *, by: str, source: str) -> PluginShown:
    found = plugin.found_in(folder)
    _check(node, found)
    facts = InstalledPlugin(
        name=found.name, version=found.version, description=found.description, source=source, installed_by=by,
        installed_at=node.clock.now().isoformat(),
    )  # fmt: skip
    node.plugins.install(found, facts)
    node.projects.forget()
    audit.note(node, "plugin-install", object=f"plugin:{found.name}", by=by, version=found.version)
    return show(node, found.name)


def _check(node: Node, found: PluginSource) -> None:
    there = {point.name: point for point in entry_points(group=GROUP)}
    if found.name in there and found.name not in node.plugins.names():
        raise Conflict(
            f"A plugin {found.name} is installed beside Penstock already.", hint="Remove it with pip first."
        )
    if lacking := plugin.missing(found.needs):
        raise Refused(
            f"Plugin {found.name} imports {', '.join(lacking)}, which is not installed beside Penstock.",
            hint="Install it with pip into the Python that Penstock runs in, then try again.",
        )


def _unpack(source: Path, place: Path) -> None:
    with archive.read(source, BOUNDS) as opened:
        for name in opened.names():
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(opened.content(name))


def _without_password(address: str) -> str:
    return re.sub(r"(://)[^/@]*@", r"\1", address)


def usages_in(project: Project) -> Iterator[PluginUsage]:
    """Every kind with a dot that the files of a project name, whether it is there or not."""
    families = {
        name: family for family in registry.FAMILIES for name in registry.names(family) if "." in name
    }  # one family a name is enough to tell people what it is
    words = "|".join(sorted({re.escape(name) for name in registry.names("functions") if "." in name}))
    calls = re.compile(rf"\b({words})\s*\(") if words else None
    for file in sorted(project.path.rglob("*.yaml")):
        if any(part.startswith(".") for part in file.relative_to(project.path).parts):
            continue
        text = file.read_text(encoding="utf-8-sig", errors="replace")
        sort, name = object_of(file.relative_to(project.path).as_posix())
        found = {f"{m[1]}.{m[2]}": families.get(f"{m[1]}.{m[2]}", "") for m in TYPE.finditer(text)}
        found |= dict.fromkeys(calls.findall(text), "functions") if calls else {}
        for kind, family in sorted(found.items()):
            yield PluginUsage(project=project.key, sort=sort, name=name, family=family, kind=kind)
