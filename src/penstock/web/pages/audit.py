"""The audit log: search it, watch it, take it away."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid
from penstock.runtime import audit
from penstock.web import live
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
SHOWN = 100
WORDS = ("type", "user", "project_key", "text", "since")


@routes.get("/admin/audit", Permission.ADMINISTRATOR)
def show(ask: Ask) -> Response:
    limit = ask.number("limit", SHOWN, most=audit.LIVE)
    found = audit.latest(ask.node, limit=limit, **_wanted(ask))
    is_live = not any(ask.word(word) for word in WORDS)
    return ask.page("audit/audit.html", records=found, limit=limit, most=audit.LIVE, is_live=is_live)


@routes.get("/admin/audit/live", Permission.ADMINISTRATOR)
def follow(ask: Ask) -> Response:
    """The newest events, as they happen."""

    def now() -> live.Shown:
        found = audit.latest(ask.node, limit=SHOWN)
        return live.Shown({"audit-rows": ask.html("audit/_rows.html", records=found)})

    return live.stream(ask, now)


@routes.get("/admin/audit/events.jsonl", Permission.ADMINISTRATOR)
def download(ask: Ask) -> Response:
    found = audit.latest(ask.node, limit=0, **_wanted(ask))
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in found)
    return ask.download(lines.encode(), "audit.jsonl", "application/x-ndjson")


def _wanted(ask: Ask) -> dict[str, Any]:
    return {
        "msg_type": ask.word("type"), "user": ask.word("user"), "project": ask.word("project_key"),
        "text": ask.word("text"), "since": _since(ask.word("since")),
    }  # fmt: skip


def _since(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError as error:
        raise Invalid(
            f"'{text}' is no moment.", hint="Write it as 2026-03-01 or 2026-03-01T12:00."
        ) from error
