"""YAML as people write it, read strictly: plain values, and the line each of them stands on.

Text is text unless it is plainly a number, true, false or null: `no`, `on`, `007` and `2026-03-01` stay as written.
Refused with file and line: anchors, aliases, tags, a key twice, more than one document, and what is too big or deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from penstock.core.errors import InvalidDefinition

REMEMBERED = 20_000
"""Letters of a file of settings that is parsed once, until its text is another."""
MOST_BYTES = 5_000_000
DEEPEST = 100

_SCALARS = {
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "null": re.compile(r"~|null|Null|NULL|"),
    "int": re.compile(r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+"),
    "float": re.compile(
        r"[-+]?((0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?(0|[1-9][0-9]*)[eE][-+]?[0-9]+"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    ),
}


@dataclass(frozen=True)
class Document:
    """A parsed text: its value, and its nodes with their places."""

    text: str
    value: dict[str, Any]
    root: Node | None

    def line(self, field: str) -> int:
        """The line, from 1, of a dotted field such as `checks.0.minimum`, or of the nearest thing around it."""
        found = self.root
        line = _line(found) if found is not None else 1
        for part in field.split(".") if field else []:
            for key, value in _entries(found):
                if key == part:
                    found, line = value, min(_line(value), _entry_line(found, part))
        return line


def parse(text: str, *, file: str = "") -> Document:
    """A text → a mapping. Raises InvalidDefinition with file and line."""
    if len(text) > MOST_BYTES:
        raise InvalidDefinition("A definition may have 5 MB at most.", file=file)
    try:
        root = _reader().compose(text.replace("\r\n", "\n"))
        value = None if root is None else plain(root)
    except _Found as found:
        raise InvalidDefinition(found.message, file=file, line=found.line, hint=found.hint) from found
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"A character that YAML does not allow: U+{error.character:04X}."
        raise InvalidDefinition(message, file=file, line=line) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"This is not YAML: {error.problem or error.context}."
        raise InvalidDefinition(message, file=file, line=mark.line + 1 if mark else 0) from error
    except YAMLError as error:
        raise InvalidDefinition(f"This is not YAML: {error}.", file=file) from error
    if not isinstance(value, dict | None):
        raise InvalidDefinition(
            "A file of settings is expected, `name: value` on each line.", file=file, line=1
        )
    return Document(text, value or {}, root)


def decode(data: bytes, *, file: str = "") -> str:
    """The text of a file. Raises InvalidDefinition for what is too big, not UTF-8, or holds a NUL."""
    if len(data) > MOST_BYTES:
        raise InvalidDefinition("A definition may have 5 MB at most.", file=file)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise InvalidDefinition("The file holds a NUL character.", file=file, line=line)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidDefinition("The file is not UTF-8 text.", file=file, line=line) from error


def read_mapping(file: Path) -> dict[str, Any]:
    """The settings in a YAML file; none in an empty one. Raises InvalidDefinition with file and line."""
    if file.stat().st_size > MOST_BYTES:
        raise InvalidDefinition("A definition may have 5 MB at most.", file=str(file))
    text = decode(file.read_bytes(), file=str(file))
    return deepcopy(_value(text, str(file))) if len(text) < REMEMBERED else parse(text, file=str(file)).value


@lru_cache(maxsize=512)
def _value(text: str, file: str) -> dict[str, Any]:
    """Variables and connections are read for every page and hardly ever change."""
    return parse(text, file=file).value


def plain(node: Node) -> Any:
    """A node as Python values; keys are always texts. Raises `_Found` for a key that stands twice."""
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.value]
    mapping: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            raise _Found("A key must be a word, not a list or a mapping.", _line(key))
        if key.value in mapping:
            raise _Found(f"'{key.value}' stands here twice.", _line(key), hint="Keep one of them.")
        if key.value == "<<" and key.style is None:
            raise _Found("Merge keys (<<) are not read here; write the settings out.", _line(key))
        mapping[key.value] = plain(value)
    return mapping


def same(a: Any, b: Any) -> bool:
    """Equal in value and in type, so that 1, 1.0 and true differ; the order of keys does not count."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return repr(a) == repr(b)


class Scalars(VersionedResolver):
    """Which plain words are not texts: the core of YAML 1.2, without its surprises."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is not ScalarNode or not implicit[0]:
            return super().resolve(kind, value, (False, False))
        found = next((name for name, shape in _SCALARS.items() if shape.fullmatch(value)), "str")
        return Tag(suffix=f"tag:yaml.org,2002:{found}")


class _Found(Exception):
    """Something we do not read, and its line."""

    def __init__(self, message: str, line: int, *, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.hint = message, line, hint


class _StrictComposer(Composer):
    """Composes plain data only, so that a small file can never become a large one."""

    def compose_document(self) -> Any:
        start = self.parser.peek_event()
        if isinstance(start, DocumentStartEvent) and (start.version or start.tags):
            raise _Found("Directives (%YAML, %TAG) are not read here.", 1)
        return super().compose_document()

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise _Found(
                "Anchors and aliases (& and *) are not read here.", line, hint="Write the settings out twice."
            )
        if event.ctag is not None:
            raise _Found(f"Tags ({event.tag}) are not read here.", line, hint="Leave the tag out.")
        if self.depth >= DEEPEST:
            raise _Found(f"Nested deeper than {DEEPEST} levels.", line)
        return super().compose_node(parent, index)


def _reader() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer, yaml.Resolver = _StrictComposer, Scalars
    return yaml


def _scalar(node: ScalarNode) -> Any:
    text, kind = str(node.value), str(node.tag).rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return _integer(text, node)
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _integer(text: str, node: ScalarNode) -> int:
    if len(text) > 4000:
        raise _Found("A number with more than 4000 digits.", _line(node))
    return int(text, 16) if text.startswith("0x") else int(text)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, MappingNode):
        yield from ((str(key.value), value) for key, value in node.value)
    elif isinstance(node, SequenceNode):
        yield from ((str(index), value) for index, value in enumerate(node.value))


def _entry_line(node: Node | None, name: str) -> int:
    """Where an entry begins: at its key, which may stand above its value."""
    keys = [key for key, _ in node.value if key.value == name] if isinstance(node, MappingNode) else []
    return _line(keys[0]) if keys else MOST_BYTES
