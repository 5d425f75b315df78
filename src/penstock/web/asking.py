"""Ask: one request as a page sees it, and the answers a page can give."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from penstock.core import shipped
from penstock.core.access import Identity, Permission
from penstock.core.errors import Invalid
from penstock.core.project import file_of
from penstock.runtime import discussions, guards, people
from penstock.web import seen

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.web.look import Look

Level = Literal["success", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Flash:
    """A message shown once, on the next page."""

    level: Level
    text: str


@dataclass(kw_only=True)
class Ask:
    """Who asks, for what, with which words; `page`, `fragment`, `to`, `json` and `download` answer."""

    request: Request
    node: Node
    me: Identity
    look: Look
    rights: frozenset[Permission] = frozenset()
    """Everything the caller may do: on the node, and in the project of the address."""
    form: FormData = field(default_factory=FormData)
    """What was posted."""
    token: str = ""
    """What a form hands back to show that it is ours; empty while nobody is signed in."""
    flashes: list[Flash] = field(default_factory=list)
    """Messages for the next page that is shown."""

    @property
    def project(self) -> str:
        """The key of the project in the address; empty outside of projects."""
        return str(self.request.path_params.get("project", ""))

    @property
    def query(self) -> QueryParams:
        """What stands after the `?`."""
        return self.request.query_params

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks, which swaps a piece into the page that is there."""
        return self.request.headers.get("hx-request") == "true"

    @cached_property
    def token_field(self) -> Markup:
        """The hidden field of every form that posts."""
        return Markup('<input type="hidden" name="form_token" value="{}">').format(self.token)

    def base_field(self, base: str, *, renewed: Any = None) -> Markup:
        """The hidden field of a form about a file of the project: the hash it was read with. Shown again after an
        error it stays what it was; after a conflict (`renewed`) it is that of the file now."""
        posted = str(self.form.get("base", ""))
        return _hidden("base", base if renewed or not posted else posted)

    def seen_field(self, values: Mapping[str, Any], *, again: Any = False) -> Markup:
        """The hidden field of a form about something else than a file: what it showed, also when it is shown `again`
        after an error."""
        return _hidden("base", (again and str(self.form.get("base", ""))) or seen.text(values))

    def check_seen(self, what: str, values: Mapping[str, Any]) -> None:
        """Raise SaveConflict when these values are no longer those that the form showed."""
        seen.check(what, values, str(self.form.get("base", "")))

    def may(self, permission: Permission | str) -> bool:
        """Whether the caller may: in the project of the address, or on the node. Use it to leave a button out."""
        return Permission(permission) in self.rights

    def edits(self, permission: Permission | str = Permission.WRITE, *, scenario: str = "") -> bool:
        """The same for a button that changes what the project is: on a node that runs bundles only its own scenarios
        are changed."""
        came = self.came
        is_own = came is None or (scenario and shipped.is_own(file_of("scenario", scenario), came["files"]))
        return self.may(permission) and bool(is_own)

    @cached_property
    def unseen(self) -> int:
        """How often the caller was named in discussions and has not looked yet."""
        return discussions.unseen(self.node, self.me.login)

    @cached_property
    def came(self) -> Mapping[str, Any] | None:
        """The bundle whose state the project has, on a node that runs bundles."""
        return guards.arrived(self.node, self.project)

    def need(self, permission: Permission | str) -> None:
        """Raise NotAllowed when the caller may not: for what depends on more than the route."""
        people.require(self.node, self.me, Permission(permission), self.project)

    def url(self, *parts: str, **query: Any) -> str:
        """An address inside the project: `ask.url("datasets", name, tab="history")` → `/projects/KEY/datasets/…`."""
        return address("projects", self.project, *parts, **query)

    def again(self, **changes: Any) -> str:
        """This address with some of its query changed; None takes a word out. For filters, sorting, pages."""
        kept = {**dict(self.query), **changes}
        words = {k: v for k, v in kept.items() if v not in (None, "")}
        return f"{self.path}?{urlencode(words)}" if words else self.path

    def word(self, name: str, default: str = "") -> str:
        """A posted text, else one of the query, without spaces around it."""
        value = self.form.get(name, self.query.get(name, default))
        return value.strip() if isinstance(value, str) else default

    def words(self, name: str) -> list[str]:
        """All texts of a name: checkboxes, multiple choices."""
        posted = self.form.getlist(name) or self.query.getlist(name)
        return [v for v in posted if isinstance(v, str) and v]

    def number(self, name: str, default: int = 0, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number of the form or the query. Raises Invalid when it is none."""
        text = self.word(name)
        try:
            value = int(text) if text else default
        except ValueError as error:
            raise Invalid(f"{name}: '{text}' is not a whole number.") from error
        return max(least, min(most, value))

    @property
    def data(self) -> Any:
        """What an island posted as JSON. Raises Invalid when it is none."""
        try:
            return json.loads(self.request.state.body or b"null")
        except ValueError as error:
            raise Invalid("This request is not well-formed JSON.") from error

    def files(self, name: str) -> Iterator[UploadFile]:
        """Uploaded files of a field; an empty field gives none."""
        return (f for f in self.form.getlist(name) if isinstance(f, UploadFile) and f.filename)

    def flash(self, text: str, level: Level = "success") -> None:
        """Say something on the next page that is shown."""
        self.flashes.append(Flash(level, text))

    def page(self, template: str, *, status: int = 200, **data: Any) -> Response:
        """A whole page from a template, which is given `ask` and the data."""
        html = self.look.render(template, ask=self, **data)
        self.flashes.clear()
        return HTMLResponse(html, status_code=status)

    def fragment(self, template: str, *, status: int = 200, **data: Any) -> Response:
        """A piece of a page, for htmx. Messages that wait are brought along as toasts."""
        html = self.look.render(template, ask=self, **data)
        html += self.look.render("ui/_flashes.html", ask=self) if self.flashes else ""
        self.flashes.clear()
        return HTMLResponse(html, status_code=status)

    def html(self, template: str, **data: Any) -> str:
        """The HTML of a piece, for live parts."""
        return self.look.render(template, ask=self, **data)

    def to(self, url: str, text: str = "", level: Level = "success") -> Response:
        """Go to another page, with a message there. For htmx too."""
        if text:
            self.flash(text, level)
        if self.is_fragment:
            return Response(status_code=200, headers={"HX-Redirect": url})
        return RedirectResponse(url, status_code=303)

    def back(self, text: str = "", level: Level = "success") -> Response:
        """Go where the caller came from: the page a form stood on."""
        came_from = self.request.headers.get("referer", "")
        own = f"{self.request.url.scheme}://{self.request.url.netloc}/"
        return self.to(came_from if came_from.startswith(own) else self.home, text, level)

    @property
    def home(self) -> str:
        return f"/projects/{self.project}" if self.project else "/"

    def json(self, data: Any, *, status: int = 200) -> Response:
        """Plain values for an island."""
        return JSONResponse(data, status_code=status)

    def squeezed(self, data: bytes) -> Response:
        """JSON for an island that is gzipped already: it goes out as it is to whoever takes it."""
        told = {"Vary": "Accept-Encoding"}
        if "gzip" in self.request.headers.get("accept-encoding", ""):
            told["Content-Encoding"] = "gzip"
        else:
            data = gzip.decompress(data)
        return Response(data, media_type="application/json", headers=told)

    def download(self, content: bytes | str, filename: str, media_type: str) -> Response:
        """A file to save. Its name is made safe for the header."""
        return Response(content, media_type=media_type, headers={"Content-Disposition": attachment(filename)})


def _hidden(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def attachment(filename: str) -> str:
    """The header that makes a browser save a file under a name, whatever is in the name."""
    from urllib.parse import quote

    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in filename) or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def address(*parts: str, **query: Any) -> str:
    """`/a/b?c=d`, every part quoted; a word of the query that is None is left out."""
    from urllib.parse import quote

    path = "".join(f"/{quote(str(part), safe='')}" for part in parts)
    words: Mapping[str, Any] = {k: v for k, v in query.items() if v is not None}
    return f"{path}?{urlencode(words, doseq=True)}" if words else path
