"""How every chart looks: the colours of the studio, letters and lines, on light and on dark ground."""

from __future__ import annotations

from typing import Any, Literal

Ground = Literal["light", "dark", "page"]
"""`page`: the ground is not known yet; whoever shows it adds the colours."""

CURRENT, REFERENCE = "#2f6fed", "#e8730c"
"""Current data is blue and reference orange, in every chart everywhere."""
NEUTRAL = "#7b8494"
COLOURS = (
    "#2f6fed", "#e8871e", "#1f9d78", "#8b5cf6", "#d6456b", "#0e9fb5", "#a3872b", "#5b6ee1", "#7a9a2e", "#b0578d",
    "#4f7a94", "#c46a3f",
)  # fmt: skip
"""For names without a meaning of their own, in this order."""
VERDICTS = {"OK": "#1f9d78", "WARNING": "#d98a00", "ERROR": "#d63939", "EMPTY": "#9aa3b2"}
OUTCOMES = {
    "SUCCESS": "#1f9d78", "WARNING": "#d98a00", "FAILED": "#d63939", "ABORTED": "#7b8494", "RUNNING": "#2f6fed",
    "QUEUED": "#7ea6f5", "CANCELLED": "#b7bfcc", "MISSED": "#b7bfcc",
}  # fmt: skip
SIDES = {"current": CURRENT, "reference": REFERENCE}
NAMED = {**VERDICTS, **OUTCOMES, **SIDES, "measured": CURRENT, "estimated": "#8b5cf6", "others": "#b7bfcc"}
"""Words that always have the same colour."""

FONT = "Inter, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', Helvetica, Arial, sans-serif"
INK = {"light": ("#1d2939", "#5d6b82", "#e6e9ef"), "dark": ("#e6e9ef", "#97a3b8", "#2b3647")}
"""Ground → letters, quiet letters, lines."""


def config(ground: Ground = "light") -> dict[str, Any]:
    """The `config` of a Vega-Lite specification; transparent, so that it stands on any ground of its sort."""
    if ground == "page":
        return _SHAPE
    ink, quiet, line = INK[ground]
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": quiet, "titleColor": quiet, "gridColor": line, "domainColor": line, "tickColor": line,
            "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": 500, "labelPadding": 5, "titlePadding": 8,
            "ticks": False, "labelOverlap": True, "labelLimit": 160,
        },
        "axisX": {"grid": False},
        "axisY": {"domain": False, "tickCount": 5},
        "legend": {
            "labelColor": quiet, "titleColor": quiet, "labelFontSize": 11, "titleFontSize": 11, "orient": "top",
            "titleFontWeight": 500, "symbolType": "circle", "labelLimit": 160, "columns": 6, "offset": 6,
        },
        "header": {"labelColor": quiet, "titleColor": quiet},
        "text": {"color": ink},
        "title": {"color": ink, "fontSize": 13, "anchor": "start"},
        "range": {"category": list(COLOURS)},
        "bar": {"cornerRadiusEnd": 2},
        "line": {"strokeWidth": 2},
        "mark": {"color": CURRENT},
    }  # fmt: skip


_SHAPE: dict[str, Any] = {
    "axis": {
        "labelFontSize": 11, "titleFontSize": 11, "labelPadding": 5, "titlePadding": 8, "ticks": False,
        "labelOverlap": True, "labelLimit": 160,
    },
    "axisX": {"grid": False},
    "axisY": {"domain": False, "tickCount": 5},
    "legend": {"labelFontSize": 11, "titleFontSize": 11, "symbolType": "circle", "labelLimit": 160, "offset": 6},
    "bar": {"cornerRadiusEnd": 2},
    "line": {"strokeWidth": 2},
    "mark": {"color": CURRENT},
}  # fmt: skip
"""What does not depend on the ground."""


def colour_scale(names: tuple[str, ...]) -> dict[str, Any]:
    """A colour for each name: its own when it always has one, else the next of the list."""
    spare = iter(c for c in COLOURS * (1 + len(names) // len(COLOURS)))
    return {"domain": list(names), "range": [NAMED.get(name) or next(spare) for name in names]}


def finished(spec: dict[str, Any], ground: Ground = "light") -> dict[str, Any]:
    """A specification with its schema and the looks of the studio."""
    schema = "https://vega.github.io/schema/vega-lite/v6.json"
    return {"$schema": schema, **spec, "config": {**config(ground), **spec.get("config", {})}}
