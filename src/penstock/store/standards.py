"""The StandardsBook port: `home/standards.yaml` for people, reports as JSON in `home/standards/`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.core import registry
from penstock.core.errors import InvalidDefinition
from penstock.core.standard import Standards
from penstock.store.disk import write_atomically
from penstock.store.yaml import parse
from penstock.store.yaml_edit import render, update

FILE, FOLDER = "standards.yaml", "standards"


class FileStandards:
    """Files of a home; comments in the YAML stay."""

    def __init__(self, home: Path) -> None:
        self._file, self._reports = home / FILE, home / FOLDER

    def chosen(self) -> Standards | None:
        if not self._file.exists():
            return None
        document = parse(self._file.read_text(encoding="utf-8-sig"), file=FILE)
        try:
            return registry.validate(Standards, document.value)
        except InvalidDefinition as invalid:
            raise InvalidDefinition(
                invalid.problem, file=FILE, line=document.line(invalid.field), field=invalid.field
            ) from invalid

    def choose(self, standards: Standards | None) -> None:
        if standards is None:
            return self._file.unlink(missing_ok=True)
        values = standards.to_mapping()
        is_there = self._file.exists()
        text = update(self._file.read_text(encoding="utf-8-sig"), values) if is_there else render(values)
        return write_atomically(self._file, text.encode())

    def keep(self, project: str, report: Mapping[str, Any]) -> None:
        write_atomically(self._reports / f"{project}.json", json.dumps(report, indent=1).encode())

    def last(self, project: str) -> Mapping[str, Any] | None:
        file = self._reports / f"{project}.json"
        found: Mapping[str, Any] | None = json.loads(file.read_bytes()) if file.exists() else None
        return found
