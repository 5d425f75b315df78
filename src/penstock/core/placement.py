"""Placement: which engine runs a recipe, the sentence that says why, and why not any other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from penstock.core.connection import Database
from penstock.core.errors import Refused

if TYPE_CHECKING:
    from penstock.core.connection import Connection
    from penstock.core.project import Project
    from penstock.core.recipe import Recipe

Engine = Literal["local", "database", "spark"]
Wish = Literal["auto", "local", "database", "spark"]

ENGINES: tuple[Engine, ...] = ("local", "database", "spark")


@dataclass(frozen=True, slots=True)
class Place:
    """Where tables are computed: in this process, in a database, on a Spark."""

    engine: Engine = "local"
    connection: str = ""

    def __str__(self) -> str:
        """`local`, `database:warehouse`, `spark`, `spark:cluster`"""
        return f"{self.engine}:{self.connection}" if self.connection else self.engine


LOCAL = Place()


@dataclass(frozen=True, slots=True)
class End:
    """An input or output of a recipe, and the database connection its rows live on; empty: not in a database."""

    name: str
    connection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One engine: whether it can run the recipe, and the sentence that says why or why not."""

    place: Place
    available: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What was chosen for a recipe, and every engine there is."""

    wish: Wish
    chosen: Option
    options: tuple[Option, ...]

    @property
    def place(self) -> Place:
        return self.chosen.place

    def option(self, engine: Engine) -> Option:
        """What was found about one engine."""
        return next(o for o in self.options if o.place.engine == engine)


def place(project: Project, name: str, connections: Mapping[str, Connection]) -> Placement:
    """Where a recipe of a project would run. `connections` are those of the node. Never refuses: see `check`."""
    recipe = project.recipe(name)
    return choose(recipe, ends(project, recipe, connections), connections)


def ends(project: Project, recipe: Recipe, connections: Mapping[str, Connection]) -> list[End]:
    """The datasets a recipe reads and writes, with the database each lives in; models and folders count for none."""
    names = [n for n in dict.fromkeys((*recipe.reads, *recipe.writes)) if n in project.datasets]
    found = {n: project.datasets[n].database() for n in names}
    files = {n for n, c in connections.items() if not isinstance(c, Database)}
    return [End(n, "" if where in files else where) for n, where in found.items()]


def choose(recipe: Recipe, ends: Sequence[End], connections: Mapping[str, Connection]) -> Placement:
    """The engine of a recipe: the one it asks for; else in the database when all ends live there and it can; else
    here. Spark only when it is asked for."""
    options = (_local(), _database(recipe, ends), _spark(recipe, connections))
    if recipe.engine != "auto":
        wished = next(o for o in options if o.place.engine == recipe.engine)
        reason = f"Asked for by `engine: {recipe.engine}`." if wished.available else wished.reason
        chosen = Option(place=wished.place, available=wished.available, reason=reason)
        return Placement(wish=recipe.engine, chosen=chosen, options=options)
    local, database, _ = options
    if database.available and (recipe.BODY or _computes(connections.get(database.place.connection))):
        return Placement(wish="auto", chosen=database, options=options)
    if database.available:
        name = database.place.connection
        untried = (
            f"{name} is no PostgreSQL: its SQL lacks some functions, keeps no NaN and may compare texts otherwise, so "
            "visual recipes run there only when `engine: database` says so."
        )
        here = Option(place=local.place, available=True, reason=f"In this process. {untried}")
        return Placement(wish="auto", chosen=here, options=options)
    why = Option(place=local.place, available=True, reason=f"In this process. {database.reason}")
    return Placement(wish="auto", chosen=why, options=options)


def _computes(connection: Connection | None) -> bool:
    """Whether every visual recipe is known to say there what it says here; where nothing is known, it is."""
    return bool(getattr(connection, "COMPUTES", True))


def check(found: Placement, recipe: str) -> Place:
    """The place itself. Raises Refused, with the reason, for an engine that was asked for and cannot run it."""
    if found.chosen.available:
        return found.place
    able = ", ".join(o.place.engine for o in found.options if o.available)
    raise Refused(
        f"Recipe {recipe} asks for `engine: {found.wish}`, which cannot run it. {found.chosen.reason}",
        hint=f"It can run on {able}; `engine: auto` chooses.",
    )


def _local() -> Option:
    return Option(place=LOCAL, available=True, reason="This process runs every recipe; rows are streamed.")


def _database(recipe: Recipe, ends: Sequence[End]) -> Option:
    found = list(dict.fromkeys(end.connection for end in ends))
    connection = found[0] if len(found) == 1 else ""
    why_not = " ".join(_against_database(recipe, ends))
    if why_not:
        return Option(place=Place("database", connection), available=False, reason=why_not)
    reason = f"All ends live in {connection}: one statement there, and no row leaves it."
    return Option(place=Place("database", connection), available=True, reason=reason)


def _against_database(recipe: Recipe, ends: Sequence[End]) -> Iterator[str]:
    """Sentences about what keeps a recipe out of a database; none when it can run there."""
    outside = [end.name for end in ends if not end.connection]
    inside = dict.fromkeys(end.connection for end in ends if end.connection)
    if not inside:
        yield "No dataset of it lives in a database."
    elif outside:
        yield f"{_listed(outside)} {'does' if len(outside) == 1 else 'do'} not live in {_listed(list(inside))}."
    elif len(inside) > 1:
        yield f"Its datasets live in different databases: {_listed(list(inside))}."
    obstacle = recipe.obstacle("database")
    if obstacle:
        yield obstacle


def _spark(recipe: Recipe, connections: Mapping[str, Connection]) -> Option:
    named = next((n for n, c in sorted(connections.items()) if c.kind_name() == "spark"), "")
    place = Place("spark", named)
    obstacle = recipe.obstacle("spark")
    if obstacle:
        return Option(place=place, available=False, reason=obstacle)
    if not named:
        return Option(place=place, available=False, reason="This node has no connection of type spark.")
    return Option(place=place, available=True, reason=f"On {named}, when it is asked for: `engine: spark`.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
