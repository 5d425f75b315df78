"""Numbers as bars of letters: what the plain text of a letter shows where its page has a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.core.outcome import Verdict
from penstock.kinds.reporters import _chart

if TYPE_CHECKING:
    from penstock.core.report import Course, Point

WIDTH, MOST = 24, 12
"""Letters of the longest bar; bars of one course."""
EIGHTHS = " ▏▎▍▌▋▊▉"


def course(course: Course) -> list[str]:
    """A line for each evaluation: its name, value and bar, and the limit it breaks."""
    labels = [label or " " for label in _chart.labels_of(course)][-MOST:]
    points = course.points[-MOST:]
    wide = max(map(len, labels))
    form = ".3f" if all(abs(p.value) < 10 for p in points) else ".4g"
    return [
        f"{label:<{wide}}  {format(point.value, form):>6}  {bar:<{WIDTH}}  {_said(course, point)}".rstrip()
        for label, point, bar in zip(labels, points, _bars(course, points), strict=True)
    ]


def foot(course: Course) -> str:
    """`Warns above 0.72, fails above 0.75. The bars begin at 0.5 = no drift.`; empty when there is nothing to say."""
    limits = ", ".join(map(str, course.limits))
    begin = f"The bars begin at {course.neutral:g} = no drift." if course.neutral is not None else ""
    return f"{limits[:1].upper()}{limits[1:]}. {begin}".strip(" .") + "." if limits or begin else ""


def bar(share: float, width: int = WIDTH) -> str:
    """A bar of that share of the width, to an eighth of a letter; never nothing for more than nothing."""
    eighths = max(round(min(share, 1.0) * width * 8), 1 if share > 0 else 0)
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8]).rstrip()


def _bars(course: Course, points: tuple[Point, ...]) -> Iterator[str]:
    """From no drift, or from zero, to the largest value; no bars for values on the other side."""
    begin = course.neutral or 0.0
    longest = max(p.value for p in points) - begin
    sound = longest > 0 and (course.neutral is not None or min(p.value for p in points) >= 0)
    yield from (bar((p.value - begin) / longest) if sound else "" for p in points)


def _said(course: Course, point: Point) -> str:
    broken = course.broken_at(point)
    verdict = "" if broken is None else "fails" if broken.verdict is Verdict.ERROR else "warns"
    return " ".join(filter(None, [verdict, "◀ newest" if point is course.newest else ""]))
