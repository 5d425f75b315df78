"""Code environments as folders of the home: `environments/<name>/`.

environment.yaml       what was asked for
current                id of the version that code runs in
build.json             the build that runs, or how the last one ended
versions/<id>/         version.json once it is whole, venv/, wheels/
logs/<id>.log          what a build said
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from penstock.core import virtual_environment
from penstock.core.environment import (
    EnvironmentBuild,
    EnvironmentDefinition,
    EnvironmentVersion,
    check_environment_name,
)
from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.registry import validate
from penstock.store.disk import left_behind, locked, remove_folder, this_process, write_atomically
from penstock.store.yaml import parse
from penstock.store.yaml_edit import render, update

FACTS, BUILD, CURRENT, DEFINITION = "version.json", "build.json", "current", "environment.yaml"


class DiskEnvironments:
    """The Environments port."""

    def __init__(self, home: Path) -> None:
        self.root = home / "environments"

    def names(self) -> list[str]:
        return sorted(file.parent.name for file in self.root.glob(f"*/{DEFINITION}"))

    def definition(self, name: str) -> EnvironmentDefinition:
        file = self._place(name) / DEFINITION
        label = f"environments/{name}/{DEFINITION}"
        document = parse(file.read_text(encoding="utf-8-sig"), file=label)
        try:
            return validate(EnvironmentDefinition, document.value)
        except InvalidDefinition as invalid:
            raise InvalidDefinition(
                invalid.problem, file=label, line=document.line(invalid.field), field=invalid.field
            ) from invalid

    def save(self, name: str, definition: EnvironmentDefinition) -> None:
        file = self.root / check_environment_name(name) / DEFINITION
        values = definition.to_mapping()
        text = update(file.read_text(encoding="utf-8-sig"), values) if file.exists() else render(values)
        write_atomically(file, text.encode())

    def delete(self, name: str) -> None:
        remove_folder(self._place(name))

    def versions(self, name: str) -> list[EnvironmentVersion]:
        files = (self._place(name) / "versions").glob(f"*/{FACTS}")
        found = [EnvironmentVersion.model_validate_json(file.read_bytes()) for file in files]
        return sorted(found, key=lambda version: (version.built_at, version.id), reverse=True)

    def version(self, name: str, id: str = "") -> EnvironmentVersion | None:
        place = self._place(name)
        current = place / CURRENT
        wanted = id or (current.read_text().strip() if current.exists() else "")
        file = place / "versions" / wanted / FACTS
        return (
            EnvironmentVersion.model_validate_json(file.read_bytes()) if wanted and file.is_file() else None
        )

    def folder(self, name: str, id: str) -> Path:
        return self._place(name) / "versions" / id

    def keep(self, name: str, version: EnvironmentVersion, *, current: bool) -> None:
        place = self._place(name)
        write_atomically(place / "versions" / version.id / FACTS, version.model_dump_json(indent=1).encode())
        if current:
            write_atomically(place / CURRENT, version.id.encode())

    def drop(self, name: str, id: str) -> None:
        remove_folder(self.folder(name, id))

    def interpreter(self, name: str, id: str) -> Path:
        return virtual_environment.python_of(self.folder(name, id))

    def wheels(self, name: str, id: str) -> list[Path]:
        return sorted((self.folder(name, id) / "wheels").glob("*.whl"))

    def note_build(self, name: str, build: EnvironmentBuild) -> None:
        marked = build.changed(process=this_process() if build.state == "RUNNING" else "")
        write_atomically(self._place(name) / BUILD, marked.model_dump_json(indent=1).encode())

    def last_build(self, name: str) -> EnvironmentBuild | None:
        file = self._place(name) / BUILD
        if not file.exists():
            return None
        told = EnvironmentBuild.model_validate_json(file.read_bytes())
        if told.state == "RUNNING" and left_behind(told.process):
            return told.changed(state="FAILED", message="The process that built it has ended.")
        return told

    def logs(self, name: str) -> list[str]:
        files = sorted(
            (self._place(name) / "logs").glob("*.log"), key=lambda f: f.stat().st_mtime, reverse=True
        )
        return [file.stem for file in files]

    def log(self, name: str, id: str) -> Path:
        folder = self._place(name) / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{id}.log"

    @contextmanager
    def turn(self, name: str, *, wait: float = 0) -> Iterator[None]:
        place = self._place(name)
        with locked(place / ".lock", wait=wait, what=f"Code environment {name}"):
            self._sweep(place)
            yield

    def _sweep(self, place: Path) -> None:
        """Remove what a dead build left. For whoever has the turn."""
        for folder in (place / "versions").glob("*"):
            if not (folder / FACTS).exists():
                shutil.rmtree(folder, ignore_errors=True)

    def _place(self, name: str) -> Path:
        if name not in self.names():
            raise NotFound(
                "code environment",
                name,
                among=self.names(),
                hint="`penstock environment list` says which there are.",
            )
        return self.root / name
