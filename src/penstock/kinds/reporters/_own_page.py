"""A page of somebody's own, filled in: with charts where it asks for them and tables at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from penstock.kinds.reporters import _texts
from penstock.kinds.reporters._letter import COLOURS, Letter, pictures

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext
    from penstock.kinds.reporters._attached import Table

WRAPPED = '<div style="white-space:pre-wrap;font-family:sans-serif;">{}</div>'
CELL = '<td style="padding:3px 12px 3px 0;">{}</td>'


def own_page(
    text: str, ctx: ReportContext, engine: _texts.Engine, tables: Sequence[Table], **own: Any
) -> Letter:
    """The page; `driftChart` and `allEventsSummary` are HTML in it, every other value is escaped."""
    from markupsafe import Markup

    drawn = pictures(ctx) if "driftChart" in text else []
    image = Markup('<img src="cid:{}" alt="{}" style="max-width:100%">')
    charts = Markup("").join(image.format(p.cid, p.words) for p in drawn)
    whole = text if _texts.looks_like_html(text) else WRAPPED.format(text)
    page = _texts.marked_up(whole, ctx, engine, allEventsSummary=_events(ctx), driftChart=charts, **own)
    page = _with_tables(page, tables)
    return Letter(page, _texts.as_plain(page), tuple(p.image for p in drawn))


def _events(ctx: ReportContext) -> Any:
    """What went less than well as an HTML table."""
    from markupsafe import Markup

    row = Markup(f'<tr style="color:{{}}">{CELL}{CELL}{CELL}</tr>')
    rows = [row.format(COLOURS[r.outcome], r.outcome.value, r.step, r.text) for r in ctx.remarks()]
    return Markup("<table>{}</table>").format(Markup("").join(rows)) if rows else "Nothing to report."


def _with_tables(page: str, tables: Sequence[Table]) -> str:
    from markupsafe import escape

    shown = "".join(f"<h3>{escape(table.name)}</h3>{table.html}" for table in tables)
    before, closing, after = page.rpartition("</body>")
    return f"{before}{shown}{closing}{after}" if closing else page + shown
