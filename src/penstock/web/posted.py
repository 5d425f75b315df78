"""Posted: a form made from a definition, back to plain values as they stand in YAML."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from starlette.datastructures import FormData

from penstock.core import registry
from penstock.core.complaints import Unreadable
from penstock.core.errors import KindMissing
from penstock.web import shapes
from penstock.web.shapes import (
    Choice,
    Day,
    Either,
    Field,
    Kinds,
    Limit,
    Line,
    Listed,
    Nothing,
    Number,
    Pairs,
    Part,
    Raw,
    Shape,
    Ticks,
    Toggle,
)


class _Missing:
    """Not in the form, or left as it is by itself."""


MISSING: Final = _Missing()
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
"""Between two addresses; not inside a quoted name."""


@dataclass(slots=True)
class Node:
    """Values posted under one name, and names under it."""

    values: list[str] = field(default_factory=list)
    under: dict[str, Node] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The last one wins: a checkbox comes after the hidden field that says it is there."""
        return self.values[-1].replace("\r\n", "\n") if self.values else ""

    @property
    def items(self) -> list[Node]:
        """Those with a number for a name, in order."""
        return [self.under[key] for key in sorted(filter(str.isdigit, self.under), key=int)]


def tree(form: FormData) -> Node:
    """`steps.0.name=x` → a tree of names."""
    root = Node()
    for name, value in form.multi_items():
        if isinstance(value, str):
            here = root
            for part in name.split("."):
                here = here.under.setdefault(part, Node())
            here.values.append(value)
    return root


def at(root: Node, path: str) -> Node:
    """The node of a path; an empty one when nothing was posted there."""
    here = root
    for part in filter(None, path.split(".")):
        here = here.under.get(part, Node())
    return here


def part(
    cls: type[BaseModel], node: Node, path: str, kept: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The settings of one definition; those that were not in the form are kept as they were."""
    found: dict[str, Any] = {}
    for one in shapes.fields(cls):
        under = node.under.get(one.key)
        if under is None:
            if kept and one.key in kept:
                found[one.key] = kept[one.key]
            continue
        value = _settled(one, read(one.shape, under, _join(path, one.key)))
        if not isinstance(value, _Missing):
            found[one.key] = value
    return found


def kind(family: str, node: Node, path: str, kept: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A kind with its type. A type that is not there is left for the registry to tell."""
    chosen = node.under["type"].text if "type" in node.under else ""
    try:
        cls = registry.kind(family, chosen)
    except KindMissing:
        return {"type": chosen} if chosen else {}
    return {"type": chosen, **part(cls, node, path, kept)}


def _settled(one: Field, value: Any) -> Any:
    """Left out when it says what is so anyway."""
    if isinstance(value, _Missing):
        return MISSING
    if one.required:
        return MISSING if value in ("", None) or (value == [] and one.required) else value
    return MISSING if same(value, one.default) else value


def same(a: Any, b: Any) -> bool:
    """Equal as YAML would have it: 1 is not true, and an empty text is nothing."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b) or (a in ("", None, [], {}) and b in ("", None, [], {}))


def read(shape: Shape, node: Node, path: str) -> Any:
    """The plain value of one field."""
    match shape:
        case Nothing():
            return None
        case Line(widget="people"):
            return people(node.text, node.under.get("as", Node()).text)
        case Line():
            return _line(shape, node.text)
        case Number():
            return number(node.text) if node.text.strip() else None if shape.optional else MISSING
        case Toggle():
            return node.text == "yes"
        case Choice():
            return next((o for o in shape.options if _word(o) == node.text), node.text)
        case Day():
            return node.text or (None if shape.optional else MISSING)
        case Limit():
            return _limit(node)
        case Part():
            return part(shape.cls, node, path)
        case Kinds():
            return kind(shape.family, node, path) or (None if shape.optional else MISSING)
        case Listed():
            return _list(shape, node, path)
        case Ticks():
            return [next((o for o in shape.options if _word(o) == v), v) for v in node.values]
        case Pairs():
            return _pairs(shape, node, path)
        case Either():
            return _either(shape, node, path)
        case Raw():
            return yaml(node.text)


def _line(shape: Line, text: str) -> Any:
    if not text and shape.optional:
        return None
    if shape.widget == "scalar":
        return scalar(text)
    if shape.is_picked and text == "other:":
        return None if shape.optional else ""
    return text if shape.widget in ("area", "code") else text.strip() if shape.widget == "object" else text


def people(text: str, written: str = "") -> Any:
    """Addresses, written as they were before: a `text` stays one, a `list` stays one. People with variables of their
    own are JSON."""
    bare = text.strip()
    if written == "text":
        return text if bare else ""
    try:
        if bare[:1] in ("{", "["):
            return json.loads(bare)
    except ValueError:
        return bare
    return [one.strip() for one in _COMMA.split(bare) if one.strip()] if written == "list" else bare


def scalar(text: str) -> Any:
    """A constant as people write it in YAML: 5 is a number, true is yes, "5" is a text."""
    if text in ("true", "false"):
        return text == "true"
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return number(text) if _NUMBER.fullmatch(text) else text


def number(text: str) -> Any:
    """A number; a text that is none stays as it is, for the definition to refuse or expand."""
    stripped = text.strip()
    if re.fullmatch(r"[-+]?\d+", stripped):
        return int(stripped)
    return float(stripped) if _NUMBER.fullmatch(stripped) else stripped


def yaml(text: str) -> Any:
    """What is written as YAML; a text that is none stays as it is, for the definition to refuse at its field."""
    if not text.strip():
        return MISSING
    try:
        return shapes.plain(YAML(typ="safe").load(io.StringIO(text)))
    except YAMLError as error:
        mark, said = getattr(error, "problem_mark", None), str(getattr(error, "problem", "") or error)
        place = f" (line {mark.line + 1})" if mark is not None else ""
        return Unreadable(text, problem=f"This is not well-formed YAML: {said}{place}.")


def _limit(node: Node) -> Any:
    text = node.under.get("value", Node()).text
    is_on = node.under.get("enabled", Node()).text == "yes"
    if not text.strip():
        return MISSING
    return number(text) if is_on else {"value": number(text), "enabled": False}


def _list(shape: Listed, node: Node, path: str) -> list[Any]:
    found = [read(shape.item, item, f"{path}.{i}") for i, item in enumerate(node.items)]
    kept = [value for value in found if not isinstance(value, _Missing)]
    is_choosy = isinstance(shape.item, Line) and shape.item.widget != "scalar"
    return [v for v in kept if v != ""] if is_choosy else kept


def _pairs(shape: Pairs, node: Node, path: str) -> dict[str, Any]:
    found = {}
    for item in node.items:
        key = item.under.get("key", Node()).text
        value = read(shape.value, item.under.get("value", Node()), f"{path}.{key}")
        if key and not isinstance(value, _Missing):
            found[key] = value
    return found


def _either(shape: Either, node: Node, path: str) -> Any:
    chosen = node.under.get("?", Node()).text
    index = int(chosen) if chosen.isdigit() and int(chosen) < len(shape.options) else 0
    return read(shape.options[index][1], node, path)


def _word(option: Any) -> str:
    """How an option travels in a form."""
    if option is None:
        return ""
    return str(option).lower() if isinstance(option, bool) else str(option)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
