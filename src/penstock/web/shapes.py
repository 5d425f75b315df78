"""Shapes: what a field of a definition asks a person for, read off its type. Pure; knows no HTML."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, SerializeAsAny
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from penstock.core import registry
from penstock.core.bounds import Bound
from penstock.core.formula import Formula
from penstock.core.kind import Kind, OfFamily, documentation
from penstock.core.names import Points
from penstock.web.humane import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """The choice to give no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A text: `widget` is line, area, code, formula, scalar, color, or what a picker offers (column, dataset …)."""

    widget: str = "line"
    language: str = ""
    optional: bool = False
    """Empty means no value rather than an empty text."""
    sorts: tuple[str, ...] = ()
    """The sorts of objects a picker offers."""
    is_closed: bool = False
    """Only what is offered can be chosen: what is read."""
    is_picked: bool = False
    """What is offered is chosen from; of objects something else, such as `${variables}`, may be typed all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number, or a text with `${variables}` that will be one."""

    whole: bool = False
    low: float | None = None
    high: float | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle:
    """On or off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a few values; `None` among them is no value."""

    options: tuple[Any, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    """What people call them, where that is not the value itself."""
    nothing: str = "Not set"
    """What no value means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date."""

    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A number that can be switched off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A definition inside the definition."""

    cls: type[BaseModel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Any kind of a family."""

    family: str
    optional: bool = False
    without: tuple[str, ...] = ()
    """Fields that mean nothing in this place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Several, in order."""

    item: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Several of a few words."""

    options: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Names with a value each."""

    value: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """One of several shapes, each with the words for it."""

    options: tuple[tuple[str, Shape], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Anything, written as YAML."""


Shape = (
    Nothing
    | Line
    | Number
    | Toggle
    | Choice
    | Day
    | Limit
    | Part
    | Kinds
    | Listed
    | Ticks
    | Pairs
    | Either
    | Raw
)

SCALARS = frozenset({bool, int, float, str})
COLUMNS = frozenset({
    "column", "columns", "keys", "left", "right", "target", "weight", "order_by", "partition_by", "group_by", "key",
    "other_column", "features", "identifiers", "feature", "value", "values_from", "sort_by", "prediction", "on",
})  # fmt: skip
AREAS = frozenset({"description", "goals", "message", "text", "html", "note", "comment", "markdown"})
CODE = {"body": "", "code": "python", "sql": "sql", "query": "sql", "script": "python"}
WIDGETS = {"metric": "metric", "zone": "zone", "channel": "channel", "connection": "connection", "user": "user",
           "run_as": "user", "group": "group", "color": "color", "metric_id": "metric"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a definition: the word it is written with, its shape, and what is said of it."""

    name: str
    key: str
    """The word in YAML; the same but for the few with an alias."""
    shape: Shape
    help: str
    required: bool
    default: Any
    """As plain values."""


@cache
def fields(cls: type[BaseModel]) -> tuple[Field, ...]:
    """Every field of a definition, in order."""
    return tuple(_field(cls, name, info) for name, info in cls.model_fields.items())


@cache
def in_reading_order(cls: type[BaseModel]) -> tuple[Field, ...]:
    """The same for people: in the order the kind itself names, else what is needed first, then the kind's own, then
    what all of its family have."""
    return tuple(sorted(fields(cls), key=lambda one: _rank(cls, one)))


def main_fields(cls: type[BaseModel]) -> tuple[str, ...]:
    """The fields a long form shows at once; empty when it shows all."""
    return cls.MAIN if issubclass(cls, Kind) else ()


def _rank(cls: type[BaseModel], one: Field) -> int:
    first = main_fields(cls)
    if one.name in first:
        return first.index(one.name) - len(first)
    if one.required:
        return 0
    if issubclass(cls, Kind) and cls.FAMILY and one.name in registry.base(cls.FAMILY).model_fields:
        return 3
    return 1 if one.name in vars(cls).get("__annotations__", {}) else 2


def fits(shape: Shape, value: Any) -> bool:
    """Whether a plain value belongs to a shape: how the right one of several is found."""
    match shape:
        case Nothing():
            return value is None
        case Line():
            return isinstance(value, str) or (
                shape.widget == "scalar" and not isinstance(value, (list, dict))
            )
        case Number():
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case Toggle():
            return isinstance(value, bool)
        case Choice():
            return not isinstance(value, (list, dict)) and value in shape.options
        case Day():
            return isinstance(value, str)
        case Limit():
            return isinstance(value, (int, float)) or (isinstance(value, Mapping) and "value" in value)
        case Listed() | Ticks():
            return isinstance(value, (list, tuple))
        case Part():
            return isinstance(value, Mapping) and _holds(shape.cls, value)
        case Kinds():
            is_kind = isinstance(value, str) or (isinstance(value, Mapping) and "type" in value)
            return is_kind or (shape.optional and value is None)
        case Pairs():
            return isinstance(value, Mapping)
        case Either():
            return any(fits(option, value) for _, option in shape.options)
        case Raw():
            return True


def plain(value: Any) -> Any:
    """A value of a definition as it stands in YAML."""
    if isinstance(value, Kind):
        return value.to_mapping()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _holds(cls: type[BaseModel], value: Mapping[str, Any]) -> bool:
    known = {f.key: f for f in fields(cls)}
    return set(value) <= set(known) and all(f.required is False or k in value for k, f in known.items())


def _field(cls: type[BaseModel], name: str, info: FieldInfo) -> Field:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, Mapping) else {}
    found = of(info.annotation, tuple(info.metadata), name=name)
    required = info.is_required()
    default = None if required else plain(info.get_default(call_default_factory=True, validated_data={}))
    return Field(
        name=name, key=info.alias or name, shape=_hinted(found, cls, name, extra), help=info.description or "",
        required=required, default=None if default is PydanticUndefined else default,
    )  # fmt: skip


def of(annotation: Any, metadata: Iterable[Any] = (), *, name: str = "") -> Shape:
    """The shape of a type; `name` is the field it belongs to, which tells what a text is about."""
    facts = list(_flat(metadata))
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return of(inner, [*facts, *more], name=name)
    chosen = next((f for f in facts if isinstance(f, OfFamily)), None)
    if chosen is not None and isinstance(annotation, type):
        return Kinds(family=chosen.family)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is None or annotation is type(None):
        return Nothing()
    if origin is Literal:
        return Choice(options=tuple(plain(a) for a in arguments))
    if origin in (Union, types.UnionType):
        return _union(arguments, facts, name)
    if origin in (tuple, list, frozenset, set):
        return _listed(arguments, name)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return _pairs(arguments, name)
    return _plain_type(annotation, facts, name) if isinstance(annotation, type) else Raw()


def _plain_type(cls: type[Any], facts: list[Any], name: str) -> Shape:
    if cls is SerializeAsAny or cls is object:
        return Raw()
    if issubclass(cls, bool):
        return Toggle()
    if issubclass(cls, Enum):
        return Choice(options=tuple(member.value for member in cls))
    if issubclass(cls, (int, float)):
        low, high = _bounds(facts)
        return Number(whole=issubclass(cls, int), low=low, high=high)
    if issubclass(cls, (str, Path)):
        return _text(cls, facts, name)
    if issubclass(cls, date):
        return Day() if cls is date else Line()
    if issubclass(cls, BaseModel):
        return _model(cls, name)
    return Raw()


def _model(cls: type[BaseModel], name: str) -> Shape:
    if cls is Bound:
        return Limit()
    if issubclass(cls, RootModel):
        return of(cls.model_fields["root"].annotation, cls.model_fields["root"].metadata, name=name)
    if issubclass(cls, Kind) and cls.FAMILY in registry.FAMILIES and cls is registry.base(cls.FAMILY):
        return Kinds(family=cls.FAMILY)
    return Part(cls=cls)


def _text(cls: type[Any], facts: list[Any], name: str) -> Line:
    points = next((f for f in facts if isinstance(f, Points)), None)
    if points is not None:
        is_name = points.side == "input"
        is_picked = points.side == "other"
        return Line(widget="object", sorts=tuple(points.types), is_closed=is_name, is_picked=is_picked)
    if issubclass(cls, Formula):
        return Line(widget="formula")
    if name in COLUMNS or name.endswith(("_column", "_columns")):
        return Line(widget="column")
    if name in CODE:
        return Line(widget="code", language=CODE[name])
    return Line(widget="area" if name in AREAS else WIDGETS.get(name, "line"))


def _union(arguments: tuple[Any, ...], facts: list[Any], name: str) -> Shape:
    bare = [a for a in arguments if a is not type(None)]
    optional = len(bare) < len(arguments)
    if {_bare(a) for a in bare} <= SCALARS:
        return _scalars(bare, facts, name, optional)
    if len(bare) == 1:
        return _maybe(of(bare[0], facts, name=name), optional)
    shapes = [of(a, (), name=name) for a in bare]
    plain_ones = [s for s in shapes if not isinstance(s, Raw)]
    if not plain_ones:
        return Raw()
    rest = [Raw()] if len(plain_ones) < len(shapes) else []
    choices = [(_words(s), s) for s in (*plain_ones, *rest)]
    return Either(options=(*choices, *((("Not set", Nothing()),) if optional else ())))


def _scalars(bare: list[Any], facts: list[Any], name: str, optional: bool) -> Shape:
    kinds = {_bare(a) for a in bare}
    if len(kinds) == 1:
        return _maybe(of(bare[0], facts, name=name), optional)
    if kinds == {int, float}:
        return Number(optional=optional)
    return Line(widget="scalar", optional=optional)


def _maybe(shape: Shape, optional: bool) -> Shape:
    if not optional:
        return shape
    if isinstance(shape, (Line, Number, Day, Kinds)):
        return replace(shape, optional=True)
    if isinstance(shape, Choice):
        return replace(shape, options=(None, *shape.options))
    if isinstance(shape, Toggle):
        return Choice(options=(None, True, False))
    if isinstance(shape, Raw):
        return shape
    return Either(options=(("Not set", Nothing()), ("Set", shape)))


def _listed(arguments: tuple[Any, ...], name: str) -> Shape:
    if len([a for a in arguments if a is not Ellipsis]) != 1:
        return Raw()
    item = of(arguments[0], name=name)
    if isinstance(item, (Raw, Pairs)):
        return Raw()
    return Ticks(options=item.options) if isinstance(item, Choice) else Listed(item=item)


def _pairs(arguments: tuple[Any, ...], name: str) -> Shape:
    value = of(arguments[1]) if len(arguments) == 2 else Raw()
    return Pairs(value=value) if isinstance(value, (Line, Number, Toggle, Choice, Part)) else Raw()


def _hinted(shape: Shape, cls: type[BaseModel], name: str, extra: Mapping[str, Any]) -> Shape:
    """What the field itself says of how it is asked for: `json_schema_extra={"widget": "column"}`."""
    if isinstance(shape, Listed):
        return replace(shape, item=_hinted(shape.item, cls, name, extra))
    if isinstance(shape, Kinds):
        return replace(shape, without=tuple(extra.get("without", ())))
    if extra.get("widget") == "people":
        return Line(widget="people")
    if isinstance(shape, Choice) and "nothing" in extra:
        return replace(shape, nothing=str(extra["nothing"]))
    if not isinstance(shape, Line):
        return shape
    if extra.get("picked"):
        return replace(shape, is_picked=True)
    if "choices" in extra:
        return _called_choice(extra["choices"])
    if shape.widget == "channel":
        return replace(shape, sorts=tuple(filter(None, (getattr(cls, "CHANNEL", ""),))))
    language = str(extra.get("language", "")) or {".py": "python", ".sql": "sql"}.get(
        getattr(cls, "BODY", ""), ""
    )
    if shape.widget == "code" and (shape.language or language):
        shape = replace(shape, language=shape.language or language)
    elif shape.widget == "code":
        shape = replace(shape, widget="area")
    return replace(shape, widget=str(extra["widget"])) if "widget" in extra else shape


def _called_choice(words: Mapping[str, str]) -> Choice:
    """One of a few values by what people call them; of several that mean the same the first is offered."""
    options = {label: value for value, label in reversed(list(words.items()))}
    return Choice(options=tuple(value for value in words if value in options.values()), words=words)


def _words(shape: Shape) -> str:
    """What one of several shapes is called."""
    match shape:
        case Listed() | Ticks():
            return "A list"
        case Part():
            return _called(shape.cls)
        case Choice() if len(shape.options) == 1:
            return str(shape.options[0]).lower()
        case Choice():
            return "One of"
        case Number():
            return "A number"
        case Pairs():
            return "By name"
        case Toggle():
            return "Yes or no"
        case Kinds():
            return "Chosen"
        case Raw():
            return "As YAML"
        case _:
            return "A value"


def _called(cls: type[BaseModel]) -> str:
    """`OnOutcome` → `On outcome`; `_Between` ranges are `Integer range`."""
    name = "".join(f" {c.lower()}" if c.isupper() else c for c in cls.__name__.lstrip("_")).strip()
    return name[:1].upper() + name[1:]


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _flat(metadata: Iterable[Any]) -> Iterable[Any]:
    for fact in metadata:
        yield from (fact.metadata if isinstance(fact, FieldInfo) else (fact,))


def _bounds(facts: Iterable[Any]) -> tuple[float | None, float | None]:
    low = next(
        (v for f in facts for v in (getattr(f, "ge", None), getattr(f, "gt", None)) if v is not None), None
    )
    high = next(
        (v for f in facts for v in (getattr(f, "le", None), getattr(f, "lt", None)) if v is not None), None
    )
    return low, high


def summary(cls: type[BaseModel]) -> str:
    """The sentence of a definition's docstring."""
    return documentation(cls)[0].split("\n\n")[0]


def humane_name(name: str) -> str:
    """`record_count_in_range` → `Record count in range`; a plugin's kind keeps its plugin's name before it."""
    plugin, _, own = name.rpartition(".")
    return f"{plugin}: {own.replace('_', ' ')}" if plugin else sentence(own)
