"""How a deployment went: what was seen of it at moments of the last day, and how busy it was between them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from penstock.core.health import Health

KEPT = 300
"""Moments that are kept: a day and an hour at one every five minutes."""
APART = timedelta(seconds=30)
"""Moments nearer than this to the one before replace it, unless the health changed."""


WORDS = ("queries", "errors", "p50", "p95")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointActivity:
    """One endpoint at one moment, all its versions and nodes as one; counts are those since the nodes started."""

    queries: int = 0
    errors: int = 0
    p50: float | None = None
    """Milliseconds, of the last queries."""
    p95: float | None = None


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
    endpoints: Mapping[str, EndpointActivity] = field(default_factory=dict)
    """The same of each endpoint that was asked."""


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


def split(lines: Sequence[Mapping[str, Any]]) -> dict[str, EndpointActivity]:
    """Endpoint → its measures, those of its versions and nodes as one."""
    names = sorted({str(line["endpoint"]) for line in lines if line.get("endpoint")})
    return {
        name: EndpointActivity(**summed([x for x in lines if x.get("endpoint") == name])) for name in names
    }


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
    parts = {name: _known(one) for name, one in moment.endpoints.items()}
    more = {"endpoints": parts} if parts else {}
    return {"at": moment.at.isoformat(), "health": str(moment.health), **_known(moment), **more}


def _known(measured: Moment | EndpointActivity) -> dict[str, Any]:
    return {word: getattr(measured, word) for word in WORDS if getattr(measured, word) is not None}


def read(told: Mapping[str, Any]) -> Moment:
    """The same, back."""
    return Moment(
        at=datetime.fromisoformat(told["at"]), health=Health(told["health"]),
        endpoints={name: EndpointActivity(**one) for name, one in (told.get("endpoints") or {}).items()},
        **{word: told.get(word) for word in WORDS},
    )  # fmt: skip


def endpoints(moments: Sequence[Moment]) -> list[str]:
    """Every endpoint that was asked."""
    return sorted({name for moment in moments for name in moment.endpoints})


def busy(moments: Sequence[Moment], endpoint: str = "") -> list[Busy]:
    """How busy it, or one endpoint of it, was between moments. A count that fell began at zero again: its node was
    started."""
    found = []
    measured = ((m.at, _of(m, endpoint)) for m in moments)
    for (then, before), (at, after) in pairwise((at, one) for at, one in measured if one is not None):
        minutes = (at - then).total_seconds() / 60
        if minutes > 0:
            found.append(Busy(
                at=at, queries=_more(before.queries, after.queries) / minutes,
                errors=_more(before.errors, after.errors) / minutes, p50=after.p50, p95=after.p95,
            ))  # fmt: skip
    return found


def _of(moment: Moment, endpoint: str) -> Moment | EndpointActivity | None:
    """The measures; None where nobody knows them. An endpoint that is not listed beside others was not asked yet."""
    if not endpoint or moment.queries is None:
        return None if moment.queries is None else moment
    known = bool(moment.endpoints) or moment.queries == 0
    return moment.endpoints.get(endpoint, EndpointActivity() if known else None)


def _more(before: int | None, after: int | None) -> int:
    now = after or 0
    return now - (before or 0) if now >= (before or 0) else now
