"""Plain values as the language reads them: numbers, texts, moments, truths. Twin of `_columns.py`."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from penstock.core.errors import InvalidExpression

LIMIT = 2.0**63
"""From here on a number is too large for a whole one of 64 bits."""
NUMBER = r"^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\s*$"
_DAY = (
    r"(?:[1-9]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|1\d|2[0-8]))|(?:[1-9]\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)"
)
_ZONE = r"(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)"
MOMENT = rf"^\s*{_DAY}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{{1,6}})?)?{_ZONE}?)?\s*$"
"""ISO 8601: a day of the calendar, perhaps a time, perhaps a zone. Anything else is not read as a date."""
MOMENT_TEXT = "%Y-%m-%d %H:%M:%S"
DAY_TEXT = "%Y-%m-%d"


def number(value: Any) -> int | float | None:
    """The number a value stands for, or None."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str):
        return finite(float(value)) if re.match(NUMBER, value) else None
    return value if isinstance(value, int | float) else None


def finite(value: float) -> float | None:
    """None instead of an infinity or not-a-number."""
    return value if math.isfinite(value) else None


def text(value: Any) -> str | None:
    """A value as people read it: true, 1.5, 2013-04-01 10:00:00."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return plain(value).strftime(MOMENT_TEXT)
    if isinstance(value, date):
        return value.strftime(DAY_TEXT)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def plain(value: datetime) -> datetime:
    """An instant as UTC without a zone."""
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def moment(value: Any) -> datetime | None:
    """The instant a value stands for: a datetime, the midnight of a date, or ISO text."""
    if isinstance(value, datetime):
        return plain(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, str) and re.match(MOMENT, value):
        return plain(datetime.fromisoformat(value.strip()))
    return None


def truth(value: Any) -> bool | None:
    """true, false, or None; numbers other than 0 and the text 'true' are true."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value != 0 if isinstance(value, int | float) else None


def alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Two values read as the same sort: numbers beside a number, moments beside a moment, else as they are."""
    if isinstance(left, bool) and isinstance(right, bool):
        return left, right
    if any(isinstance(v, date) for v in (left, right)):
        return moment(left), moment(right)
    if any(isinstance(v, bool | int | float | Decimal) for v in (left, right)):
        return number(left), number(right)
    return (left, right) if isinstance(left, str) == isinstance(right, str) else (text(left), text(right))


def pattern(text: Any) -> re.Pattern[str]:
    """A regular expression. Raises InvalidExpression saying what is wrong with it."""
    try:
        return re.compile(str(text))
    except re.error as error:
        raise InvalidExpression(f"'{text}' is not a regular expression: {error}.") from error


def same_type(values: list[Any]) -> list[Any]:
    """Values that may stand in one column: all numbers, all moments, all truths, or all texts."""
    given = [v for v in values if v is not None]
    if any(isinstance(v, list | dict) for v in given) or len({type(v) for v in given}) < 2:
        return values
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in given):
        return [None if v is None else float(v) for v in values]
    if all(isinstance(v, date) for v in given):
        return [moment(v) for v in values]
    return [text(v) for v in values]
