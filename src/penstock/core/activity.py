"""How a deployment went: what was seen of it at moments of the last day, and how busy it was between them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from penstock.core.health import Health

KEPT = 300
"""Moments that are kept: a day and an hour at one every five minutes."""
APART = timedelta(seconds=30)
"""Moments nearer than this to the one before replace it, unless the health changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What was seen at one moment; counts are those since the nodes started."""

    at: datetime
    health: Health
    queries: int | None = None
    """None for a project, and while no node answers."""
    errors: int | None = None
    p50: float | None = None
    """Milliseconds, of the last queries."""
    p95: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Between a moment and the one before it."""

    at: datetime
    queries: float
    """A minute."""
    errors: float
    """A minute."""
    p50: float | None
    p95: float | None


def summed(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The measures of every endpoint, version and node as one: counts added, times of the slowest."""
    if not lines:
        return {}
    counts = {
        "queries": sum(int(line.get("count") or 0) for line in lines),
        "errors": sum(int(line.get("errors") or 0) for line in lines),
    }
    slowest = {word: [line[word] for line in lines if line.get(word) is not None] for word in ("p50", "p95")}
    return {**counts, **{word: max(values) for word, values in slowest.items() if values}}


def lengthened(told: Sequence[Mapping[str, Any]], moment: Moment) -> list[dict[str, Any]]:
    """What is kept, with one more moment: as plain values, oldest first."""
    kept = list(told)
    if len(kept) > 1:
        before, last = (read(one) for one in kept[-2:])
        if last.at - before.at < APART and last.health == before.health:
            kept.pop()
    return [*map(dict, kept), plain(moment)][-KEPT:]


def plain(moment: Moment) -> dict[str, Any]:
    """A moment as it is kept; what is not known is left out."""
    words = ("queries", "errors", "p50", "p95")
    known = {word: getattr(moment, word) for word in words if getattr(moment, word) is not None}
    return {"at": moment.at.isoformat(), "health": str(moment.health), **known}


def read(told: Mapping[str, Any]) -> Moment:
    """The same, back."""
    words = ("queries", "errors", "p50", "p95")
    return Moment(
        at=datetime.fromisoformat(told["at"]), health=Health(told["health"]),
        **{word: told.get(word) for word in words},
    )  # fmt: skip


def busy(moments: Sequence[Moment]) -> list[Busy]:
    """How busy it was between moments. A count that fell began at zero again: its node was started."""
    found = []
    for before, after in pairwise(m for m in moments if m.queries is not None):
        minutes = (after.at - before.at).total_seconds() / 60
        if minutes > 0:
            found.append(Busy(
                at=after.at, queries=_more(before.queries, after.queries) / minutes,
                errors=_more(before.errors, after.errors) / minutes, p50=after.p50, p95=after.p95,
            ))  # fmt: skip
    return found


def _more(before: int | None, after: int | None) -> int:
    now = after or 0
    return now - (before or 0) if now >= (before or 0) else now
