"""The design of a model as a page: a card for each question, and a table with one row for every column of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel
from starlette.datastructures import FormData

from penstock.core.design import CategoryHandling, DatetimeHandling, Design, NumericHandling
from penstock.core.errors import InvalidDefinition, NotFound, PenstockError
from penstock.runtime import model_making
from penstock.runtime.model_making import Column
from penstock.runtime.model_reports import Report
from penstock.web import advice, forms, posted
from penstock.web.asking import Ask

CARDS = (
    ("What to predict", ("target", "prediction_type", "positive")),
    ("Rows", ("sampling", "split")),
    ("What is best", ("metric", "metric_settings", "threshold", "weighting", "calibration")),
    ("Algorithms", ("algorithms", "search")),
    ("After training", ("importance", "diagnostics", "seed")),
)
"""Title → fields; the features stand in a table after the first."""
TABLE = "features"
HANDLINGS: Mapping[str, type[BaseModel]] = {
    "numeric": NumericHandling, "category": CategoryHandling, "datetime": DatetimeHandling,
}  # fmt: skip
WORDS = {"numeric": "a number", "category": "a category", "datetime": "a date or time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A column and what the design makes of it."""

    column: Column
    role: str = ""
    """input, reject or weight; empty when the design says nothing of it."""
    handling: str = ""
    settings: Markup = field(default_factory=Markup)
    """The fields of its handling."""
    taken: str = ""
    """What it is besides a feature, such as the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything the page shows of a design."""

    cards: Sequence[tuple[str, Markup]]
    rows: Sequence[Row]
    other_columns: str
    problem: str = ""
    """Why the columns are not known."""
    flaws: tuple[str, ...] = ()
    """What is wrong and has no field of its own."""


def shown(
    ask: Ask, report: Report, values: Mapping[str, Any], wrong: InvalidDefinition | None = None
) -> Shown:
    """A design, or one that was refused as it was typed; empty values for a model without one."""
    columns, problem = _columns(ask, report)
    offered = {"columns": [c.name for c in columns if c.is_there], "class": _classes(ask, report, values)}
    every = (wrong, *wrong.also) if wrong else ()
    cards = [
        (title, forms.draw(
            ask, Design, values, prefix="design", only=only, more=offered, wrong=_about(every, only)
        ))
        for title, only in CARDS
    ]  # fmt: skip
    own = {f"design.{name}" for _, only in CARDS for name in only}
    return Shown(
        cards=cards, rows=_rows(ask, columns, values), other_columns=str(values.get("other_columns") or "input"),
        problem=problem,
        flaws=tuple(advice.told(w) for w in every if ".".join(w.field.split(".")[:2]) not in own),
    )  # fmt: skip


def read(form: FormData, kept: Design | None) -> dict[str, Any]:
    """The posted design as plain values; columns keep the order they had in the file."""
    values = forms.read(Design, form, "design")
    found = dict(_read_row(form, item, n) for n, item in _posted_rows(form) if _is_told(item))
    before = [name for name in (kept.features if kept else ()) if name in found]
    features = {name: found[name] for name in dict.fromkeys([*before, *found])}
    return {**values, **({"features": features} if features else {})}


def settings(ask: Ask, row: int, handling: str, values: Mapping[str, Any] | None = None) -> Markup:
    """The fields of one way of handling a column, for one row of the table. Raises NotFound."""
    if not handling:
        return Markup()
    if handling not in HANDLINGS:
        raise NotFound("handling", handling, among=HANDLINGS)
    drawn = forms.draw(
        ask, HANDLINGS[handling], values or {}, prefix=f"{TABLE}.{row}.handling", without=("type",)
    )
    return Markup(ask.html("models/_handling.html", row=row, handling=handling, fields=drawn))


def _classes(ask: Ask, report: Report, values: Mapping[str, Any]) -> list[str]:
    """What the positive class is chosen from."""
    source, target = report.train_dataset, str(values.get("target") or "")
    return model_making.classes(ask.node, ask.project, source, target) if source and target else []


def _columns(ask: Ask, report: Report) -> tuple[list[Column], str]:
    design = report.model.design
    named = [Column(name=name) for name in (design.features if design else ())]
    if not report.train_dataset:
        return named, "No Train recipe says yet which rows it learns from."
    try:
        return model_making.columns(ask.node, ask.project, report.train_dataset, design), ""
    except PenstockError as unread:
        return named, advice.told(unread)


def _rows(ask: Ask, columns: Sequence[Column], values: Mapping[str, Any]) -> list[Row]:
    split = values.get("split")
    taken = {str(values.get("target") or ""): "the target"}
    if isinstance(split, Mapping) and split.get("column"):
        taken.setdefault(str(split["column"]), "orders the rows of the split")
    features = values.get("features")
    said = features if isinstance(features, Mapping) else {}
    return [_row(ask, n, c, said.get(c.name), taken.get(c.name, "")) for n, c in enumerate(columns)]


def _row(ask: Ask, n: int, column: Column, said: Any, taken: str) -> Row:
    if said is None:
        return Row(column=column, taken=taken)
    feature: Mapping[str, Any] = {"role": said} if isinstance(said, str) else said
    handling = feature.get("handling") or {}
    type_ = str(handling.get("type", ""))
    inside = {k: v for k, v in handling.items() if k != "type"}
    return Row(
        column=column, role=str(feature.get("role", "input")), handling=type_, taken=taken,
        settings=settings(ask, n, type_ if type_ in HANDLINGS else "", inside),
    )  # fmt: skip


def _posted_rows(form: FormData) -> list[tuple[int, posted.Node]]:
    under = posted.at(posted.tree(form), TABLE).under
    return [(int(n), under[n]) for n in sorted(filter(str.isdigit, under), key=int)]


def _is_told(item: posted.Node) -> bool:
    """Whether the design says anything of a column."""
    return bool(_word(item, "role") or _word(item, "type"))


def _read_row(form: FormData, item: posted.Node, n: int) -> tuple[str, Any]:
    role, type_ = _word(item, "role") or "input", _word(item, "type")
    if role != "input" or not type_:
        return _word(item, "column"), {"role": role}
    inside: dict[str, Any] = {}
    if type_ in HANDLINGS and _word(item, "shown") == type_:
        inside = forms.read(HANDLINGS[type_], form, f"{TABLE}.{n}.handling")
    return _word(item, "column"), {"role": role, "handling": {"type": type_, **inside}}


def _word(item: posted.Node, name: str) -> str:
    return item.under[name].text if name in item.under else ""


def _about(every: Sequence[InvalidDefinition], fields: Sequence[str]) -> InvalidDefinition | None:
    """What is wrong with some fields of the design, as those of a definition of their own."""
    mine = [
        InvalidDefinition(w.problem, field=w.field.removeprefix("design."), hint=w.hint or "")
        for w in every if w.field.startswith("design.") and w.field.split(".")[1] in fields
    ]  # fmt: skip
    if not mine:
        return None
    first, *others = mine
    first.also = tuple(others)
    return first
