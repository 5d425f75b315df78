"""A browser without a screen: it is signed in, keeps cookies, follows forms, and sends the token with every post."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import Any

from penstock.core.access import Permission
from penstock.core.node import Node
from penstock.http import who
from penstock.runtime import sessions, users
from penstock.testing import KEY
from penstock.web.site import site

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette import routing
    from starlette.testclient import TestClient

routing.compile_path = cache(routing.compile_path)  # every test makes a studio, of some 460 addresses

Values = Mapping[str, str | list[str]]


class _Reader(HTMLParser):
    """Collects the forms, links and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._select: tuple[str, bool] | None = None
        self._first: str | None = None
        self._area: str | None = None
        self._off = 0
        self._hidden = ""
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {k: v or "" for k, v in attrs}
        named = dict(attrs)
        if tag == "form":
            self.forms.append({"about": about, "values": []})
        elif tag == "a" and "href" in about:
            self.links.append(about["href"])
        elif tag in ("script", "style"):
            self._hidden = tag
        if tag == "template":
            self._templates += 1
        if tag == "fieldset" and (self._off or "disabled" in named):
            self._off += 1
        if not self.forms or self._off or self._templates or "disabled" in named:
            return
        self._field(tag, about, named)

    def _field(self, tag: str, about: Mapping[str, str], named: Mapping[str, str | None]) -> None:
        values = self.forms[-1]["values"]
        name = about.get("name", "")
        if tag == "input" and name:
            kind = about.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in named:
                    values.append((name, about.get("value", "on")))
            elif kind not in ("submit", "file", "button"):
                values.append((name, about.get("value", "")))
        elif tag == "select" and name:
            self._select, self._first = (name, "multiple" in named), None
        elif tag == "option" and self._select:
            if "selected" in named:
                values.append((self._select[0], about.get("value", "")))
                self._first = ""
                self._select = self._select if self._select[1] else (self._select[0], True)
            elif self._first is None and not self._select[1]:
                self._first = about.get("value", "")
        elif tag == "textarea" and name:
            self._area = name
            values.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            name, is_chosen = self._select
            if not is_chosen and self._first is not None and self.forms:
                self.forms[-1]["values"].append((name, self._first))
            self._select = None
        elif tag == "textarea":
            if self._area is not None:
                name, text = self.forms[-1]["values"][-1]
                self.forms[-1]["values"][-1] = (name, text.removeprefix("\n"))
            self._area = None
        elif tag == "fieldset" and self._off:
            self._off -= 1
        elif tag == self._hidden:
            self._hidden = ""
        elif tag == "template":
            self._templates -= 1

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            name, text = self.forms[-1]["values"][-1]
            self.forms[-1]["values"][-1] = (name, text + data)
        elif not self._hidden and not self._templates:
            self.words.append(data)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    html: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def location(self) -> str:
        """Where the answer sends us; empty when it does not."""
        return self.headers.get("location", "") or self.headers.get("hx-redirect", "")

    @property
    def text(self) -> str:
        """The words a person reads, spaces squeezed."""
        return " ".join(" ".join(self._read().words).split())

    @property
    def links(self) -> list[str]:
        return self._read().links

    def form_values(self, which: str | int = 0) -> dict[str, Any]:
        """What a form would post: by the number of the form on the page, or by what its action contains."""
        forms = self._read().forms
        found = forms[which] if isinstance(which, int) else next(
            f for f in forms if which in f["about"].get("action", "") or f["about"].get("id") == which
        )  # fmt: skip
        values: dict[str, Any] = {}
        for name, value in found["values"]:
            before = values.get(name)
            values[name] = (
                value if before is None else [*([before] if isinstance(before, str) else before), value]
            )
        return values

    def has(self, *texts: str) -> bool:
        """Whether all of these stand in the HTML."""
        return all(text in self.html for text in texts)

    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader


class Browser:
    """One person at the studio."""

    def __init__(self, node: Node, secret: str = "") -> None:
        self.client = TestClient(site(node), base_url="http://testserver", follow_redirects=False)
        self.secret = secret
        if secret:
            self.client.cookies.set(who.COOKIE, secret, domain="testserver.local", path="/")

    def get(self, url: str, *, status: int = 200, **headers: str) -> Answer:
        """A page. Fails the test unless it has this status."""
        return _checked(self.client.get(url, headers=headers), status, url)

    def fragment(self, url: str, *, status: int = 200) -> Answer:
        """What htmx gets."""
        return self.get(url, status=status, **{"HX-Request": "true"})

    def post(
        self, url: str, values: Values | None = None, *, status: int | None = None, files: Any = None, **more: Any
    ) -> Answer:  # fmt: skip
        """Send a form with its token. Without a status, 200, 204 and 303 are fine."""
        token = {"form_token": sessions.form_token(self.secret)} if self.secret else {}
        sent = self.client.post(url, data={**token, **(values or {})}, files=files, **more)
        return _checked(sent, status, url)

    def post_from(
        self, page: str, values: Values | None = None, *, form: str | int = 0, status: int | None = None
    ) -> Answer:  # fmt: skip
        """Open a page, change some values of one of its forms, send it to the page itself."""
        return self.post(page, {**self.get(page).form_values(form), **(values or {})}, status=status)

    def follow(self, answer: Answer) -> Answer:
        """The page a redirect leads to."""
        assert answer.location, f"no redirect: {answer.status}"
        return self.get(answer.location)


def a_browser(
    node: Node, *, login: str = "", rights: Iterable[str] | None = None, project: str = KEY, admin: bool | None = None
) -> Browser:  # fmt: skip
    """Somebody at the studio: the administrator, or a user with only these rights in the project."""
    is_admin = rights is None if admin is None else admin
    name = login or ("ann" if is_admin else "bob")
    if node.users.find(name) is None:
        users.add(node, name, admin=is_admin)
    if rights is not None:
        held = node.users.people(project)
        granted = frozenset(Permission(right) for right in rights)
        node.users.save_people(type(held)(
            project=project, owner=held.owner, visibility=held.visibility, groups=held.groups,
            users={**held.users, name: granted},
        ))  # fmt: skip
    return Browser(node, sessions.open_session(node, name))


def _checked(response: Any, status: int | None, url: str) -> Answer:
    accepted = (200, 204, 303) if status is None else (status,)
    said = re.sub(r"<[^>]+>|\s+", " ", response.text)[:1500]
    assert response.status_code in accepted, f"{url} answered {response.status_code}: {said}"
    return Answer(response.status_code, response.text, dict(response.headers), response.content)
