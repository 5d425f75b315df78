"""The connections of the node as files people read and edit: `home/connections/<name>.yaml`."""

from __future__ import annotations

from pathlib import Path

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.names import check_name
from penstock.store.disk import write_atomically
from penstock.store.yaml import parse
from penstock.store.yaml_edit import render, update

FOLDER = "connections"


class FileConnections:
    """The Connections port: one YAML file each, comments kept."""

    def __init__(self, home: Path) -> None:
        self.root = home / FOLDER

    def names(self) -> list[str]:
        return sorted(p.stem for p in self.root.glob("*.yaml") if not p.name.startswith("."))

    def get(self, name: str) -> Connection:
        file = self._file(name)
        label = f"{FOLDER}/{file.name}"
        document = parse(file.read_text(encoding="utf-8-sig"), file=label)
        try:
            found = registry.parse("connections", document.value)
        except InvalidDefinition as invalid:
            raise InvalidDefinition(
                invalid.problem,
                file=label,
                line=document.line(invalid.field),
                field=invalid.field,
                hint=invalid.hint,
            ) from invalid
        assert isinstance(found, Connection)
        return found

    def save(self, name: str, connection: Connection) -> None:
        file = self.root / f"{check_name(name)}.yaml"
        values = connection.to_mapping()
        text = update(file.read_text(encoding="utf-8-sig"), values) if file.exists() else render(values)
        write_atomically(file, text.encode())

    def delete(self, name: str) -> None:
        self._file(name).unlink()

    def _file(self, name: str) -> Path:
        if name not in self.names():
            raise NotFound(
                "connection", name, among=self.names(),
                hint="An administrator makes one: penstock connection set NAME FILE.",
            )  # fmt: skip
        return self.root / f"{name}.yaml"
