"""fromZone('2013-07-01T10:00:00', 'Europe/Paris')."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _dates, _values


class FromZone(Function):
    """The instant in UTC at which clocks of a time zone show a date.

    Example:
        type: from_zone
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("fromZone('2013-07-01T10:00:00', 'Europe/Paris')", datetime(2013, 7, 1, 8)),
        ("fromZone('2013-01-01T10:00:00.5', 'Europe/Paris')", datetime(2013, 1, 1, 9, 0, 0, 500_000)),
        ("fromZone('2013-01-01', 'America/New_York')", datetime(2013, 1, 1, 5)),
        ("fromZone('2013-01-01', 'UTC')", datetime(2013, 1, 1)),
    )

    def check(self, value: Any, zone: Any) -> None:
        if zone is not None:
            _dates.zone(str(zone))

    def call(self, value: Any, zone: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else _values.plain(moment.replace(tzinfo=_dates.zone(str(zone))))

    def translate(self, value: Any, zone: Any) -> Any:
        return _dates.in_zone(_columns.moment(value), str(_columns.fixed(zone, "time zone")))
