"""How one metric went over the evaluations of a store: bars for one or two, lines from three on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from penstock.drawing.charts import theme
from penstock.drawing.charts.frames import colours, framed

LINES_FROM = 3
DOTS_UP_TO = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One evaluation on the chart."""

    n: int
    """Its place in the order."""
    x: str
    """What stands below it."""
    value: float
    series: str
    said: str
    """What it is called when pointed at."""
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A line across: a limit of a check, or the value that means nothing happened."""

    value: float
    said: str
    colour: str = theme.NEUTRAL


def spec(
    label: str,
    marks: Sequence[Mark],
    rules: Sequence[Rule] = (),
    versions: Sequence[tuple[int, str]] = (),
    *,
    height: int = 180,
) -> dict[str, Any]:
    """The chart of one metric. `versions` are places where another version was evaluated, with its name."""
    words = f"{label}: " + ", ".join(f"{m.x} {m.value:.4g}" for m in marks[-6:])
    layers = _lines(marks) if len(marks) >= LINES_FROM else _bars(marks)
    return framed([*layers, *_rules(rules), *_versions(versions, marks)], words, height=height)


def is_lines(spec: dict[str, Any]) -> bool:
    """Whether a chart draws lines."""
    return any((layer.get("mark") or {}).get("type") == "line" for layer in spec["layer"])


def _rows(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    return [
        {
            "n": m.n,
            "x": m.x,
            "value": m.value,
            "series": m.series,
            "said": m.said,
            "lower": m.lower,
            "upper": m.upper,
        }
        for m in marks
    ]


TIP = [
    {"field": "said", "type": "nominal", "title": "evaluation"},
    {"field": "x", "type": "nominal", "title": "at"},
    {"field": "value", "type": "quantitative", "format": ".4~g"},
]


def _bars(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(m.series for m in marks))
    x = {"field": "n", "type": "ordinal", "title": None, "axis": _named(marks)}
    y = {"field": "value", "type": "quantitative", "title": None}
    data = {"values": _rows(marks)}
    bar = {
        "data": data,
        "mark": {"type": "bar", "size": 36},
        "encoding": {"x": x, "y": y, "color": colours(names), "tooltip": TIP},
    }
    said = {**y, "format": ".4~g"}
    text = {"data": data, "mark": {"type": "text", "dy": -7, "fontSize": 11},
            "encoding": {"x": x, "y": y, "text": said}}  # fmt: skip
    return [bar, text]


def _lines(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(m.series for m in marks))
    x = {
        "field": "n",
        "type": "quantitative",
        "title": None,
        "axis": _named(marks),
        "scale": {"domain": [min(m.n for m in marks), max(m.n for m in marks)], "padding": 10, "nice": False},
    }
    y = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}}
    shared = {"x": x, "y": y, "color": colours(names)}
    data = {"values": _rows(marks)}
    layers: list[dict[str, Any]] = []
    if any(m.lower is not None and m.upper is not None for m in marks):
        ends = {**y, "field": "lower"}
        layers.append({
            "data": data, "mark": {"type": "rule", "opacity": 0.3, "strokeWidth": 3},
            "encoding": {"x": x, "y": ends, "y2": {"field": "upper"}, "color": colours(names)},
        })  # fmt: skip
    layers.append({"data": data, "mark": {"type": "line"}, "encoding": shared})
    size = 46 if len(marks) <= DOTS_UP_TO else 12
    layers.append(
        {
            "data": data,
            "mark": {"type": "circle", "size": size, "opacity": 1},
            "encoding": {**shared, "tooltip": TIP},
        }
    )
    return layers


def _named(marks: Sequence[Mark]) -> dict[str, Any]:
    import json

    said = {str(m.n): m.x for m in marks}
    every = max(1, len(said) // 12)
    return {
        "labelExpr": f"{json.dumps(said)}[datum.value]", "labelAngle": 0, "labelOverlap": "greedy",
        "labelSeparation": 14, "grid": False,
        "values": [int(n) for n in said][::every],
    }  # fmt: skip


def _rules(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    for rule in rules:
        data = {"values": [{"y": rule.value, "said": rule.said}]}
        y = {"field": "y", "type": "quantitative"}
        layers.append(
            {
                "data": data,
                "mark": {"type": "rule", "color": rule.colour, "strokeDash": [5, 4]},
                "encoding": {"y": y},
            }
        )
        layers.append(
            {
                "data": data,
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "bottom",
                    "dx": 4,
                    "dy": -2,
                    "fontSize": 10,
                    "color": rule.colour,
                },
                "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "said", "type": "nominal"}},
            }
        )
    return layers


def _versions(versions: Sequence[tuple[int, str]], marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Where the model changed; only lines have a place between two evaluations."""
    if len(marks) < LINES_FROM or not versions:
        return []
    data = {"values": [{"n": n - 0.5, "said": said} for n, said in versions]}
    x = {"field": "n", "type": "quantitative"}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": theme.NEUTRAL, "opacity": 0.7},
            "encoding": {"x": x},
        },
        {
            "data": data,
            "mark": {
                "type": "text",
                "angle": 270,
                "align": "right",
                "dx": -4,
                "dy": -5,
                "fontSize": 10,
                "color": theme.NEUTRAL,
            },
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "said", "type": "nominal"}},
        },
    ]
