"""Numbers, times and texts as people read them; each is a filter of the templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from penstock.core.metric import MetricValue

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_STEPS = ((60, "second"), (60, "minute"), (24, "hour"), (30, "day"), (12, "month"), (10**9, "year"))
ACRONYMS = {
    **{word: word.upper() for word in (
        "api", "auc", "cpu", "csv", "evs", "html", "http", "ip", "json", "jsonl", "knn", "ks", "mae", "mape", "mlp",
        "mse", "pdf", "png", "psi", "rmse", "rmsle", "roc", "smtp", "sql", "ssl", "tls", "url", "utc", "xml", "yaml",
    )},
    "tp": "true positives", "fp": "false positives", "tn": "true negatives", "fn": "false negatives",
    "id": "ID", "ids": "IDs", "urls": "URLs", "lightgbm": "LightGBM", "onnx": "ONNX", "mlflow": "MLflow",
    "mysql": "MySQL", "postgresql": "PostgreSQL", "sqlite": "SQLite",
}  # fmt: skip
"""Words that are not written as they are said."""
CHANNEL = re.compile(r"tries (?P<said>channel (?P<name>[^\s/]+)) under Administration, Connections")
"""The advice of a message that could not be sent."""


def count(value: float | None, word: str = "") -> str:
    """`27,020`, `27,020 rows`, `1 row`; a dash for nothing. Groups of three, as everywhere in Penstock."""
    if value is None:
        return "–"
    text = f"{value:,}"
    return f"{text} {plural(word, value)}" if word else text


def plural(word: str, n: float) -> str:
    """`row` → `rows` unless there is one."""
    if n == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2] not in "aeiou" else f"{word}s"


def size(value: float | None) -> str:
    """`1.4 MB`"""
    if value is None:
        return "–"
    amount = float(value)
    for unit in _UNITS:
        if amount < 1000 or unit == _UNITS[-1]:
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return ""


def number(value: Any, digits: int = 3) -> str:
    """A measured value: `0.753`, `12 400`, `1.2e-12`; a dash for nothing, the text itself for a text."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) > 1):
        return f"{int(value):,}"
    if value and (abs(value) < 10**-digits or abs(value) >= 10**9):
        return f"{value:.2e}"
    return f"{value:,.{0 if abs(value) >= 1000 else digits}f}"


def measured(value: MetricValue) -> str:
    """The value of a metric: numbers as numbers, moments to the second, yes and no."""
    if value.data_type == "DATE":
        return value.value[:19].replace("T", " ")
    if value.data_type == "BOOLEAN":
        return "yes" if value.get_value() else "no"
    return number(value.get_value())


def plain(value: Any) -> str:
    """A setting as people write it: yes and no for switches, `0.1`, names with their values; a dash for nothing."""
    if value is None or value == "" or (isinstance(value, (tuple, list, Mapping)) and not value):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        if set(value) == {"type"}:
            return str(value["type"])
        return ", ".join(f"{name} {plain(inner)}" for name, inner in value.items())
    return ", ".join(map(plain, value)) if isinstance(value, (tuple, list)) else str(value)


def percent(value: float | None, digits: int = 0) -> str:
    """0.42 → `42 %`"""
    return "–" if value is None else f"{value * 100:.{digits}f} %"


def duration(value: timedelta | float | None) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`; a dash for nothing."""
    if value is None:
        return "–"
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def relative(moment: datetime, now: datetime) -> str:
    """`3 minutes ago`, `in 2 hours`, `just now`"""
    amount = (moment - now).total_seconds()
    past, amount = amount < 0, abs(amount)
    if amount < 10:
        return "just now"
    for step, unit in _STEPS:
        if amount < step:
            said = f"{round(amount)} {plural(unit, round(amount))}"
            return f"{said} ago" if past else f"in {said}"
        amount /= step
    return ""


def ago(moment: datetime | None, missing: str = "never") -> Markup | str:
    """A <time> that says how long ago, with the exact instant on hover; the browser keeps it true."""
    if moment is None:
        return missing
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    said = relative(aware, datetime.now(UTC))
    exact = f"{aware.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}" title="{}" data-relative>{}</time>').format(
        aware.isoformat(), exact, said
    )


def moment(value: datetime | date | None) -> str:
    """`2026-11-21 03:14`; a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else f"{value:%Y-%m-%d}"


def instant(milliseconds: int) -> datetime:
    """A time of a file, in milliseconds since 1970, as an instant."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def sentence(text: str) -> str:
    """A word of the program as people read it: `input_drift` → `Input drift`, `sql` → `SQL`."""
    plain = " ".join(ACRONYMS.get(word, word) for word in text.replace("_", " ").strip().split(" "))
    return plain[:1].upper() + plain[1:]


def person(author: str) -> str:
    """`Ann <ann@example.org>` → `Ann`"""
    return author.partition(" <")[0] or author


def coded(text: str) -> Markup:
    """A sentence of help with its `words in backticks` as code."""
    parts = text.split("`")
    marks = [Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts)]
    return Markup("").join(marks) if len(parts) % 2 else escape(text)


def channelled(text: str, links: bool = True) -> Markup:
    """A message that names the channel to correct, with its page behind the name for those who may open it."""
    found = CHANNEL.search(text)
    if found is None or not links:
        return escape(text)
    url = f"/admin/connections/{quote(found['name'])}"
    name = Markup('<a href="{}">{}</a>').format(url, found["said"])
    return escape(text[: found.start("said")]) + name + escape(text[found.end("said") :])


FILTERS = {
    "count": count, "size": size, "number": number, "plain": plain, "percent": percent, "duration": duration,
    "ago": ago, "moment": moment, "instant": instant, "sentence": sentence, "plural": plural,
    "person": person, "coded": coded, "channelled": channelled, "measured": measured,
}  # fmt: skip
