"""formatDate(d, '%d/%m/%Y')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _dates, _values


class FormatDate(Function):
    """A date written in a format: %d/%m/%Y or dd/MM/yyyy.

    Example:
        type: format_date
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("format",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("formatDate('2013-04-01', '%d/%m/%Y')", "01/04/2013"),
        ("formatDate('2013-04-01T13:05:09', 'yyyyMMdd HH:mm:ss')", "20130401 13:05:09"),
        ("formatDate('x', '%Y')", None),
    )

    def check(self, value: Any, written: Any) -> None:
        if written is not None:
            _dates.writable(str(written))

    def call(self, value: Any, written: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.strftime(_dates.writable(str(written)))

    def translate(self, value: Any, written: Any) -> Any:
        wanted = _dates.writable(str(_columns.fixed(written, "date format")))
        return _columns.moment(value).strftime(wanted)
