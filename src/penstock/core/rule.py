"""Data-quality rules: a check and the measurement it needs, in one definition, for datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.check import Judgement
from penstock.core.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penstock.core.contexts import MeasureContext
    from penstock.core.schema import Column


class Rule(Kind):
    """A demand on the rows of a dataset. `expressions` says what to measure, `judge` what to think of it."""

    FAMILY: ClassVar[str] = "rules"
    STABLE_ID: ClassVar[str] = ""
    """The name the field's programs know this kind by: `RecordCountInRangeRule`."""

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

    @property
    def stable_id(self) -> str:
        """`STABLE_ID`, or the one its settings choose."""
        return self.STABLE_ID


def misfits(expected: Sequence[Column], actual: Sequence[Column]) -> list[str]:
    """Which expected columns are missing or differ in type, meaning or length, as sentences."""
    found = {column.name: column for column in actual}
    return [
        problem
        for column in expected
        for problem in (
            _differences(column, found[column.name])
            if column.name in found
            else [f"column '{column.name}' is missing"]
        )
    ]


def _differences(expected: Column, actual: Column) -> list[str]:
    """A meaning that is not given fits any; so does a length of -1."""
    problems = []
    if expected.type != actual.type:
        problems.append(f"column '{expected.name}' is {actual.type}, not {expected.type}")
    if expected.meaning and expected.meaning != actual.meaning:
        problems.append(f"column '{expected.name}' means '{actual.meaning}', not '{expected.meaning}'")
    if expected.max_length >= 0 and not 0 <= actual.max_length <= expected.max_length:
        problems.append(f"column '{expected.name}' may be longer than {expected.max_length}")
    return problems
