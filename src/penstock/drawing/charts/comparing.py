"""Pictures of a comparison: each metric as bars of its items, and importances beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.core.comparison import Comparison
from penstock.drawing.charts.evaluations import Mark, spec
from penstock.drawing.charts.frames import colours, framed

MOST = 15
SHOWN = 6


def metrics(of: Comparison) -> list[tuple[str, dict[str, Any]]]:
    """Label and chart of the first metrics: bars for one or two items, lines for more."""
    rows = [r for r in of.rows if r.section == "metrics" and not r.key.startswith("univariate:")]
    shown = [r for r in rows if sum(isinstance(v, (int, float)) for v in r.values) == len(of.items)][:SHOWN]
    return [
        (
            row.label,
            spec(row.label, [
                Mark(n=n, x=_named(of, n), value=float(v), series="current", said=of.items[n].name)
                for n, v in enumerate(row.values) if isinstance(v, (int, float))
            ], height=140),
        )
        for row in shown
    ]  # fmt: skip


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


def _named(of: Comparison, n: int) -> str:
    item = of.items[n]
    return f"★ {item.name}" if item.id == of.champion else item.name
