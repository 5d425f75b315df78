"""Markup everywhere: a home that is full of it, every form filled with it, and the look for what of it would run."""

from __future__ import annotations

import inspect
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urldefrag, urlsplit

import pyarrow as pa
from markupsafe import escape
from starlette.routing import compile_path

from penstock.core import registry
from penstock.core.node import Node
from penstock.http import who
from penstock.runtime import connections, sessions, users
from penstock.testing import KEY, a_node, a_project, build, fill
from penstock.web import routes
from penstock.web.routes import Route
from tests.once import once
from tests.web.browser import Browser, a_browser
from tests.web.pages.modelled import a_bank, run

MARKUP = "'\"><img src=x onerror=alert(1)><script>alert(1)</script>[a](javascript:alert(1))"
"""Ends any attribute or element, and is a link for whoever makes Markdown of it."""
ABOUT = {"title": MARKUP, "short_description": MARKUP, "description": MARKUP, "tags": [MARKUP]}
NOT_TYPED = {"form_token", "base"}
PROJECT = f"/projects/{KEY}"
MOST_PAGES = 700
LAST = (
    "delete", "remove", "clear", "revoke", "withdraw", "disable", "abort", "revert", "unshare", "tidy", "end",
    "logout", "password", "owner", "visibility", "permissions", "promote", "run", "build", "train", "again", "switch",
)  # fmt: skip
"""Last words of what is sent last: it takes something away, or starts something."""
AS_WORDS = str(escape(MARKUP))
"""How a page writes it that takes it for words."""
MAY_RUN = re.compile(
    r"""<script(?![^>]*\ssrc=)|[\s"'/]on\w+\s*=|javascript:|data:text/html|alert\s*(\(|&|%28)""",
    re.IGNORECASE,
)
"""Stands in whatever runs, and, beside what is written as words, in hardly anything else."""
WORDS = re.compile(r"""ask\.(?:words?|number|form\.get(?:list)?|files)\(\s*["'](\w+)["']""")


@dataclass
class Form:
    """Where a form goes, what it sends, and which of its fields somebody types into."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """What a browser would make of a page: forms, addresses it asks for, and whatever would run."""

    def __init__(self, html: str, at: str = "") -> None:
        super().__init__()
        self.at = at
        self.forms: list[Form] = []
        self.asked: list[str] = []
        self.runs: list[str] = []
        self.is_whole = "<html" in html
        self._open: list[Form] = []
        self._select = self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        self._judge(tag, about)
        addresses = (
            about.get(name, "") for name in ("href", "hx-get", "src", "data-src", "data-analyse", "data-url")
        )
        self.asked += [urldefrag(a).url for a in addresses if a.startswith(("/", "?"))]
        if tag == "form" or "hx-post" in about:
            self._begin(tag, about)
        if self._open:
            self._field(tag, about)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            self._open.pop()
        if tag == "select":
            self._select = ""

    def _judge(self, tag: str, about: Mapping[str, str]) -> None:
        self.runs += [f"<{tag} {name}=…>" for name in about if name.startswith("on")]
        live = (
            v for n, v in about.items() if n in ("href", "src", "action", "formaction", "hx-get", "hx-post")
        )
        self.runs += [f"<{tag} {v}>" for v in live if re.match(r"\s*(javascript|data:text/html):?", v, re.I)]
        if tag == "script" and "src" not in about and about.get("type") != "application/json":
            self.runs.append("<script>")

    def _begin(self, tag: str, about: Mapping[str, str]) -> None:
        action = about.get("hx-post") or about.get("action") or self.at
        is_post = about.get("method", "").lower() == "post" or "hx-post" in about
        made = Form(action, "POST" if is_post else "GET")
        if about.get("hx-vals", "").startswith("{"):
            told = json.loads(about["hx-vals"])
            made.values |= {name: str(value) for name, value in told.items()}
            made.typed += list(told)
        self.forms.append(made)
        if tag == "form":
            self._open.append(made)

    def _field(self, tag: str, about: Mapping[str, str]) -> None:
        form, name = self._open[-1], about.get("name", "")
        if tag == "option" and self._select and (self._select not in form.values or "selected" in about):
            form.values[self._select] = about.get("value", "")
        if not name or name in NOT_TYPED or "disabled" in about:
            return
        kind = about.get("type", "")
        if tag == "select":
            self._select = name
        if tag == "input" and kind in ("checkbox", "radio") and "checked" not in about:
            return
        form.values.setdefault(name, about.get("value", ""))
        form.typed.append(name)


def may_run(html: str) -> bool:
    """Whether a page has to be read as a browser does to know that nothing of it runs."""
    return MAY_RUN.search(html.replace(AS_WORDS, "")) is not None


@cache
def _patterns() -> list[tuple[re.Pattern[str], Route]]:
    return [(compile_path(r.path)[0], r) for r in routes.every()]


def route_of(method: str, path: str) -> Route | None:
    """The route that takes a request."""
    bare = urlsplit(path).path
    return next((r for pattern, r in _patterns() if r.method == method and pattern.match(bare)), None)


def words_of(route: Route) -> list[str]:
    """Every word that the file of a route reads from what was sent."""
    module = inspect.getmodule(route.page)
    assert module is not None
    return sorted({"type", *WORDS.findall(inspect.getsource(module))})


def is_last(path: str) -> bool:
    parts = urlsplit(path).path.split("/")
    return parts[-1] in LAST or "sessions" in parts


@dataclass
class Typist:
    """Somebody who types markup into everything and looks whether it runs."""

    node: Node
    found: list[str] = field(default_factory=list)
    """What would run, and where it was seen."""
    failed: list[str] = field(default_factory=list)
    """What the server did not expect."""
    reached: set[Route] = field(default_factory=set)
    sent: set[tuple[str, str, str]] = field(default_factory=set)
    """Method, route, field: where markup went in."""
    shown: set[str] = field(default_factory=set)
    """Pages on which it stood, as words."""
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = a_browser(self.node)

    def type_all(self, *, last: bool = False) -> list[str]:
        """Fill every form that takes nothing away and starts nothing; or, with `last`, the others. Gives the addresses
        of the pages that were there before."""
        pages = dict(self.pages())
        forms = [form for page in pages.values() for form in page.forms]
        forms += [] if last else self.forms_of_kinds()
        for form in forms:
            if is_last(form.action) is last:
                self.fill(form)
        self.send_the_rest(last)
        return list(pages)

    def pages(self) -> Iterator[tuple[str, Page]]:
        """Every page and piece of a page that links, islands and live parts ask for, one of each address."""
        waiting, seen = ["/", PROJECT, "/admin", "/me", "/patterns", *self.addresses()], set[str]()
        while waiting and len(seen) < MOST_PAGES:
            url = waiting.pop(0)
            route = route_of("GET", url)
            shape = re.sub(r"=[^&]*", "=", url) if "type=" not in url else url
            if route is None or shape in seen or "live" in url.split("?")[0].split("/"):
                continue
            seen.add(shape)
            page = self.look(url)
            if page is not None:
                yield url, page
                waiting += [a if a.startswith("/") else url.partition("?")[0] + a for a in page.asked]

    def look(self, url: str) -> Page | None:
        """One page; None when it is none. What would run on it is noted."""
        answer = self.browser.client.get(url, headers={"accept": "text/html, application/json"})
        return self._judged("GET", url, answer)

    def addresses(self) -> list[str]:
        """An address of each route that shows something, for objects that are there."""
        paths = (r.path for r in routes.every() if r.method == "GET")
        return [_address(path) for path in paths if path.rpartition("/")[2] != "live"]

    def forms_of_kinds(self) -> Iterator[Form]:
        """The form of every kind, as it is drawn for a new one."""
        for family, at in (
            ("recipes", f"{PROJECT}/recipes/new?type="), ("datasets", f"{PROJECT}/datasets/new?type="),
            ("connections", "/admin/connections/new?type="),
        ):  # fmt: skip
            for kind in registry.names(family):
                page = self.look(at + kind)
                yield from page.forms if page else ()
        for family in ("steps", "triggers", "reporters"):
            for kind in registry.names(family):
                yield from self._pieces(f"{PROJECT}/scenarios/nightly/pieces/{family}", kind, f"{family}.0.")
        for kind in registry.names("tiles"):
            yield from self._tiles(kind)

    def _pieces(self, url: str, kind: str, prefix: str) -> Iterator[Form]:
        page = self.post(url, {"type": kind, "number": "0"})
        names = re.findall(r'name="([^"]+)"', page) if page else []
        typed = sorted({n for n in names if n.startswith(prefix)})
        yield Form(url, "POST", {"number": "0", f"{prefix}type": kind}, [*typed, "values"])

    def _tiles(self, kind: str) -> Iterator[Form]:
        url = f"{PROJECT}/dashboards/board"
        html = self.post_json(f"{url}/form", {"kind": kind})
        names = sorted({*re.findall(r'name="([^"]+)"', html)} - NOT_TYPED)
        yield Form(f"{url}/tile", "POST", {"kind": kind}, names)
        tile = {"type": kind, "id": "x", **dict.fromkeys(names, MARKUP)}
        self.post_json(f"{url}/form", {"tile": tile})
        self.post_json(
            f"{url}/draft", {"definition": {"title": MARKUP, "pages": [{"title": MARKUP, "tiles": [tile]}]}}
        )

    def fill(self, form: Form) -> None:
        """Send a form once with markup in each field alone, and once with it in all."""
        route = route_of(form.method, form.action)
        if route is None:
            return
        fresh = [n for n in form.typed if (form.method, route.path, n) not in self.sent]
        self.reached.add(route)
        for names in [[n] for n in dict.fromkeys(fresh)] + ([form.typed] if len(fresh) > 1 else []):
            self.sent |= {(form.method, route.path, n) for n in names}
            values = {**form.values, **dict.fromkeys(names, MARKUP)}
            if form.method == "POST":
                self.post(form.action, values)
            else:
                self.look(
                    f"{form.action.partition('?')[0]}?{'&'.join(f'{k}={quote(v)}' for k, v in values.items())}"
                )

    def send_the_rest(self, last: bool) -> None:
        """What no form on any page sends is sent all the same: markup in every word its page knows, and as JSON."""
        for route in routes.every():
            url = _address(route.path)
            if route.method == "POST" and route not in self.reached and is_last(url) is last:
                self.reached.add(route)
                words = words_of(route)
                self.sent |= {("POST", route.path, word) for word in words}
                self.post(url, dict.fromkeys(words, MARKUP))
                self.post_json(url, dict.fromkeys(words, MARKUP))

    def post(self, url: str, values: Mapping[str, str]) -> str:
        headers = {"referer": f"http://testserver{PROJECT}", **self._token()}
        return self._answered(url, self.browser.client.post(url, data=dict(values), headers=headers))

    def post_json(self, url: str, data: Any) -> str:
        return self._answered(url, self.browser.client.post(url, json=data, headers=self._token()))

    def _token(self) -> dict[str, str]:
        return {who.FORM_HEADER: sessions.form_token(self.browser.secret)}

    def _answered(self, url: str, answer: Any) -> str:
        self._judged("POST", url, answer, quick=True)
        if answer.status_code == 303 and "/login" in answer.headers["location"]:
            users.enable(self.node, "ann")
            self.browser = a_browser(self.node)
        return str(answer.text)

    def _judged(self, method: str, url: str, answer: Any, *, quick: bool = False) -> Page | None:
        """The page of an answer, what would run on it noted; with `quick` none where nothing can run."""
        if answer.status_code >= 500:
            self.failed.append(f"{method} {url} answered {answer.status_code}")
        if "html" not in answer.headers.get("content-type", ""):
            return None
        if "onerror=alert(1)" in answer.text:
            self.shown.add(urlsplit(url).path)
        if quick and not may_run(answer.text):
            return None
        page = Page(answer.text, url)
        self.found += [f"{method} {url}: {what}" for what in page.runs]
        return page


PLACES = {
    "project": KEY, "dataset": "raw", "folder": "box", "model": "authorized", "store": "mes", "evaluation": "april",
    "recipe": "copy", "scenario": "nightly", "dashboard": "board", "article": "One", "group": "people",
    "login": "bob", "name": "office", "family": "steps", "zone": "default", "sort": "model", "item": "raw",
    "index": "0", "file": "words.txt", "key": "t0", "id": "nothing", "screen": "importance", "secret": "nothing",
}  # fmt: skip
ITEMS = {"datasets": "raw", "folders": "box", "models": "authorized", "evaluations": "mes"}


def _address(path: str) -> str:
    """An address of a route: with objects that are there, as far as they are known beforehand."""
    sort = path.split("/")[3] if path.count("/") > 3 else ""
    places = {
        **PLACES,
        "item": ITEMS.get(sort, "raw"),
        "family": "recipes" if sort != "scenarios" else "steps",
    }
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: places.get(part[1], "nothing"), path)


def typed(folder: Path) -> Typist:
    """Somebody who has filled every form of a home that is full of markup. It is made once, then copied."""
    made = once("markup", _type)
    shutil.copytree(made / "home", folder / "home")
    typist = Typist(a_node(folder))
    told = json.loads((made / "told.json").read_text())
    typist.found, typist.failed = told["found"], told["failed"]
    typist.reached = {route for route in routes.every() if [route.method, route.path] in told["reached"]}
    typist.sent = {(method, path, name) for method, path, name in told["sent"]}
    return typist


def _type(folder: Path) -> None:
    typist = Typist(a_marked_home(folder))
    typist.type_all()
    reached = [(route.method, route.path) for route in typist.reached]
    told = {"found": typist.found, "failed": typist.failed, "reached": reached, "sent": [*typist.sent]}
    (folder / "told.json").write_text(json.dumps(told))


def a_marked_home(folder: Path) -> Node:
    """A home with one of everything, and markup in every text that people, files and models can bring."""
    node = a_bank(folder)
    a_project(node, {**_data(), **_learned()})
    node.projects.save(KEY, _files(), author=f"ann {MARKUP}", message=MARKUP)
    fill(node, "raw", pa.table({MARKUP: [MARKUP, "x"], "n": [1, 2]}))
    fill(node, "marked", pa.table({
        MARKUP: [MARKUP, "b"] * 60, "n": [float(i % 7) for i in range(120)],
        "answer": [MARKUP if i % 2 else "no" for i in range(120)],
    }))  # fmt: skip
    build(node, "copied", "tidy", "coded", no_fail=True)
    for recipe in ("learn_marks", "judge_marks"):
        run(node, recipe)
    connections.define(node, "office", {"type": "smtp", "host": "localhost", "sender": "a@example.org"})
    users.add(node, "bob", name=MARKUP)
    return node


def _data() -> dict[str, Any]:
    """Rows, names of columns, descriptions, settings of recipes."""
    columns = [{"name": MARKUP, "type": "string", "meaning": MARKUP, "description": MARKUP}]
    replaced = {
        "type": "find_replace", "columns": [MARKUP], "comment": MARKUP,
        "replacements": [{"find": "x", "replace": MARKUP}],
    }  # fmt: skip
    asked = "select '{}' as x from raw".format(MARKUP.replace("'", "''"))
    return {
        "datasets/raw": {"type": "managed", **ABOUT, "columns": columns},
        "datasets/copied": {"type": "managed", **ABOUT},
        "datasets/tidy": {"type": "managed"},
        "datasets/coded": {"type": "managed"},
        "folders/box": ABOUT,
        "recipes/copy": {"type": "sync", "input": "raw", "output": "copied", **ABOUT},
        "recipes/clean": {"type": "prepare", "input": "raw", "output": "tidy", "steps": [replaced]},
        "recipes/code": {"type": "sql", "inputs": ["raw"], "output": "coded", "body": asked},
    }


def _learned() -> dict[str, Any]:
    """A model whose features, categories and classes are markup, and an evaluation of it."""
    design = {"target": "answer", "algorithms": ["decision_tree"], "importance": "auto", "positive": MARKUP}
    return {
        "datasets/marked": {"type": "managed"},
        "evaluations/judged": ABOUT,
        "models/marks": {**ABOUT, "design": design},
        "recipes/learn_marks": {"type": "train", "input": "marked", "model": "marks"},
        "recipes/judge_marks": {
            "type": "evaluate", "input": "marked", "model": "marks", "store": "judged", "evaluation_id": "one",
            "evaluation_name": MARKUP, "labels": {"by": MARKUP},
        },
    }  # fmt: skip


def _files() -> dict[str, str]:
    """A scenario, a dashboard, an article, variables."""
    mail = {
        "type": "mail",
        "name": MARKUP,
        "channel": "office",
        "to": ["a@example.org"],
        "subject": MARKUP,
        "body": MARKUP,
    }
    nightly = {
        **ABOUT,
        "steps": [
            {"type": "define_variables", "name": MARKUP, "values": {"x": MARKUP}},
            {"type": "sql", "name": "Ask", "query": MARKUP},
        ],
        "triggers": [{"type": "time", "name": MARKUP, "every": "1 week", "active": False}],
        "reporters": [mail],
    }  # fmt: skip
    counted = [{"aggregation": "count"}]
    tiles: list[dict[str, Any]] = [
        {"type": "text", "title": MARKUP, "markdown": MARKUP}, {"type": "table", "title": MARKUP, "dataset": "raw"},
        {"type": "chart", "dataset": "raw", "shape": "bar", "by": {"column": MARKUP}, "measures": counted},
        {"type": "filters", "dataset": "raw", "columns": [MARKUP]},
        {"type": "model_report", "model": "marks"}, {"type": "model_report", "model": "marks", "screen": "importance"},
        {"type": "evaluation", "store": "judged"}, {"type": "evaluation", "store": "judged", "screen": "confusion"},
    ]  # fmt: skip
    placed = [
        {**tile, "id": f"t{i}", "place": {"left": 9 * (i % 4), "top": 6 * (i // 4), "width": 9, "height": 6}}
        for i, tile in enumerate(tiles)
    ]
    board = {
        "title": MARKUP, "short_description": MARKUP, "pages": [{"title": MARKUP, "tiles": placed}, {"title": "Two"}],
    }  # fmt: skip
    return {
        "scenarios/nightly.yaml": json.dumps(nightly),
        "dashboards/board.yaml": json.dumps(board),
        "wiki/One.md": f"# One {MARKUP}\n\n{MARKUP}\n\n`{MARKUP}`\n",
        "variables.yaml": json.dumps({"x": MARKUP}),
    }
