"""Pictures of a comparison: each metric as bars of its items, and importances beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penstock.core.comparison import Comparison, Row
from penstock.drawing.charts import theme
from penstock.drawing.charts.frames import colours, framed

MOST = 15
SHOWN = 6
ROOM = 1.3
"""How much longer than its bars an axis is: the values stand at their ends."""


def metrics(of: Comparison) -> list[tuple[str, dict[str, Any]]]:
    """Label and chart of the first metrics: a bar for each item in its colour."""
    rows = [r for r in of.rows if r.section == "metrics" and not r.key.startswith("univariate:")]
    shown = [r for r in rows if sum(isinstance(v, (int, float)) for v in r.values) == len(of.items)][:SHOWN]
    return [(row.label, _bars(of, row)) for row in shown]


def names(of: Comparison) -> dict[str, str]:
    """The name of each item by its id; with the end of the id where two are called the same."""
    found = [i.name for i in of.items]
    return {
        i.id: i.name if found.count(i.name) == 1 else f"{i.name} ({i.id.rsplit('-', 1)[1]})" for i in of.items
    }


def swatches(of: Comparison) -> dict[str, str]:
    """The colour of each item by its id, the same in every chart."""
    found = names(of)
    return dict(zip(found, theme.colour_scale(tuple(found.values()))["range"], strict=True))


def _bars(of: Comparison, row: Row) -> dict[str, Any]:
    """One metric: a bar for each item, with its value at the end."""
    called = names(of)
    rows = [
        {"series": called[i.id], "said": f"★ {called[i.id]}" if i.id == of.champion else called[i.id], "value": v}
        for i, v in zip(of.items, row.values, strict=True)
    ]  # fmt: skip
    y = {
        "field": "said", "type": "nominal", "sort": [r["said"] for r in rows], "title": None,
        "axis": {"labelLimit": 150},
    }  # fmt: skip
    found = [float(r["value"] or 0) for r in rows]
    domain = [min(0.0, *found) * ROOM, max(0.0, *found) * ROOM]
    x = {"field": "value", "type": "quantitative", "title": None, "scale": {"domain": domain, "nice": False}}
    data = {"values": rows}
    bars = {
        "data": data, "mark": {"type": "bar", "height": 16},
        "encoding": {"y": y, "x": x, "color": {**colours(list(called.values())), "legend": None}},
    }  # fmt: skip
    said = [
        {
            "data": {"values": [r for r, v in zip(rows, found, strict=True) if (v < 0) is is_left]},
            "mark": {
                "type": "text", "align": "right" if is_left else "left", "dx": -4 if is_left else 4, "fontSize": 11,
            },
            "encoding": {"y": y, "x": x, "text": {"field": "value", "type": "quantitative", "format": ".4~g"}},
        }
        for is_left in (True, False)
    ]  # fmt: skip
    words = f"{row.label}: " + ", ".join(f"{r['said']} {r['value']:.4g}" for r in rows)
    return framed([bars, *said], words, height=max(60, 28 * len(rows)))


def thumbnail(values: Sequence[tuple[str, float]], *, width: int = 120, height: int = 36) -> str:
    """One metric of the items of a comparison as a very small SVG: a bar each, in the colours of the page."""
    if not values:
        return ""
    most = max(abs(value) for _, value in values) or 1.0
    step = min(width / len(values), 24.0)
    bars = "".join(
        f'<rect x="{n * step + 1:.1f}" y="{height - tall:.1f}" width="{step - 3:.1f}" height="{tall:.1f}" rx="1.5" '
        f'fill="{theme.COLOURS[n % len(theme.COLOURS)]}"/>'
        for n, (_, value) in enumerate(values)
        for tall in [max(1.5, (height - 2) * abs(value) / most)]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'aria-hidden="true">{bars}</svg>'
    )


def importances(found: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Importances of the features in each item, in % of their sum; the fifteen largest."""
    shares = {name: {f: v / (sum(w.values()) or 1) for f, v in w.items()} for name, w in found.items()}
    largest = {f: max(w.get(f, 0.0) for w in shares.values()) for w in shares.values() for f in w}
    features = sorted(largest, key=lambda f: -largest[f])[:MOST]
    rows = [
        {"feature": f, "share": w.get(f, 0.0), "series": name} for name, w in shares.items() for f in features
    ]  # fmt: skip
    names = list(shares)
    y = {"field": "feature", "type": "nominal", "sort": features, "title": None}
    x = {
        "field": "share",
        "type": "quantitative",
        "title": "Share of the importance",
        "axis": {"format": ".0%"},
    }
    bars = {
        "data": {"values": rows}, "mark": {"type": "bar", "tooltip": {"content": "data"}},
        "encoding": {"y": y, "x": x, "yOffset": {"field": "series", "sort": names}, "color": colours(names)},
    }  # fmt: skip
    return framed(
        [bars], "Importance of features in each item", height=max(160, 16 * len(features) * len(names))
    )
