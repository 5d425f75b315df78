"""Which formats of dates some texts are written in, as `parse_date` takes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

ISO = "yyyy-MM-dd"
WRITTEN = re.compile(
    r"(?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<first>\d\d?)(?P<between>[./-])(?P<second>\d\d?)(?P=between)\d{4})"
    r"(?P<time> \d\d?:\d\d(?P<seconds>:\d\d)?)?"
)
"""A date of numbers, with the time of the day or without."""


def formats(texts: Iterable[object]) -> tuple[str, ...]:
    """The formats that read these texts, the commonest first; none when ISO 8601 reads them all, or none is a date.

    Where the order of day and month cannot be told (`03/04/2026`), only what else stands there tells it; a point
    between them puts the day first.
    """
    found = [match for text in texts if (match := WRITTEN.fullmatch(str(text).strip()))]
    month_first = {mark for mark in "/-" if _is_month_first(found, mark)}
    open = {mark for mark in "/-" if mark not in month_first and not _is_day_first(found, mark)}
    counted = Counter(_format(m, month_first) for m in found if m["iso"] or m["between"] not in open)
    chosen = tuple(format for format, _ in counted.most_common())
    return () if all(format.startswith(ISO) for format in chosen) else chosen


def _is_month_first(found: list[re.Match[str]], mark: str) -> bool:
    mine = [m for m in found if m["between"] == mark]
    return any(int(m["second"]) > 12 for m in mine) and not any(int(m["first"]) > 12 for m in mine)


def _is_day_first(found: list[re.Match[str]], mark: str) -> bool:
    mine = [m for m in found if m["between"] == mark]
    return any(int(m["first"]) > 12 for m in mine) and not any(int(m["second"]) > 12 for m in mine)


def _format(match: re.Match[str], month_first: set[str]) -> str:
    mark = match["between"]
    day = (
        ISO
        if match["iso"]
        else mark.join(("MM", "dd") if mark in month_first else ("dd", "MM")) + f"{mark}yyyy"
    )
    return f"{day} HH:mm{':ss' if match['seconds'] else ''}" if match["time"] else day
