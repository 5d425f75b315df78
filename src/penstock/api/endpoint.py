"""A route → the function that answers it. Its signature is built from the use case's, so the OpenAPI cannot lie."""

from __future__ import annotations

import inspect
import re
import shutil
import tempfile
import typing
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import Body, Depends, File, Form, Path, Query, Request, UploadFile
from fastapi.routing import APIRoute
from pydantic import ConfigDict, Field, Json, create_model
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from penstock.api import answers, guard
from penstock.api.cases import Argument, Case, case
from penstock.api.route import Answer, Route, Upload
from penstock.api.wire import DOWNLOAD, FILES, WORD, in_query, path_argument, plain, travelling
from penstock.core.errors import Invalid, did_you_mean
from penstock.core.node import Node
from penstock.http import addresses, idempotency, uploads, zipped
from penstock.runtime import caller

MOST = 1_000_000_000
NUMBERS = Field(ge=0, le=MOST)
BODY, REQUEST = "request_body", "request"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Answers one route on one node."""

    node: Node
    route: Route
    case: Case

    def __call__(self, **given: Any) -> Response:
        """The use case and its answer, for somebody who was let in."""
        request: Request = given.pop(REQUEST)
        _check_words(request, given)
        asked: guard.Asked = request.state.asked
        caller.turned_out(asked.who)
        with idempotency.once(request, asked.who.login, enabled=self.route.repeats) as kept:
            if kept.response is None:
                kept.response = self._answer(request, asked, given)
            return kept.response

    def let_in(self, request: Request) -> None:
        """Who asks, and may they: before anything of the body is read. Raises as `guard.check` does."""
        words = {name: request.path_params[name] for name in WORD.findall(self.route.path)}
        request.state.asked = guard.Asked(guard.check(self.node, request, self.route, words), words)

    def _answer(self, request: Request, asked: guard.Asked, given: dict[str, Any]) -> Response:
        scratch = FilePath(tempfile.mkdtemp(prefix="penstock-", dir=_work(self.node)))
        try:
            settings = {**self._arguments(given, scratch), **self.route.fixed}
            guard.check_unchanged(self.node, request, self.route, settings)
            author = self.route.signed or self.case.author
            if author:
                settings[author] = asked.who.login
            found = self.case.function(self.node, **settings)
            seen = guard.visible(self.node, asked, self.route, found)
            return answers.answer(request, self.route, self.case, seen)
        finally:
            if self.route.answer is not Answer.FILE:
                shutil.rmtree(scratch, ignore_errors=True)

    def _arguments(self, given: dict[str, Any], scratch: FilePath) -> dict[str, Any]:
        """What was sent, by the use case's own names."""
        sent = _spread(given, whole=self.route.whole)
        found = {a.name: self._value(a, sent[a.wire]) for a in self.case.arguments if a.wire in sent}
        if self.route.upload in (Upload.FILES, Upload.FOLDER):
            found[path_argument(self.case).name] = self._received(given, scratch)
        if self.route.upload is Upload.ROWS:
            found["rows"] = _rows(self.case, answers.rows_sent(*given[BODY]))
        if any(a.name == DOWNLOAD for a in self.case.arguments):
            called = found.get("name") or found.get("model") or "all"
            found[DOWNLOAD] = scratch / f"{uploads.plain_name(called)}.{given['format']}"
        spread = {a.name for a in self.case.arguments if a.spread}
        return {name: value for name, value in found.items() if name not in spread or value is not None}

    def _value(self, argument: Argument, value: Any) -> Any:
        if argument.type is int and isinstance(value, str):
            return addresses.number(value)
        stands_for_nothing = value is not None and self.route.blanks.get(argument.wire) == value
        return "" if stands_for_nothing else value

    def _received(self, given: Mapping[str, Any], scratch: FilePath) -> Any:
        files = given[FILES]
        if self.route.upload is Upload.FILES:
            return uploads.receive(files, scratch / "files")
        (archive,) = uploads.receive([files], scratch / "archive")
        name = uploads.plain_name(archive.stem)
        return zipped.unpack(archive, scratch / "folder" / name)


class Guarded(APIRoute):
    """A route that lets nobody's body be read before it is known that they may send it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        let_in: Callable[[Request], None] = self.endpoint.let_in  # type: ignore[attr-defined]

        async def handle(request: Request) -> Response:
            await run_in_threadpool(let_in, request)
            return await inner(request)

        return handle


def make(node: Node, route: Route) -> Callable[..., Response]:
    """The function for the framework: its signature holds what travels, with its types."""
    asked = case(route.verb)
    endpoint = Endpoint(node, route, asked)

    def answer(**given: Any) -> Response:
        return endpoint(**given)

    answer.let_in = endpoint.let_in  # type: ignore[attr-defined]
    answer.__name__ = route.verb.replace(".", "_")
    answer.__doc__ = asked.about
    answer.__signature__ = inspect.Signature(_parameters(route, asked))  # type: ignore[attr-defined]
    return answer


def _parameters(route: Route, asked: Case) -> list[inspect.Parameter]:
    found = [_parameter(REQUEST, Request), *_of_path(route)]
    rest = travelling(route, asked)
    if in_query(route):
        found += [_in_form(a) if _is_form(route, a) else _in_query(a) for a in rest]
    elif rest:
        model = _model(route, rest)
        default = inspect.Parameter.empty if any(a.needed for a in rest) else model()
        found.append(_parameter(BODY, Annotated[model, Body()], default))
    return [*found, *_whole(route, asked), *_files(route), *_special(route, asked)]


def _of_path(route: Route) -> list[inspect.Parameter]:
    return [_parameter(w, Annotated[str, Path(min_length=1)]) for w in WORD.findall(route.path)]


def _in_query(argument: Argument) -> inspect.Parameter:
    kind = argument.optional_type
    return _parameter(argument.wire, Annotated[_bounded(kind, argument.default), Query()], argument.default)


def _bounded(kind: Any, default: Any = 0) -> Any:
    """Whole numbers of requests count something: none is below zero or its default, or more than a database keeps."""
    least = min(0, default) if isinstance(default, int) else 0
    return Annotated[int, Field(ge=least, le=MOST)] if kind is int else kind


def _is_form(route: Route, argument: Argument) -> bool:
    return route.upload is Upload.FOLDER and argument.name == "settings"


def _in_form(argument: Argument) -> inspect.Parameter:
    return _parameter(argument.wire, Annotated[argument.type, Json(), Form()])  # type: ignore[type-arg]


def _model(route: Route, arguments: list[Argument]) -> Any:
    name = "".join(part.capitalize() for part in re.split(r"[._]", route.verb)) + "Request"
    fields: dict[str, Any] = {}
    for a in arguments:
        kind = plain(a.optional_type)
        told = _bounded(kind, a.default)
        fields[a.wire] = (told, ...) if a.needed else (told, a.default)
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def _whole(route: Route, asked: Case) -> list[inspect.Parameter]:
    if not route.whole:
        return []
    argument = asked.argument(route.whole)
    return [_parameter(argument.wire, Annotated[plain(argument.type), Body()])]


def _files(route: Route) -> list[inspect.Parameter]:
    if route.upload is Upload.FILES:
        return [_parameter(FILES, Annotated[list[UploadFile], File()])]
    if route.upload is Upload.FOLDER:
        return [_parameter(FILES, Annotated[UploadFile, File(description="The folder, as a zip file.")])]
    return []


def _special(route: Route, asked: Case) -> list[inspect.Parameter]:
    found = []
    if route.upload is Upload.ROWS:
        found.append(_parameter(BODY, Annotated[tuple[str, bytes], Depends(_raw)]))
    if any(a.name == DOWNLOAD for a in asked.arguments):
        formats: Any = typing.Literal[route.formats]
        found.append(_parameter("format", Annotated[formats, Query()], route.formats[0]))
    if answers.is_paged_here(route, asked):
        about = "How many; 0 = all."
        found.append(_parameter("limit", Annotated[int, Query(description=about), NUMBERS], 0))
        found.append(_parameter("offset", Annotated[int, Query(), NUMBERS], 0))
    return found


def _rows(asked: Case, sent: Any) -> Any:
    """Rows as the use case takes them: any form, or a list of mappings."""
    as_they_are = asked.argument("rows").type is Any or isinstance(sent, list)
    return sent if as_they_are else sent.to_pylist()


async def _raw(request: Request) -> tuple[str, bytes]:
    """The body as it came."""
    return request.headers.get("content-type", ""), await request.body()


def _check_words(request: Request, known: Mapping[str, Any]) -> None:
    """Raise Invalid for a word behind the `?` that this route does not read: an answer to another question misleads."""
    asked = known.keys() - request.path_params.keys() - {BODY, FILES}
    for word in request.query_params.keys() - asked:
        raise Invalid(
            f"{request.method} {request.url.path} does not read '{word}'.{did_you_mean(word, asked)}",
            hint=f"It reads {', '.join(sorted(asked))}." if asked else "It reads none.",
        )


def _spread(given: Mapping[str, Any], *, whole: str) -> dict[str, Any]:
    """Words of path, query and body together."""
    body = given.get(BODY)
    if body is None or isinstance(body, tuple):
        return dict(given)
    sent = {name: getattr(body, name) for name in type(body).model_fields}
    return {**given, **sent}


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _work(node: Node) -> FilePath:
    place = node.config.home / "work"
    place.mkdir(parents=True, exist_ok=True)
    return place
