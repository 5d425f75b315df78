"""Plugins: packages that bring kinds of their own. What one says of itself, and how it is installed; no building.

A plugin is a folder with a `pyproject.toml` that names one package under `penstock.plugins`, or an unpacked wheel. Its
package is installed with the facts about it, in a folder that is put on the path, where `core/registry.py` finds it.
"""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from email.parser import Parser
from importlib import metadata
from pathlib import Path
from typing import Any

from penstock.core.errors import Invalid, Refused
from penstock.core.registry import FAMILIES

GROUP = "penstock.plugins"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!-]{0,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSource:
    """A plugin that was not installed yet."""

    name: str
    """What stands before the dot of its kinds."""
    version: str
    distribution: str
    description: str
    needs: tuple[str, ...]
    """Names of the packages that it imports."""
    package: Path
    """The folder of its package."""


def found_in(folder: Path) -> PluginSource:
    """The plugin in a folder, or in the only folder of it. Raises Invalid for what is no plugin, with the reason."""
    inside = [p for p in folder.iterdir() if not p.name.startswith((".", "__MACOSX"))]
    if len(inside) == 1 and inside[0].is_dir() and not inside[0].name.endswith(".dist-info"):
        return found_in(inside[0])
    project, facts = folder / "pyproject.toml", next(iter(folder.glob("*.dist-info")), None)
    if project.is_file():
        return _checked(_of_project(project, folder))
    if facts is not None:
        return _checked(_of_wheel(facts, folder))
    raise Invalid(
        "This is no plugin: there is no pyproject.toml in it.", hint="docs/howto/plugins.md shows one."
    )


def kinds_of(package: Path) -> dict[str, list[str]]:
    """Family → names of the kinds of a package, from its folders alone."""
    found = {
        family: sorted(p.stem for p in (package / family).glob("*.py") if not p.name.startswith("_"))
        for family in FAMILIES
    }
    return {family: names for family, names in found.items() if names}


def missing(needs: Sequence[str]) -> list[str]:
    """Packages that are not installed beside Penstock."""
    return [name for name in needs if not _is_there(name)]


def install(source: PluginSource, target: Path) -> None:
    """Copy the package into a folder that is still empty, with the facts by which it is found on a path."""
    shutil.copytree(
        source.package,
        target / source.package.name,
        ignore=shutil.ignore_patterns("__pycache__", ".*", "tests"),
    )
    facts = target / f"{source.distribution.replace('-', '_')}-{source.version}.dist-info"
    facts.mkdir()
    said = f"Metadata-Version: 2.1\nName: {source.distribution}\nVersion: {source.version}\n"
    summary = " ".join(source.description.split())
    (facts / "METADATA").write_text(f"{said}Summary: {summary}\n", encoding="utf-8")
    (facts / "entry_points.txt").write_text(
        f"[{GROUP}]\n{source.name} = {source.package.name}\n", encoding="utf-8"
    )


def on_path(place: Path, *, instead_of: Path) -> bool:
    """Put an installed plugin on the path of this process, in place of its other versions, which are forgotten; whether
    anything changed. `instead_of` is the folder of all its versions."""
    text, others = str(place), [p for p in sys.path if p.startswith(f"{instead_of}/")]
    if others == [text]:
        return False
    for other in others:
        sys.path.remove(other)
        _forget(Path(other))
    if place.is_dir():
        sys.path.append(text)
    return True


def _forget(place: Path) -> None:
    """Let the modules of a version go, whether its files are still there or not."""
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(f"{place}/"):
            del sys.modules[name]


def _of_project(file: Path, folder: Path) -> PluginSource:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"pyproject.toml cannot be read: {error}.") from error
    project: Mapping[str, Any] = told.get("project", {})
    entries = project.get("entry-points", {}).get(GROUP, {})
    version = project.get("version", "")
    if not isinstance(version, str) or not version:
        raise Invalid("pyproject.toml says no version: write it as [project] version.")
    needs = tuple(_names(project.get("dependencies", ())))
    return _source(entries, folder, project.get("name", ""), version, project.get("description", ""), needs)


def _of_wheel(facts: Path, folder: Path) -> PluginSource:
    told = Parser().parsestr((facts / "METADATA").read_text(encoding="utf-8"))
    points = ConfigParser()
    try:
        points.read_string((facts / "entry_points.txt").read_text(encoding="utf-8"))
    except (OSError, ConfigError) as error:
        raise Invalid("This wheel is no plugin: it has no entry points.") from error
    entries = dict(points[GROUP]) if points.has_section(GROUP) else {}
    needs = tuple(_names(told.get_all("Requires-Dist") or ()))
    return _source(entries, folder, told["Name"] or "", told["Version"] or "", told["Summary"] or "", needs)


def _source(
    entries: Mapping[str, str], folder: Path, distribution: str, version: str, description: str, needs: tuple[str, ...]
) -> PluginSource:  # fmt: skip
    if len(entries) != 1:
        raise Invalid(
            f'A plugin names one package under [project.entry-points."{GROUP}"]; this has {len(entries)}.'
        )
    ((name, package),) = entries.items()
    places = [folder / "src" / package, folder / package]
    place = next((p for p in places if package.isidentifier() and (p / "__init__.py").is_file()), None)
    if place is None:
        raise Invalid(f"There is no package {package} in it, neither in src/ nor beside pyproject.toml.")
    return PluginSource(
        name=name, version=version, distribution=distribution or name, description=description, needs=needs,
        package=place,
    )  # fmt: skip


def _checked(source: PluginSource) -> PluginSource:
    if not _NAME.fullmatch(source.name):
        raise Invalid(f"'{source.name}' cannot be the name of a plugin: use small letters, digits and _.")
    if not _VERSION.fullmatch(source.version) or not re.fullmatch(r"[\w.-]{1,100}", source.distribution):
        raise Invalid(f"'{source.distribution} {source.version}' is no name and version of a package.")
    if source.package.name == "penstock" or source.package.name in sys.stdlib_module_names:
        raise Refused(f"A plugin cannot bring a package called {source.package.name}.")
    if any(p.is_symlink() for p in source.package.rglob("*")):
        raise Refused("A plugin holds no links.")
    if not kinds_of(source.package):
        raise Invalid(f"There is no kind in it; a folder such as {source.package.name}/recipes/ holds some.")
    return source


def _names(requirements: Sequence[str]) -> Iterator[str]:
    """`pandas>=2; extra == "x"` → pandas; those of extras are left out."""
    for line in requirements:
        found = re.match(r"\s*([A-Za-z0-9._-]+)", line)
        if found and "extra" not in line.partition(";")[2]:
            yield found[1]


def _is_there(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
