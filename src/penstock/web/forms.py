"""Forms: the settings of any kind or definition as a form, made from its fields; and what was posted back to values.

Nobody writes a form for a recipe, step or tile: its fields, with their descriptions, are the form.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from starlette.datastructures import FormData

from penstock.core import registry
from penstock.core.complaints import Unreadable
from penstock.core.errors import (
    Conflict,
    InvalidDefinition,
    InvalidName,
    KindMissing,
    PenstockError,
    SaveConflict,
)
from penstock.core.kind import Described, Kind
from penstock.web import advice, posted, shapes
from penstock.web.humane import sentence
from penstock.web.offers import Offers
from penstock.web.shapes import (
    Choice,
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
)

if TYPE_CHECKING:
    from penstock.web.asking import Ask

ABOUT = Described.MEANINGLESS
"""Fields every object has for people; they stand folded at the end."""
LABELS = {"body": "Code"}
"""Fields with code that people call something else."""
FLAT = frozenset({"line", "number", "toggle", "choice", "day", "limit"})
DEEPEST = 6
"""Further inside, a part is asked for as YAML."""


@dataclass(slots=True)
class Drawn:
    """One field as it is shown: the template turns it into HTML."""

    path: str
    sort: str
    """Names the macro: line, number, toggle, part, list …"""
    shape: Any
    value: Any = None
    label: str = ""
    help: str = ""
    summary: str = ""
    """What the chosen kind does."""
    wrong: str = ""
    required: bool = False
    inside: list[Drawn] = field(default_factory=list)
    """Fields of a part, items of a list, alternatives of a choice."""
    blank: Drawn | None = None
    """What a new item of a list looks like."""
    level: int = 0
    """How many blanks it stands in."""
    chosen: int = 0
    written: str = ""
    """Whether addresses were a `text` or a `list`: they are read back as the same."""
    is_more: bool = False
    """It is none of the main settings, and nobody has set it."""
    is_folded: bool = False
    """It is about the object rather than what it does."""
    is_closed: bool = False
    """It says nothing yet."""
    is_default: bool = False
    """It says what would be so without it."""

    is_item: bool = False
    """One of a list that was there already: it stands in one line until somebody opens it."""

    @property
    def has_wrong(self) -> bool:
        """Whether something is wrong with it, or inside of it."""
        return bool(self.wrong) or any(one.has_wrong for one in self.inside)

    @property
    def brief(self) -> str:
        """What it says, in a few words: the values that were set."""
        said = [word for one in self.inside for word in one.words if not one.is_folded]
        text = " · ".join(said)
        return f"{text[:110]}…" if len(text) > 110 else text

    @property
    def words(self) -> list[str]:
        """Its values as words; what is so by itself says nothing."""
        if self.is_default:
            return []
        if self.sort in ("line", "number", "choice", "day"):
            return [str(self.value)] if self.value not in (None, "") else []
        if self.sort == "toggle":
            return [self.label] if self.value else [f"not {self.label.lower()}"]
        if self.sort == "either":
            return self.inside[self.chosen].words
        if self.sort == "ticks":
            return [str(v) for v in self.value]
        inner = [word for one in self.inside for word in one.words]
        return [f"{self.value} → {', '.join(inner)}"] if self.sort == "pair" else inner

    @property
    def is_flat(self) -> bool:
        """Whether it is small enough to stand in one line with its neighbours."""
        return self.sort in FLAT

    @property
    def is_row(self) -> bool:
        """Whether what is inside fits into lines of small fields."""
        return len(self.inside) <= 8 and all(one.is_flat or one.sort == "listed" for one in self.inside)


def draw(
    ask: Ask, what: type[BaseModel] | BaseModel, values: Mapping[str, Any] | None = None, *,
    wrong: InvalidDefinition | None = None, prefix: str = "", only: Iterable[str] = (), without: Iterable[str] = (),
    more: Mapping[str, Iterable[str]] | None = None,
) -> Markup:  # fmt: skip
    """The fields of a definition as HTML, to stand in a form of the page. An object brings its own values.

    `wrong` shows what is wrong at its fields. `more` says what pickers offer besides what the project has:
    `{"columns": …}`.
    """
    cls = what if isinstance(what, type) else type(what)
    shown = dict(values if values is not None else {}) if isinstance(what, type) else values_of(what)
    chosen = frozenset(only) or {f.name for f in shapes.fields(cls)} - set(without)
    artist = Artist(ask, Complaints(wrong, prefix), Offers(ask, cls, shown, more or {}))
    artist.folds = not (set(only) & ABOUT)
    return artist.html(artist.part(cls, shown, prefix, only=chosen), family="", prefix=prefix)


def draw_kind(
    ask: Ask, family: str, values: Mapping[str, Any] | None = None, *, wrong: InvalidDefinition | None = None,
    prefix: str = "", without: Iterable[str] = (), more: Mapping[str, Iterable[str]] | None = None, item: str = "",
    label: str = "",
) -> Markup:  # fmt: skip
    """The same with a choice of the type before it; the fields follow the choice. `item`: the object it is about,
    whose columns and metrics are offered; `label`: what stands above the choice."""
    shown = dict(values or {})
    offers = Offers(ask, _class_of(family, shown), shown, more or {}, item)
    artist = Artist(ask, Complaints(wrong, prefix), offers)
    drawn = artist.field_of(Kinds(family=family), shown, prefix)
    drawn.label = label
    return artist.html([drawn], family=family, prefix=prefix)


def read(
    cls: type[BaseModel], form: FormData, prefix: str = "", *, keep: BaseModel | None = None
) -> dict[str, Any]:  # fmt: skip
    """What was posted, as plain values with `type` for a kind. Fields that were not in the form come from `keep`."""
    kept = values_of(keep) if keep is not None else None
    found = posted.part(cls, posted.at(posted.tree(form), prefix), prefix, kept)
    return {"type": cls.kind_name(), **found} if issubclass(cls, Kind) else found


def read_kind(family: str, form: FormData, prefix: str = "") -> dict[str, Any]:
    """The same for a form with a choice of the type; without one it has no `type`, which the registry refuses."""
    return posted.kind(family, posted.at(posted.tree(form), prefix), prefix)


def values_of(definition: BaseModel) -> dict[str, Any]:
    """A definition as plain values, what is kept in a file beside it too."""
    mapping = shapes.plain(definition)
    beside = {
        n: shapes.plain(getattr(definition, n)) for n, i in type(definition).model_fields.items() if i.exclude
    }
    return {**mapping, **{n: v for n, v in beside.items() if v}}


def apart(wrong: PenstockError | None) -> dict[str, str]:
    """What is wrong with a new object, for its template: with its name, or with nothing that has a field."""
    is_name = isinstance(wrong, (InvalidName, Conflict))
    said = "" if wrong is None or isinstance(wrong, InvalidDefinition) else advice.told(wrong)
    return {"wrong": "" if is_name else said, "name_wrong": said if is_name else ""}


def told(
    refused: InvalidDefinition | SaveConflict | None,
) -> tuple[InvalidDefinition | None, SaveConflict | None]:
    """Why a save was refused, apart: what is wrong at a field, or who was faster."""
    return (None, refused) if isinstance(refused, SaveConflict) else (refused, None)


def status(refused: InvalidDefinition | SaveConflict | None) -> int:
    """What a form that is shown again answers with."""
    return refused.http_status if refused else 200


def _class_of(family: str, values: Mapping[str, Any]) -> type[BaseModel]:
    try:
        return registry.kind(family, str(values.get("type", "")))
    except KindMissing:
        return registry.base(family)


class Complaints:
    """What is wrong, by the path of its field; what no field shows is left for the top of the form."""

    def __init__(self, wrong: InvalidDefinition | None, prefix: str) -> None:
        every = (wrong, *wrong.also) if wrong else ()
        self.left: dict[str, InvalidDefinition] = {_below(prefix, w.field): w for w in every}

    def of(self, path: str) -> str:
        """What is wrong with a field; told once."""
        found = self.left.pop(path, None)
        return found.problem if found else ""

    def inside(self, path: str) -> bool:
        return any(key == path or key.startswith(f"{path}.") for key in self.left)


class Artist:
    """Turns a definition and its values into what is drawn."""

    def __init__(self, ask: Ask, complaints: Complaints, offers: Offers) -> None:
        self.ask, self.complaints, self.offers = ask, complaints, offers
        self.folds = True
        """Whether what is about the object stands folded away; not when the form is about that."""

    def html(self, drawn: list[Drawn], *, family: str, prefix: str) -> Markup:
        """The fields, those about the object folded away; complaints without a field stand first."""
        first = [d for d in drawn if not d.is_folded and not d.is_more]
        more = [d for d in drawn if d.is_more and not d.is_folded]
        html = self.ask.html(
            "forms/form.html", fields=first or more, more=more if first else [],
            about=[d for d in drawn if d.is_folded],
            complaints=[advice.told(w) for w in self.complaints.left.values()], offers=self.offers,
            forms_url=self.forms_url,
        )  # fmt: skip
        return Markup(html)

    @cached_property
    def forms_url(self) -> str:
        return f"/projects/{self.ask.project}/forms" if self.ask.project else "/forms"

    def part(
        self, cls: type[BaseModel], values: Mapping[str, Any], path: str, *, only: Iterable[str] = (), level: int = 0,
        above: tuple[type, ...] = (),
    ) -> list[Drawn]:  # fmt: skip
        """The fields of a definition."""
        chosen = set(only)
        return [
            self._field(one, values, path, level, (*above, cls))
            for one in shapes.in_reading_order(cls)
            if not chosen or one.name in chosen
        ]

    def _field(
        self, one: Field, values: Mapping[str, Any], path: str, level: int, above: tuple[type, ...]
    ) -> Drawn:  # fmt: skip
        here = f"{path}.{one.key}" if path else one.key
        value = values.get(one.key, one.default)
        drawn = self.field_of(one.shape, value, here, level=level, above=above)
        if one.required and _wants_a_row(drawn):
            drawn.inside = [self.field_of(drawn.shape.item, None, f"{here}.0", level=level, above=above)]
        is_about = one.name in ABOUT and issubclass(above[-1], Described)
        is_code = isinstance(one.shape, Line) and one.shape.widget == "code"
        label = LABELS.get(one.name, "") if is_code else ""
        return replace(
            drawn, label=label or sentence(one.name), help=one.help, required=one.required,
            is_folded=is_about and self.folds and not drawn.wrong,
            is_more=self._is_more(one, value, here, above[-1]) and not is_about and not drawn.wrong,
            is_default=not one.required and posted.same(value, one.default),
            is_closed=self._is_unset(one, value, here) and not any(inner.wrong for inner in drawn.inside),
        )  # fmt: skip

    def _is_more(self, one: Field, value: Any, path: str, cls: type[BaseModel]) -> bool:
        """Whether a field of a long form can wait until somebody looks for it."""
        first = shapes.main_fields(cls)
        is_set = one.required or not posted.same(value, one.default)
        return bool(first) and one.name not in first and not is_set and not self.complaints.inside(path)

    def _is_unset(self, one: Field, value: Any, path: str) -> bool:
        """Whether a part says nothing yet, so that it need not be seen."""
        has_none = not one.required and posted.same(value, one.default)
        return isinstance(one.shape, Part) and has_none and not self.complaints.inside(path)

    def field_of(
        self, shape: Shape, value: Any, path: str, *, level: int = 0, above: tuple[type, ...] = ()
    ) -> Drawn:
        """One value as it is shown, with everything inside."""
        wrong = self.complaints.of(path)
        sort = type(shape).__name__.lower()
        drawn = Drawn(path=path, sort=sort, shape=shape, value=value, wrong=wrong, level=level)
        match shape:
            case Part():
                return self._part(drawn, shape, above)
            case Kinds():
                return self._kind(drawn, shape, above)
            case Listed():
                return self._list(drawn, shape, above)
            case Pairs():
                return self._pairs(drawn, shape, above)
            case Either():
                return self._either(drawn, shape, above)
            case Line(widget="people"):
                drawn.value, drawn.written = _people(value), _written(value)
            case Line() | Number() | Choice() | Ticks() | Limit() | Raw() | Nothing():
                drawn.value = _shown(shape, value)
        return drawn

    def _part(self, drawn: Drawn, shape: Part, above: tuple[type, ...]) -> Drawn:
        if above.count(shape.cls) > (0 if drawn.level and drawn.value is None else DEEPEST):
            return self._raw(drawn)
        values = _mapping(shape.cls, drawn.value)
        drawn.inside = self.part(shape.cls, values, drawn.path, level=drawn.level, above=above)
        drawn.help = shapes.summary(shape.cls)
        return drawn

    def _kind(self, drawn: Drawn, shape: Kinds, above: tuple[type, ...]) -> Drawn:
        """A chooser of the type, and below it the fields of the chosen one."""
        value = {"type": drawn.value} if isinstance(drawn.value, str) else drawn.value or {}
        drawn.value = str(value.get("type", ""))
        drawn.wrong = drawn.wrong or self.complaints.of(f"{drawn.path}.type" if drawn.path else "type")
        if drawn.value:
            try:
                cls = registry.kind(shape.family, drawn.value)
            except KindMissing as missing:
                drawn.wrong = drawn.wrong or missing.message
                return drawn
            drawn.summary = shapes.summary(cls)
            names = {one.name for one in shapes.fields(cls)} - set(shape.without)
            drawn.inside = self.part(cls, value, drawn.path, only=names, level=drawn.level, above=above)
        return drawn

    def _list(self, drawn: Drawn, shape: Listed, above: tuple[type, ...]) -> Drawn:
        given = list(drawn.value or [])
        drawn.inside = [
            self.field_of(shape.item, v, f"{drawn.path}.{i}", level=drawn.level, above=above)
            for i, v in enumerate(given)
        ]
        for item in drawn.inside:
            item.is_item = True
        token = f"__path{drawn.level}__.__i{drawn.level}__"
        drawn.blank = self.field_of(shape.item, None, token, level=drawn.level + 1, above=above)
        return drawn

    def _pairs(self, drawn: Drawn, shape: Pairs, above: tuple[type, ...]) -> Drawn:
        given = drawn.value if isinstance(drawn.value, Mapping) else {}
        drawn.inside = [
            self._pair(shape, key, v, f"{drawn.path}.{i}", drawn, above)
            for i, (key, v) in enumerate(given.items())
        ]
        token = f"__path{drawn.level}__.__i{drawn.level}__"
        blank = replace(drawn, level=drawn.level + 1)
        drawn.blank = self._pair(shape, "", None, token, blank, above)
        return drawn

    def _pair(
        self, shape: Pairs, key: str, value: Any, path: str, around: Drawn, above: tuple[type, ...]
    ) -> Drawn:  # fmt: skip
        inner = self.field_of(shape.value, value, f"{path}.value", level=around.level, above=above)
        said = self.complaints.of(f"{around.path}.{key}") if key else ""
        return Drawn(
            path=path, sort="pair", shape=shape, value=key, inside=[inner], level=around.level, wrong=said
        )

    def _either(self, drawn: Drawn, shape: Either, above: tuple[type, ...]) -> Drawn:
        options = [option for _, option in shape.options]
        is_raw = isinstance(drawn.value, Unreadable)
        fitting = (isinstance(o, Raw) if is_raw else shapes.fits(o, drawn.value) for o in options)
        drawn.chosen = next((i for i, fits in enumerate(fitting) if fits), 0)
        drawn.inside = [
            self.field_of(
                o, drawn.value if i == drawn.chosen else None, drawn.path, level=drawn.level, above=above
            )
            for i, o in enumerate(options)
        ]
        return drawn

    def _raw(self, drawn: Drawn) -> Drawn:
        drawn.sort, drawn.shape = "raw", Raw()
        drawn.value = _shown(Raw(), drawn.value)
        return drawn


def _wants_a_row(drawn: Drawn) -> bool:
    """Whether a list that is needed and empty shows its first picker at once."""
    is_empty = drawn.sort == "listed" and not drawn.inside
    return is_empty and isinstance(drawn.shape.item, Line) and drawn.shape.item.widget == "object"


def _mapping(cls: type[BaseModel], value: Any) -> Mapping[str, Any]:
    """The settings of a part; one written in its short form (`price` for `{column: price}`) is read first."""
    if value is None or isinstance(value, Mapping):
        return value or {}
    try:
        read: Mapping[str, Any] = shapes.plain(cls.model_validate(value))
    except ValidationError:
        return {}
    return read


def _shown(shape: Shape, value: Any) -> Any:
    """A value as the text of its field."""
    if isinstance(value, Unreadable):
        return str(value)
    if isinstance(shape, Raw):
        return _yaml(value) if value not in (None, "", {}, []) else ""
    if isinstance(shape, Limit):
        inner = value if isinstance(value, Mapping) else {"value": value, "enabled": value is not None}
        is_on = bool(inner.get("enabled", True)) and inner.get("value") is not None
        kept = inner.get("value") if is_on or inner.get("value") else None
        return {"value": _text(kept), "enabled": is_on}
    if isinstance(shape, Ticks):
        return list(value or [])
    if isinstance(shape, Line) and shape.widget == "scalar" and isinstance(value, str):
        return f'"{value}"' if posted.scalar(value) != value else value
    return value if isinstance(shape, (Choice, Nothing)) else _text(value)


def _people(value: Any) -> str:
    """Addresses as people write them: `ann@x, bob@y`; as JSON with variables of their own, and where one line would
    be read as something else."""
    if not isinstance(value, (Mapping, list, tuple)):
        return _text(value)
    line = "" if isinstance(value, Mapping) else ", ".join(map(str, value))
    is_whole = not isinstance(value, Mapping) and posted.people(line, "list") == list(value)
    return line if is_whole else json.dumps(value, ensure_ascii=False)


def _written(value: Any) -> str:
    """How addresses stand in the definition; empty when there are none yet."""
    sort = "text" if isinstance(value, str) else "list" if isinstance(value, (list, tuple)) else ""
    return sort if value else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _yaml(value: Any) -> str:
    out, yaml = io.StringIO(), YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.dump(value, out)
    return out.getvalue()


def _below(prefix: str, path: str) -> str:
    return ".".join(part for part in (prefix, path) if part)
