"""Versions of API services as files: `packages/<project>/<service>/<version>/`, written once and never changed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from penstock.core.errors import Conflict, NotFound
from penstock.core.package import ServiceVersion
from penstock.store.disk import remove_folder, sync_file, sync_folder, write_atomically

ARCHIVE, FACTS = "package.zip", "version.json"


class FilePackages:
    """The Packages port on a folder of the home."""

    def __init__(self, home: Path) -> None:
        self.root = home / "packages"

    def put(
        self, project: str, service: str, version: str, write: Callable[[Path], ServiceVersion]
    ) -> ServiceVersion:
        target = self._place(project, service, version)
        self._check_free(target, service, version)
        aside = target.with_name(f".{version}.{secrets.token_hex(4)}.new")
        aside.mkdir(parents=True)
        try:
            made = write(aside / ARCHIVE)
            sync_file(aside / ARCHIVE)
            write_atomically(aside / FACTS, json.dumps(made.to_mapping(), indent=1).encode())
            self._check_free(target, service, version)
            try:
                os.rename(aside, target)
            except OSError as error:
                self._check_free(target, service, version)
                raise error
            sync_folder(target.parent)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return made

    def versions(self, project: str, service: str) -> list[ServiceVersion]:
        folder = self.root / project / service
        found = [self._read(f) for f in folder.glob(f"*/{FACTS}") if not f.parent.name.startswith(".")]
        return sorted(found, key=lambda v: (v.created_at, v.version), reverse=True)

    def version(self, project: str, service: str, version: str) -> ServiceVersion:
        file = self._place(project, service, version) / FACTS
        if not file.is_file():
            known = [v.version for v in self.versions(project, service)]
            raise NotFound("version", version, among=known, where=f"service {service}")
        return self._read(file)

    def archive(self, project: str, service: str, version: str) -> Path:
        self.version(project, service, version)
        return self._place(project, service, version) / ARCHIVE

    def delete(self, project: str, service: str, version: str) -> None:
        self.version(project, service, version)
        remove_folder(self._place(project, service, version))

    def delete_project(self, project: str) -> None:
        remove_folder(self.root / project)

    def _place(self, project: str, service: str, version: str) -> Path:
        return self.root / project / service / version

    def _check_free(self, target: Path, service: str, version: str) -> None:
        if target.exists():
            raise Conflict(
                f"Service {service} has a version '{version}' already, and versions never change.",
                hint="Choose another id.",
            )

    def _read(self, file: Path) -> ServiceVersion:
        return ServiceVersion.model_validate_json(file.read_bytes())
