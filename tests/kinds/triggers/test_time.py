"""Triggers by time: what people write, and cron texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, cast

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from penstock.core import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.core.trigger import Trigger

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TEXTS = st.sampled_from(
    ["0 7 * * mon", "*/15 * * * *", "30 2 * * *", "0 9-17/2 * * 1-5", "0 0 1,15 * *", "0 0 31 * *", "5 4 l * *",
     "0 7 * * mon#1", "@daily", "0 0 29 2 *"]
)  # fmt: skip


def a_time(**settings: object) -> Trigger:
    return cast("Trigger", registry.parse("triggers", {"type": "time", "zone": "UTC", **settings}))


def due(trigger: Trigger, after: datetime, zone: str = "UTC") -> Iterator[str]:
    from zoneinfo import ZoneInfo

    moment = trigger.next_look(after)
    while moment is not None:
        yield f"{moment.astimezone(ZoneInfo(zone)):%m-%d %H:%M%z}"
        moment = trigger.next_look(moment)


@given(TEXTS, MOMENTS)
def test_a_cron_text_is_due_when_croniter_says_so(text: str, moment: datetime) -> None:
    expected = croniter(text, moment.replace(tzinfo=None)).get_next(datetime)
    assert a_time(cron=text).next_look(moment) == expected.replace(tzinfo=UTC)


@given(st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe"]), TEXTS, MOMENTS)
def test_a_cron_text_goes_strictly_forward_in_every_zone(zone: str, text: str, moment: datetime) -> None:
    trigger = a_time(cron=text, zone=zone)
    first = trigger.next_look(moment)
    assert first is not None
    assert first > moment
    assert trigger.next_look(first - timedelta(microseconds=1)) == first


@pytest.mark.requirement("A76")
def test_a_cron_text_follows_the_clocks_of_its_zone() -> None:
    daily = a_time(cron="30 2 * * *", zone="Europe/Paris")
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert list(islice(due(daily, spring, "Europe/Paris"), 2)) == ["03-29 03:00+0200", "03-30 02:30+0200"]
    assert list(islice(due(daily, autumn, "Europe/Paris"), 2)) == ["10-25 02:30+0200", "10-26 02:30+0100"]
    half_hours = a_time(cron="*/30 * * * *", zone="Europe/Paris")
    late = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)
    assert list(islice(due(half_hours, late, "Europe/Paris"), 4)) == [
        "10-25 02:00+0200", "10-25 02:30+0200", "10-25 02:00+0100", "10-25 02:30+0100",
    ]  # fmt: skip


def test_a_cron_text_may_have_a_start_date_too() -> None:
    trigger = a_time(cron="0 7 * * *", start="2026-03-01")
    assert next(due(trigger, datetime(2026, 1, 1, tzinfo=UTC))) == "03-01 07:00+0000"


def test_it_reads_as_it_was_written() -> None:
    written = {
        "type": "time", "name": "Weekly", "every": "1 week", "on": ["monday"], "at": "07:00", "zone": "Europe/Paris",
        "start": "2026-01-05",
    }  # fmt: skip
    assert registry.parse("triggers", {**written, "start": date(2026, 1, 5)}).to_mapping() == written
    assert next(due(a_time(**written), datetime(2026, 1, 1, tzinfo=UTC))) == "01-05 06:00+0000"
