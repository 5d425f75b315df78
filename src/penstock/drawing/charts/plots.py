"""Plots: bars, lines, areas, pies, points, boxes and cells out of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from penstock.drawing.charts import theme

if TYPE_CHECKING:
    from penstock.core.tile import Axis, Plot
    from penstock.drawing.charts.theme import Ground

Size = tuple[int | str, int | str]
FILL: Size = ("container", "container")
TYPES = {"text": "nominal", "number": "quantitative", "time": "temporal"}
FEW = 8
"""So few columns of cells have room for level names."""
SHOWN_AS_POINTS = 40
"""Lines of so few points show the points too."""


def spec(plot: Plot, *, size: Size = FILL, ground: Ground = "light") -> dict[str, Any]:
    """A plot as a Vega-Lite specification; `size` in pixels, as large as what holds it unless given."""
    body = _MARKS[plot.mark](plot)
    frame = {
        "width": size[0],
        "height": size[1],
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 4,
    }
    return theme.finished({"description": plot.words, **frame, "data": _data(plot), **body}, ground)


def _data(plot: Plot) -> dict[str, Any]:
    return {"values": [dict(row) for row in plot.rows]}


def _axis(axis: Axis, *, zero: bool = True, **more: Any) -> dict[str, Any]:
    channel: dict[str, Any] = {"field": axis.field, "type": TYPES[axis.sort], "title": axis.title or None}
    if axis.sort == "text":
        channel["sort"] = list(axis.order) or None
    if axis.sort == "number":
        channel["scale"] = {"zero": zero, "nice": True}
    if axis.format:
        channel["axis"] = {"format": axis.format}
    return {**channel, **more}


def _colour(plot: Plot) -> dict[str, Any]:
    """The colour channel, or none; names in the order they are given, or as they come."""
    axis = plot.color
    if axis is None:
        return {}
    names = axis.order or tuple(dict.fromkeys(str(row.get(axis.field)) for row in plot.rows))
    scale = theme.colour_scale(names)
    same = axis.field in (plot.x.field, plot.y.field) and plot.mark == "bar"
    legend = None if same or len(names) < 2 else {"title": axis.title or None}
    return {
        "color": {
            "field": axis.field,
            "type": "nominal",
            "scale": scale,
            "sort": list(names),
            "legend": legend,
        }
    }


def _bars(plot: Plot) -> dict[str, Any]:
    along, across = ("y", "x") if plot.horizontal else ("x", "y")
    encoding: dict[str, Any] = {along: _axis(plot.x), across: _axis(plot.y), **_colour(plot)}
    mark: dict[str, Any] = {"type": "bar", "tooltip": True}
    if plot.rows and "x2" in plot.rows[0]:
        encoding[along] = _axis(plot.x, zero=False, bin="binned")
        encoding[f"{along}2"] = {"field": "x2"}
    elif plot.x.sort == "time":
        encoding[along] = _moments(plot)
    if plot.color is not None and plot.color.field not in (plot.x.field, plot.y.field):
        if plot.stack == "grouped":
            encoding[f"{along}Offset"] = {"field": plot.color.field, "sort": encoding["color"]["sort"]}
            encoding[across]["stack"] = None
        else:
            encoding[across] |= {"stack": "normalize" if plot.stack == "share" else "zero"}
            encoding["order"] = {"field": plot.color.field}
            mark["cornerRadiusEnd"] = 0
    if plot.stack == "share" and plot.color is not None:
        encoding[across]["axis"] = {"format": ".0%"}
    return {"mark": mark, "encoding": encoding}


def _moments(plot: Plot) -> dict[str, Any]:
    """Moments as bars that stand side by side: labels in order rather than a scale."""
    said = {"format": plot.x.format, "formatType": "time"} if plot.x.format else {}
    return {
        "field": plot.x.field, "type": "ordinal", "title": plot.x.title or None,
        "timeUnit": "yearmonthdatehoursminutes", "axis": said, "sort": "ascending",
    }  # fmt: skip


def _lines(plot: Plot) -> dict[str, Any]:
    series = {row.get(plot.color.field) for row in plot.rows} if plot.color else {None}
    few = len(plot.rows) <= SHOWN_AS_POINTS * max(1, len(series))
    mark = {"type": "line", "tooltip": True, "interpolate": "linear", "point": {"size": 28} if few else False}
    layer = {
        "mark": mark,
        "encoding": {"x": _axis(plot.x, zero=False), "y": _axis(plot.y, zero=False), **_colour(plot)},
    }
    return {"layer": [*_diagonal(plot), layer]}


def _areas(plot: Plot) -> dict[str, Any]:
    stack = "normalize" if plot.stack == "share" else "zero"
    y = _axis(plot.y, stack=stack if plot.color else None)
    if plot.stack == "share":
        y["axis"] = {"format": ".0%"}
    mark = {"type": "area", "tooltip": True, "opacity": 0.75, "line": not plot.color}
    return {"mark": mark, "encoding": {"x": _axis(plot.x, zero=False), "y": y, **_colour(plot)}}


def _arcs(plot: Plot) -> dict[str, Any]:
    theta = {
        "field": plot.y.field,
        "type": "quantitative",
        "stack": True,
        "title": plot.y.title or plot.y.field,
    }
    encoding = {"theta": theta, **_colour(plot), "order": {"field": plot.y.field, "sort": "descending"}}
    if legend := encoding.get("color", {}).get("legend"):
        legend["orient"] = "right"
        legend["columns"] = 1
    mark = {
        "type": "arc",
        "tooltip": True,
        "innerRadius": {"expr": "min(width, height) / 4.5"},
        "padAngle": 0.01,
    }
    return {"mark": mark, "encoding": encoding}


def _points(plot: Plot) -> dict[str, Any]:
    encoding = {"x": _axis(plot.x, zero=False), "y": _axis(plot.y, zero=False), **_colour(plot)}
    dense = len(plot.rows) > 200
    mark = {
        "type": "circle",
        "tooltip": {"content": "data"},
        "opacity": 0.45 if dense else 0.85,
        "size": 22 if dense else 70,
    }
    layers: list[dict[str, Any]] = [*_diagonal(plot), {"mark": mark, "encoding": encoding}]
    if plot.label is not None:
        text = {"field": plot.label.field, "type": "nominal"}
        shown = {"type": "text", "dx": 8, "align": "left", "fontSize": 11}
        layers.append({"mark": shown, "encoding": {"x": encoding["x"], "y": encoding["y"], "text": text}})
    return {"layer": layers}


def _boxes(plot: Plot) -> dict[str, Any]:
    along, across = ("y", "x") if plot.horizontal else ("x", "y")
    place = _axis(plot.x)
    title = plot.y.title or None

    def between(low: str, high: str, mark: Mapping[str, Any]) -> dict[str, Any]:
        side = {"field": low, "type": "quantitative", "title": title, "scale": {"zero": False}}
        return {
            "mark": dict(mark),
            "encoding": {along: place, across: side, f"{across}2": {"field": high}},
        }

    tip = [{"field": name, "type": "quantitative"} for name in ("min", "lower", "median", "upper", "max")]
    box = between(
        "lower",
        "upper",
        {"type": "bar", "size": 18, "color": theme.CURRENT, "opacity": 0.75, "cornerRadius": 2},
    )
    box["encoding"]["tooltip"] = tip
    middle = {"field": "median", "type": "quantitative"}
    tick = {"type": "tick", "color": "#ffffff", "size": 18, "thickness": 2}
    return {
        "layer": [
            between("min", "max", {"type": "rule", "color": theme.NEUTRAL}),
            box,
            {"mark": tick, "encoding": {along: place, across: middle}},
        ]
    }


def _cells(plot: Plot) -> dict[str, Any]:
    shade = {"field": "value", "type": "quantitative", "scale": {"scheme": "blues"}, "legend": None}
    place = {"x": _axis(plot.x), "y": _axis(plot.y)}
    if len({row.get(plot.x.field) for row in plot.rows}) <= FEW:
        place["x"]["axis"] = {**place["x"].get("axis", {}), "labelAngle": 0}
    text = {"field": "value", "type": "quantitative", "format": ","}
    dark = max((float(row.get("value") or 0) for row in plot.rows), default=0.0) / 2
    ink = {"condition": {"test": f"datum.value > {dark}", "value": "#ffffff"}, "value": "#1d2939"}
    return {
        "layer": [
            {"mark": {"type": "rect", "tooltip": True}, "encoding": {**place, "color": shade}},
            {"mark": {"type": "text", "fontSize": 11}, "encoding": {**place, "text": text, "color": ink}},
        ]
    }


def _diagonal(plot: Plot) -> list[dict[str, Any]]:
    """What guessing would give, as a dashed line from corner to corner."""
    if not plot.diagonal:
        return []
    ends = [row[axis.field] for row in plot.rows for axis in (plot.x, plot.y) if row[axis.field] is not None]
    low, high = (0.0, 1.0) if ends and min(ends) >= 0 and max(ends) <= 1 else (min(ends), max(ends))
    line = {"type": "line", "strokeDash": [4, 4], "color": theme.NEUTRAL, "strokeWidth": 1, "tooltip": False}
    x = {"field": "x", "type": "quantitative", "title": plot.x.title or None}
    y = {"field": "y", "type": "quantitative", "title": plot.y.title or None}
    return [
        {
            "data": {"values": [{"x": low, "y": low}, {"x": high, "y": high}]},
            "mark": line,
            "encoding": {"x": x, "y": y},
        }
    ]


_MARKS = {
    "bar": _bars, "line": _lines, "area": _areas, "arc": _arcs, "point": _points, "box": _boxes, "cells": _cells,
}  # fmt: skip
