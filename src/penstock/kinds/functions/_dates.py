"""Formats of dates: `%d/%m/%Y` or `dd/MM/yyyy`, read into the parts of a date by one regular expression."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from penstock.core.errors import InvalidExpression
from penstock.kinds.functions import _columns
from penstock.kinds.functions._values import plain

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNITS = {
    "years": "Y", "quarters": "Q", "months": "M", "weeks": "W", "days": "D",
    "hours": "h", "minutes": "m", "seconds": "s",
}  # fmt: skip
SECONDS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
MONTHS = {"years": 12, "quarters": 3, "months": 1}
_PICTURES = (
    ("yyyy", "%Y"), ("yy", "%y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"), ("dd", "%d"), ("EEEE", "%A"),
    ("EEE", "%a"), ("HH", "%H"), ("hh", "%I"), ("mm", "%M"), ("ss", "%S"), ("SSSSSS", "%f"), ("SSS", "%f"),
    ("a", "%p"), ("XXX", "%z"), ("Z", "%z"), ("d", "%d"), ("M", "%m"), ("H", "%H"),
)  # fmt: skip
_NAMES = [m.lower() for m in calendar.month_name[1:]]
_SHORT = [m.lower() for m in calendar.month_abbr[1:]]
_DAYS = f"({'|'.join(d.lower() for d in [*calendar.day_name, *calendar.day_abbr])})"
_PARTS = {
    "%Y": r"(\d{4})", "%y": r"(\d{2})", "%m": r"(\d{1,2})", "%d": r"(\d{1,2})", "%H": r"(\d{1,2})",
    "%I": r"(\d{1,2})", "%M": r"(\d{1,2})", "%S": r"(\d{1,2})", "%f": r"(\d{1,6})", "%p": r"(am|pm)",
    "%b": f"({'|'.join(_NAMES + _SHORT)})", "%B": f"({'|'.join(_NAMES + _SHORT)})", "%z": r"(z|[+-]\d{2}:?\d{2})",
    "%a": _DAYS, "%A": _DAYS,
}  # fmt: skip
_WRITABLE = frozenset(_PARTS) - {"%z"} | {"%j", "%%"}


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a date: the expression that recognises it and the part in each of its groups."""

    pattern: str
    parts: tuple[str, ...]


def directives(text: str) -> str:
    """A format in % words: `dd/MM/yyyy` becomes `%d/%m/%Y`; one with a % in it stays as it is."""
    if "%" in text:
        return text
    found, position = "", 0
    while position < len(text):
        if text[position] == "'":
            end = text.find("'", position + 1)
            end = len(text) if end < 0 else end
            found, position = found + text[position + 1 : end], end + 1
            continue
        picture = next(((p, d) for p, d in _PICTURES if text.startswith(p, position)), (text[position], ""))
        found, position = found + (picture[1] or picture[0]), position + len(picture[0])
    return found


def writable(text: str) -> str:
    """The format to write dates by. Raises InvalidExpression for a word that engines do not share."""
    wanted = directives(text)
    for word in re.findall(r"%.?", wanted):
        if word not in _WRITABLE:
            raise InvalidExpression(
                f"'{word}' in the date format '{text}' is not one we can write.", text=text
            )
    return wanted


@lru_cache(maxsize=256)
def readable(text: str) -> Format:
    """The format to read dates by. Raises InvalidExpression for a word we cannot read."""
    parts: list[str] = []
    pattern = ""
    for piece in re.split(r"(%.)", directives(text)):
        if piece in _PARTS:
            parts.append(piece)
            pattern += _PARTS[piece]
        elif piece.startswith("%") and piece != "%%":
            raise InvalidExpression(
                f"'{piece}' in the date format '{text}' is not one we can read.", text=text
            )
        else:
            pattern += re.escape("%" if piece == "%%" else piece.lower())
    return Format(rf"^\s*{pattern}\s*$", tuple(parts))


def zone(name: str) -> ZoneInfo:
    """A time zone by its name. Raises InvalidExpression."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidExpression(
            f"There is no time zone '{name}'.", hint="Write it like Europe/Paris."
        ) from error


def unit(word: Any) -> str:
    """days for `days`, `day` and `Days`. Raises InvalidExpression with the list."""
    name = str(word).strip().lower()
    name = name if name.endswith("s") else f"{name}s"
    if name not in UNITS:
        raise InvalidExpression(f"'{word}' is not a unit of time; there are {', '.join(UNITS)}.")
    return name


def read(text: str, written: str, zone_name: str = "UTC") -> datetime | None:
    """The instant a text says in a format, in UTC; None when it does not."""
    form = readable(written)
    match = re.match(form.pattern, text.lower())
    if match is None:
        return None
    part = dict(zip(form.parts, match.groups(), strict=True))
    year, month, day = _year(part), _month(part), int(part.get("%d", 1))
    hour, minute, second = _hour(part), int(part.get("%M", 0)), int(part.get("%S", 0))
    if hour is None or not _possible(year, month, day) or hour > 23 or minute > 59 or second > 59:
        return None
    moment = datetime(year, month, day, hour, minute, second, int(part.get("%f", "0").ljust(6, "0")))
    if "%z" in part:
        return moment - timedelta(minutes=_offset(part["%z"]))
    return plain(moment.replace(tzinfo=zone(zone_name))) if zone_name != "UTC" else moment


def _year(part: dict[str, str]) -> int:
    if "%y" in part:
        short = int(part["%y"])
        return short + (1900 if short >= 69 else 2000)
    return int(part.get("%Y", 1900))


def _month(part: dict[str, str]) -> int:
    if "%b" in part or "%B" in part:
        return _SHORT.index(part.get("%b", part.get("%B", ""))[:3]) + 1
    return int(part.get("%m", 1))


def _hour(part: dict[str, str]) -> int | None:
    if "%I" not in part:
        return int(part.get("%H", 0))
    hour = int(part["%I"])
    return hour % 12 + (12 if part.get("%p") == "pm" else 0) if 1 <= hour <= 12 else None


def _possible(year: int, month: int, day: int) -> bool:
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _offset(text: str) -> int:
    if text == "z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return -minutes if text[0] == "-" else minutes


def read_column(text: ir.StringValue, written: str, zone_name: str = "UTC") -> ir.TimestampValue:
    """The same over a column."""
    import ibis

    form, small = readable(written), text.lower()
    known = small.re_search(form.pattern)
    part = {
        name: _columns.when(known, small.re_extract(form.pattern, group + 1))
        for group, name in enumerate(form.parts)
    }
    year, month, day = _year_column(part), _month_column(part), _whole(part, "%d", 1)
    hour, minute, second = _hour_column(part), _whole(part, "%M", 0), _whole(part, "%S", 0)
    possible = known & _possible_column(year, month, day) & (hour <= 23) & (minute <= 59) & (second <= 59)
    moment = ibis.timestamp(_columns.when(possible, year), month, day, hour, minute, second)
    if "%f" in part:
        micro = (part["%f"] + "000000").substr(0, 6).cast("int64")
        moment = moment + micro.as_interval("us")
    if "%z" in part:
        return moment - _offset_column(part["%z"]).as_interval("m")
    return moment if zone_name == "UTC" else in_zone(moment, zone_name)


def in_zone(moment: ir.TimestampValue, zone_name: str) -> ir.TimestampValue:
    """Local times of a zone as UTC."""
    local = moment.strftime("%Y-%m-%d %H:%M:%S.%f") + f" {zone(zone_name).key}"
    return local.cast("timestamp('UTC')").cast("timestamp")


def _whole(part: dict[str, Any], name: str, otherwise: int) -> Any:
    import ibis

    return part[name].cast("int64") if name in part else ibis.literal(otherwise, type="int64")


def _year_column(part: dict[str, Any]) -> Any:
    if "%y" in part:
        short = part["%y"].cast("int64")
        return short + (short >= 69).ifelse(1900, 2000)
    return _whole(part, "%Y", 1900)


def _month_column(part: dict[str, Any]) -> Any:
    import ibis

    if "%b" not in part and "%B" not in part:
        return _whole(part, "%m", 1)
    name = part["%b"] if "%b" in part else part["%B"]
    short = name.substr(0, 3)
    return ibis.cases(
        *((short == month, ibis.literal(i + 1, type="int64")) for i, month in enumerate(_SHORT))
    )


def _hour_column(part: dict[str, Any]) -> Any:
    if "%I" not in part:
        return _whole(part, "%H", 0)
    hour = part["%I"].cast("int64")
    afternoon = (part["%p"] == "pm").ifelse(12, 0) if "%p" in part else 0
    return _columns.when((hour >= 1) & (hour <= 12), hour % 12 + afternoon)


def _possible_column(year: Any, month: Any, day: Any) -> Any:
    import ibis

    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = ibis.cases((month.isin([4, 6, 9, 11]), 30), (month == 2, leap.ifelse(29, 28)), else_=31)
    return (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last)


def _offset_column(text: Any) -> Any:
    digits = text.re_replace("[^0-9]", "")
    known = (text == "z").ifelse("0000", digits)
    minutes = known.substr(0, 2).cast("int64") * 60 + known.substr(2, 2).cast("int64")
    return text.startswith("-").ifelse(-minutes, minutes)
