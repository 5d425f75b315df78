"""Identifiers, and references from one object to others: what a field points at and in which direction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from penstock.core.kind import walk

ItemType = Literal["dataset", "folder", "model", "evaluation_store"]
"""What a Flow is made of besides recipes."""

Sort = Literal["dataset", "folder", "model", "evaluation_store", "scenario"]
"""What a field may point at."""

ITEM_TYPES: tuple[ItemType, ...] = ("dataset", "folder", "model", "evaluation_store")


def _object_name(text: str) -> str:
    if not re.fullmatch(r"\w{1,100}", text):
        raise ValueError(f"'{text}' is not a name: use letters, digits and _ only, 100 at most.")
    return text


def _readable_name(text: str) -> str:
    """A name of this project, or `KEY.name` of what another one shares with it."""
    if "." not in text:
        return _object_name(text)
    key, _, name = text.partition(".")
    return f"{_project_key(key)}.{_object_name(name)}"


def _project_key(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,79}", text):
        raise ValueError(f"'{text}' is not a project key: use capitals, digits and _, a letter first.")
    return text


def _target(text: str) -> str:
    """A name, `zone:NAME`, `*`, or a text with `${variables}` that will be one of them."""
    return text if text == "*" or text.startswith("zone:") or "${" in text else _object_name(text)


def is_variable_name(text: str) -> bool:
    """Whether a text can be the name of a variable: what `${…}` and formulas can speak of."""
    return bool(re.fullmatch(r"[^\W\d]\w*", text))


NO_WORD = "'{name}' is no name for a variable: use letters, digits and _, a letter first."
TAKEN = "'{name}' is given by Penstock itself, so nobody sets it: choose another name."
OF_RUN = (
    "outcome", "scenarioName", "scenarioId", "scenarioProjectKey", "scenarioRunId", "scenarioRunURL", "scenarioRunAs",
    "dssURL", "firstFailedJobName", "allEventsSummary", "triggerName", "triggerType", "scenarioTriggerParams",
    "scenarioTriggerRunId", "scenarioTriggerTime", "stepOutcomes", "stepResults",
)  # fmt: skip
"""The variables every run of a scenario has; those of its steps and of its trigger's parameters come on top."""
GIVEN = frozenset({"projectKey", *OF_RUN})
"""Variables that have a value of their own, whatever a project says."""
OF_STEPS = ("stepOutcome_", "stepResult_", "stepOutput_", "scenarioTriggerParam_")
"""Beginnings of names that are given too."""


def flaw_of_variable(name: str) -> str:
    """Why a project can have no variable of this name; empty when it can."""
    if not is_variable_name(name):
        return NO_WORD.format(name=name)
    return TAKEN.format(name=name) if name in GIVEN or name.startswith(OF_STEPS) else ""


def check_variable_name(name: str) -> str:
    """The name itself, or InvalidName."""
    from penstock.core.errors import InvalidName

    flaw = flaw_of_variable(name)
    if flaw:
        raise InvalidName(flaw)
    return name


Name = Annotated[str, AfterValidator(_object_name)]
ProjectKey = Annotated[str, AfterValidator(_project_key)]


def check_readable(text: str) -> str:
    """A name of this project or `KEY.name` of another one, or InvalidName."""
    return _checked(_readable_name, text)


def owner_of(name: str) -> str:
    """The key of the project that shares an object: of `KEY.name`; empty for a name of the project itself."""
    return name.partition(".")[0] if "." in name else ""


def check_name(text: str) -> str:
    """The name itself, or InvalidName."""
    return _checked(_object_name, text)


def name_of_title(title: str) -> str:
    """A name for what people call so: `Retrain Model` → `retrain_model`."""
    return re.sub(r"\W+", "_", title).strip("_").lower()[:100]


SPELLED = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i",
}  # fmt: skip
"""Letters that are no other letter with a mark."""


def in_ascii(text: str) -> str:
    """Letters as ASCII writes them, others left out: `Rücksendungen & Größe` → `Rucksendungen & Grosse`."""
    spelled = "".join(SPELLED.get(letter, letter) for letter in text)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


def key_of_title(title: str) -> str:
    """A key for a project of this title: `Flights 2013` → `FLIGHTS_2013`; empty when no letter is left."""
    return re.sub(r"[^A-Z0-9]+", "_", in_ascii(title).upper()).lstrip("_0123456789")[:30].strip("_")


def name_of_file(file: str) -> str:
    """A name for what is made from a file: `New flights (2).csv` → `new_flights_2`."""
    stem = file.rsplit("/", 1)[-1].split(".")[0]
    return re.sub(r"\W+", "_", stem).strip("_").lower()[:100]


def check_project_key(text: str) -> str:
    """The key itself, or InvalidName."""
    return _checked(_project_key, text)


def _checked(rule: Any, text: str) -> str:
    from penstock.core.errors import InvalidName

    try:
        return str(rule(text))
    except ValueError as error:
        raise InvalidName(str(error)) from error


@dataclass(frozen=True, slots=True)
class Points:
    """Marks a field that names an object: which types it may be, and whether it is read or written."""

    side: Literal["input", "output", "other"]
    types: tuple[Sort, ...]


InputDataset = Annotated[str, AfterValidator(_readable_name), Points("input", ("dataset",))]
InputFolder = Annotated[str, AfterValidator(_readable_name), Points("input", ("folder",))]
InputModel = Annotated[str, AfterValidator(_readable_name), Points("input", ("model",))]
InputItem = Annotated[str, AfterValidator(_readable_name), Points("input", ITEM_TYPES)]
OutputDataset = Annotated[str, AfterValidator(_object_name), Points("output", ("dataset",))]
OutputFolder = Annotated[str, AfterValidator(_object_name), Points("output", ("folder",))]
OutputModel = Annotated[str, AfterValidator(_object_name), Points("output", ("model",))]
OutputStore = Annotated[str, AfterValidator(_object_name), Points("output", ("evaluation_store",))]
OutputItem = Annotated[str, AfterValidator(_object_name), Points("output", ITEM_TYPES)]
OtherItem = Annotated[str, AfterValidator(_object_name), Points("other", ITEM_TYPES)]
Target = Annotated[str, AfterValidator(_target), Points("other", ITEM_TYPES)]
"""What automation names: an item, `zone:NAME`, `*`; `${variables}` are filled in when it runs."""
TargetDataset = Annotated[str, AfterValidator(_target), Points("other", ("dataset",))]
TargetModel = Annotated[str, AfterValidator(_target), Points("other", ("model",))]
TargetStore = Annotated[str, AfterValidator(_target), Points("other", ("evaluation_store",))]
ScenarioName = Annotated[str, AfterValidator(_target), Points("other", ("scenario",))]
"""A scenario of the project, or of another one when a field `project` beside it says so."""


@dataclass(frozen=True, slots=True)
class Connects:
    """Marks a field that names a connection of the node."""


def _name_or_none(text: str) -> str:
    return _object_name(text) if text else ""


MaybeItem = Annotated[str, AfterValidator(_name_or_none), Points("other", ITEM_TYPES)]
"""An object of the project, or an empty text for none."""
ConnectionName = Annotated[str, AfterValidator(_name_or_none), Connects()]
"""A connection of the node, or an empty text for none; a project that moves may be given another one."""


def connections_in(definition: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """Every connection that a definition names: where it stands, and its name."""
    return [
        (path, value)
        for path, value, info in walk(definition)
        if isinstance(value, str)
        and value
        and info is not None
        and any(isinstance(m, Connects) for m in info.metadata)
    ]


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of an object's name inside a definition."""

    name: str
    side: Literal["input", "output", "other"]
    types: tuple[Sort, ...]
    path: tuple[str | int, ...]

    @property
    def role(self) -> str:
        """The field that holds it: `input`, `model`, `reference` …"""
        return str(self.path[0])


def references(definition: Any) -> list[Reference]:
    """Every object a definition names, in field order."""
    return list(_references(definition))


def local_references(definition: Any, project: str) -> list[Reference]:
    """Those that mean objects of this project: where a field `project` stands beside one, it may mean another."""
    return [r for r in _references(definition) if project_beside(definition, r.path) in ("", project)]


def project_beside(definition: Any, path: tuple[str | int, ...]) -> str:
    """The field `project` of the innermost definition around a field."""
    around, inside = definition, definition
    for part in path[:-1]:
        inside = getattr(inside, part) if isinstance(part, str) and hasattr(inside, part) else inside[part]
        around = inside if hasattr(inside, "model_fields_set") else around
    return str(getattr(around, "project", ""))


def _references(definition: Any) -> Iterator[Reference]:
    for path, value, info in walk(definition):
        if info is None or value is None or value == "":
            continue
        points = points_of(info)
        if points is None:
            continue
        if isinstance(value, str):
            yield Reference(value, points.side, points.types, path)
        elif isinstance(value, dict):
            for key, item in value.items():
                yield Reference(item, points.side, points.types, (*path, key))
        else:
            for index, item in enumerate(value):
                if isinstance(item, str):
                    yield Reference(item, points.side, points.types, (*path, index))


def points_of(info: Any) -> Points | None:
    """The mark on a field, also inside `X | None`, `tuple[X, ...]` and `dict[str, X]`."""
    known = _POINTS.get(id(info))
    if known is None or known[0] is not info:
        found = [m for m in info.metadata if isinstance(m, Points)]
        known = _POINTS[id(info)] = (info, found[0] if found else _points_inside(info.annotation))
    return known[1]


_POINTS: dict[int, tuple[Any, Points | None]] = {}
"""Fields looked at before: their marks never change, and a Flow of many recipes asks for them all the time."""


def _points_inside(annotation: Any) -> Points | None:
    from typing import get_args

    for part in getattr(annotation, "__metadata__", ()):
        if isinstance(part, Points):
            return part
    for inner in get_args(annotation):
        found = _points_inside(inner)
        if found is not None:
            return found
    return None
