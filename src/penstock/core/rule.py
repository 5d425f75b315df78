"""Data-quality rules: a check and the measurement it needs, in one definition, for datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.check import Judgement
from penstock.core.kind import Kind

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class Rule(Kind):
    """A demand on the rows of a dataset. `expressions` says what to measure, `judge` what to think of it."""

    FAMILY: ClassVar[str] = "rules"

    id: str = Field(default="", description="Stays when the name changes, so that history does not fork.")
    name: str = Field(default="", description="Shown everywhere; written from the settings when left out.")
    enabled: bool = Field(default=True, description="Off: not judged and not counted in the status.")
    auto_run: bool = Field(default=True, description="Judge after every build; ERROR then fails the build.")

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        """What must be measured: key → Ibis scalar over the table; all rules of a dataset become one query."""
        return {}

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        raise NotImplementedError

    def label(self) -> str:
        """The name people see: their own, or a sentence made from the settings."""
        return self.name or self.kind_name().replace("_", " ")

    @property
    def key(self) -> str:
        return self.id or self.label()
