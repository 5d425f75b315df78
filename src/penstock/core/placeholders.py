"""Placeholders: the names that a template of a document may hold, and what each of them says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penstock.core.document import Block, Picture, Span, Table, Text, plain
from penstock.core.errors import NotFound

if TYPE_CHECKING:
    from typing import TypeGuard

Said = Text | Table | Picture | tuple[Block, ...] | None
"""Letters, something that stands alone, several blocks; None where there is nothing to say."""
Say = Callable[[], Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a template may ask for. Nothing is computed before it is asked.

    `says` answers whole names; `answers` names with an argument, `result.feature_dependence.plot/age`; `lists` is what
    a loop goes through, each thing with names of its own.
    """

    says: Mapping[str, Say]
    answers: Mapping[str, Callable[[str], Said]] = field(default_factory=dict)
    lists: Mapping[str, Callable[[], Sequence[Names]]] = field(default_factory=dict)
    other_spellings: Mapping[str, str] = field(default_factory=dict)
    """Part of a name as some write it → as it stands here."""

    def said(self, name: str) -> Said:
        """What a name says. Raises NotFound for one that nobody knows."""
        known = self._spelled(name)
        if known in self.says:
            return self.says[known]()
        asked, _, argument = known.partition("/")
        if argument and asked in self.answers:
            return self.answers[asked](argument)
        if known.endswith(".count") and known.removesuffix(".count") in self.lists:
            return str(len(self.lists[known.removesuffix(".count")]()))
        raise NotFound("placeholder", name, among=self.known)

    def listed(self, name: str) -> Sequence[Names]:
        """What a loop over a name goes through. Raises NotFound."""
        if self._spelled(name) not in self.lists:
            raise NotFound("list", name, among=[*self.lists])
        return self.lists[self._spelled(name)]()

    @property
    def known(self) -> list[str]:
        return [*self.says, *self.answers, *self.lists]

    def _spelled(self, name: str) -> str:
        for other, ours in self.other_spellings.items():
            name = name.replace(other, ours)
        return name


def words(said: Said) -> str:
    """What a condition compares: the letters, `Yes` for what stands alone, nothing for nothing."""
    if said is None:
        return ""
    if is_text(said):
        return plain(said)
    return "Yes" if said else ""


def is_text(said: Said) -> TypeGuard[Text]:
    """Whether it goes into a line."""
    return isinstance(said, str) or (
        isinstance(said, tuple) and bool(said) and all(isinstance(part, Span) for part in said)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A template with everything said, and what could not be."""

    content: bytes
    warnings: tuple[str, ...] = ()
