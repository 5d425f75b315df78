"""The REST interface as an application: the table of routes on one node."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from penstock import __version__
from penstock.api import answers, endpoint, reference, table, wire
from penstock.api.cases import case, complete
from penstock.api.methods import Methods
from penstock.api.route import PREFIX, Answer, Route, Upload
from penstock.core import problem
from penstock.core.access import Permission
from penstock.core.node import Node
from penstock.http import downloads, problems

ABOUT = """Everything the studio and the command line do, for programs.

Send an API key: `Authorization: Bearer pk_…`. Errors are `application/problem+json`. Within a version things are only
ever added.
"""

MOST = 64 * 1024**2
"""Bytes of a body that is no upload."""


class Rest(FastAPI):
    """The framework's application, which also says how a key is shown."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        told = super().openapi()
        told["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        return told


def site(node: Node) -> FastAPI:
    """The application; its paths begin with /api/v1."""
    complete()
    app = Rest(
        title="Penstock", version=__version__, description=ABOUT, docs_url=None, redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
    )  # fmt: skip
    app.router.route_class = endpoint.Guarded
    problems.install(app)
    for noun, routes in table.by_file().items():
        for route in routes:
            _add(app, node, noun, route)
    app.add_route(f"{PREFIX}/docs", reference.page(app), include_in_schema=False)
    app.add_route(PREFIX, reference.page(app), include_in_schema=False)
    app.add_middleware(Methods)
    return app


def _add(app: FastAPI, node: Node, noun: str, route: Route) -> None:
    asked = case(route.verb)
    app.add_api_route(
        PREFIX + route.path, endpoint.make(node, route), methods=[route.method], tags=[noun],
        operation_id=route.verb, summary=_first(asked.about), description=asked.about,
        status_code=204 if route.answer is Answer.NOTHING else route.status,
        response_model=wire.sent_type(asked) if route.answer is Answer.JSON else None,
        response_class=JSONResponse if route.answer is Answer.JSON else Response,
        responses=_responses(route), openapi_extra=_extra(route),
        max_body_size=None if route.upload in (Upload.FILES, Upload.FOLDER) else MOST,
    )  # fmt: skip


def _first(text: str) -> str:
    return text.partition("\n")[0].partition(". ")[0].rstrip(".")


def _responses(route: Route) -> dict[int | str, dict[str, Any]]:
    """The other answers there are: problems, and what is no JSON."""
    content = {problems.MEDIA_TYPE: {"schema": problem.SCHEMA}}
    found: dict[int | str, dict[str, Any]] = {
        "default": {
            "description": "A problem: what went wrong, where, and what to do next.",
            "content": content,
        }
    }
    media = {
        Answer.TEXT: ["text/plain"], Answer.PIECES: ["text/plain"], Answer.FILE: ["application/octet-stream"],
        Answer.TABLE: list(downloads.FORMATS.values()),
    }.get(route.answer)  # fmt: skip
    if media:
        binary = {"schema": {"type": "string", "format": "binary"}}
        found[route.status] = {"description": "As it is.", "content": dict.fromkeys(media, binary)}
    return found


def _extra(route: Route) -> dict[str, Any]:
    """Who may, and what the framework cannot know about a body."""
    extra: dict[str, Any] = {"x-permission": str(route.permission)}
    if route.permission is not Permission.ANYBODY:
        extra["security"] = [{"key": []}]
    if route.upload is Upload.ROWS:
        rows = {"schema": {"type": "array", "items": {"type": "object"}}}
        arrow = {"schema": {"type": "string", "format": "binary"}}
        extra["requestBody"] = {"required": True, "content": {answers.JSON: rows, downloads.ARROW: arrow}}
    return extra
