"""Checks: what the checks of an object said last."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.names import OtherItem
from penstock.core.outcome import Verdict
from penstock.core.tile import Content, Tile, Verdicts, content, notice

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class ChecksTile(Tile):
    """What the checks and rules of an object said last, each with its message.

    Example:
        type: checks
        item: mes_for_input_drift
    """

    LABEL: ClassVar[str] = "Checks"

    item: OtherItem = Field(description="The object that is checked.")
    checks: tuple[str, ...] = Field(default=(), description="Names of those shown; all when left out.")

    def about(self, ctx: TileContext) -> str:
        return f"Checks of {self.item}"

    def data(self, ctx: TileContext) -> Content:
        found = [c for c in ctx.checks(self.item) if not self.checks or c.name in self.checks]
        if not found:
            return notice(f"{self.item} has no check.", "Add one under its Metrics & checks.")
        said = [c.verdict for c in found if c.verdict]
        moments = [c.at for c in found if c.at]
        worst = Verdict.worst(said) if said else None
        return content(Verdicts(checks=tuple(found), overall=worst), as_of=max(moments, default=None))
