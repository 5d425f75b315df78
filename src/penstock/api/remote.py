"""The other end of the wire: the transport of a program that reaches a node over HTTP."""

from __future__ import annotations

import io
import os
import re
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from pydantic_core import to_jsonable_python

from penstock.api import following, table, times
from penstock.api.cases import Argument, Case, adapter, case
from penstock.api.route import PREFIX, Answer, Route, Upload
from penstock.api.wire import DOWNLOAD, FILES, WORD, in_query, path_argument, sent_type, travelling
from penstock.core import problem
from penstock.core.errors import Invalid, NotFound, NotReady, PenstockError, Refused
from penstock.core.job import Job
from penstock.core.kind import Definition
from penstock.core.update import Update
from penstock.sdk.client import Home

ARROW = "application/vnd.apache.arrow.stream"
PATIENCE = httpx.Timeout(600.0, connect=10.0)
CHUNK = 1 << 18


def connect(url: str = "", key: str = "", *, client: httpx.Client | None = None) -> Home:
    """The home behind an address, with the rights of an API key: the same objects as `penstock.open()` gives.

    Without them PENSTOCK_SERVER and PENSTOCK_API_KEY are read. Raises NotReady when nothing answers there,
    NotSignedIn when the key is no good.
    """
    address = url or os.environ.get("PENSTOCK_SERVER", "")
    if not address:
        raise Invalid("Which server?", hint='penstock.connect("http://127.0.0.1:7878", "pk_…")')
    return Home(Remote(address, key or os.environ.get("PENSTOCK_API_KEY", ""), client=client))


@dataclass(frozen=True, slots=True)
class Started:
    """A job that runs on the server."""

    transport: Remote
    job: Job

    def ended(self, seconds: float = 0.0) -> bool:
        """Whether it has ended; waits up to so many seconds for that."""
        return following.ended(self.transport, self.job.id, seconds)

    def wait(self, *, no_fail: bool = False) -> Job:
        """The job once it has ended. Raises JobFailed or Aborted unless it is DONE or `no_fail` is set."""
        return following.job(self.transport, self.job.id, no_fail=no_fail)


class Remote:
    """A verb is a request: its route says where to, its use case what goes and what comes."""

    def __init__(self, url: str, key: str = "", *, client: httpx.Client | None = None) -> None:
        self.url = (url if "://" in url else f"http://{url}").rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = client or httpx.Client(base_url=self.url, timeout=PATIENCE)
        self._client.headers.update(headers)
        if client is None:
            weakref.finalize(self, self._client.close)

    def __repr__(self) -> str:
        return f"Remote({self.url})"

    @cached_property
    def user(self) -> str:
        """The login behind the key; the server signs with it, whatever is sent."""
        return str(self.call("users.identity").login)

    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any:
        """The use case of a verb, on the server. Raises what it raises there."""
        if verb in INSTEAD:
            return INSTEAD[verb](self, *arguments, **settings)
        route = table.route(verb)
        asked = case(verb)
        try:
            given = asked.bind(
                arguments, {**dict.fromkeys([route.signed] if route.signed else []), **settings}
            )
        except TypeError as wrong:
            raise Invalid(f"{verb}: {wrong}.") from wrong
        return self._ask(route, asked, given)

    def _ask(self, route: Route, asked: Case, given: Mapping[str, Any]) -> Any:
        path = WORD.sub(partial(_word, route, asked, given), route.path)
        with ExitStack() as opened:
            sent = {**_sent(route, asked, given), **_uploaded(route, asked, given, opened)}
            if route.answer is Answer.PIECES:
                return self._pieces(path, sent)
            if route.answer is Answer.FILE:
                return self._download(path, sent, given.get(DOWNLOAD), verb=route.verb)
            response = self._send(route.method, path, **sent)
        return _read(route, asked, response)

    def _send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        try:
            response = self._client.request(method, PREFIX + path, **sent)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        return _checked(response)

    def _unreachable(self, error: httpx.HTTPError) -> NotReady:
        said = str(error) or type(error).__name__
        return NotReady(
            f"{self.url} does not answer: {said}.",
            hint="Does `penstock serve` run there? Is the address right?",
        )

    def _pieces(self, path: str, sent: Mapping[str, Any]) -> Iterator[str]:
        try:
            with self._client.stream("GET", PREFIX + path, **sent) as response:
                if response.is_error:
                    response.read()
                yield from (piece for piece in _checked(response).iter_text() if piece)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _download(self, path: str, sent: Mapping[str, Any], target: Path | None, *, verb: str) -> Any:
        """A file: where it was wanted, or in memory or a temporary place when only its bytes are."""
        if target and not target.parent.is_dir():
            raise Invalid(
                f"There is no folder {target.parent}.", hint="Make it first, or choose another place."
            )
        try:
            with self._client.stream("GET", PREFIX + path, **sent) as response:
                if response.is_error:
                    response.read()
                return _kept(_checked(response), target, verb)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error


def _kept(response: httpx.Response, target: Path | None, verb: str) -> Any:
    if verb == "folders.open_file":
        return io.BytesIO(response.read())
    place = target or Path(tempfile.mkdtemp(prefix="penstock-")) / _name_of(response)
    if _name_of(response).endswith(".zip"):  # several pictures came for one
        place = place.with_suffix(".zip")
    with place.open("wb") as out:
        for chunk in response.iter_bytes(CHUNK):
            out.write(chunk)
    return place


def _name_of(response: httpx.Response) -> str:
    found = re.search('filename="([^"/]+)"', response.headers.get("content-disposition", ""))
    return found.group(1) if found else "file"


def _word(route: Route, asked: Case, given: Mapping[str, Any], match: re.Match[str]) -> str:
    """An argument as a part of the path; an empty one by the word that stands for it."""
    word = match.group(1)
    argument = asked.argument(word)
    value = str(given.get(argument.name, "" if argument.needed else argument.default))
    kept = "/" if match.group(0).endswith(":path}") else ""
    filled = value or route.blanks.get(word, "")
    if ".." in filled.split("/"):
        raise Refused(f"'{value}' leads out of where it belongs.")
    if filled in ("", "."):
        raise NotFound(word, value)
    return quote(filled, safe=kept)


def _sent(route: Route, asked: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values, in query or body; the argument that is the whole body."""
    told = {a.wire: _plain(given[a.name]) for a in travelling(route, asked) if _is_told(a, given)}
    if any(a.name == DOWNLOAD for a in asked.arguments):
        told["format"] = _format(given[DOWNLOAD], route.formats)
    if route.upload is Upload.FOLDER and "settings" in told:
        return {"params": told, "data": {"settings": adapter(Any).dump_json(told.pop("settings"))}}
    if not in_query(route):
        return {"json": told} if told else {}
    whole = {"json": _plain(given[asked.argument(route.whole).name])} if route.whole else {}
    return {"params": {name: _in_query(value) for name, value in told.items()}, **whole}


def _is_told(argument: Argument, given: Mapping[str, Any]) -> bool:
    """Whether a value says anything that is not so anyway."""
    return argument.name in given and (argument.needed or given[argument.name] != argument.default)


def _plain(value: Any) -> Any:
    return value.to_mapping() if isinstance(value, Definition) else to_jsonable_python(value)


def _in_query(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _format(target: Path, formats: tuple[str, ...]) -> str:
    ending = Path(target).suffix.lower().lstrip(".")
    if ending not in formats:
        known = " or ".join(f".{form}" for form in formats)
        raise Invalid(f"'{target}' does not say its form.", hint=f"End it with {known}.")
    return ending


def _uploaded(route: Route, asked: Case, given: Mapping[str, Any], opened: ExitStack) -> dict[str, Any]:
    if route.upload is Upload.FILES:
        return {"files": _files(given[path_argument(asked).name], opened)}
    if route.upload is Upload.FOLDER:
        archive = _packed(Path(given[path_argument(asked).name]), opened)
        return {"files": _files([archive], opened)}
    if route.upload is Upload.ROWS:
        headers = {"Content-Type": ARROW, "Accept": ARROW}
        return {"content": _arrow(given["rows"]), "headers": headers}
    return {"headers": {"Accept": ARROW}} if route.answer is Answer.TABLE else {}


def _files(paths: Sequence[Path], opened: ExitStack) -> list[tuple[str, tuple[str, Any]]]:
    missing = next((p for p in paths if not p.is_file()), None)
    if missing is not None:
        raise NotFound("file", str(missing))
    return [(FILES, (p.name, opened.enter_context(p.open("rb")))) for p in paths]


def _packed(folder: Path, opened: ExitStack) -> Path:
    from penstock.http import zipped

    if not folder.is_dir():
        raise NotFound("folder", str(folder))
    place = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="penstock-")))
    return zipped.pack(folder, place / f"{folder.resolve().name}.zip")


def _arrow(rows: Any) -> bytes:
    """Rows of any form as an Arrow stream."""
    import pyarrow as pa

    if hasattr(rows, "iloc"):
        rows = pa.Table.from_pandas(rows, preserve_index=False)
    elif isinstance(rows, pa.RecordBatch):
        rows = pa.Table.from_batches([rows])
    elif not isinstance(rows, pa.Table):
        rows = pa.Table.from_pylist(list(rows))
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue()


def _checked(response: httpx.Response) -> httpx.Response:
    """The answer, when it is one. Raises the problem it tells, as the class it was."""
    if not response.is_error:
        return response
    try:
        told = response.json()
    except ValueError:
        told = None
    if isinstance(told, dict) and "detail" in told:
        raise problem.from_mapping(told)
    raise PenstockError(
        f"{response.url.host} answered {response.status_code} {response.reason_phrase}.",
        hint="Is this the address of a Penstock server?",
    )


def _read(route: Route, asked: Case, response: httpx.Response) -> Any:
    if route.answer is Answer.NOTHING:
        return None
    if route.answer is Answer.TEXT:
        return response.text
    if route.answer is Answer.TABLE:
        import pyarrow as pa

        return pa.ipc.open_stream(response.content).read_all()
    found = adapter(sent_type(asked)).validate_json(response.content)
    return times.restored(found) if asked.verb == "datasets.head" else found


def _start(remote: Remote, *arguments: Any, **settings: Any) -> Started:
    """A job that was begun, with its `wait()`."""
    watched = {name: value for name, value in settings.items() if name != "watch"}
    route, asked = table.route("jobs.start"), case("jobs.start")
    return Started(remote, remote._ask(route, asked, asked.bind(arguments, watched)))


def _build(remote: Remote, *arguments: Any, no_fail: bool = False, watch: Any = None, **settings: Any) -> Job:
    begun = _start(remote, *arguments, **settings)
    return following.job(remote, begun.job.id, no_fail=no_fail, watch=watch)


def _again(remote: Remote, job: str, *, no_fail: bool = False, watch: Any = None, **_: Any) -> Job:
    begun = remote.call("jobs.start_again", job)
    return following.job(remote, begun.id, no_fail=no_fail, watch=watch)


def _work(remote: Remote, **_: Any) -> None:
    raise Refused(
        "A worker works on the node's own machine.", hint="Start `penstock work` there, without --server."
    )


def _update(remote: Remote, update: str, *, no_fail: bool = False) -> Update:
    return following.update(remote, update, no_fail=no_fail)


INSTEAD: Mapping[str, Callable[..., Any]] = {
    "jobs.start": _start, "jobs.build": _build, "jobs.again": _again, "scenarios.wait": following.run,
    "updates.wait": _update,
    "working.work": _work,
}  # fmt: skip
"""What is no single request: waiting is asking again and again."""

__all__ = ["Remote", "Started", "connect"]
