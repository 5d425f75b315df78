"""When something that repeats is due, in zones whose clocks are changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.core import calendar
from penstock.core.calendar import Rule

PARIS = "Europe/Paris"  # 2026: forward on March 29 at 02:00, back on October 25 at 03:00
LORD_HOWE = "Australia/Lord_Howe"  # half an hour: back on April 5 at 02:00, forward on October 4 at 02:00
ZONES = [PARIS, "America/New_York", LORD_HOWE, "Asia/Kolkata", "UTC"]


def a_rule(
    every: str, *on: str | int, at: str = "00:00", zone: str = "UTC", start: date | None = None
) -> Rule:
    return calendar.rule(calendar.every(every), on, at, calendar.zone(zone), start)


def due(rule: Rule, after: datetime) -> Iterator[datetime]:
    """Everything that is due after a moment, in UTC."""
    following = calendar.next_after(rule, after)
    while following is not None:
        yield following
        following = calendar.next_after(rule, following)


def first(rule: Rule, after: datetime, count: int) -> list[str]:
    """The next times as the rule's clock shows them."""
    return [f"{m.astimezone(rule.zone):%m-%d %H:%M%z}" for m in islice(due(rule, after), count)]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.requirement("A75")
def test_a_weekly_rule_is_due_once_a_week_at_its_time_in_its_zone() -> None:
    rule = a_rule("1 week", "monday", at="07:00", zone=PARIS, start=date(2026, 1, 5))
    assert first(rule, utc(2025, 12, 1), 3) == ["01-05 07:00+0100", "01-12 07:00+0100", "01-19 07:00+0100"]


def test_several_weekdays_and_every_second_week_are_counted_from_the_start() -> None:
    rule = a_rule("2 weeks", "friday", "tuesday", start=date(2026, 1, 7))
    assert first(rule, utc(2026, 1, 1), 4) == [
        "01-09 00:00+0000", "01-20 00:00+0000", "01-23 00:00+0000", "02-03 00:00+0000",
    ]  # fmt: skip


@pytest.mark.requirement("A76")
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (a_rule("15 minutes"), ["01-31 10:15+0000", "01-31 10:30+0000"]),
        (a_rule("4 hours", at="01:30"), ["01-31 13:30+0000", "01-31 17:30+0000"]),
        (a_rule("1 month", "last day", at="09:00"), ["02-28 09:00+0000", "03-31 09:00+0000"]),
        (a_rule("1 month", "first monday"), ["02-02 00:00+0000", "03-02 00:00+0000"]),
        (a_rule("1 month", "last friday"), ["02-27 00:00+0000", "03-27 00:00+0000"]),
        (a_rule("1 month", 31), ["03-31 00:00+0000", "05-31 00:00+0000"]),
        (a_rule("3 months", 15, start=date(2026, 2, 1)), ["02-15 00:00+0000", "05-15 00:00+0000"]),
        (a_rule("1 month", 1, 15), ["02-01 00:00+0000", "02-15 00:00+0000"]),
        (a_rule("day", at="10:05", start=date(2026, 3, 1)), ["03-01 10:05+0000", "03-02 10:05+0000"]),
        (a_rule("3 days", start=date(2026, 1, 30)), ["02-02 00:00+0000", "02-05 00:00+0000"]),
        (a_rule("15 minutes", at="06:00", start=date(2026, 2, 3)), ["02-03 06:00+0000", "02-03 06:15+0000"]),
        (a_rule("7 hours", start=date(2026, 1, 31)), ["01-31 14:00+0000", "01-31 21:00+0000"]),
    ],
)
def test_intervals_month_ends_and_start_dates(rule: Rule, expected: list[str]) -> None:
    assert first(rule, utc(2026, 1, 31, 10, 7), 2) == expected


@pytest.mark.requirement("A76")
def test_a_time_the_clock_jumps_over_is_due_at_the_end_of_the_jump_and_once() -> None:
    daily = a_rule("1 day", at="02:30", zone=PARIS)
    assert first(daily, utc(2026, 3, 28, 12), 2) == ["03-29 03:00+0200", "03-30 02:30+0200"]
    quarters = a_rule("15 minutes", zone=PARIS)
    assert first(quarters, utc(2026, 3, 29, 0, 40), 3) == [
        "03-29 01:45+0100", "03-29 03:00+0200", "03-29 03:15+0200",
    ]  # fmt: skip


@pytest.mark.requirement("A76")
def test_a_time_that_comes_twice_is_due_once() -> None:
    daily = a_rule("1 day", at="02:30", zone=PARIS)
    assert first(daily, utc(2026, 10, 24, 12), 2) == ["10-25 02:30+0200", "10-26 02:30+0100"]
    assert first(daily, utc(2026, 10, 25, 1, 10), 1) == ["10-26 02:30+0100"]


def test_short_intervals_go_on_through_an_hour_that_comes_twice() -> None:
    rule = a_rule("30 minutes", zone=PARIS)
    assert first(rule, utc(2026, 10, 24, 23, 50), 6) == [
        "10-25 02:00+0200", "10-25 02:30+0200", "10-25 02:00+0100", "10-25 02:30+0100", "10-25 03:00+0100",
        "10-25 03:30+0100",
    ]  # fmt: skip


def test_a_day_that_a_zone_left_out_is_made_up_for_when_the_next_begins() -> None:
    daily = a_rule("1 day", at="07:00", zone="Pacific/Apia")  # had no 30 December 2011
    assert first(daily, utc(2011, 12, 29, 20), 3) == [
        "12-31 00:00+1400",
        "12-31 07:00+1400",
        "01-01 07:00+1400",
    ]


def test_the_end_of_all_years_is_the_end_of_a_rule() -> None:
    rule = a_rule("12 months", 31, start=date(2026, 12, 1))
    assert calendar.next_after(rule, utc(9999, 12, 31, 1)) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: a_rule("1 fortnight"), "no interval"),
        (lambda: a_rule("0 days"), "at least 1 day"),
        (lambda: a_rule("2 weks"), "1 week"),
        (lambda: a_rule("1 week", "mondy"), "Did you mean monday"),
        (lambda: a_rule("1 day", "monday"), "every: 1 week"),
        (lambda: a_rule("15 minutes", "monday"), "not with every 15 minutes"),
        (lambda: a_rule("1 month", "frist monday"), "first monday"),
        (lambda: a_rule("1 month", 32), "1 to 31"),
        (lambda: a_rule("1 month", 0), "1 to 31"),
        (lambda: a_rule("12 months", 30, start=date(2026, 2, 1)), "No month that is counted has a day 30"),
        (lambda: a_rule("24 months", 29, start=date(2025, 2, 1)), "say last day"),
        (lambda: a_rule("1 day", at="7 o'clock"), "no time of day"),
        (lambda: a_rule("1 day", at="24:00"), "no time of day"),
        (lambda: a_rule("1 day", zone="Europe/Pariss"), "Did you mean Europe/Paris"),
        (lambda: a_rule("1 day", zone=""), "Zones are named like"),
    ],
)
def test_what_can_never_be_is_refused_with_what_would_be_right(wrong: Callable[[], Rule], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        wrong()


def test_29_february_may_be_asked_for() -> None:
    rule = a_rule("12 months", 29, start=date(2025, 2, 1))
    assert [m.year for m in islice(due(rule, utc(2025, 1, 1)), 3)] == [2028, 2032, 2036]


# against others who know calendars -----------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
DAYS = st.dates(date(2024, 1, 1), date(2027, 1, 1))
TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
WEEKDAYS = st.sets(st.sampled_from(calendar.WEEKDAYS), max_size=4).map(sorted)
MONTHLY = st.sets(
    st.one_of(
        st.integers(1, 31).map(str), st.just("last day"), st.sampled_from(["first monday", "last friday"])
    ),
    max_size=3,
).map(sorted)


@st.composite
def rules(draw: st.DrawFn, zones: list[str] = ZONES) -> Rule:
    unit = draw(st.sampled_from(calendar.UNITS))
    on = draw({"week": WEEKDAYS, "month": MONTHLY}.get(unit, st.just(())))
    count = 1 if unit == "month" else draw(st.integers(1, 90))
    return a_rule(
        f"{count} {unit}",
        *on,
        at=draw(TIMES),
        zone=draw(st.sampled_from(zones)),
        start=draw(st.none() | DAYS),
    )


@given(rules(), MOMENTS)
def test_every_rule_goes_strictly_forward_and_skips_nothing(rule: Rule, moment: datetime) -> None:
    following = list(islice(due(rule, moment), 5))
    assert following[0] > moment
    assert all(a < b for a, b in pairwise(following))
    halfway = moment + (following[0] - moment) / 2
    assert calendar.next_after(rule, halfway) == following[0]


@given(MOMENTS, TIMES, st.integers(1, 5), WEEKDAYS.filter(bool), DAYS)
def test_weeks_are_those_of_dateutil(
    moment: datetime, at: str, count: int, on: list[str], start: date
) -> None:
    rule = a_rule(f"{count} weeks", *on, at=at, start=start)
    other = rrule.rrule(
        rrule.WEEKLY, interval=count, byweekday=[calendar.WEEKDAYS.index(d) for d in on], dtstart=rule.origin
    )
    expected = other.after(moment.replace(tzinfo=None))
    assert expected is not None
    assert calendar.next_after(rule, moment) == expected.replace(tzinfo=UTC)


@given(MOMENTS, TIMES, st.integers(1, 7), st.integers(-1, 31).filter(bool), DAYS)
def test_days_of_months_are_those_of_dateutil(
    moment: datetime, at: str, count: int, day: int, start: date
) -> None:
    rule = a_rule(f"{count} months", day if day > 0 else "last day", at=at, start=start.replace(month=1))
    other = rrule.rrule(rrule.MONTHLY, interval=count, bymonthday=day, dtstart=rule.origin)
    expected = other.after(moment.replace(tzinfo=None))
    assert expected is not None
    assert calendar.next_after(rule, moment) == expected.replace(tzinfo=UTC)


@given(MOMENTS, st.integers(1, 5), st.integers(0, 6))
def test_weekdays_of_months_are_those_of_dateutil(moment: datetime, which: int, weekday: int) -> None:
    rule = a_rule("1 month", f"{calendar.ORDINALS[which - 1]} {calendar.WEEKDAYS[weekday]}")
    place = rrule.weekday(weekday, which if which < 5 else -1)
    other = rrule.rrule(rrule.MONTHLY, byweekday=place, dtstart=rule.origin)
    expected = other.after(moment.replace(tzinfo=None))
    assert expected is not None
    assert calendar.next_after(rule, moment) == expected.replace(tzinfo=UTC)


STEP = timedelta(minutes=10)
"""All rules below, and all changes of clocks in their zones, fall on times a multiple of this."""


def walked(rule: Rule, zone: ZoneInfo, begin: datetime, end: datetime) -> list[datetime]:
    """The same by walking through all the times there are: what is shown, what is jumped over, what comes twice."""
    found, seen = [], set()
    moment, before = begin, begin.astimezone(zone).replace(tzinfo=None) - STEP
    while moment < end:
        shown = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        jumped = [before + n * STEP for n in range(1, (shown - before) // STEP + 1)]
        wanted = [w for w in jumped or [shown] if matches(rule, w) and (rule.goes_on or w not in seen)]
        if wanted:
            found.append(moment)
            seen.update(wanted)
        moment, before = moment + STEP, shown
    return found


def matches(rule: Rule, wall: datetime) -> bool:
    if rule.every.minutes:
        return (wall.hour * 60 + wall.minute - rule.at.hour * 60 - rule.at.minute) % rule.every.minutes == 0
    days = {
        "day": True,
        "week": calendar.WEEKDAYS[wall.weekday()] in rule.on,
        "month": str(wall.day) in rule.on,
    }
    return days[rule.every.unit] and wall.time() == rule.at


@pytest.mark.requirement("A76")
@pytest.mark.parametrize("zone", [PARIS, LORD_HOWE, "Africa/Casablanca", "America/Nuuk"])
def test_a_year_of_every_zone_is_as_walked_through_step_by_step(zone: str) -> None:
    begin, end = utc(2026, 1, 1), utc(2027, 1, 1)
    wanted = [
        a_rule("20 minutes", at="00:10", zone=zone), a_rule("1 hour", at="00:30", zone=zone),
        a_rule("90 minutes", zone=zone), a_rule("1 day", at="02:10", zone=zone),
        a_rule("1 week", "sunday", "saturday", at="01:40", zone=zone),
        a_rule("1 month", 29, 25, 5, 4, at="02:00", zone=zone),
    ]  # fmt: skip
    for rule in wanted:
        ours = takewhile(lambda moment: moment < end, due(rule, begin - STEP))
        assert list(ours) == walked(rule, ZoneInfo(zone), begin, end), str(rule)


@settings(max_examples=50)
@given(st.sampled_from(ZONES), MOMENTS, st.integers(1, 2000))
def test_odd_intervals_are_even_in_real_time(zone: str, moment: datetime, minutes: int) -> None:
    rule = a_rule(f"{minutes} minutes", zone=zone)
    if rule.elapsed:
        times = list(islice(due(rule, moment), 4))
        assert {b - a for a, b in pairwise(times)} == {timedelta(minutes=minutes)}
