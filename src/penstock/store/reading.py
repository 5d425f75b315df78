"""A folder of project files → a Project. Files that did not change are not read again, nor parsed."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from penstock.core.errors import InvalidDefinition, InvalidName
from penstock.core.kind import Definition
from penstock.core.lineage import LINEAGE_FILE, Lineage
from penstock.core.project import FORMAT, Project, ProjectSettings, Zones
from penstock.core.wiki import TREE_FILE, Wiki
from penstock.store import layout
from penstock.store.disk import write_atomically
from penstock.store.yaml import MOST_BYTES, Document, decode, parse

Stamp = tuple[int, int, int, int]
"""What the file system says of a file's state: when changed (twice), how long, which file."""

SETTLED = 100_000_000
"""Nanoseconds after which a change of a file surely shows in its stamp."""
NEVER: Stamp = (0, 0, 0, 0)


@dataclass(slots=True)
class _Entry:
    stamp: Stamp
    settled: bool
    data: bytes
    definition: Definition | None = None
    body: str | None = None


@dataclass
class ProjectFiles:
    """The files of one project, remembered between loads. `overlay` shows files as they would be after a save."""

    path: Path
    cache: Path
    """Where parsed files are kept by the hash of their text, so that a fresh process starts quickly."""
    entries: dict[str, _Entry] = field(default_factory=dict)
    parsed: dict[str, dict[str, Any]] = field(default_factory=dict)
    unsaved: int = 0
    unreadable: dict[str, InvalidDefinition] = field(default_factory=dict)
    """What looks like a file of ours and cannot be read at all: a link that leads out, a file that is too big."""
    last: tuple[Any, Project] | None = None
    guard: threading.RLock = field(default_factory=threading.RLock)

    def project(self, key: str, local: Mapping[str, Any]) -> Project:
        """What the files say; a broken one is missing, and told in the project's `problems`."""
        with self.guard:
            self.refresh()
            stamps = {file: entry.stamp for file, entry in self.entries.items()}
            state = (key, repr(local), stamps, list(self.unreadable))
            if self.last and self.last[0] == state and all(e.settled for e in self.entries.values()):
                return self.last[1]
            project = self.build(key, local, *self.readable())
            self.last = (state, project)
            self._save_parsed()
            return project

    def refresh(self) -> None:
        """Look which files changed, and read those."""
        listed = dict(_listed(self.path))
        found = {file: stamp for file, stamp in listed.items() if not isinstance(stamp, InvalidDefinition)}
        self.unreadable = {f: bad for f, bad in listed.items() if isinstance(bad, InvalidDefinition)}
        for file in self.entries.keys() - found.keys():
            del self.entries[file]
        for file, stamp in found.items():
            entry = self.entries.get(file)
            if entry is None or entry.stamp != stamp or not entry.settled:
                try:
                    self._read(file, stamp, entry)
                except InvalidDefinition as problem:
                    self.entries.pop(file, None)
                    self.unreadable[file] = problem

    def readable(
        self, overlay: Mapping[str, bytes | None] | None = None
    ) -> tuple[dict[str, Definition], tuple[InvalidDefinition, ...]]:
        """Every file that parses, by its path, and the first problem of each other one."""
        definitions: dict[str, Definition] = {}
        problems = [*self.unreadable.values()]
        for file in self.names(overlay or {}):
            try:
                check_place(file)
                if layout.is_definition(file):
                    definitions[file] = self.definition(file, overlay or {})
            except InvalidDefinition as problem:
                problems.append(problem)
        return definitions, tuple(problems)

    def names(self, overlay: Mapping[str, bytes | None]) -> list[str]:
        """Every file there is, or would be, in order."""
        there = {f for f in self.entries if f not in overlay}
        return sorted(there | {f for f, data in overlay.items() if data is not None})

    def definitions(self, overlay: Mapping[str, bytes | None] | None = None) -> dict[str, Definition]:
        """Every parsed file by its path. Raises InvalidDefinition for the first broken one."""
        with self.guard:
            definitions, problems = self.readable(overlay)
            for problem in problems:
                raise problem
            return definitions

    def definition(self, file: str, overlay: Mapping[str, bytes | None]) -> Definition:
        """One file, parsed. Raises InvalidDefinition with file, line and field."""
        entry = self.entries.get(file)
        data = (overlay[file] if file in overlay else self.data(file)) or b""
        value = self.values(file, data)
        body = self._body(file, value, overlay)
        if entry and entry.definition is not None and entry.data == data and entry.body == body:
            return entry.definition
        try:
            definition = layout.definition_of(file, value, body)
        except InvalidDefinition as invalid:
            raise located(invalid, file, decode(data), value) from invalid
        if entry and entry.data == data:
            entry.definition, entry.body = definition, body
        return definition

    def values(self, file: str, data: bytes) -> dict[str, Any]:
        """What a YAML file says, parsed once for each text there ever was."""
        hash = sha256(data).hexdigest()
        if not self.parsed:
            self._load_parsed()
        if hash not in self.parsed:
            self.parsed[hash] = parse(decode(data, file=file), file=file).value
            self.unsaved += 1
        return self.parsed[hash]

    def build(
        self, key: str, local: Mapping[str, Any], definitions: Mapping[str, Definition],
        problems: tuple[InvalidDefinition, ...] = (),
    ) -> Project:  # fmt: skip
        def of(folder: str) -> dict[str, Any]:
            return {
                layout.name_of(f): d for f, d in definitions.items() if f.rpartition("/")[0] == folder
                and f not in layout.FILES
            }  # fmt: skip

        settings, zones = definitions.get(layout.SETTINGS), definitions.get(layout.ZONES)
        wiki, lineage = definitions.get(TREE_FILE), definitions.get(LINEAGE_FILE)
        return Project(
            key=key,
            path=self.path,
            settings=settings if isinstance(settings, ProjectSettings) else ProjectSettings(format=FORMAT),
            local_variables=local,
            zones=zones if isinstance(zones, Zones) else Zones(),
            lineage=lineage if isinstance(lineage, Lineage) else Lineage(),
            wiki=wiki if isinstance(wiki, Wiki) else Wiki(),
            datasets=of("flow/datasets"),
            folders=of("flow/folders"),
            models=of("flow/models"),
            evaluation_stores=of("flow/evaluations"),
            recipes=of(layout.RECIPES),
            scenarios=of(layout.SCENARIOS),
            dashboards=of(layout.DASHBOARDS),
            comparisons=of(layout.COMPARISONS),
            services=of(layout.SERVICES),
            library_hash=self._library_hash(),
            problems=problems,
        )

    def data(self, file: str) -> bytes | None:
        """The bytes of a file as last refreshed (of the library: their sha256); None when there is none."""
        entry = self.entries.get(file)
        return entry.data if entry else None

    def _read(self, file: str, stamp: Stamp, entry: _Entry | None) -> None:
        path = self.path / file
        if not layout.inside(self.path, path):
            raise InvalidDefinition("This link leads out of the project.", file=file)
        if stamp[2] > MOST_BYTES and layout.is_definition(file):
            raise InvalidDefinition("A definition may have 5 MB at most.", file=file)
        now = time.time_ns()
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            self.entries.pop(file, None)
            return
        if file.startswith(f"{layout.LIBRARY}/"):
            data = sha256(data).digest()
        settled = now - max(stamp[0], stamp[1]) > SETTLED
        if entry is not None and entry.data == data:
            entry.stamp, entry.settled = stamp, settled
        else:
            self.entries[file] = _Entry(stamp, settled, data)

    def _body(self, file: str, value: Mapping[str, Any], overlay: Mapping[str, bytes | None]) -> str | None:
        ending = layout.body_ending(file, value)
        if not ending:
            return None
        body = layout.body_file(file, ending)
        data = overlay[body] if body in overlay else self.data(body)
        return None if data is None else decode(data, file=body)

    def _library_hash(self) -> str:
        digest, found = sha256(), False
        for file, entry in sorted(self.entries.items()):
            if file.startswith(f"{layout.LIBRARY}/"):
                digest.update(f"{file}\0".encode() + entry.data)
                found = True
        return digest.hexdigest() if found else ""

    def _load_parsed(self) -> None:
        try:
            self.parsed = json.loads(self.cache.read_bytes())
        except (FileNotFoundError, ValueError):
            self.parsed = {}

    def _save_parsed(self) -> None:
        """Keep what is worth keeping: only when parsing it again would be felt."""
        if self.unsaved >= 20:
            wanted = {sha256(e.data).hexdigest() for f, e in self.entries.items() if layout.is_definition(f)}
            self.parsed = {hash: value for hash, value in self.parsed.items() if hash in wanted}
            write_atomically(self.cache, json.dumps(self.parsed).encode())
            self.unsaved = 0


def located(invalid: InvalidDefinition, file: str, text: str, value: Mapping[str, Any]) -> InvalidDefinition:
    """The same problem with its file and line."""
    if invalid.field == "body" and "body" not in value and (ending := layout.body_ending(file, value)):
        body = layout.body_file(file, ending)
        return InvalidDefinition(f"{invalid.problem} The code belongs into {body}.", file=file, field="body")
    document = parse(text)
    found = _placed(invalid, file, document)
    found.also = tuple(_placed(other, file, document) for other in invalid.also)
    return found


def _placed(invalid: InvalidDefinition, file: str, document: Document) -> InvalidDefinition:
    return InvalidDefinition(
        invalid.problem, file=file, line=document.line(invalid.field), field=invalid.field, hint=invalid.hint
    )


def check_place(file: str) -> None:
    """Raise InvalidDefinition for a definition that nobody would read: misplaced, or badly named."""
    stem, _, ending = file.rpartition(".")
    if file.partition("/")[0] not in layout.TOPS or file in layout.FILES or ending not in ("yaml", "yml"):
        return
    try:
        layout.check_file(file)
    except InvalidName as error:
        raise InvalidDefinition(error.message, file=file, hint=error.hint) from error
    if ending == "yml":
        raise InvalidDefinition(f"Call it {stem}.yaml: definitions end in .yaml.", file=file)


def _listed(root: Path) -> Iterator[tuple[str, Stamp | InvalidDefinition]]:
    """Every file that definitions and library are made of, with its stamp, or why it has none. Hidden ones are
    not ours."""
    for name in (layout.SETTINGS, TREE_FILE):
        if (root / name).exists():
            yield name, _stamp((root / name).stat())
    for top in (*layout.TOPS, layout.LIBRARY):
        yield from _under(root / top, top)


def _under(folder: Path, prefix: str) -> Iterator[tuple[str, Stamp | InvalidDefinition]]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        file = f"{prefix}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _under(Path(entry.path), file)
        elif entry.is_symlink() and entry.is_dir():
            yield file, InvalidDefinition("Links to folders are not followed.", file=file)
        elif entry.is_file() or entry.is_symlink():
            yield file, _stamp_of(entry, file)


def _stamp_of(entry: os.DirEntry[str], file: str) -> Stamp | InvalidDefinition:
    try:
        return _stamp(entry.stat())
    except FileNotFoundError:
        return InvalidDefinition("This link leads nowhere.", file=file)


def _stamp(stat: os.stat_result) -> Stamp:
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino
