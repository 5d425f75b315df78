"""Pictures of drift: the score between 0.5 and 1, both sides of a column, importances against each other, densities."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from penstock.drawing.charts import explaining, theme
from penstock.drawing.charts.frames import axis, framed, lines

if TYPE_CHECKING:
    from penstock.core.drift import FeatureRisk
    from penstock.core.drift_report import Density, GlobalDrift, Histogram

LOW, HIGH, WIDTH = 0.4, 1.0, 440
BARS = 24
WORDS_WIDE, WORDS_HIGH = 0.2, 0.04
"""The room that the words of a point take, as shares of the width and height of a chart."""
SIDE = {"current": theme.CURRENT, "reference": theme.REFERENCE}


def score(drift: GlobalDrift) -> str:
    """The score with its interval on a line from 0.4 to 1, and the line of no drift at 0.5; empty without a score."""
    if drift.score is None:
        return ""
    low = drift.lower if drift.lower is not None else drift.score
    high = drift.upper if drift.upper is not None else drift.score
    start = min(LOW, low - 0.02)

    def at(value: float) -> float:
        return 12 + (WIDTH - 24) * (value - start) / (HIGH - start)

    ticks = "".join(
        _said(at(v), 62, f"{v:g}", 'font-size="11" opacity="0.65"') for v in (0.6, 0.7, 0.8, 0.9, 1.0)
    )
    ink = 'stroke="currentColor"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 68" width="100%" role="img" '
        f'aria-label="Data Drift {drift.score:.3f}, from {low:.3f} to {high:.3f}; 0.5 is no drift">'
        f'<path d="M{at(start):.1f} 36H{at(1):.1f}" {ink} opacity="0.2" stroke-width="2"/>'
        f'<path d="M{at(0.5):.1f} 14V48" {ink} opacity="0.6" stroke-dasharray="4 3"/>'
        f"{_said(at(0.5), 62, '0.5 no drift', FINE)}{ticks}"
        f'<path d="M{at(low):.1f} 36H{at(high):.1f}" stroke="{theme.CURRENT}" stroke-width="8" '
        f'stroke-linecap="round" opacity="0.35"/>'
        f'<circle cx="{at(drift.score):.1f}" cy="36" r="7" fill="{theme.CURRENT}"/>'
        f"{_said(at(drift.score), 20, f'{drift.score:.3f}', STRONG)}</svg>"
    )


FINE, STRONG = 'font-size="11"', 'font-size="14" font-weight="600"'


def _said(x: float, y: float, words: str, how: str) -> str:
    x = min(x, WIDTH - 24)
    return f'<text x="{x:.1f}" y="{y:.0f}" text-anchor="middle" fill="currentColor" {how}>{words}</text>'


def pair(histogram: Histogram | None) -> str:
    """Both sides of a column as small bars in front of each other, in shares of their rows; empty without counts."""
    if histogram is None:
        return ""
    reference, current = _shares(histogram.reference), _shares(histogram.current)
    top = max([*reference, *current, 1e-9])
    step = 120 / max(1, len(reference))
    bars = []
    for n, (r, c) in enumerate(zip(reference, current, strict=True)):
        for side, share, place in (("reference", r, 0.08), ("current", c, 0.5)):
            height = 28 * share / top
            bars.append(
                f'<rect x="{(n + place) * step:.1f}" y="{30 - height:.1f}" width="{step * 0.42:.1f}" '
                f'height="{height:.1f}" fill="{SIDE[side]}"/>'
            )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32" width="120" height="32" aria-hidden="true">'
        f'{"".join(bars)}<line x1="0" x2="120" y1="30.5" y2="30.5" stroke="currentColor" opacity="0.3"/></svg>'
    )


def column(histogram: Histogram, name: str) -> dict[str, Any]:
    """Both sides of a column as bars in shares of their rows, large."""
    labels = _labels(histogram)
    sides = {"reference": _shares(histogram.reference), "current": _shares(histogram.current)}
    rows = [
        {"bin": labels[n], "share": share, "series": side}
        for side, shares in sides.items() for n, share in enumerate(shares)
    ]  # fmt: skip
    x = {
        "field": "bin",
        "type": "ordinal",
        "sort": labels,
        "title": name,
        "axis": {"labelAngle": -30 if len(labels) > 6 else 0},
    }
    colour = {
        "field": "series",
        "type": "nominal",
        "scale": theme.colour_scale(("reference", "current")),
        "legend": {"title": None},
    }
    bars = {
        "data": {"values": rows}, "mark": {"type": "bar", "tooltip": {"content": "data"}},
        "encoding": {
            "x": x, "xOffset": {"field": "series", "sort": ["reference", "current"]}, "color": colour,
            "y": {"field": "share", "type": "quantitative", "title": "Share of rows", "axis": {"format": ".0%"}},
        },
    }  # fmt: skip
    return framed([bars], f"{name}: current and reference by bin", height=240)


def importance(risks: Sequence[FeatureRisk]) -> dict[str, Any]:
    """Importance in the drift model against importance in the model, in %; the top right corner is the danger.

    Where the importance in the model was not computed, bars of the first alone: nothing is drawn at 0 that is not 0.
    """
    known = [r for r in risks if r.model is not None]
    if not known:
        return explaining.bars({r.column: r.drift for r in risks}, "Importance in the drift model (%)")
    rows = [
        {"column": r.column, "x": r.drift, "y": r.model, "risk": "risky" if r.risky else "others"}
        for r in known
    ]
    x, y = axis("x", "Importance in the drift model (%)"), axis("y", "Importance in the model (%)")
    x["scale"] = y["scale"] = {"zero": True, "nice": True}
    colour = {"field": "risk", "type": "nominal", "legend": None,
              "scale": {"domain": ["risky", "others"], "range": [theme.VERDICTS["ERROR"], theme.CURRENT]}}  # fmt: skip
    data = {"values": rows}
    layers = [
        {"data": data, "mark": {"type": "circle", "size": 90, "opacity": 0.9, "tooltip": {"content": "data"}},
         "encoding": {"x": x, "y": y, "color": colour}},
        {"data": {"values": _apart(rows)}, "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 11},
         "encoding": {"x": x, "y": {**y, "field": "words_y"}, "text": {"field": "column", "type": "nominal"}}},
    ]  # fmt: skip
    return framed(layers, "Importance in the drift model against importance in the model", height=340)


def _apart(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Points with the height of their words: those of neighbours stand above each other."""
    wide = max((r["x"] for r in rows), default=0.0) * WORDS_WIDE
    high = max((r["y"] for r in rows), default=0.0) * WORDS_HIGH
    placed: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda r: r["y"]):
        near = [p["words_y"] for p in placed if abs(p["x"] - row["x"]) < wide]
        placed.append({**row, "words_y": max([row["y"], *(y + high for y in near if y + high > row["y"])])})
    return placed


def density(found: Density) -> dict[str, Any]:
    """Density of a predicted probability, or of the prediction, on both sides."""
    rows = [
        {"n": n, "x": x, "y": y, "series": side}
        for side, values in (("reference", found.reference), ("current", found.current))
        for n, (x, y) in enumerate(zip(found.points, values, strict=True)) if n % 4 == 0
    ]  # fmt: skip
    y = axis("y", "Density", stack=None)
    y["scale"] = {"zero": True}
    layer = lines(
        rows, ["reference", "current"], axis("x", found.label.replace("proba_", "Probability of class ")), y
    )
    layer["mark"] = {"type": "area", "opacity": 0.3, "line": {"strokeWidth": 2}}
    return framed([layer], f"Density of {found.label}, current and reference", height=260)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) or 1
    return [c / total for c in counts[:BARS]]


def _labels(histogram: Histogram) -> list[str]:
    if histogram.labels:
        return list(histogram.labels[:BARS])
    edges = histogram.edges
    return [f"{a:.4g} – {b:.4g}" for a, b in pairwise(edges)][:BARS]
