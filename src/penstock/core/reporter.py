"""Reporters: who is told about a run, when, and by which channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from penstock.core.formula import Formula
from penstock.core.kind import Kind
from penstock.core.variables import NEVER_EXPANDED, needed, unclosed

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext
    from penstock.core.project import Project

Path = tuple[str | int, ...]
Flaw = tuple[Path, str]
"""Where in a definition, and a sentence."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a run before there is one: what a reporter can be judged by when it is saved."""

    project: Project
    unknown: Callable[[str], str]
    """The name or formula of a `${…}` → what is wrong with it; empty when it will have a value."""
    read: Callable[[str], str | None]
    """A file of the project → its text; None when there is none."""
    files: tuple[str, ...] = ()
    """The files in `templates/`, by name."""


class Reporter(Kind):
    """Tells somebody about a run. `send(ctx)` delivers one message; raising means not sent, never a failed run."""

    FAMILY: ClassVar[str] = "reporters"
    CHANNEL: ClassVar[str] = ""
    """The type of the channel it goes through, which its field `channel` may name; empty: none."""

    name: str = Field(default="", description="Shown in the run; the type when empty.")
    active: bool = Field(default=True, description="Off: never sends.")
    on: Literal["start", "end"] = Field(
        default="end", description="When the run begins or when it has ended."
    )
    when: Formula | None = Field(
        default=None,
        description="Only if this is true, such as stepOutcome_MES_Warn == 'WARNING'; always if empty.",
    )
    timeout: float = Field(default=30.0, gt=0, description="Seconds after which the channel is given up.")

    def send(self, ctx: ReportContext) -> str:
        """Deliver; returns a sentence such as `sent to 2 recipients`."""
        raise NotImplementedError

    def flaws(self, outlook: Outlook) -> Iterator[Flaw]:
        """What would go wrong when it sends, as far as the project alone tells."""
        for path, text in texts(self):
            yield from flaws_of(path, text, outlook)

    @property
    def through(self) -> str:
        """The type of the channel of the node it needs; empty when it has an address of its own."""
        return "" if getattr(self, "url", "") else self.CHANNEL


def flaws_of(path: Path, text: str, outlook: Outlook) -> Iterator[Flaw]:
    """What is wrong with the `${…}` of one text."""
    open_end = unclosed(text)
    if open_end:
        yield path, f"`{open_end}` has no closing }}, so it would be sent as it stands."
    for name in needed(text):
        message = outlook.unknown(name)
        if message:
            yield path, message


def texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text of a reporter in which variables are filled in, with its place; keys of mappings too."""
    if isinstance(value, str) and not isinstance(value, Formula):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name not in NEVER_EXPANDED and name not in ("name", "channel"):
                yield from texts(getattr(value, name), (*path, name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(str(key), (*path, key))
            yield from texts(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from texts(inner, (*path, index))
