"""`fairness.*`: whether the version treats groups of people alike, on its test set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.core import document, fairness
from penstock.core.document import Block, Chart, Column, Note, Picture, Table
from penstock.runtime.model_document.wording import listed, yes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.core.placeholders import Say
    from penstock.runtime.model_document.subject import Subject


def names(s: Subject) -> dict[str, Say]:
    """Everything under `fairness.`"""
    return {
        "fairness.status": lambda: yes(s.fairness()),
        "fairness.column.name": lambda: _of(s, "column"),
        "fairness.reference.name": lambda: _of(s, "reference"),
        "fairness.positive.name": lambda: _of(s, "positive"),
        "fairness.groups.table": lambda: groups(s),
        "fairness.gaps.table": lambda: gaps(s),
        "fairness.groups.plot": lambda: picture(s),
        "fairness.warnings": lambda: warnings(s),
    }


def _of(s: Subject, part: str) -> str | None:
    found = s.fairness()
    return str(found[part]) if found else None


def groups(s: Subject) -> Table | None:
    """The four rates of every group."""
    found = s.fairness()
    if not found:
        return None
    rows = [
        (g["group"] + (" (reference)" if g["group"] == found["reference"] else ""), g["rows"],
         *(g["rates"].get(rate) for rate in fairness.RATE_WORDS))
        for g in found["groups"]
    ]  # fmt: skip
    titles = [found["column"], "Rows", *fairness.RATE_WORDS.values()]
    strong = frozenset(n for n, g in enumerate(found["groups"]) if g["group"] == found["reference"])
    caption = (
        f"Rates of each group of {found['column']} on the test set; the wanted outcome is {found['positive']}"
    )
    return document.table(titles, rows, caption=caption, strong=strong)


def gaps(s: Subject) -> Table | None:
    """The four measures: the largest distance of a group from the reference group."""
    found = s.fairness()
    if not found:
        return None
    columns = (
        Column("Measure", width=0.25), Column("Largest gap", "right", 0.14), Column("Group", width=0.18),
        Column("Fair when", width=0.43),
    )  # fmt: skip
    rows = tuple(
        (words, document.number(found["disparity"].get(code), 3), _worst(found, code), about)
        for code, (words, about) in fairness.MEASURES.items()
    )
    return Table(columns=columns, rows=rows, caption="Distance from the reference group; 0 is fair")


def _worst(found: Mapping[str, Any], measure: str) -> str:
    return str((found.get("worst") or {}).get(measure) or "–")


def picture(s: Subject) -> Picture | None:
    found = s.fairness()
    if not found:
        return None
    weights = {
        g["group"]: g["rates"]["positive_rate"]
        for g in found["groups"]
        if g["rates"]["positive_rate"] is not None
    }
    chart = Chart("bars", {"weights": weights, "title": "Predicted positive rate"})
    caption = f"Share of each group of {found['column']} that is predicted {found['positive']}"
    return Picture(drawn=chart, caption=caption, width=0.7, name=f"{s.name}-fairness")


def warnings(s: Subject) -> tuple[Block, ...] | None:
    """Groups too small to judge."""
    found = s.fairness()
    small = list(found.get("too_small") or ()) if found else []
    if not small:
        return None
    said = f"Fewer than {fairness.FEWEST} rows in {listed(small)}: rates of so small a group may be chance."
    return (Note(said, "warning"),)
