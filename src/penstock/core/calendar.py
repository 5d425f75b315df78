"""The calendar of triggers: when something that repeats is due next. Pure, in any time zone, with its clock changes.

A rule is a row of wall-clock times; a zone turns them into instants. A time the clocks jump over is due at the
first minute after the jump. A time that comes twice is due the first time, but for rules of an hour or less, which
go on as if nothing had happened.
"""

from __future__ import annotations

import calendar
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from penstock.core.errors import did_you_mean, nearest

Unit = Literal["minute", "hour", "day", "week", "month"]
WallAfter = Callable[[datetime], datetime | None]
"""The first wall-clock time (without a zone) of a row that is strictly after another one."""

UNITS: tuple[Unit, ...] = ("minute", "hour", "day", "week", "month")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDINALS = ("first", "second", "third", "fourth", "last")
LAST_DAY = "last day"
COUNTED_FROM = date(2001, 1, 1)
"""Without a start date, every 2 weeks or 3 months are counted from this Monday."""
DAY = 24 * 60
INSTANT = timedelta(microseconds=1)
MONTHS_OF_THE_CALENDAR = 400 * 12
"""After so many months the calendar repeats itself."""


@dataclass(frozen=True, slots=True)
class Every:
    """How often: `2 weeks`."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' if self.count > 1 else ''}"

    @property
    def minutes(self) -> int:
        """How long, for minutes and hours; 0 for the others, whose length varies."""
        return {"minute": 1, "hour": 60}.get(self.unit, 0) * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When something that repeats is due. Build it with `rule`, which refuses what can never be."""

    every: Every
    on: tuple[str, ...] = ()
    """Weekdays, for weeks; `15`, `last day`, `first monday` … for months."""
    at: time = time(0)
    zone: tzinfo = UTC
    start: date | None = None
    """Never before this day, and counted from it."""

    @property
    def origin(self) -> datetime:
        """The wall-clock time that everything is counted from."""
        return datetime.combine(self.start or COUNTED_FROM, self.at)

    @property
    def elapsed(self) -> bool:
        """Counted in real time, for steps that do not fit into a day: every 7 hours."""
        return self.every.minutes > 0 and DAY % self.every.minutes > 0

    @property
    def goes_on(self) -> bool:
        """Whether an hour that comes twice is lived through twice: every 15 minutes."""
        return 0 < self.every.minutes <= 60


def rule(every: Every, on: Iterable[str | int], at: str, zone: tzinfo, start: date | None) -> Rule:
    """A rule out of what people write. Raises ValueError, with what would be right, for what can never be due."""
    days = tuple(_day(every, str(word)) for word in on)
    made = Rule(every=every, on=days, at=clock_time(at or "00:00"), zone=zone, start=start)
    if every.unit == "month" and all(day.isdigit() and int(day) > 28 for day in days or ("1",)):
        months = (_month(number) for number in _months(made, made.origin.date()))
        if not any(_days_of_month(made, *month) for month in months):
            raise ValueError(f"No month that is counted has a day {' or '.join(days)}; say last day.")
    return made


def every(text: str) -> Every:
    """`15 minutes`, `1 week`, `day`. Raises ValueError."""
    found = re.fullmatch(r"\s*(\d{1,5})?\s*([A-Za-z]+?)s?\s*", text)
    unit = found[2].lower() if found else ""
    if found is None or unit not in UNITS:
        meant = nearest(unit, UNITS)[:1] or ["week"]
        raise ValueError(f"'{text}' is no interval: write it like `15 minutes` or `1 {meant[0]}`.")
    count = int(found[1] or 1)
    if count < 1:
        raise ValueError(f"'{text}' is no interval: at least 1 {unit}.")
    return Every(count, cast("Unit", unit))


def clock_time(text: str) -> time:
    """`07:00` → a time of day. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"'{text}' is no time of day: write it like `07:00`, in quotes.")
    return time(int(found[1]), int(found[2]))


def zone(name: str) -> tzinfo:
    """A time zone by its name, such as Europe/Paris; the server's for `server`. Raises ValueError, with the nearest."""
    if name == "server":
        return server_zone()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = did_you_mean(name, available_timezones())
        raise ValueError(
            f"There is no time zone '{name}'.{near or ' Zones are named like Europe/Paris.'}"
        ) from error


@cache
def server_zone() -> tzinfo:
    """The time zone of this machine: TZ, or what its clock is set to; UTC when that cannot be told."""
    local = Path("/etc/localtime")
    linked = os.path.realpath(local).partition("zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").lstrip(":"), linked):
        if name in available_timezones():
            return ZoneInfo(name)
    if local.is_file():
        with local.open("rb") as file:
            return ZoneInfo.from_file(file)
    return UTC


def next_after(rule: Rule, moment: datetime) -> datetime | None:
    """The first instant, in UTC, that is due strictly after a moment; None when there is none any more."""
    first = instant(rule.origin, rule.zone)
    if rule.start is not None and moment < first:
        moment = first - INSTANT
    if rule.elapsed:
        step = timedelta(minutes=rule.every.minutes)
        return first + ((moment - first) // step + 1) * step
    return next_instant(lambda wall: wall_after(rule, wall), rule.zone, moment, twice=rule.goes_on)


def next_instant(after: WallAfter, zone: tzinfo, moment: datetime, *, twice: bool) -> datetime | None:
    """The first instant after a moment at which the wall clock of a zone shows one of a row of times.

    `twice`: a time that the clock shows twice is due twice.
    """
    local = moment.astimezone(zone)
    walls = [_wall(local)]
    if twice and (back := _turned_back(local, zone)) is not None:
        walls.append(_wall(back.astimezone(zone)) - INSTANT)
    found = (_first(after, wall, zone, moment, twice) for wall in walls)
    return min((due for due in found if due is not None), default=None)


def _first(after: WallAfter, wall: datetime, zone: tzinfo, moment: datetime, twice: bool) -> datetime | None:
    """The first instant after a moment, of the wall-clock times after one of them."""
    following = after(wall)
    while following is not None:
        due = [instant(following, zone)]
        if twice and _is_twice(following, zone):
            due.append(_utc(following.replace(fold=1), zone))
        upcoming = [found for found in due if found > moment]
        if upcoming:
            return upcoming[0]
        following = after(following)
    return None


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """A wall-clock time as an instant: the first of two, and the end of the jump for one that is jumped over."""
    found = _utc(wall, zone)
    if _wall(found.astimezone(zone)) == wall:
        return found
    # With fold=0 a time inside a jump is read by the clock before it, which lies after the jump; with fold=1 before it.
    return _change(_utc(wall.replace(fold=1), zone), found, zone)


def wall_after(rule: Rule, wall: datetime) -> datetime | None:
    """The first wall-clock time of a rule strictly after another one."""
    if rule.start is not None:
        wall = max(wall, rule.origin - INSTANT)
    if rule.every.minutes:
        return _in_steps(rule, wall)
    days = _dates(rule, wall.date())
    due = (datetime.combine(day, rule.at) for day in days)
    return next((found for found in due if found > wall), None)


def _in_steps(rule: Rule, wall: datetime) -> datetime:
    """Steps that fit into a day: the same times every day."""
    midnight = datetime.combine(wall.date(), time(0))
    step = timedelta(minutes=rule.every.minutes)
    offset = timedelta(hours=rule.at.hour, minutes=rule.at.minute) % step
    return midnight + offset + ((wall - midnight - offset) // step + 1) * step


def _dates(rule: Rule, day: date) -> Iterator[date]:
    """The days of a rule, from a day on."""
    try:
        match rule.every.unit:
            case "week":
                yield from _in_weeks(rule, day)
            case "month":
                for year, month in map(_month, _months(rule, day)):
                    yield from (date(year, month, d) for d in _days_of_month(rule, year, month))
            case _:
                number, count = day.toordinal(), rule.every.count
                number += (rule.origin.toordinal() - number) % count
                while True:
                    yield date.fromordinal(number)
                    number += count
    except (OverflowError, ValueError):  # the end of the year 9999
        return


def _in_weeks(rule: Rule, day: date) -> Iterator[date]:
    monday, count = day.toordinal() - day.weekday(), 7 * rule.every.count
    origin = rule.origin.date()
    monday += (origin.toordinal() - origin.weekday() - monday) % count
    wanted = sorted(WEEKDAYS.index(d) for d in rule.on) or [origin.weekday()]
    while True:
        yield from (date.fromordinal(monday + weekday) for weekday in wanted)
        monday += count


def _months(rule: Rule, day: date) -> Iterator[int]:
    """Numbers of the months that are counted, from that of a day on: 12 × year + month - 1."""
    number, count = 12 * day.year + day.month - 1, rule.every.count
    origin = rule.origin
    number += (12 * origin.year + origin.month - 1 - number) % count
    end = number + MONTHS_OF_THE_CALENDAR * count
    while number < end:
        yield number
        number += count


def _month(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1


def _days_of_month(rule: Rule, year: int, month: int) -> list[int]:
    last = calendar.monthrange(year, month)[1]
    found = {_day_of_month(word, year, month) for word in rule.on or (str(rule.origin.day),)}
    return sorted(day for day in found if day <= last)


def _day_of_month(word: str, year: int, month: int) -> int:
    first_weekday, last = calendar.monthrange(year, month)
    if word == LAST_DAY:
        return last
    if word.isdigit():
        return int(word)
    ordinal, weekday = word.split()
    first = 1 + (WEEKDAYS.index(weekday) - first_weekday) % 7
    if ordinal == "last":
        return first + (last - first) // 7 * 7
    return first + 7 * ORDINALS.index(ordinal)


def _day(every: Every, text: str) -> str:
    """What people write in `on`, as the rule knows it. Raises ValueError for what the unit has no use for."""
    word = " ".join(text.lower().split())
    if every.unit == "week":
        if word in WEEKDAYS:
            return word
        raise ValueError(f"'{text}' is no weekday.{did_you_mean(word, WEEKDAYS)}")
    if every.unit != "month":
        raise ValueError(
            f"`on` goes with weeks and months, not with every {every}; on weekdays is every: 1 week."
        )
    known = [LAST_DAY, *(f"{o} {d}" for o in ORDINALS for d in WEEKDAYS)]
    if word in known or (word.isdigit() and 1 <= int(word) <= 31):
        return str(int(word)) if word.isdigit() else word
    near = nearest(word, known)[:1] or [LAST_DAY]
    raise ValueError(f"'{text}' is no day of a month: write a number from 1 to 31, or such as `{near[0]}`.")


def _utc(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _wall(local: datetime) -> datetime:
    return local.replace(tzinfo=None, fold=0)


def _is_twice(wall: datetime, zone: tzinfo) -> bool:
    return _utc(wall, zone) < _utc(wall.replace(fold=1), zone)


def _turned_back(local: datetime, zone: tzinfo) -> datetime | None:
    """The instant at which the clock is turned back, if it shows this time again; None when it does not."""
    if local.fold or not _is_twice(_wall(local), zone):
        return None
    return _change(local.astimezone(UTC), _utc(local.replace(tzinfo=None, fold=1), zone), zone)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first second of a new offset between two instants, by halving."""
    old = before.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        same = datetime.fromtimestamp(middle, zone).utcoffset() == old
        low, high = (middle, high) if same else (low, middle)
    return datetime.fromtimestamp(high, UTC)
