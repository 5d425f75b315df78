"""One join after the other: conditions, names of columns, and the order of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from penstock.core.errors import ColumnMissing, Invalid, NotFound
from penstock.core.filter import Filter
from penstock.core.kind import Definition
from penstock.core.names import InputDataset, Name
from penstock.kinds.recipes._shape import in_order, numbered
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir

HOW = {"inner": "inner", "left": "left", "right": "right", "full": "outer", "left_anti": "anti"}


class Condition(Definition):
    """What must hold of a row of the earlier inputs (left) and one of this input (right)."""

    left: str = Field(description="A column of an earlier input.")
    right: str = Field(default="", description="A column of this input; the same name when left out.")
    of: str = Field(default="", description="Which earlier input `left` belongs to, when several have it.")
    operator: Literal["==", "!=", "<", "<=", ">", ">="] = Field(
        default="==", description="How left is compared to right."
    )
    ignore_case: bool = Field(default=False, description="Capital and small letters count as the same.")
    trim: bool = Field(default=False, description="Blanks at both ends do not count.")

    @property
    def other(self) -> str:
        return self.right or self.left

    def holds(self, left: Any, right: Any) -> Any:
        left, right = self._read(left), self._read(right)
        compared: dict[str, Any] = {
            "==": left == right, "!=": left != right, "<": left < right,
            "<=": left <= right, ">": left > right, ">=": left >= right,
        }  # fmt: skip
        return compared[self.operator]

    def _read(self, value: Any) -> Any:
        if value.type().is_string():
            value = value.strip() if self.trim else value
            return value.lower() if self.ignore_case else value
        return value


class Picked(Definition):
    """A column that is taken, perhaps under another name."""

    column: str = Field(description="The column of the input.")
    name: str = Field(default="", description="Its name in the result; the same when left out.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given


class JoinedDataset(Definition):
    """One input of a join, how its rows meet those before it, and which of its columns are taken."""

    dataset: InputDataset = Field(description="The dataset.")
    alias: Name | None = Field(
        default=None, description="Another name for it here; needed when it is joined twice."
    )
    how: Literal["inner", "left", "right", "full", "cross", "left_anti", "right_anti"] = Field(
        default="left",
        description="inner: rows with a match. left, right, full: also rows of the earlier inputs, of this one, of "
        "both without a match. left_anti: only rows of the earlier inputs without a match. right_anti: only rows "
        "of this one without. cross: every pair. The first input ignores it.",
    )
    on: tuple[Condition, ...] = Field(default=(), description="What must hold of two rows; all of them.")
    columns: tuple[Picked, ...] | None = Field(
        default=None, description="The columns taken, as names or {column, name}; left out = all."
    )
    prefix: str = Field(default="", description="Put before the names of its columns.")
    pre_filter: Filter = Field(default_factory=Filter, description="Only these of its rows take part.")

    @property
    def called(self) -> str:
        return self.alias or self.dataset


@dataclass(frozen=True)
class Joined:
    """What has been joined so far. Columns are called c0, c1 … inside, so that no two can be mixed up."""

    rows: ir.Table
    names: Mapping[str, str]
    """Name in the result → name inside."""
    sources: Mapping[tuple[str, str], str]
    """(input, its column) → name inside; also those that are not in the result."""
    order: tuple[str, ...]
    """Inside names of the row numbers of the inputs."""

    def table(self, keep_order: bool) -> ir.Table:
        rows = self.rows
        if keep_order:
            rows = rows.order_by([rows[o].asc(nulls_first=False) for o in self.order])
        return rows.select(**{name: rows[inside] for name, inside in self.names.items()})

    def inside(self, condition: Condition, needed_by: str) -> str:
        """The inside name of a condition's left column. Raises ColumnMissing, or Invalid when two inputs have it."""
        column, inputs = condition.left, {name for name, _ in self.sources}
        if condition.of and condition.of not in inputs:
            raise NotFound("earlier input", condition.of, among=inputs)
        found = [
            i for i in dict.fromkeys(n for n, c in self.sources if c == column) if condition.of in ("", i)
        ]
        if not found:
            place = condition.of or " and ".join(sorted(inputs))
            near = [c for n, c in self.sources if condition.of in ("", n)]
            raise ColumnMissing(column, dataset=place, near=near, needed_by=needed_by)
        return self.sources[(found[0], column)]


def start(first: JoinedDataset, table: ir.Table) -> Joined:
    """The first input alone."""
    rows, sources = _renamed(first, table, 0)
    names: dict[str, str] = {}
    for picked in _picked(first, table):
        _take(names, first, picked, sources[(first.called, picked.column)])
    return Joined(rows, names, sources, ("o0",))


def step(done: Joined, joined: JoinedDataset, table: ir.Table) -> Joined:
    """One more input."""
    right, added = _renamed(joined, table, len(done.order))
    inside = [(c, done.inside(c, f"The join with {joined.called}")) for c in joined.on]
    need(table, (c.other for c in joined.on), dataset=joined.dataset, by=f"The join with {joined.called}")
    for condition, left in inside:
        _check_types(condition, done.rows[left], table[condition.other], joined.called)
    conditions = [c.holds(done.rows[left], right[added[(joined.called, c.other)]]) for c, left in inside]
    order = (*done.order, f"o{len(done.order)}")
    sources = {**done.sources, **added}
    if joined.how == "left_anti":
        return Joined(done.rows.anti_join(right, conditions), done.names, done.sources, done.order)
    if joined.how == "right_anti":
        rows = right.anti_join(done.rows, conditions)
        names: dict[str, str] = {}
        for picked in _picked(joined, table):
            _take(names, joined, picked, added[(joined.called, picked.column)])
        return Joined(rows, names, added, (order[-1],))
    rows = (
        done.rows.cross_join(right)
        if joined.how == "cross"
        else done.rows.join(right, conditions, how=HOW[joined.how])
    )
    return _named(Joined(rows, done.names, sources, order), joined, table, inside)


def checked(joined: JoinedDataset, lefts: Mapping[str, ir.Table], right: ir.Table) -> tuple[Condition, ...]:
    """The conditions, all of whose columns exist."""
    for name, table in lefts.items():
        need(table, (c.left for c in joined.on), dataset=name, by=f"The join with {joined.called}")
    need(right, (c.other for c in joined.on), dataset=joined.dataset, by=f"The join with {joined.called}")
    return joined.on


def without_match(
    table: ir.Table, other: ir.Table, conditions: tuple[Condition, ...], *, flipped: bool
) -> ir.Table:
    """The rows of a table that meet no row of the other, in their order."""
    rows = numbered(table)
    inside = {column: f"other_{number}" for number, column in enumerate(other.columns)}
    there = other.select(**{new: other[old] for old, new in inside.items()})
    if flipped:
        met = [c.holds(there[inside[c.left]], rows[c.other]) for c in conditions]
    else:
        met = [c.holds(rows[c.left], there[inside[c.other]]) for c in conditions]
    return in_order(rows.anti_join(there, met))


def _renamed(
    joined: JoinedDataset, table: ir.Table, number: int
) -> tuple[ir.Table, dict[tuple[str, str], str]]:
    """The table with inside names and its rows numbered."""
    sources = {(joined.called, c): f"c{number}_{i}" for i, c in enumerate(table.columns)}
    rows = numbered(table, f"o{number}")
    return rows.select(f"o{number}", **{inside: rows[c] for (_, c), inside in sources.items()}), sources


def _picked(joined: JoinedDataset, table: ir.Table) -> list[Picked]:
    if joined.columns is None:
        return [Picked(column=c) for c in table.columns]
    need(table, (p.column for p in joined.columns), dataset=joined.dataset, by="The selection of columns")
    return list(joined.columns)


def _named(
    done: Joined, joined: JoinedDataset, table: ir.Table, inside: list[tuple[Condition, str]]
) -> Joined:
    """The columns of the new input under their names in the result; equal keys of one name become one."""
    names, rows = dict(done.names), done.rows
    same = {c.other: left for c, left in inside if c.operator == "==" and c.left == c.other}
    for number, picked in enumerate(_picked(joined, table)):
        own = done.sources[(joined.called, picked.column)]
        left = same.get(picked.column)
        if left is None or picked.name or names.get(picked.column) != left:
            _take(names, joined, picked, own)
        elif joined.how in ("right", "full"):
            fused = f"k{len(done.order)}_{number}"
            rows = rows.mutate(**{fused: rows[left].coalesce(rows[own])})
            names[picked.column] = fused
    return Joined(rows, names, done.sources, done.order)


def _take(names: dict[str, str], joined: JoinedDataset, picked: Picked, inside: str) -> None:
    """Give a column its name in the result: its own, with the prefix, or with its input before it when taken."""
    wanted = f"{joined.prefix}{picked.name or picked.column}"
    taken = {n.lower() for n in names}
    name = wanted if wanted.lower() not in taken else f"{joined.called}_{wanted}"
    if name.lower() in taken:
        raise Invalid(
            f"The result has two columns called '{name}'.",
            hint=f"Give {joined.called} a prefix, or choose its columns.",
        )
    names[name] = inside


def _check_types(condition: Condition, left: Any, right: Any, called: str) -> None:
    if _family(left) != _family(right):
        raise Invalid(
            f"The join with {called} compares {condition.left} ({left.type()}) and {condition.other} "
            f"({right.type()}), which are never alike.",
            hint="Give both columns the same type first.",
        )


def _family(value: Any) -> str:
    kind = value.type()
    if kind.is_numeric():
        return "number"
    return "time" if kind.is_timestamp() or kind.is_date() else str(kind.copy(nullable=True))
