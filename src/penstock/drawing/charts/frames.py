"""What charts of evaluations share: their frame, their axes, and series of points with a colour each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penstock.drawing.charts import theme

Rows = Sequence[Mapping[str, Any]]
Layer = dict[str, Any]
HEIGHT = 280


def framed(layers: Sequence[Layer], words: str, *, height: int = HEIGHT) -> dict[str, Any]:
    """Layers as one chart of a page; `words` say the same to readers without pictures."""
    return theme.finished(
        {"description": words, "width": "container", "height": height, "layer": list(layers)}, "page"
    )


def axis(
    field: str, title: str, *, type: str = "quantitative", format: str = "", domain: Sequence[float] = (), **more: Any
) -> dict[str, Any]:  # fmt: skip
    """A channel of an encoding. Numbers do not start at zero unless `domain` says so."""
    found: dict[str, Any] = {"field": field, "type": type, "title": title or None}
    if type == "quantitative":
        found["scale"] = {"domain": list(domain)} if domain else {"zero": False}
    if format:
        found["axis"] = {"format": format}
    return found | more


def colours(names: Sequence[str]) -> dict[str, Any]:
    """A colour for each series, with a legend when there are two or more."""
    return {
        "field": "series", "type": "nominal", "scale": theme.colour_scale(tuple(names)), "sort": list(names),
        "legend": {"title": None} if len(names) > 1 else None,
    }  # fmt: skip


def lines(rows: Rows, names: Sequence[str], x: Mapping[str, Any], y: Mapping[str, Any], **mark: Any) -> Layer:
    """One line a series through rows in order."""
    tip = [
        {"field": "series", "type": "nominal", "title": "of"},
        {"field": x["field"], "type": x["type"], "title": x["title"], "format": ".3~f"},
        {"field": y["field"], "type": y["type"], "title": y["title"], "format": ".3~f"},
    ]
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "line", "strokeWidth": 2, "interpolate": "linear", **mark},
        "encoding": {
            "x": dict(x), "y": dict(y), "color": colours(names), "tooltip": tip,
            "order": {"field": "n", "type": "quantitative"},
        },
    }  # fmt: skip


def diagonal() -> Layer:
    """What guessing would give."""
    return {
        "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
        "mark": {"type": "line", "color": theme.NEUTRAL, "strokeDash": [4, 4], "strokeWidth": 1, "tooltip": False},
        "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
    }  # fmt: skip


def upright(
    value: float, said: str, *, colour: str = theme.NEUTRAL, field: str = "x", line: int = 0
) -> list[Layer]:
    """A vertical rule at a value with its words at the top, on their own `line` where several rules stand close."""
    data = {"values": [{field: value, "said": said}]}
    x = {"field": field, "type": "quantitative"}
    return [
        {"data": data, "mark": {"type": "rule", "color": colour, "strokeDash": [4, 3]}, "encoding": {"x": x}},
        {
            "data": data,
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 4,
                "dy": 6 + 14 * line,
                "fontSize": 11,
                "color": colour,
            },
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "said", "type": "nominal"}},
        },
    ]


def series(found: Mapping[str, Mapping[str, Sequence[float]] | None]) -> list[dict[str, Any]]:
    """Curves by name, each with `x` and `y`, as rows."""
    return [
        {"n": n, "x": x, "y": y, "series": name}
        for name, curve in found.items()
        if curve
        for n, (x, y) in enumerate(zip(curve["x"], curve["y"], strict=True))
    ]
