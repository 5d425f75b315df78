"""Our errors as answers: problem+json with the right status, whatever went wrong where."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from penstock.core import problem
from penstock.core.errors import Invalid, PenstockError

MEDIA_TYPE = "application/problem+json"
PHRASES = {
    400: "A request that cannot be read", 404: "A name that leads nowhere", 405: "Not done this way",
    413: "More than is taken", 415: "A form we do not read", 412: "Changed meanwhile",
}  # fmt: skip
log = logging.getLogger(__name__)


def answer(error: PenstockError, headers: Mapping[str, str] | None = None) -> Response:
    """A problem for programs."""
    told = problem.to_mapping(error)
    return JSONResponse(told, error.http_status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def install(app: Starlette) -> None:
    """Answer every error of an application with a problem."""
    app.add_exception_handler(PenstockError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _unforeseen)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, PenstockError)
    if error.http_status >= 500:
        log.warning("%s %s: %s", request.method, request.url.path, error)
    return answer(error)


def _invalid(request: Request, error: Exception) -> Response:
    """What the framework found wrong with a request, all at once."""
    assert isinstance(error, RequestValidationError)
    found = [_flaw(told) for told in error.errors()]
    first, others = found[0], found[1:]
    return JSONResponse({**first, "also": others} if others else first, 422, media_type=MEDIA_TYPE)


def _flaw(told: Mapping[str, Any]) -> dict[str, Any]:
    where, *path = [str(part) for part in told["loc"]]
    field = ".".join(path)
    said = f"{field or where}: {told['msg']}."
    return {**problem.to_mapping(Invalid(said)), "field": field, "in": where}


def _plain(request: Request, error: Exception) -> Response:
    """A path or method that nothing answers to."""
    assert isinstance(error, HTTPException)
    title = PHRASES.get(error.status_code, str(error.detail))
    detail, hint = f"Nothing answers to {request.method} {request.url.path}.", ""
    if error.status_code in (404, 405):
        hint = _instead(request)
    else:
        detail = str(error.detail)
    code = "not-found" if error.status_code == 404 else f"http-{error.status_code}"
    told = {"type": code, "title": title, "status": error.status_code, "detail": detail}
    told |= {"hint": hint} if hint else {}
    return JSONResponse(told, error.status_code, media_type=MEDIA_TYPE, headers=dict(error.headers or {}))


def _instead(request: Request) -> str:
    """What there is at this path, and the nearest one above it that can be read."""
    path, routes = request.scope["path"], request.app.routes

    def methods(of: str) -> list[str]:
        scope = {**request.scope, "path": of, "method": ""}
        found = (
            r.methods for r in routes if r.matches(scope)[0] is not Match.NONE and getattr(r, "methods", None)
        )
        return sorted({method for of_route in found for method in of_route})

    said = [f"There is {' and '.join(methods(path))}."] if methods(path) else []
    above = [path.rsplit("/", n)[0] for n in range(1, path.count("/"))]
    near = next((found for found in above if "GET" in methods(found)), "")
    if near:
        said.append(f"GET {near} answers.")
    return " ".join(said)


def _unforeseen(request: Request, error: Exception) -> Response:
    """A fault of ours: told in full to the log, in one sentence to the caller."""
    log.error("%s %s failed.", request.method, request.url.path, exc_info=error)
    told = PenstockError(
        "Something went wrong here, and it is our fault.", hint="The log of the server says more."
    )
    return answer(told)
