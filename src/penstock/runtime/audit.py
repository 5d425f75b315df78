"""The audit log: who did what, to which object, when, from where, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from penstock.core.access import Source
from penstock.core.errors import PenstockError
from penstock.runtime import caller

if TYPE_CHECKING:
    from penstock.core.node import Node

LIVE = 1000
"""So many of the newest events are shown live."""
MOST_LOOKED_AT = 200_000
"""A search gives up after so many lines: it is for questions about days, not for statistics."""
HIDDEN = frozenset({"password", "secret", "token", "key_secret", "value"})
"""Facts of these names never get into the log."""


def note(
    node: Node, msg_type: str, *, project: str = "", object: str = "", by: str = "", result: str = "ok",
    duration: float | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Write one line. The actor is the caller of this request, else `by`, else the home's owner.

    `msg_type` is one of the words people filter by: login, dataset-read-data-sample, dataset-export, scenario-run,
    scenario-fire-trigger, flow-job-start, flow-job-done, project-permissions-change … Secrets are masked.
    """
    record = {
        "timestamp": node.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "msgType": msg_type, **_actor(node, by), "project": project, "object": object, "result": result,
        "duration": None if duration is None else round(duration, 3),
        **{name: fact for name, fact in facts.items() if name not in HIDDEN},
    }  # fmt: skip
    node.audit.add({name: _masked(node, fact) for name, fact in record.items() if fact not in ("", None)})


def note_read(node: Node, msg_type: str, **words: Any) -> None:
    """The same for looking at data. People at the home's own command line are not watched."""
    if caller.present() is not None:
        note(node, msg_type, **words)


@contextmanager
def noted(node: Node, msg_type: str, **words: Any) -> Iterator[dict[str, Any]]:
    """Write one line when it is over: `ok`, or what was raised. Facts learned meanwhile go into what it gives."""
    began, facts = node.clock.now(), dict(words)
    try:
        yield facts
    except PenstockError as error:
        note(node, msg_type, **facts, result=error.code, duration=_since(node, began), error=error.message)
        raise
    note(node, msg_type, **facts, duration=_since(node, began))


def latest(
    node: Node, *, limit: int = LIVE, msg_type: str = "", user: str = "", project: str = "", text: str = "",
    since: datetime | None = None,
) -> list[Mapping[str, Any]]:  # fmt: skip
    """Events, newest first: all, of one type, one user, one project, holding a text, not older than a moment."""
    wanted = {"msgType": msg_type, "user": user, "project": project}
    found = islice(node.audit.newest_first(), MOST_LOOKED_AT)
    recent = _not_older(found, since)
    return list(islice((r for r in recent if _fits(r, wanted, text.lower())), limit or None))


def _not_older(records: Iterator[Mapping[str, Any]], since: datetime | None) -> Iterator[Mapping[str, Any]]:
    oldest = since.isoformat() if since else ""
    for record in records:
        if since and str(record.get("timestamp", "")) < oldest[:23]:
            return
        yield record


def _fits(record: Mapping[str, Any], wanted: Mapping[str, str], text: str) -> bool:
    if any(value and record.get(name) != value for name, value in wanted.items()):
        return False
    return not text or any(text in str(value).lower() for value in record.values())


def _actor(node: Node, by: str) -> dict[str, Any]:
    present = caller.present()
    if present is None:
        own = by in ("", node.config.user)
        return {"user": by or node.config.user, "source": str(Source.LOCAL) if own else "node"}
    present.noted = True
    who = present.who
    return {"user": by if by and not who.is_known else who.login, "source": str(who.source), "key": who.key,
            "address": who.address}  # fmt: skip


def _masked(node: Node, fact: Any) -> Any:
    if isinstance(fact, str):
        return node.secrets.mask(fact)[:2000]
    if isinstance(fact, (list, tuple, set, frozenset)):
        return [_masked(node, one) for one in fact]
    return fact


def _since(node: Node, began: datetime) -> float:
    return (node.clock.now() - began).total_seconds()
