"""asDate('01/04/2013', '%d/%m/%Y')"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _dates, _values


class AsDate(Function):
    """The instant that a text says, in UTC: ISO 8601, or the first of the given formats that fits.

    A format is written %d/%m/%Y or dd/MM/yyyy; a text that says no date gives null.

    Example:
        type: as_date
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("to_date",)
    REPEATS: ClassVar[int] = 20
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("asDate('2013-04-01')", datetime(2013, 4, 1)),
        ("asDate('2013-04-01T10:30:00Z')", datetime(2013, 4, 1, 10, 30)),
        ("asDate('2013-04-01T10:00:00+02:00')", datetime(2013, 4, 1, 8, 0)),
        ("asDate('2013-02-30')", None),
        ("asDate('01/04/2013', '%d/%m/%Y')", datetime(2013, 4, 1)),
        (
            "asDate('01/04/2013 13:05', 'yyyy-MM-dd', 'dd/MM/yyyy HH:mm')",
            datetime(2013, 4, 1, 13, 5),
        ),
        ("asDate('31/02/2013', '%d/%m/%Y')", None),
        ("asDate('Apr 5, 13 1:05 PM', '%b %d, %y %I:%M %p')", datetime(2013, 4, 5, 13, 5)),
        ("asDate('nonsense', '%d/%m/%Y')", None),
        (
            "asDate('2013-04-01 10:00:00.25+0130', '%Y-%m-%d %H:%M:%S.%f%z')",
            datetime(2013, 4, 1, 8, 30, 0, 250000),
        ),
    )

    def check(self, value: Any, *formats: Any) -> None:
        for written in formats:
            if written is not None:
                _dates.readable(str(written))

    def call(self, value: Any, *formats: Any) -> Any:
        if not formats or not isinstance(value, str):
            return _values.moment(value)
        found = (_dates.read(value, str(written)) for written in formats)
        return next((moment for moment in found if moment is not None), None)

    def translate(self, value: Any, *formats: Any) -> Any:
        import ibis

        if not formats or not value.type().is_string():
            return _columns.moment(value)
        written = [str(_columns.fixed(f, "date format")) for f in formats]
        return ibis.coalesce(*(_dates.read_column(value, f) for f in written))
