"""Installed plugins as folders of the home: `plugins/<name>/`.

plugin.json          the version in use, and where it came from
<version>/           the package, and the facts by which it is found on a path
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from penstock.core import plugin, registry
from penstock.core.errors import Conflict, NotFound
from penstock.core.kind import Definition
from penstock.core.plugin import PluginSource
from penstock.core.ports import InstalledPlugin
from penstock.store.disk import locked, remove_folder, write_atomically

NOTE = "plugin.json"
KEPT = 2
"""Versions whose files stay, so that a process which runs the one before can go on."""


class DiskPlugins:
    """The Plugins port."""

    def __init__(self, home: Path) -> None:
        self.root = home / "plugins"

    def names(self) -> list[str]:
        return sorted(file.parent.name for file in self.root.glob(f"*/{NOTE}"))

    def get(self, name: str) -> InstalledPlugin:
        if name not in self.names():
            raise NotFound("plugin", name, among=self.names())
        return _Note.model_validate_json((self.root / name / NOTE).read_bytes()).told()

    def install(self, source: PluginSource, facts: InstalledPlugin) -> None:
        place = self.root / source.name
        with locked(self.root / ".lock", what=f"Plugin {source.name}"):
            self._check_free(place, source)
            aside = self.root / f".{source.name}.{secrets.token_hex(4)}.new"
            try:
                aside.mkdir(parents=True)
                plugin.install(source, aside)
                place.mkdir(exist_ok=True)
                os.rename(aside, place / source.version)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
            write_atomically(place / NOTE, _Note.of(facts).model_dump_json(indent=1).encode())
            self._thin_out(place, source.version)
        self.enter()

    def delete(self, name: str) -> None:
        self.get(name)
        remove_folder(self.root / name)
        plugin.on_path(self.root / name / "none", instead_of=self.root / name)
        registry.refresh()

    def enter(self) -> bool:
        """Put every installed plugin on the path of this process; whether anything changed."""
        places = {name: self.root / name / self.get(name).version for name in self.names()}
        changed = [plugin.on_path(place, instead_of=self.root / name) for name, place in places.items()]
        if any(changed):
            registry.refresh()
        return any(changed)

    def clone(self, repository: str, target: Path, branch: str = "") -> str:
        from penstock.store.git import cloned

        return cloned(repository, target, branch)

    def _check_free(self, place: Path, source: PluginSource) -> None:
        """Raise Conflict for the version that is there; one that is not used any more makes room."""
        there = place / source.version
        if not there.exists():
            return
        if source.name in self.names() and self.get(source.name).version == source.version:
            raise Conflict(
                f"Plugin {source.name} {source.version} is installed already.",
                hint="A changed plugin needs another version in its pyproject.toml.",
            )
        remove_folder(there)

    def _thin_out(self, place: Path, current: str) -> None:
        folders = sorted(
            (p for p in place.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True
        )
        for folder in [f for f in folders if f.name != current][KEPT - 1 :]:
            remove_folder(folder)


class _Note(Definition):
    """`plugin.json`."""

    name: str
    version: str
    description: str = ""
    source: str = ""
    installed_at: str = ""
    installed_by: str = ""

    @classmethod
    def of(cls, facts: InstalledPlugin) -> _Note:
        return cls.model_validate({field: getattr(facts, field) for field in cls.model_fields})

    def told(self) -> InstalledPlugin:
        return InstalledPlugin(**self.model_dump())
