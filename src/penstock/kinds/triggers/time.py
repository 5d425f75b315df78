"""Time: every so often, or by a cron text."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from penstock.core import calendar
from penstock.core.calendar import Rule
from penstock.core.trigger import Firing, Trigger

if TYPE_CHECKING:
    from penstock.core.contexts import TriggerContext


class Time(Trigger):
    """Starts the scenario at set times: every so many minutes, hours, days, weeks or months, or by a cron text.

    `on` chooses weekdays (`[monday, friday]`) for weeks, days (`[1, 15]`, `[last day]`, `[first monday]`) for
    months. Days and weeks are counted from `start`. A time the clocks jump over is due right after the jump; one
    that comes twice is due once, but intervals of an hour or less simply go on.

    Example:
        type: time
        name: Weekly
        every: 1 week
        on: [monday]
        at: "07:00"
        zone: Europe/Paris
        start: 2026-01-05
    """

    SLOTS: ClassVar[bool] = True

    every: str = Field(
        default="", description="Such as `15 minutes`, `4 hours`, `1 day`, `2 weeks`, `1 month`."
    )
    on: tuple[str | int, ...] = Field(
        default=(),
        description="Weekdays, or days of the month: 15, last day, first monday. That of the start when empty.",
    )
    at: str = Field(
        default="", description="Time of day such as `07:00`; where minutes and hours are counted from."
    )
    zone: str = Field(
        default="server", description="Time zone such as Europe/Paris; server = this machine's."
    )
    start: date | None = Field(default=None, description="Not before this day.")
    cron: str = Field(
        default="", description="Instead of every, on and at: a cron text such as `0 7 * * mon`."
    )
    catch_up: Literal["skip", "once"] | float = Field(
        default="skip",
        description="Times missed while no worker looked: skip them, run once (it is handed the oldest), or run if "
        "at most so many seconds late. A minute late still counts as on time.",
    )

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        calendar.zone(name)
        return name

    @field_validator("catch_up")
    @classmethod
    def _is_not_negative(cls, policy: Literal["skip", "once"] | float) -> Literal["skip", "once"] | float:
        if not isinstance(policy, str) and policy < 0:
            raise ValueError("Say how many seconds a time may be late: 0 or more.")
        return policy

    @model_validator(mode="after")
    def _can_be_due(self) -> Time:
        if bool(self.every) == bool(self.cron):
            raise ValueError("Say either `every` or `cron`: when it is due.")
        if not self.cron:
            self._rule()
        elif self.on or self.at:
            raise ValueError("A cron text says the day and the time itself; leave out `on` and `at`.")
        else:
            _check_cron(self.cron)
        return self

    @property
    def words(self) -> str:
        zone = "" if self.zone == "server" else f" ({self.zone})"
        if self.cron:
            return f"by the cron text {self.cron}{zone}"
        every = calendar.every(self.every)
        said = f"every {every.unit}" if every.count == 1 else f"every {every}"
        days = f" on {', '.join(map(_in_words, self.on))}" if self.on else ""
        return f"{said}{days}{f' at {self.at}' if self.at else ''}{zone}"

    def next_look(self, after: datetime) -> datetime | None:
        return self._next_by_cron(after) if self.cron else calendar.next_after(self._rule(), after)

    def fires(self, ctx: TriggerContext) -> Firing | None:
        return Firing(params={"slot": ctx.now.isoformat()})

    def patience(self) -> timedelta | None:
        match self.catch_up:
            case "skip":
                return timedelta(0)
            case "once":
                return None
        return timedelta(seconds=self.catch_up)

    def _rule(self) -> Rule:
        every = calendar.every(self.every)
        return calendar.rule(every, self.on, self.at, calendar.zone(self.zone), self.start)

    def _next_by_cron(self, after: datetime) -> datetime | None:
        zone = calendar.zone(self.zone)
        if self.start:
            first = calendar.instant(datetime.combine(self.start, calendar.clock_time("00:00")), zone)
            after = max(after, first - calendar.INSTANT)
        every_hour = self.cron.split()[1:2] == ["*"]
        return calendar.next_instant(self._by_cron, zone, after, twice=every_hour)

    def _by_cron(self, wall: datetime) -> datetime | None:
        from croniter import CroniterError, croniter

        try:
            found: datetime = croniter(self.cron, wall).get_next(datetime)
        except CroniterError:
            return None
        return found


def _in_words(day: str | int) -> str:
    """Names of weekdays as people write them."""
    return re.sub(
        r"\b(mon|tues|wednes|thurs|fri|satur|sun)day\b", lambda found: found[0].capitalize(), str(day)
    )


def _check_cron(text: str) -> None:
    """Raise ValueError for a text that is no cron text, or that is never due."""
    from croniter import CroniterBadDateError, CroniterError, croniter

    if not text.startswith("@") and len(text.split()) != 5:
        raise ValueError(
            f"'{text}' is no cron text: it has minute, hour, day, month, weekday, as in `0 7 * * mon`."
        )
    if re.search(r"(^|[\s,])[rh](\W|$)", text, re.IGNORECASE):
        raise ValueError(f"'{text}' is due at random times; say which.")
    try:
        croniter(text, datetime(2026, 1, 1)).get_next(datetime)
    except CroniterBadDateError as error:
        raise ValueError(f"'{text}' is never due.") from error
    except CroniterError as error:
        raise ValueError(f"'{text}' is no cron text: {error}") from error
