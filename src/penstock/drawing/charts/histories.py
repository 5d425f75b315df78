"""Histories: how a metric went, over the bands its checks draw, and very small as a line beside a number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from penstock.core.outcome import Verdict
from penstock.drawing.charts import theme

if TYPE_CHECKING:
    from penstock.core.report import Course, Limit, Point
    from penstock.drawing.charts.plots import Size
    from penstock.drawing.charts.theme import Ground

FILL: Size = ("container", "container")
CROWDED = 0.12
"""Of the height: words of two limits nearer than this would touch."""
EARLIER = ("#8b5cf6", "#0e9fb5", "#7b8494", "#b0578d", "#4f7a94")
"""Lines of model versions that were evaluated before the newest."""
BANDS = {Verdict.WARNING: theme.VERDICTS["WARNING"], Verdict.ERROR: theme.VERDICTS["ERROR"]}


def spec(course: Course, *, size: Size = FILL, ground: Ground = "light") -> dict[str, Any]:
    """The curve with intervals, bands where a check would warn or fail, and the line where nothing happened."""
    low, high = _bounds(course)
    scale = {"domain": [low, high], "zero": False, "nice": False}
    layers = [*_bands(course, (low, high), scale), *_neutral(course, scale), *_curve(course, scale)]
    body = {
        "description": words(course), "width": size[0], "height": size[1], "padding": 4,
        "autosize": {"type": "fit", "contains": "padding"}, "layer": layers,
    }  # fmt: skip
    return theme.finished(body, ground)


def words(course: Course) -> str:
    """The same for readers without pictures: the last values and the limits."""
    values = ", ".join(f"{p.value:.4g}" for p in course.points[-6:])
    limits = "; ".join(map(str, course.limits))
    of = f" of {', '.join(course.versions)}" if len(course.versions) > 1 else ""
    return f"{course.label} of {course.item}{of}: {values}" + (f" ({limits})" if limits else "")


def labels(course: Course) -> list[str]:
    """What stands below each point: names when they and the model versions differ, so that one month stands at one
    place, else moments as short as they tell them apart."""
    if course.named:
        return [p.name for p in course.points]
    for form in ("%d %b", "%d %b %H:%M", "%d %b %H:%M:%S"):
        found = [p.at.strftime(form) for p in course.points]
        if len(set(found)) == len(found):
            return found
    return [f"{text} ({n + 1})" for n, text in enumerate(p.at.strftime("%d %b") for p in course.points)]


def sparkline(
    values: Sequence[float], *, width: int = 160, height: int = 36, colour: str = theme.CURRENT
) -> str:
    """A few values as a very small SVG; empty for less than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = high - low or 1.0
    step = (width - 8) / (len(values) - 1)
    points = [(4 + n * step, 4 + (height - 8) * (1 - (v - low) / span)) for n, v in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none" aria-hidden="true"><polyline points="{line}" fill="none" stroke="{colour}" '
        f'stroke-width="1.6" stroke-linejoin="round" vector-effect="non-scaling-stroke"/>'
        f'<path d="M{x:.1f},{y:.1f}h0" stroke="{colour}" stroke-width="6" stroke-linecap="round" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )


def _bounds(course: Course) -> tuple[float, float]:
    """Everything that is drawn, with a little air; never an empty range."""
    values = [v for p in course.points for v in (p.value, p.lower, p.upper) if v is not None]
    values += [limit.value for limit in course.limits]
    values += [course.neutral] if course.neutral is not None else []
    low, high = min(values), max(values)
    air = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    return low - air, high + air


def _bands(course: Course, bounds: tuple[float, float], scale: dict[str, Any]) -> list[dict[str, Any]]:
    """Where a check would warn, amber, and where it would fail, red; a line with its words at each limit."""
    layers: list[dict[str, Any]] = []
    beside = _crowded(course, bounds)
    for limit in course.limits:
        ends = _band(course, limit, bounds)
        colour = BANDS.get(limit.verdict, theme.NEUTRAL)
        y = {"field": "low", "type": "quantitative", "scale": scale, "title": None}
        layers.append({
            "data": {"values": [{"low": ends[0], "high": ends[1]}]},
            "mark": {"type": "rect", "color": colour, "opacity": 0.1, "tooltip": False},
            "encoding": {"y": y, "y2": {"field": "high"}},
        })  # fmt: skip
        layers += _rule(limit.value, str(limit), colour, scale, at_the_end=limit.value in beside)
    return layers


def _crowded(course: Course, bounds: tuple[float, float]) -> set[float]:
    """Limits so near to the one below that their words would touch: these say theirs at the other end."""
    values = sorted({limit.value for limit in course.limits})
    near = (bounds[1] - bounds[0]) * CROWDED
    found: set[float] = set()
    for below, value in pairwise(values):
        if value - below < near and below not in found:
            found.add(value)
    return found


def _band(course: Course, limit: Limit, bounds: tuple[float, float]) -> tuple[float, float]:
    """From the limit to the next one on its side, or to the edge."""
    further = [
        o.value
        for o in course.limits
        if o.above is limit.above and (o.value > limit.value if limit.above else o.value < limit.value)
    ]
    if limit.above:
        return limit.value, min(further, default=bounds[1])
    return max(further, default=bounds[0]), limit.value


def _neutral(course: Course, scale: dict[str, Any]) -> list[dict[str, Any]]:
    if course.neutral is None:
        return []
    return _rule(course.neutral, f"{course.neutral:g} = no drift", theme.NEUTRAL, scale)


def _rule(
    value: float, said: str, colour: str, scale: dict[str, Any], *, at_the_end: bool = False
) -> list[dict[str, Any]]:
    data = {"values": [{"value": value, "said": said}]}
    y = {"field": "value", "type": "quantitative", "scale": scale, "title": None}
    mark = {"type": "rule", "color": colour, "strokeDash": [5, 4], "strokeWidth": 1, "tooltip": False}
    text = {
        "type": "text",
        "align": "right" if at_the_end else "left",
        "baseline": "bottom",
        "dx": -4 if at_the_end else 4,
        "dy": -3,
        "fontSize": 10,
        "color": colour,
    }
    place = {
        "x": {"value": "width" if at_the_end else 0},
        "y": y,
        "text": {"field": "said", "type": "nominal"},
    }
    return [
        {"data": data, "mark": mark, "encoding": {"y": y}},
        {"data": data, "mark": {**text, "tooltip": False}, "encoding": place},
    ]


def _curve(course: Course, scale: dict[str, Any]) -> list[dict[str, Any]]:
    below = labels(course)
    said = list(dict.fromkeys(below))
    versions = course.versions
    rows = [
        {
            "n": said.index(below[n]), "when": below[n], "version": p.version, course.label: p.value,
            "value": p.value, "lower": p.lower, "upper": p.upper, "at": p.at.strftime("%Y-%m-%d %H:%M"),
            "colour": _colour(course, p),
        }
        for n, p in enumerate(course.points)
    ]  # fmt: skip
    axis = {
        "labelExpr": f"{json.dumps(said)}[datum.value]",
        "labelOverlap": "parity",
        "labelSeparation": 14,
        "labelAngle": 0,
        "title": None,
    }
    x = {"field": "n", "type": "ordinal", "axis": axis, "scale": {"padding": 0.4}}
    y = {"field": "value", "type": "quantitative", "scale": scale, "title": None, "axis": {"format": "~g"}}
    tip = [
        {"field": "when", "type": "nominal", "title": "of"},
        {"field": "value", "type": "quantitative", "title": course.label, "format": ".4~g"},
        {"field": "at", "type": "nominal", "title": "measured"},
    ]
    if len(versions) > 1:
        tip.append({"field": "version", "type": "nominal", "title": "model"})
    dot = {"type": "circle", "size": 46 if len(rows) < 60 else 16, "opacity": 1}
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    layers: list[dict[str, Any]] = []
    if any(p.lower is not None and p.upper is not None for p in course.points):
        error = {"type": "rule", "color": theme.CURRENT, "opacity": 0.35, "strokeWidth": 2}
        lower = {**y, "field": "lower"}
        layers.append({"mark": error, "encoding": {"x": x, "y": lower, "y2": {"field": "upper"}}})
    layers.append({"mark": {"type": "line"}, "encoding": {"x": x, "y": y, "color": _of_versions(versions)}})
    layers.append({"mark": dot, "encoding": {"x": x, "y": y, "color": colour, "tooltip": tip}})
    apart = {"scale": {"color": "independent"}}
    return [{"data": {"values": rows}, "layer": layers, "resolve": apart}]


def _of_versions(versions: Sequence[str]) -> dict[str, Any]:
    """A line for each model version, with a legend when there are several; the one in use last is blue."""
    return {
        "field": "version", "type": "nominal", "sort": list(versions),
        "scale": {"domain": list(versions), "range": [_line_of(versions, v) for v in versions]},
        "legend": {"title": None, "symbolType": "stroke"} if len(versions) > 1 else None,
    }  # fmt: skip


def _line_of(versions: Sequence[str], version: str) -> str:
    back = len(versions) - 1 - versions.index(version)
    return theme.CURRENT if back == 0 else EARLIER[(back - 1) % len(EARLIER)]


def _colour(course: Course, point: Point) -> str:
    """Of one point: red beyond a hard limit, amber beyond a soft one, else that of its line."""
    broken = course.broken_at(point)
    return BANDS[broken.verdict] if broken else _line_of(course.versions, point.version)
