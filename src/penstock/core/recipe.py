"""Recipe: the base of what turns inputs into outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.kind import Described, Kind
from penstock.core.names import ItemType, Reference, references

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.core.lineage import Relation
    from penstock.core.schema import Schema


class Recipe(Kind, Described):
    """What turns inputs into outputs. Fields marked by `core.names` say which objects it reads and writes.

    A recipe with a body (Python, SQL) keeps it in a file beside its YAML: `BODY` is that file's ending and the
    field `body` its text; the YAML does not repeat it.
    """

    FAMILY: ClassVar[str] = "recipes"
    BODY: ClassVar[str] = ""
    CATEGORY: ClassVar[str] = "visual"
    """visual, code or ml: the colour of its node."""
    ENGINES: ClassVar[frozenset[str]] = frozenset({"local"})
    """What can run it: local, database, spark."""

    engine: Literal["auto", "local", "database", "spark"] = Field(
        default="auto",
        description="Where it runs. auto: in the database when all its datasets live in one, else here.",
    )

    def references(self) -> list[Reference]:
        return references(self)

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the objects it reads, each once, in field order."""
        return tuple(dict.fromkeys(r.name for r in self.references() if r.side == "input"))

    @property
    def writes(self) -> tuple[str, ...]:
        """Names of the objects it writes, each once, in field order."""
        return tuple(dict.fromkeys(r.name for r in self.references() if r.side == "output"))

    def starter(self, types: Mapping[str, ItemType]) -> str:
        """What its body says before anybody wrote it: something that reads its inputs and writes its outputs, whose
        sorts are given. Empty for a recipe without a body."""
        return ""

    def lineage(self, name: str, schemas: Mapping[str, Schema]) -> Sequence[Relation]:
        """Which column of an output is made of which column of an input, for datasets with these columns; `name` is
        the recipe's. Where only a run could tell, equal names are taken for it, marked as unsure."""
        from penstock.core.lineage import by_name

        return by_name(name, self.reads, self.writes, schemas)

    def flaws(self) -> Sequence[str]:
        """Sentences about what can never work, told from the settings and the body alone. Light: many ask."""
        return ()

    def obstacle(self, engine: str) -> str:
        """Why an engine (local, database, spark) cannot run it, as a sentence; empty when it can."""
        if engine in self.ENGINES:
            return ""
        where = "inside a database" if engine == "database" else f"on {engine.capitalize()}"
        return f"A recipe of type {self.kind_name()} does not run {where}."

    @property
    def costs_like(self) -> str:
        """The work of `core.cost` that it is, by its settings."""
        return self.kind_name()

    def run(self, ctx: RecipeContext) -> None:
        """Do the work, once. Everything it touches comes through `ctx`."""
        raise NotImplementedError
