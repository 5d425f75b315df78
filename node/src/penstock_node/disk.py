"""Services and their generations in the home: every change is one atomic rename, so a kill leaves old or new.

services/<service>/state.json                    enabled, mapping, access, pools, routing
services/<service>/generations/<generation>/     an unpacked package and `imported.json`: when
revision                                         a number that changes with each change
aside/                                           half unpacked packages and things thrown away
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from penstock.core import registry
from penstock.core.errors import Conflict, Invalid, NotFound, PenstockError, Refused, Unsafe, UnsafeArchive
from penstock.core.generations import GenerationMapping, single
from penstock.core.kind import Definition
from penstock.core.package import OpenedPackage, read_manifest
from penstock.core.service import Access
from penstock.core.signing import MANIFEST, open_signed
from penstock.store.disk import locked, sync_folder, write_atomically
from penstock.store.node_keys import FileNodeKeys
from penstock_node import environments
from penstock_node.settings import Home, Pool

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
STATE, IMPORTED = "state.json", "imported.json"


class State(Definition):
    """What was decided about a service on this node."""

    enabled: bool = True
    mapping: GenerationMapping | None = None
    access: Access | None = Field(default=None, description="Instead of the package's own.")
    pools: dict[str, Pool] = Field(default_factory=dict)
    routing: str = ""
    """What the journal calls it for whoever reads it; the deployment's id."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A package that was taken in."""

    name: str
    folder: Path
    imported_at: str


class Shelf:
    """The services of a home. Changes are made one after the other, whoever makes them."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.keys = FileNodeKeys(home.root, home.settings().name)

    def services(self) -> list[str]:
        """Names of all services."""
        return sorted(p.parent.name for p in self.home.services.glob(f"*/{STATE}"))

    def state(self, service: str) -> State:
        """Raises NotFound."""
        try:
            text = (self.home.services / checked(service, "service") / STATE).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise NotFound("service", service, among=self.services()) from error
        return registry.validate(State, json.loads(text))

    def generations(self, service: str) -> list[Generation]:
        """In the order they were imported. Raises NotFound for a service there is not."""
        self.state(service)
        found = (self.home.services / service / "generations").glob(f"*/{IMPORTED}")
        listed = [Generation(p.parent.name, p.parent, json.loads(p.read_text())["at"]) for p in found]
        return sorted(listed, key=lambda g: (g.imported_at, g.name))

    def generation(self, service: str, name: str) -> Generation:
        """Raises NotFound."""
        found = {g.name: g for g in self.generations(service)}
        if name not in found:
            raise NotFound("generation", name, among=found, where=f"service {service}")
        return found[name]

    def newest(self, service: str) -> str:
        """The generation imported last. Raises NotFound when there is none."""
        found = self.generations(service)
        if not found:
            raise NotFound("generation", "", where=f"service {service}", hint="Import one first.")
        return found[-1].name

    def revision(self) -> str:
        """Another text after each change."""
        try:
            return (self.home.root / "revision").read_text()
        except FileNotFoundError:
            return ""

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One change at a time on this home."""
        with locked(self.home.root / ".lock", what="the services of this node"):
            yield

    def create(self, service: str) -> None:
        """Raises Conflict when it exists."""
        if checked(service, "service") in self.services():
            raise Conflict(f"There is a service '{service}' already.")
        self.put(service, State())

    def put(self, service: str, state: State) -> None:
        """Make a state the one that counts."""
        folder = self.home.services / checked(service, "service")
        text = json.dumps(state.model_dump(mode="json"), indent=1)
        write_atomically(folder / STATE, text.encode())
        self.changed()

    def changed(self) -> None:
        """Let every process see that something changed."""
        write_atomically(self.home.root / "revision", secrets.token_hex(8).encode())

    def delete(self, service: str) -> None:
        """Raises NotFound, Refused while it is enabled with a mapping."""
        state = self.state(service)
        if state.enabled and state.mapping is not None:
            raise Refused(f"Service {service} is answering.", hint="Disable it first.")
        self._throw_away(self.home.services / service)
        self.changed()

    def delete_generation(self, service: str, name: str) -> None:
        """Raises NotFound, Refused while it is mapped."""
        found, mapping = self.generation(service, name), self.state(service).mapping
        if mapping is not None and name in mapping.generations:
            raise Refused(
                f"Generation {name} of {service} is in use.", hint="Map the service to others first."
            )
        self._throw_away(found.folder)

    def take_in(self, service: str, archive: Path) -> str:
        """Check a package to the last byte, unpack it aside, try to open it, and make it available. Returns its
        generation; nothing answers with it yet. Raises UnknownSigner, UnsafeArchive, Unsafe, Conflict."""
        checked(service, "service")
        aside = self._aside()
        try:
            with open_signed(archive, self.keys.verify) as signed:
                generation = checked_in_package(str(signed.manifest.get("version")))
                for name in signed.names():
                    signed.archive.extract(name, aside / name, signed.members[name])
                (aside / MANIFEST).write_bytes(json.dumps(dict(signed.manifest)).encode())
            environments.build(self.home.environments, aside, read_manifest((aside / MANIFEST).read_bytes()))
            open_all(aside)
            with self.changing():
                self._place(service, generation, aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return generation

    def sweep(self) -> None:
        """Remove what a process that died left behind."""
        with self.changing():
            shutil.rmtree(self.home.aside, ignore_errors=True)

    def _place(self, service: str, generation: str, aside: Path) -> None:
        if service not in self.services():
            self.put(service, State())
        if generation in {g.name for g in self.generations(service)}:
            raise Conflict(f"Service {service} has a generation '{generation}' already.")
        write_atomically(aside / IMPORTED, json.dumps({"at": datetime.now(UTC).isoformat()}).encode())
        target = self.home.services / service / "generations" / generation
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(aside, target)
        sync_folder(target.parent)

    def _aside(self) -> Path:
        folder = self.home.aside / secrets.token_hex(8)
        folder.mkdir(parents=True)
        return folder

    def _throw_away(self, folder: Path) -> None:
        away = self._aside() / "gone"
        os.rename(folder, away)
        shutil.rmtree(away.parent, ignore_errors=True)


def open_all(folder: Path) -> None:
    """Open every endpoint of an unpacked package once. Raises Unsafe for files that nobody should open; what only this
    node lacks, such as a connection, is told when the generation is loaded."""
    package = OpenedPackage.of(folder)
    for endpoint in package.manifest.endpoints:
        try:
            endpoint.open(package.context(endpoint.name)).close()
        except Unsafe:
            raise
        except PenstockError:
            continue


def checked(name: str, what: str) -> str:
    """The name itself. Raises Invalid for one that is no name of ours."""
    if not NAME.fullmatch(name):
        raise Invalid(
            f"'{name[:80]}' cannot be the name of a {what}.", hint="Letters, digits, _ . and - up to 80."
        )
    return name


def checked_in_package(name: str) -> str:
    """The same for what stands in a package. Raises UnsafeArchive."""
    try:
        return checked(name, "generation")
    except Invalid as error:
        raise UnsafeArchive(error.message) from error


def switched(state: State, generation: str) -> State:
    """One generation answers all; a service that was off answers again."""
    return state.changed(mapping=single(generation), enabled=True)
