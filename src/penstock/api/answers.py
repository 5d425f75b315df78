"""What a use case returned → what travels: JSON with its tag and pages, text, files, rows; and rows that come in."""

from __future__ import annotations

import json
import typing
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from penstock.api import table
from penstock.api.cases import Case, adapter
from penstock.api.route import PREFIX, Answer, Route
from penstock.api.wire import sent_type
from penstock.core.errors import Invalid, NotReadable
from penstock.core.kind import Definition
from penstock.http import downloads, etags

JSON = "application/json"
LINES = "application/x-ndjson"
TOTAL = "X-Total-Count"


def answer(request: Request, route: Route, asked: Case, found: Any) -> Response:
    """The answer in the form its route says."""
    if route.answer is Answer.JSON:
        return _json(request, route, asked, found)
    if route.answer is Answer.NOTHING:
        return Response(status_code=204)
    if route.answer is Answer.TEXT:
        return PlainTextResponse(found)
    if route.answer is Answer.PIECES:
        first = next(found, "")  # before anything is sent, so that a problem is an answer of its own
        return StreamingResponse(chain([first], found), media_type="text/plain; charset=utf-8")
    if route.answer is Answer.TABLE:
        return downloads.rows(found, request.headers.get("accept", ""), "rows")
    return _file(request, found)


def encoded(asked: Case, found: Any) -> bytes:
    """JSON of what a use case returned, in the words of its type."""
    if isinstance(found, Definition):
        return adapter(Any).dump_json(found.to_mapping())
    return adapter(sent_type(asked)).dump_json(_sent(found), by_alias=True)


def is_list(asked: Case) -> bool:
    """Whether a use case answers with a list."""
    return typing.get_origin(asked.answer) is list


def is_paged_here(route: Route, asked: Case) -> bool:
    """Whether a list is cut into pages here, because its use case gives it whole."""
    cuts = {"limit", "count"} & {a.name for a in asked.arguments}
    return route.method == "GET" and is_list(asked) and not cuts


def twin(route: Route) -> Route | None:
    """The route that reads what this one writes."""
    if route.method not in ("PUT", "PATCH", "DELETE"):
        return None
    return next((r for r in table.routes().values() if r.path == route.path and r.method == "GET"), None)


def rows_sent(media_type: str, body: bytes) -> Any:
    """Rows that came in: an Arrow stream, JSON (a list of objects) or JSON lines. Raises Invalid, NotReadable."""
    import pyarrow as pa

    if media_type.startswith(downloads.ARROW):
        try:
            return pa.ipc.open_stream(body).read_all()
        except pa.ArrowInvalid as broken:
            raise Invalid(f"That is no Arrow stream: {broken}") from broken
    if media_type.startswith(LINES):
        body = b"[" + b",".join(line for line in body.splitlines() if line.strip()) + b"]"
    elif not media_type.startswith(JSON):
        raise NotReadable(
            f"Rows do not come as {media_type or 'that'}.", hint=f"Send {JSON} or an Arrow stream."
        )
    try:
        rows = json.loads(body)
    except ValueError as broken:
        raise Invalid(f"That is no JSON: {broken}") from broken
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid("Rows are a list of objects.", hint='Send `[{"column": value, …}, …]`.')
    return rows


def _sent(found: Any) -> Any:
    return found.job if type(found).__name__ == "Started" else found


def _json(request: Request, route: Route, asked: Case, found: Any) -> Response:
    headers: dict[str, str] = {}
    if route.method == "GET":
        found, headers = _page(request, route, asked, found)
    if route.status == 202 and hasattr(_sent(found), "id"):
        headers["Location"] = f"{PREFIX}/{'jobs' if route.noun == 'jobs' else 'runs'}/{_sent(found).id}"
    body = encoded(asked, found)
    if route.method == "GET" or (route.whole and twin(route)):
        headers["ETag"] = etags.of(body)
    if route.method == "GET" and etags.is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, route.status, headers=headers, media_type=JSON)


def _page(request: Request, route: Route, asked: Case, found: Any) -> tuple[Any, dict[str, str]]:
    """The part of a list that was asked for, how many there are where that is known, and the way to the others."""
    limit, offset = (int(request.query_params.get(word, 0)) for word in ("limit", "offset"))
    is_page = "total" in getattr(found, "__dataclass_fields__", {})
    total = found.total if is_page else None
    lines: Sequence[Any] = found.evaluations if is_page else found
    if is_paged_here(route, asked):
        total, lines = len(found), found[offset : offset + limit] if limit else found[offset:]
        found = lines
    elif total is None and not (is_list(asked) and "limit" in {a.name for a in asked.arguments}):
        return found, {}
    headers = {} if total is None else {TOTAL: str(total)}
    more = (offset + len(lines) < total) if isinstance(total, int) else bool(limit) and len(lines) == limit
    links = [_link(request, "next", limit, offset + limit)] if limit and more else []
    links += [_link(request, "prev", limit, max(0, offset - limit))] if limit and offset else []
    return found, {**headers, **({"Link": ", ".join(links)} if links else {})}


def _link(request: Request, relation: str, limit: int, offset: int) -> str:
    url = request.url.include_query_params(limit=limit, offset=offset)
    return f'<{url.path}?{url.query}>; rel="{relation}"'


def _file(request: Request, found: Any) -> Response:
    """A file; one that was made for this answer goes once it was sent."""
    if not isinstance(found, Path):
        name = request.path_params.get("path", "file").rpartition("/")[2]
        return downloads.opened(found, name)
    if found.parent.name.startswith("penstock-"):
        return downloads.exported(found)
    return downloads.opened(found.open("rb"), found.name)
