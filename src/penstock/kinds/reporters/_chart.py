"""The course of a metric as a picture for mails: drawn by Altair, made a PNG without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from penstock.core.outcome import Verdict

if TYPE_CHECKING:
    from penstock.core.report import Course, Limit

BLUE, GREY, INK, AMBER, RED = "#2f6fed", "#8a93a3", "#1f2937", "#d97706", "#dc2626"
WIDTH, HEIGHT, SCALE = 520, 190, 2.0
AIR = {"left": 6, "right": 6, "top": 8, "bottom": 4}
FONT = "DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif"


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

    layers = [*_limits(course), *_interval(course), *_line(course)]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, padding=AIR)
    made: dict[str, Any] = (
        chart.configure(background="#ffffff", font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=GREY, titleColor=GREY, gridColor="#eef1f5", domainColor="#d5dae2", labelFontSize=10
        )
        .to_dict()
    )
    return made


def words(course: Course) -> str:
    """The same for readers without pictures: `Data Drift of mes: 0.51 → 0.52 → 0.63 (0.5 = none)`."""
    values = " → ".join(f"{p.value:.3g}" for p in course.points[-6:])
    neutral = f" ({course.neutral:g} = no drift)" if course.neutral is not None else ""
    return f"{course.label} of {course.item}: {values}{neutral}"


def _line(course: Course) -> Iterator[Any]:

    rows = _rows(course)
    base = _chart(rows).encode(x=_x(course), y=_y(course))
    yield base.mark_line(color=BLUE, strokeWidth=2, interpolate="monotone")
    yield base.mark_circle(color=BLUE, size=34, opacity=1)
    last = _chart(rows[-1:]).encode(x=_x(course), y=_y(course))
    yield last.mark_circle(color=_colour(course), size=120, opacity=1)
    yield last.mark_text(
        dy=-14, fontWeight="bold", fontSize=13, color=_colour(course), text=f"{course.points[-1].value:.3g}"
    )


def _interval(course: Course) -> Iterator[Any]:
    import altair as alt

    rows = [r for r in _rows(course) if r["lower"] is not None and r["upper"] is not None]
    if rows:
        chart = _chart(rows).encode(x=_x(course), y=alt.Y("lower:Q", scale=_scale(course)), y2="upper:Q")
        yield chart.mark_rule(color=BLUE, opacity=0.35, strokeWidth=2)


def _limits(course: Course) -> Iterator[Any]:
    """The lines to compare with, each with its words at the right."""
    import altair as alt

    lines = [(limit.value, _limit_colour(limit), str(limit)) for limit in course.limits]
    if course.neutral is not None:
        lines.append((course.neutral, GREY, f"{course.neutral:g}: no drift"))
    for value, colour, said in dict.fromkeys(lines):
        rule = _chart([{"value": value}]).encode(y=alt.Y("value:Q", scale=_scale(course)))
        yield rule.mark_rule(color=colour, strokeDash=[5, 4], strokeWidth=1.4)
        yield rule.encode(x=alt.value(WIDTH)).mark_text(
            align="right", dy=-7, dx=-2, fontSize=10, color=colour, text=said
        )


def _chart(rows: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.Chart(alt.InlineData(values=rows))


def _rows(course: Course) -> list[dict[str, Any]]:
    return [
        {"n": n, "value": p.value, "lower": p.lower, "upper": p.upper} for n, p in enumerate(course.points)
    ]


def _x(course: Course) -> Any:
    import altair as alt

    labels = labels_of(course)
    said = f"{json.dumps(labels)}[datum.value]"
    axis = alt.Axis(
        title=None, labelExpr=said, labelAngle=0, labelOverlap=True, grid=False, ticks=False, labelPadding=8
    )
    return alt.X("n:O", axis=axis, scale=alt.Scale(padding=0.6))


def _y(course: Course) -> Any:
    import altair as alt

    axis = alt.Axis(
        title=None, tickCount=5, format=".2~f" if _wide(course) else "~g", domain=False, ticks=False
    )
    return alt.Y("value:Q", scale=_scale(course), axis=axis)


def _scale(course: Course) -> Any:
    import altair as alt

    low, high = _bounds(course)
    return alt.Scale(domain=[low, high], zero=False, nice=True)


def _bounds(course: Course) -> tuple[float, float]:
    """Everything that is drawn, with a little air; never an empty range."""
    values = [v for p in course.points for v in (p.value, p.lower, p.upper) if v is not None]
    values += [limit.value for limit in course.limits]
    values += [course.neutral] if course.neutral is not None else []
    low, high = min(values), max(values)
    air = (high - low) * 0.15 or abs(high) * 0.1 or 1.0
    return low - air, high + air


def _wide(course: Course) -> bool:
    low, high = _bounds(course)
    return high - low < 10


def labels_of(course: Course) -> list[str]:
    """What stands under the points: names when they are short and differ, else days, else days with times."""
    names = [p.name for p in course.points]
    if all(0 < len(n) <= 12 for n in names) and len(set(names)) == len(names):
        return names
    days = [f"{p.at.day} {p.at:%b}" for p in course.points]
    return days if len(set(days)) == len(days) else [f"{p.at.day} {p.at:%b %H:%M}" for p in course.points]


def _colour(course: Course) -> str:
    """Of the last point: red beyond a hard limit, amber beyond a soft one."""
    broken = {limit.verdict for limit in course.limits if limit.broken_by(course.points[-1].value)}
    return RED if Verdict.ERROR in broken else AMBER if Verdict.WARNING in broken else BLUE


def _limit_colour(limit: Limit) -> str:
    return RED if limit.verdict is Verdict.ERROR else AMBER
