"""The steps of Prepare while somebody writes them: what each makes of a sample, and which suit a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from penstock.core import date_forms, registry
from penstock.core.errors import InvalidDefinition, PenstockError
from penstock.core.kind import documentation
from penstock.core.native import columns_of
from penstock.core.schema import Column, Schema
from penstock.runtime import grids, rehearsing

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.core.node import Node
    from penstock.core.recipe import Recipe
    from penstock.runtime.rehearsing import RehearsalAccess

TEXTS = frozenset({"string"})
NUMBERS = frozenset({"tinyint", "smallint", "int", "bigint", "float", "double"})
MOMENTS = frozenset({"date", "datetime", "datetime_tz"})
SHORT = 60
"""Letters of a step's settings in its title."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A processor somebody may add."""

    type: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step that suits a column: the words for it, and its settings."""

    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeen:
    """One step of the list."""

    title: str
    error: str = ""
    columns: tuple[str, ...] = ()
    """Those it can choose from: what the steps before it leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The rows after a step, compared with those before it."""

    steps: Sequence[StepSeen]
    after: int
    """How many steps are in these rows."""
    columns: Schema = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    before: tuple[Mapping[str, Any], ...] | None = None
    """The same rows before the last step; None when it took away, added or moved rows."""
    fresh: frozenset[str] = frozenset()
    """Columns the last step made."""
    gone: tuple[str, ...] = ()
    """Columns the last step took away."""
    rows_before: int = 0
    rows_after: int = 0
    error: str = ""
    """Why no rows can be shown."""

    @property
    def grid(self) -> dict[str, Any]:
        """The rows as a grid takes them."""
        return grids.drawn(self.columns, self.rows)

    def changed(self, row: int, column: str) -> bool:
        """Whether the last step changed a cell."""
        if self.before is None or column in self.fresh:
            return False
        return bool(self.before[row][column] != self.rows[row][column])


def processors() -> list[Offer]:
    """Every processor, by its label."""
    found = [(name, registry.kind("processors", name)) for name in registry.names("processors")]
    offers = [
        Offer(
            name, getattr(kind, "LABEL", "") or name.replace("_", " "), documentation(kind)[0].split("\n")[0]
        )
        for name, kind in found
    ]
    return sorted(offers, key=lambda offer: offer.label)


def proposals(column: Column, cells: Iterable[Any] = ()) -> list[Proposal]:
    """Steps that suit a column, by what it holds."""
    one = [column.name]
    date = {"type": "parse_date", "columns": one}
    if column.type in TEXTS and (forms := date_forms.formats(cells)):
        date["formats"] = list(forms)
    found = [
        Proposal("Rename …", {"type": "rename", "columns": {column.name: column.name}}),
        Proposal("Fill empty cells …", {"type": "fill_empty", "columns": one}),
        Proposal("Remove rows where it is empty", {"type": "remove_empty", "columns": one}),
        Proposal(
            "Filter rows …", {"type": "filter_rows", "rules": [{"column": column.name, "operator": "="}]}
        ),
        Proposal("Change type …", {"type": "cast", "columns": one}),
    ]
    if column.type in TEXTS:
        found += [
            Proposal("Parse as a date", date),
            Proposal("Find and replace …", {"type": "find_replace", "columns": one}),
            Proposal("Remove blanks around", {"type": "string_transform", "columns": one, "do": ["trim"]}),
            Proposal("Write in capitals", {"type": "string_transform", "columns": one, "do": ["upper"]}),
            Proposal("Split …", {"type": "split_column", "column": column.name}),
        ]
    if column.type in NUMBERS:
        found += [
            Proposal("Round", {"type": "round", "columns": one}),
            Proposal("Keep within bounds …", {"type": "clip", "columns": one}),
            Proposal("Put into bins …", {"type": "bin", "column": column.name}),
        ]
    if column.type in MOMENTS:
        found += [
            Proposal("Extract date parts", {"type": "extract_date_parts", "column": column.name}),
            Proposal("Write as text …", {"type": "format_date", "column": column.name}),
        ]
    keep = Proposal("Copy", {"type": "copy_column", "column": column.name})
    return [*found, keep, Proposal("Delete", {"type": "delete_columns", "columns": one})]


def title(values: Mapping[str, Any]) -> str:
    """A step in a few words: `Rename columns: arr_delay → delay`."""
    type = str(values.get("type", ""))
    if type not in registry.names("processors"):
        return type or "No processor chosen"
    label = getattr(registry.kind("processors", type), "LABEL", "") or type
    said = "; ".join(
        filter(None, (_words(v) for k, v in values.items() if k not in ("type", "disabled", "comment")))
    )
    return f"{label}: {said if len(said) <= SHORT else said[:SHORT] + '…'}" if said else label


def show(
    node: Node, project: str, name: str, values: Mapping[str, Any], after: int | None = None
) -> Prepared:
    """The first rows after so many steps (all of them when None), for settings that need not be saved or right.

    A step that is wrong is told at its place, and the rows are those before it.
    """
    given = [step for step in values.get("steps") or () if isinstance(step, Mapping)]
    recipe, wrong = _parsed({**values, "steps": given})
    if recipe is None:
        return Prepared(steps=_seen(given, wrong), after=0, error=wrong.get(-1, ""))
    wanted = min(len(given) if after is None else max(after, 0), min(wrong, default=len(given)))
    loaded = node.projects.load(project)
    with rehearsing.opened(node, loaded, name) as ctx:
        try:
            return _Sight(ctx, recipe, given, dict(wrong)).prepared(wanted)
        except PenstockError as error:
            return Prepared(steps=_seen(given, wrong), after=0, error=str(error))


@dataclass(slots=True)
class _Sight:
    """One look at the steps of a recipe, those that can be read."""

    ctx: RehearsalAccess
    recipe: Recipe
    given: Sequence[Mapping[str, Any]]
    wrong: dict[int, str]
    offered: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def prepared(self, wanted: int) -> Prepared:
        """The rows after a step; after the one before it when its rows cannot be computed."""
        source = self.ctx.read(self.recipe.reads[0])
        good = self._tables(source)
        shown = min(wanted, good)
        after = self._rows(shown)
        while after is None:
            shown -= 1
            after = self._rows(shown)
        before = self._rows(shown - 1) if shown else after
        return self._told(shown, before if before is not None else after, after)

    def _tables(self, source: Any) -> int:
        """How many steps work, told from columns alone; what each may choose from is noted on the way."""
        self.offered[0] = tuple(source.columns)
        for count in range(1, min([len(self.given), *self.wrong]) + 1):
            try:
                self.offered[count] = tuple(self._result(source, count).columns)
            except PenstockError as error:
                self.wrong[count - 1] = _plain(error)
                return count - 1
        return min([len(self.given), *self.wrong])

    def _result(self, source: Any, count: int) -> Any:
        cut = cast("Any", self.recipe.changed(steps=self.recipe.steps[:count]))  # type: ignore[attr-defined]
        ready = cut.ready(cast("RecipeContext", self.ctx))
        return next(iter(ready.results(source).values()))

    def _rows(self, count: int) -> pa.Table | None:
        """The rows after so many steps. A step whose rows cannot be computed is noted; None then."""
        table = self._result(self.ctx.read(self.recipe.reads[0]), count)
        try:
            return self.ctx.arrow(table)
        except PenstockError as error:
            if count == 0:
                raise
            self.wrong[count - 1] = _plain(error)
            return None

    def _told(self, shown: int, before: pa.Table, after: pa.Table) -> Prepared:
        old, new = set(before.column_names), set(after.column_names)
        same = before.num_rows == after.num_rows and bool(shown)
        return Prepared(
            steps=_seen(self.given, self.wrong, self.offered), after=shown,
            columns=columns_of(after.schema),
            rows=_first(after), before=_first(before) if same else None, fresh=frozenset(new - old),
            gone=tuple(name for name in before.column_names if name not in new),
            rows_before=before.num_rows, rows_after=after.num_rows,
        )  # fmt: skip


def _parsed(values: Mapping[str, Any]) -> tuple[Recipe | None, dict[int, str]]:
    """The recipe with the steps before the first wrong one, and what is wrong: step → words; -1 is the rest."""
    try:
        return cast("Recipe", registry.parse("recipes", values)), {}
    except InvalidDefinition as error:
        wrong: dict[int, str] = {}
        for one in (error, *error.also):
            words = one.field.split(".")
            at = int(words[1]) if words[0] == "steps" and len(words) > 1 and words[1].isdigit() else -1
            named = ".".join(words[2:])
            wrong.setdefault(at, f"{named}: {one.problem}" if named and at >= 0 else one.problem)
    if -1 in wrong:
        return None, wrong
    recipe, more = _parsed({**values, "steps": values["steps"][: min(wrong)]})
    return recipe, {**wrong, **more}


def _seen(
    given: Sequence[Mapping[str, Any]],
    wrong: Mapping[int, str],
    offered: Mapping[int, tuple[str, ...]] | None = None,
) -> list[StepSeen]:
    """Each step; behind a wrong one the columns are those that were known last."""
    found: list[StepSeen] = []
    columns: tuple[str, ...] = ()
    for number, step in enumerate(given):
        columns = (offered or {}).get(number, columns)
        found.append(StepSeen(title=title(step), error=wrong.get(number, ""), columns=columns))
    return found


def _first(table: pa.Table) -> tuple[Mapping[str, Any], ...]:
    return tuple(table.slice(0, rehearsing.SHOWN).to_pylist())


def _plain(error: PenstockError) -> str:
    """What went wrong without the number of the step, at which it is told."""
    head, colon, rest = error.message.partition(": ")
    said = rest if colon and head.startswith("Step ") else error.message
    return f"{said} {error.hint}".strip()


def _words(value: Any) -> str:
    if isinstance(value, bool) or value in (None, ""):
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{k} → {v}" for k, v in value.items() if not isinstance(v, (Mapping, list)))
    if isinstance(value, (list, tuple)):
        flat = [v if not isinstance(v, Mapping) else " ".join(map(str, v.values())) for v in value]
        return ", ".join(map(str, flat))
    return str(value)
