"""The Deployer port: definitions as YAML in a git repository of the home; the rest of it lies in the state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast

from penstock.core import deployment, registry
from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.kind import Definition
from penstock.core.ports import Clock, Deployer, DeployerSort
from penstock.core.revision import Revision
from penstock.store.disk import locked
from penstock.store.git import Repository
from penstock.store.saving import Journal
from penstock.store.yaml import parse
from penstock.store.yaml_edit import render
from penstock.store.yaml_edit import update as changed

FOLDERS: Mapping[DeployerSort, str] = {
    "infrastructure": "infrastructures", "project": "projects", "service": "services",
    "deployment": "deployments", "service_deployment": "service_deployments",
}  # fmt: skip
CLASSES: Mapping[DeployerSort, type[Definition]] = {
    "project": deployment.Published, "service": deployment.Published, "deployment": deployment.Deployment,
    "service_deployment": deployment.ServiceDeployment,
}  # fmt: skip
WORDS: Mapping[DeployerSort, str] = {
    "infrastructure": "infrastructure", "project": "published project", "service": "published service",
    "deployment": "deployment", "service_deployment": "deployment of a service",
}  # fmt: skip


class DeployerFiles:
    """Definitions: one YAML file each under `home/deployer/`, one commit per save."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self.root, self._clock = home / "deployer", clock

    def names(self, sort: DeployerSort) -> list[str]:
        return sorted(p.stem for p in (self.root / _folder(sort)).glob("[!.]*.yaml"))

    def get(self, sort: DeployerSort, name: str) -> Any:
        file = self.root / self._file(sort, name)
        if not file.is_file():
            raise NotFound(WORDS[sort], name, among=self.names(sort))
        label = f"deployer/{self._file(sort, name)}"
        document = parse(file.read_text(encoding="utf-8-sig"), file=label)
        try:
            if sort == "infrastructure":
                return registry.parse("infrastructures", document.value)
            return registry.validate(CLASSES[sort], document.value)
        except InvalidDefinition as invalid:
            raise InvalidDefinition(
                invalid.problem, file=label, line=document.line(invalid.field), field=invalid.field
            ) from invalid

    def save(
        self, sort: DeployerSort, name: str, definition: Definition | None, *, author: str, message: str
    ) -> str:
        file = self._file(sort, name)
        self.root.mkdir(parents=True, exist_ok=True)
        with self._locked() as journal:
            text = None if definition is None else _text(self.root / file, definition.to_mapping())
            return journal.save({file: text}, author=author, message=message, at=self._clock.now())

    def turn(self) -> AbstractContextManager[None]:
        """Be the only one who reads a definition to change it. Raises Conflict when somebody else is for too long."""
        return locked(self.root / ".turn", what="the deployer")

    def history(self, sort: DeployerSort, name: str) -> list[Revision]:
        file = self._file(sort, name)
        if Journal(self.root).pending:
            with self._locked():
                pass
        return Repository(self.root).history(file) if self.root.exists() else []

    @contextmanager
    def _locked(self) -> Iterator[Journal]:
        """Alone, and with what a dead process began brought to its end."""
        with locked(self.root / ".lock", what="the deployer"):
            journal = Journal(self.root)
            journal.heal()
            yield journal

    def _file(self, sort: DeployerSort, name: str) -> str:
        return f"{_folder(sort)}/{deployment.check_id(name)}.yaml"


def _folder(sort: DeployerSort) -> str:
    """Where definitions of a sort lie. Raises NotFound for a sort there is not: it may come from an address."""
    if sort not in FOLDERS:
        raise NotFound("sort of what is deployed", sort, among=FOLDERS)
    return FOLDERS[sort]


def _text(path: Path, values: Mapping[str, Any]) -> bytes:
    """Comments that somebody wrote into the file stay."""
    text = changed(path.read_text(encoding="utf-8-sig"), values) if path.exists() else render(values)
    return text.encode()


class HomeDeployer:
    """The Deployer port: its files, and its part of the state, which opens when it is first asked."""

    def __init__(self, home: Path, clock: Clock, updates: Any) -> None:
        self._files, self._updates, self._logs = (
            DeployerFiles(home, clock),
            updates,
            home / "logs" / "deployments",
        )

    def __getattr__(self, verb: str) -> Any:
        of = self._files if hasattr(DeployerFiles, verb) else self._updates
        return getattr(of, verb)

    def log_path(self, id: str) -> Path:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self._logs / f"{deployment.check_id(id)}.log"


def deployer(home: Path, clock: Clock, updates: Any) -> Deployer:
    """The port of a home. `updates` is the part that lies in the state; see store/deployment_updates.py."""
    return cast("Deployer", HomeDeployer(home, clock, updates))
