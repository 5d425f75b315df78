"""Scopes: what names mean at one place of a template, loop variables and all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from penstock.core.errors import NotFound, PenstockError
from penstock.core.placeholders import Names, Said, words
from penstock.drawing.templating.grammar import ForEach, If


@dataclass(slots=True)
class Scope:
    """The names of a template, and the variables of the loops around."""

    names: Names
    variables: dict[str, Names] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)
    """Each once, in order; shared by all scopes of a template."""

    def said(self, name: str) -> Said:
        """What a name says; what nobody knows, or cannot be computed, says nothing and is told."""
        try:
            owner, rest = self._owner(name)
            return owner.said(rest)
        except NotFound as unknown:
            if unknown.what == "placeholder":
                self.warn(f"{{{{{name}}}}} is unknown and was removed.{_near(unknown)}")
            else:
                self.warn(f"{{{{{name}}}}} was removed: {unknown}")
        except PenstockError as problem:
            self.warn(f"{{{{{name}}}}} was removed: {problem}")
        return None

    def holds(self, test: If) -> bool:
        return (words(self.said(test.name)) == test.value) == test.equal

    def loop(self, over: ForEach) -> Iterator[Scope]:
        """A scope for each thing of a list."""
        for item in self._listed(over.name):
            yield Scope(self.names, {**self.variables, over.variable: item}, self.warnings)

    def warn(self, told: str) -> None:
        self.warnings[told] = None

    def _listed(self, name: str) -> Sequence[Names]:
        try:
            owner, rest = self._owner(name)
            return owner.listed(rest)
        except PenstockError as problem:
            self.warn(f"{{{{foreach … in {name}}}}} was removed: {problem}")
            return ()

    def _owner(self, name: str) -> tuple[Names, str]:
        if not name.startswith("$"):
            return self.names, name
        variable, _, rest = name.partition(".")
        if variable not in self.variables:
            raise NotFound("loop variable", variable, among=[*self.variables])
        return self.variables[variable], rest


def _near(unknown: NotFound) -> str:
    _, mark, near = str(unknown).partition("Did you mean ")
    return f" Did you mean {near}" if mark else ""
