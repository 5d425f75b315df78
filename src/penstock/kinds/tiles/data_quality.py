"""Data quality: how the datasets of the project are, at a glance."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from penstock.core.names import Points, check_name
from penstock.core.outcome import Verdict
from penstock.core.tile import Axis, Content, Figure, Plot, Tile, Verdicts, content, notice

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext

ADVICE = "Add rules to a dataset; every one with a rule or check counts."
WORDS = {
    Verdict.OK: "All is well",
    Verdict.WARNING: "Warnings",
    Verdict.ERROR: "Errors",
    Verdict.EMPTY: "No value",
}


def _name_or_nothing(text: str) -> str:
    return check_name(text) if text else text


class DataQualityTile(Tile):
    """The data-quality status of a dataset, or of all monitored datasets of the project: the worst verdict, the count
    of each, or every rule.

    Example:
        type: data_quality
        show: breakdown
    """

    LABEL: ClassVar[str] = "Data quality"

    dataset: Annotated[str, AfterValidator(_name_or_nothing), Points("other", ("dataset",))] = Field(
        default="", description="One dataset; all monitored ones when left out."
    )
    show: Literal["status", "breakdown", "rules"] = Field(
        default="status", description="The worst verdict, how many of each, or each rule with its message."
    )

    def about(self, ctx: TileContext) -> str:
        return f"Data quality of {self.dataset}" if self.dataset else "Data quality"

    def data(self, ctx: TileContext) -> Content:
        found = ctx.checks(self.dataset)
        if not found:
            return notice("Nothing is demanded of the data.", ADVICE)
        at = max((c.at for c in found if c.at), default=None)
        counts = Counter(c.verdict for c in found if c.verdict)
        worst = Verdict.worst(counts) if counts else None
        if self.show == "rules":
            return content(Verdicts(checks=tuple(found), overall=worst), as_of=at)
        if worst is None:
            return notice(f"None of the {len(found)} rules was computed yet.", "Run the checks.")
        if self.show == "breakdown":
            return content(_bars(counts), as_of=at)
        return content(_figure(worst, counts), as_of=at)


def _figure(worst: Verdict, counts: Counter[Verdict]) -> Figure:
    told = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items()))
    return Figure(label="Status", value=WORDS[worst], verdict=worst, says=told)


def _bars(counts: Counter[Verdict]) -> Plot:
    order = tuple(v for v in (Verdict.ERROR, Verdict.WARNING, Verdict.EMPTY, Verdict.OK) if counts[v])
    rows = tuple({"verdict": str(v), "rules": counts[v]} for v in order)
    verdict = Axis(field="verdict", order=tuple(str(v) for v in order))
    return Plot(
        mark="bar", rows=rows, x=verdict, y=Axis(field="rules", title="rules", sort="number"), color=verdict,
        horizontal=True, words=", ".join(f"{r['rules']} {r['verdict']}" for r in rows),
    )  # fmt: skip
