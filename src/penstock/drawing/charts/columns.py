"""Pictures of one column: how its numbers are spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from penstock.drawing.charts import theme


def histogram(bars: Sequence[tuple[float, float, int]], title: str) -> dict[str, Any]:
    """Bars, each (start, end, rows), as a Vega-Lite spec."""
    rows = [{"start": start, "end": end, "rows": count} for start, end, count in bars]
    number = {"type": "quantitative", "title": None}
    body = {
        "description": f"How the values of {title} are spread, in {len(rows)} bars",
        "width": "container", "height": 130, "data": {"values": rows},
        "mark": {"type": "rect", "color": theme.CURRENT, "stroke": "transparent", "strokeWidth": 1},
        "encoding": {
            "x": {**number, "field": "start", "scale": {"zero": False, "nice": False}, "axis": {"tickCount": 4}},
            "x2": {"field": "end"},
            "y": {**number, "field": "rows", "scale": {"zero": True}, "axis": {"tickCount": 3, "format": "~s"}},
            "y2": {"datum": 0},
            "tooltip": [
                {"field": "start", "type": "quantitative", "format": ",.4~g", "title": "from"},
                {"field": "end", "type": "quantitative", "format": ",.4~g", "title": "to"},
                {"field": "rows", "type": "quantitative", "format": ",d", "title": "rows"},
            ],
        },
    }  # fmt: skip
    return theme.finished(body, "page")
