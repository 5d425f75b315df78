"""The course of a metric as a picture for mails: drawn by Altair, made a PNG without a browser."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from penstock.core.outcome import Verdict

if TYPE_CHECKING:
    from penstock.core.report import Course, Point

BLUE, GREY, AMBER, RED = "#2f6fed", "#7b8494", "#c2690a", "#c62f2f"
WIDTH, HEIGHT, SCALE = 452, 200, 2.0
LINE_OF_WORDS = 13
"""Pixels that words beside a line take."""
LETTER = 6.0
"""Pixels of a letter below the picture."""
AIR = {"left": 6, "right": 4, "top": 8, "bottom": 4}
FONT = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"


def png(course: Course) -> bytes:
    """The picture, 2 pixels a point."""
    import vl_convert

    image: bytes = vl_convert.vegalite_to_png(spec(course), scale=SCALE)
    return image


def svg(course: Course) -> str:
    """The picture as an SVG that stands inside a page."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(spec(course))
    return drawn


def spec(course: Course) -> dict[str, Any]:
    """The picture as a Vega-Lite specification: line, intervals, the neutral line, the limits."""
    import altair as alt

    layers = [*_lines(course), *_interval(course), *_line(course)]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, padding=AIR)
    made: dict[str, Any] = (
        chart.configure(background="#ffffff", font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=GREY, titleColor=GREY, gridColor="#eef1f5", domainColor="#d5dae2", labelFontSize=11
        )
        .to_dict()
    )
    return made


def words(course: Course) -> str:
    """The same for readers without pictures: `Data Drift of mes: 0.51 → 0.52 → 0.63 (0.5 = no drift)`."""
    values = " → ".join(f"{p.value:.3g}" for p in course.points[-6:])
    neutral = f" ({course.neutral:g} = no drift)" if course.neutral is not None else ""
    newest = course.newest
    again = "" if newest is course.points[-1] else f"; measured last: {newest.name}, {newest.value:.3g}"
    return f"{course.label} of {course.item}: {values}{neutral}{again}"


def _line(course: Course) -> Iterator[Any]:
    base = _chart(_rows(course)).encode(x=_x(course), y=_y(course), detail="version:N")
    yield base.mark_line(color=BLUE, strokeWidth=2)
    for row, point in zip(_rows(course), course.points, strict=True):
        newest = point is course.newest
        dot = _chart([row]).encode(x=_x(course), y=_y(course))
        yield dot.mark_circle(color=colour_of(course, point), size=120 if newest else 42, opacity=1)
        if newest:
            yield from _value(dot, course)


def _value(dot: Any, course: Course) -> Iterator[Any]:
    """The value of the newest point beside it, legible above whatever it crosses."""
    said = {"text": f"{course.newest.value:.3g}", "dy": -15, "fontWeight": "bold", "fontSize": 13}
    yield dot.mark_text(color="#ffffff", stroke="#ffffff", strokeWidth=4, **said)
    yield dot.mark_text(color=colour_of(course, course.newest), **said)


def _interval(course: Course) -> Iterator[Any]:
    import altair as alt

    rows = [r for r in _rows(course) if r["lower"] is not None and r["upper"] is not None]
    if rows:
        lower = alt.Y("lower:Q", scale=_scale(course), axis=_axis(course))
        chart = _chart(rows).encode(x=_x(course), y=lower, y2="upper:Q")
        yield chart.mark_rule(color=BLUE, opacity=0.35, strokeWidth=2)


def _lines(course: Course) -> Iterator[Any]:
    """The lines to compare with, each with its words at the right of the picture."""
    import altair as alt

    for line in _spread(_compared(course), _bounds(course)):
        y = alt.Y("value:Q", scale=_scale(course), axis=_axis(course))
        at = _chart([{"value": line.value}]).encode(y=y)
        yield at.mark_rule(color=line.colour, strokeDash=[5, 4], strokeWidth=1.4)
        words = _chart([{"value": line.label_at}]).encode(y=y, x=alt.value(WIDTH))
        yield words.mark_text(align="left", dx=7, fontSize=11, color=line.colour, text=line.words, clip=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the picture."""

    value: float
    colour: str
    words: str
    label_at: float


def _compared(course: Course) -> list[Line]:
    lines = [
        Line(x.value, RED if x.verdict is Verdict.ERROR else AMBER, str(x), x.value) for x in course.limits
    ]
    if course.neutral is not None:
        lines.append(Line(course.neutral, GREY, f"{course.neutral:g} = no drift", course.neutral))
    return sorted(dict.fromkeys(lines), key=lambda line: line.value)


def _spread(lines: list[Line], bounds: tuple[float, float]) -> list[Line]:
    """The lines with their words moved up as far as it takes to be legible."""
    gap = (bounds[1] - bounds[0]) * LINE_OF_WORDS / HEIGHT
    placed: list[Line] = []
    for line in lines:
        lowest = placed[-1].label_at + gap if placed else line.value
        placed.append(replace(line, label_at=max(line.value, lowest)))
    return placed


def _chart(rows: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.Chart(alt.InlineData(values=rows))


def _rows(course: Course) -> list[dict[str, Any]]:
    return [
        {"n": n, "value": p.value, "lower": p.lower, "upper": p.upper, "version": p.version}
        for n, p in enumerate(course.points)
    ]


def _x(course: Course) -> Any:
    import altair as alt

    said = f"{json.dumps(legible(labels_of(course)))}[datum.value]"
    axis = alt.Axis(
        title=None, labelExpr=said, labelAngle=0, labelOverlap=False, grid=False, ticks=False,
        labelPadding=8,
    )  # fmt: skip
    return alt.X("n:O", axis=axis, scale=alt.Scale(padding=0.6))


def _y(course: Course) -> Any:
    import altair as alt

    return alt.Y("value:Q", scale=_scale(course), axis=_axis(course))


def _axis(course: Course) -> Any:
    import altair as alt

    return alt.Axis(title=None, tickCount=5, format="~g", domain=False, ticks=False)


def _scale(course: Course) -> Any:
    import altair as alt

    return alt.Scale(domain=list(_bounds(course)), zero=False, nice=False)


def _bounds(course: Course) -> tuple[float, float]:
    """Everything that is drawn, with a little air; never an empty range."""
    values = [v for p in course.points for v in (p.value, p.lower, p.upper) if v is not None]
    values += [limit.value for limit in course.limits]
    values += [course.neutral] if course.neutral is not None else []
    low, high = min(values), max(values)
    air = (high - low) * 0.15 or abs(high) * 0.1 or 1.0
    return low - air, high + air


def labels_of(course: Course) -> list[str]:
    """What stands under the points: names when they are short and differ, else days, else days with times. A month that
    two versions were evaluated on has the name of the version behind its own: `2013-10 v2`."""
    names = [p.name for p in course.points]
    if course.named:
        twice = {name for name in names if names.count(name) > 1}
        names = [
            f"{p.name} {p.version.split(' - ')[-1]}" if p.name in twice else p.name for p in course.points
        ]
    if all(0 < len(n) <= 12 for n in names) and len(set(names)) == len(names):
        return names
    days = [f"{p.at.day} {p.at:%b}" for p in course.points]
    return days if len(set(days)) == len(days) else [f"{p.at.day} {p.at:%b %H:%M}" for p in course.points]


def legible(labels: list[str]) -> list[str]:
    """The labels that fit side by side, the last one always among them; the others empty."""
    room = WIDTH / len(labels)
    every = math.ceil((max(map(len, labels)) * LETTER + 8) / room)
    return [label if (len(labels) - 1 - n) % every == 0 else "" for n, label in enumerate(labels)]


def colour_of(course: Course, point: Point) -> str:
    """Red beyond a hard limit, amber beyond a soft one."""
    broken = course.broken_at(point)
    if broken is None:
        return BLUE
    return RED if broken.verdict is Verdict.ERROR else AMBER
