"""Pictures of what moves a model: importances, partial dependence, influences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penstock.drawing.charts import theme
from penstock.drawing.charts.frames import axis, colours, framed

MOST = 40


def bars(weights: Mapping[str, float], title: str) -> dict[str, Any]:
    """Weights as horizontal bars, the largest first; at most forty."""
    rows = [
        {"name": name, "value": v} for name, v in sorted(weights.items(), key=lambda w: -abs(w[1]))[:MOST]
    ]
    names = [r["name"] for r in rows]
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": {"labelLimit": 220}}
    x = {"field": "value", "type": "quantitative", "title": None}
    layer = {
        "data": {"values": rows}, "mark": {"type": "bar", "color": theme.CURRENT, "tooltip": {"content": "data"}},
        "encoding": {"x": x, "y": y},
    }  # fmt: skip
    return framed(
        [layer], f"{title}: " + ", ".join(f"{n}" for n in names[:6]), height=max(120, 24 * len(rows))
    )


def dependence(found: Mapping[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """How the prediction moves with a feature: a line over numbers, bars over categories; how many rows below."""
    at, feature = list(found["at"]), found["feature"]
    is_number = all(isinstance(a, (int, float)) and not isinstance(a, bool) for a in at)
    many = len(found["value"][0]) if found["value"] else 1
    names = [f"class {c}" for c in classes] if many > 1 else ["influence"]
    rows = [
        {"x": a if is_number else str(a), "y": v, "series": names[k], "share": share}
        for a, values, share in zip(at, found["value"], found["share"], strict=True) for k, v in enumerate(values)
    ]  # fmt: skip
    order = [str(a) for a in at]
    x: dict[str, Any] = (
        axis("x", feature)
        if is_number
        else {"field": "x", "type": "nominal", "title": feature, "sort": order}
    )
    y = axis("y", "Influence on the prediction")
    tip = [
        {"field": "x", "title": feature},
        {"field": "y", "type": "quantitative", "format": ".3~f", "title": "influence"},
        {"field": "share", "type": "quantitative", "format": ".0%", "title": "rows"},
    ]
    mark: dict[str, Any] = {"type": "line", "point": {"size": 30}} if is_number else {"type": "bar"}
    line = {
        "data": {"values": rows}, "mark": mark,
        "encoding": {"x": x, "y": y, "color": colours(names), "tooltip": tip},
    }  # fmt: skip
    zero = {"data": {"values": [{"y": 0}]}, "mark": {"type": "rule", "color": theme.NEUTRAL, "strokeDash": [4, 4]},
            "encoding": {"y": {"field": "y", "type": "quantitative"}}}  # fmt: skip
    return framed([zero, line], f"Partial dependence on {feature}", height=320)


def influences(found: Sequence[tuple[str, float]], title: str) -> dict[str, Any]:
    """What pushed one prediction up, blue, and down, orange."""
    rows = [{"name": n, "value": v, "way": "up" if v > 0 else "down"} for n, v in found]
    names = [r["name"] for r in rows]
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": {"labelLimit": 220}}
    x = {"field": "value", "type": "quantitative", "title": None}
    scale = {"domain": ["up", "down"], "range": [theme.CURRENT, theme.REFERENCE]}
    layer = {
        "data": {"values": rows}, "mark": {"type": "bar", "tooltip": {"content": "data"}},
        "encoding": {"x": x, "y": y, "color": {"field": "way", "type": "nominal", "scale": scale, "legend": None}},
    }  # fmt: skip
    return framed(
        [layer],
        f"{title}: " + ", ".join(f"{n} {v:+.2f}" for n, v in found[:5]),
        height=max(70, 24 * len(rows)),
    )
