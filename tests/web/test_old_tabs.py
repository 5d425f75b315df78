"""Nobody loses what somebody else saved: every form that shows saved values refuses a save from an old tab.

A form counts as settings when it shows, opened again, what was saved with it. The walk finds them by trying; a form
that is none must stand in NO_SETTINGS with its reason, so that a new form cannot slip by.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urldefrag, urlsplit

import pytest
from starlette.routing import compile_path

from penstock.core.node import Node
from penstock.deploy import bundles, deployments, infrastructures, publishing
from penstock.runtime import (
    comparing,
    connections,
    dashboards,
    environments,
    evaluations,
    people,
    scenarios,
    to_dos,
    users,
    variables,
    wiki,
    zones,
)
from penstock.testing import KEY, a_node, a_project
from penstock.web import routes
from tests.web.browser import Answer, Browser, a_browser

HERE = f"/projects/{KEY}"
OBJECTS = {
    "datasets/raw": {
        "type": "inline", "rows": [{"x": 1, "y": "a"}, {"x": 2, "y": "b"}],
        "columns": [{"name": "x", "type": "bigint"}, {"name": "y", "type": "string"}],
        "probes": [{"type": "basic"}],
        "checks": [{"type": "numeric_range", "name": "Some rows", "metric": "Record count", "minimum": 1}],
    },
    "datasets/copy": {"type": "managed"}, "datasets/clean": {"type": "managed"}, "folders/files": {},
    "recipes/sync": {"type": "sync", "input": "raw", "output": "copy"},
    "recipes/tidy": {"type": "prepare", "input": "raw", "output": "clean", "steps": []},
    "models/late": {"design": {"target": "y"}}, "evaluations/mes": {},
    "recipes/learn": {"type": "train", "input": "raw", "model": "late"},
}  # fmt: skip
ASIDE = (
    f"{HERE}/flow/panel?select=raw",
    f"{HERE}/flow/panel?select=raw,copy",
    f"{HERE}/flow/zones?zone=side",
)
"""Pieces that a script of the page fetches."""
EACH = 3
"""So many pages of one sort are opened, and so many forms of one sort are tried."""
UNSEEN = ("/catalogue", "/patterns", "/live", "/export", "/download")
NO_SETTINGS: Mapping[str, str] = {
    "makes something new":
        "discussions.begin discussions.reply flow_documents.make settings.duplicate "
        "services.create services.create_key services.create_version services.monitor services.generate "
        "services.add_endpoint "
        "comparisons.create connections.create connections.seal dashboard_editing.create dashboard_editing.publish "
        "deployer.create deployer.publish incoming.receive "
        "environments.create plugins.clone plugins.install "
        "dashboard_editing.copy datasets.create datasets.remove datasets.upload evaluations.create flow.copy "
        "flow.create_zone folders.create folders.put groups.add home.create home.take_in keys.create "
        "keys.create_for_project keys.create_global metrics.make_dataset models.create models.import_mlflow "
        "projects.add_to_do recipes.copy recipes.create scenarios.copy scenarios.create users.add users.link "
        "version_control.add version_control.branch wiki.attach wiki.create model_documents.make wiki.duplicate "
        "wiki.answer",
    "looks again, or says that nothing was chosen: nobody's words are lost":
        "standards.run standards.everything lineage.trust",
    "stands on a node that runs bundles: see tests/web/pages/test_bundles.py":
        "incoming.save",
    "stands in tests/web/pages/test_discussions.py and test_lineage.py":
        "discussions.change lineage.tell",
    "has a service to be saved: see tests/web/pages/test_services.py":
        "services.save services.save_endpoint",
    "does one thing that its button says":
        "services.delete services.delete_endpoint services.run services.ask_one services.forget services.publish "
        "services.delete_version services.set_access services.revoke "
        "discussions.close discussions.see "
        "bundles.delete bundles.publish bundles.revert incoming.activate incoming.delete "
        "environments.build environments.delete plugins.delete "
        "account.end_sessions account.sign_in account.sign_out account.set_theme connections.delete "
        "connections.forget connections.send connections.try_ dashboard_editing.authorise "
        "dashboard_editing.delete dashboard_editing.promote dashboards.press dashboards.stop datasets.clear "
        "datasets.infer datasets.reload datasets.select evaluations.build evaluations.delete "
        "comparisons.delete evaluations.delete_store evaluations.remove flow.abort flow.build flow.change_connection "
        "flow.clear flow.delete "
        "flow.delete_zone flow.move flow.share flow.tag flow.unshare folders.clear folders.remove "
        "deployer.delete deployer.delete_package deployer.deploy deployer.refresh deployer.try_ deployments.abort "
        "deployments.delete deployments.rollback deployments.run_queries deployments.update "
        "groups.delete history.keep history.revert jobs.abort jobs.again keys.revoke keys.revoke_anybodys "
        "keys.revoke_of_project metrics.compute metrics.remove metrics.run models.activate models.chosen "
        "models.delete models.delete_model models.promote models.train node.tidy people.authorise people.share "
        "people.stop_sharing people.withdraw "
        "recipes.accept recipes.delete recipes.run runs.abort scenarios.abort scenarios.delete scenarios.run "
        "scenarios.switch settings.delete users.disable users.enable users.end_sessions variables.remove "
        "version_control.fetch version_control.push version_control.pull version_control.drop "
        "version_control.switch version_control.forget "
        "wiki.generate wiki.delete wiki.detach wiki.move wiki.set_home",
    "saves nothing, it only shows":
        "dashboard_editing.draft dashboard_editing.read_tile dashboard_editing.tile_form metrics.try_ "
        "prepare.rows prepare.step recipes.rehearse reporters.preview reporters.send steps.piece triggers.look "
        "triggers.preview wiki.preview",
    "shows no password that is kept":
        "account.change_password account.set_first_password",
    "gives an object another name: from an old tab there is none of the old name":
        "dashboard_editing.rename flow.rename",
    "adds to what is there, one key at a time":
        "evaluations.label evaluations.keep_drift lineage.accept",
    "stands in a test of its own below":
        "dashboard_editing.save evaluations.show_metrics projects.change_to_do",
}  # fmt: skip
"""Why a form needs nothing of what it showed handed back → the pages that take such forms."""
VOLATILE = ("base", "form_token")
LAST = ("flow.", "evaluations.remove", "dashboard_editing.rename", "models.chosen")
"""Tried at the end: they take away what other forms are about."""


@dataclass
class Form:
    """A form of a page: what it would post, and which of its fields a person sees."""

    about: Mapping[str, str]
    values: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Name → the sort of field, and what there is to choose from."""

    @property
    def posts(self) -> bool:
        return self.about.get("method", "").lower() == "post" or "hx-post" in self.about

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it from the other forms of the page, whatever they show."""
        own = tuple(v for k, v in self.values if k not in self.seen and k not in VOLATILE and "." not in k)
        return self.about.get("action", ""), self.about.get("id", ""), own

    def of(self, name: str) -> list[str]:
        return [v for k, v in self.values if k == name]

    def shown(self, name: str) -> list[str]:
        """The same without what a checkbox posts when it is off."""
        sort, choices = self.seen[name]
        return [v for v in self.of(name) if v in choices] if sort == "checkbox" else self.of(name)

    def put(self, name: str, values: list[str]) -> dict[str, list[str]]:
        """What it posts with other values of one field."""
        every = {k: self.of(k) for k, _ in self.values}
        return {**every, name: values}


class Forms(HTMLParser):
    """The forms and addresses of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.addresses: list[str] = []
        self._open: Form | None = None
        self._off = self._templates = 0
        self._select = self._area = ""
        self._option: bool | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {k: v or "" for k, v in attrs}
        self.addresses += [about[k] for k in ("href", "hx-get") if k in about and tag != "link"]
        if tag == "form":
            self._open = Form(about)
            self.forms.append(self._open)
        self._templates += tag == "template"
        self._off += tag == "fieldset" and ("disabled" in about or bool(self._off))
        if self._open is not None and not self._off and not self._templates and "disabled" not in about:
            self._field(self._open, tag, about)

    def _field(self, form: Form, tag: str, about: Mapping[str, str]) -> None:
        name, sort = about.get("name", ""), about.get("type", "text") if tag == "input" else tag
        if tag == "option" and self._select:
            self._option = "selected" in about or not form.seen[self._select][1]
            if "value" in about:
                self._chosen(form, about["value"])
        if (
            not name
            or sort in ("submit", "button", "file", "password")
            or tag not in ("input", "select", "textarea")
        ):
            return
        if sort != "hidden":
            form.seen.setdefault(name, (sort, []))
        if sort in ("checkbox", "radio"):
            form.seen[name][1].append(about.get("value", "on"))
            form.values += [(name, about.get("value", "on"))] if "checked" in about else []
        elif tag == "input":
            form.values.append((name, about.get("value", "")))
        self._select = name if tag == "select" else self._select
        if tag == "textarea":
            self._area = name
            form.values.append((name, ""))

    def _chosen(self, form: Form, value: str) -> None:
        form.seen[self._select][1].append(value)
        if self._option:
            form.values = [(k, v) for k, v in form.values if k != self._select] + [(self._select, value)]
        self._option = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        self._templates -= tag == "template"
        self._off -= tag == "fieldset" and bool(self._off)
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._select and self._option is not None and self._open is not None:
            self._chosen(self._open, data.strip())
        elif self._area and self._open is not None and not self._templates and not self._off:
            name, text = self._open.values[-1]
            self._open.values[-1] = (name, (text + data).removeprefix("\n"))


def other_values(form: Form, name: str) -> Iterator[list[str]]:
    """Two other values of a field, or none."""
    sort, choices = form.seen[name]
    now = form.shown(name)
    text = now[0] if now else ""
    if sort in ("select", "radio"):
        yield from ([c] for c in choices if c and [c] != now)
    elif sort == "checkbox":
        yield from ([c for c in choices if (c in now) != (c == flipped)] for flipped in choices)
    elif sort == "number":
        yield from ([str(int(float(text or 0)) + n)] for n in (1, 2))
    elif sort == "color":
        yield from (["#123456"], ["#654321"])
    elif sort == "email":
        yield from (["x@example.org"], ["y@example.org"])
    elif len(now) <= 1:
        yield from ([f"{text}x"], [f"{text}y"])


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, OBJECTS)
    steps = [{"type": "build", "items": ["copy"]}]
    scenarios.save(
        node, KEY, "nightly", {"steps": steps, "triggers": [{"type": "time", "every": "1 day"}]}, author="ann"
    )
    dashboards.save(node, KEY, "board", {"title": "Ours", "pages": [{"title": "First"}]}, author="ann")
    wiki.create(node, KEY, "Notes", author="ann")
    zones.create(node, KEY, "side", author="ann", color="#2f9e44")
    zones.move(node, KEY, ["tidy"], "side", author="ann")
    to_dos.add(node, KEY, "Look at it", author="ann")
    variables.assign(node, KEY, {"since": "2013-04"}, author="ann")
    variables.assign(node, KEY, {"place": "here"}, author="ann", local=True)
    evaluations.push(node, KEY, "mes", {"auc": 0.7}, id="april", name="April")
    evaluations.push(node, KEY, "mes", {"auc": 0.6}, id="may", name="May")
    comparing.create(node, KEY, "Months", ["mes/april", "mes/may"], author="ann")
    connections.define(node, "hook", {"type": "webhook", "url": "http://localhost/x"})
    environments.create(node, "bare", {}, by="ann")
    users.save_group(node, "readers")
    users.add(node, "bob")
    users.add(node, "ann", admin=True)
    people.grant(node, KEY, ["read"], by="ann", user="bob")
    _deployed(node)
    return node


def _deployed(node: Node) -> None:
    """The project is to go to a node that does not answer."""
    place = {"type": "automation_node", "url": "http://127.0.0.1:9", "key": "secret:office"}
    node.secrets.put("office", "nobody")
    infrastructures.define(node, "office", place, by="ann")
    bundles.create(node, KEY, "v1", by="ann")
    publishing.bundle(node, KEY, "v1", by="ann")
    deployments.create(node, KEY, "v1", "office", by="ann")


def forms_of(answer: Answer) -> list[Form]:
    return [f for f in Forms(answer.html).forms if f.posts]


def pages(browser: Browser) -> dict[str, Answer]:
    """Pages of every sort, by their addresses."""
    waiting, seen, found = deque(["/", *ASIDE]), set[str](), dict[str, Answer]()
    while waiting:
        url = waiting.popleft()
        sent = browser.client.get(url)
        if sent.status_code != 200 or "text/html" not in sent.headers.get("content-type", ""):
            continue
        found[url] = Answer(sent.status_code, sent.text, dict(sent.headers), sent.content)
        for target in (urldefrag(address)[0] for address in Forms(sent.text).addresses):
            sort = sort_of(target)
            if sort and target not in seen and sum(sort_of(one) == sort for one in seen) < EACH:
                seen.add(target)
                waiting.append(target)
    return found


@cache
def sort_of(address: str) -> tuple[str, ...]:
    """The page that answers an address, with the names in its query; nothing for one that is left out."""
    parts = urlsplit(address)
    if not address.startswith("/") or parts.netloc or any(word in parts.path for word in UNSEEN):
        return ()
    return route_of(parts.path, "GET"), *sorted(parse_qs(parts.query))


def route_of(path: str, method: str = "POST") -> str:
    """The name of the page behind an address."""
    return next((name for name, way, pattern in known() if way == method and pattern.fullmatch(path)), "")


@cache
def known() -> list[tuple[str, str, re.Pattern[str]]]:
    return [(route.name, route.method, compile_path(route.path)[0]) for route in routes.every()]


def send(browser: Browser, url: str, values: Mapping[str, list[str]]) -> Answer:
    sent = browser.client.post(url, data={k: v for k, v in values.items() if v})
    return Answer(sent.status_code, sent.text, dict(sent.headers), sent.content)


def again(browser: Browser, page: str, form: Form) -> Form | None:
    """The same form, opened once more."""
    sent = browser.client.get(page)
    found = Forms(sent.text).forms if sent.status_code == 200 else []
    return next((f for f in found if f.identity == form.identity), None)


def _later(name: str, sort: str) -> tuple[bool, bool, bool]:
    """Fields that may say anything first; then choices, which change other fields; last what is a name of something."""
    return name in ("name", "path"), sort in ("select", "radio"), "description" not in name


def verdict(browser: Browser, page: str, form: Form) -> str:
    """`settings` when it refuses an old tab, empty when it shows nothing that is saved; else what went wrong."""
    url = form.about.get("action") or page
    fresh = again(browser, page, form)
    for name in sorted(form.seen, key=lambda n: _later(n, form.seen[n][0])):
        if fresh is None or name not in fresh.seen:
            return ""
        values = [v for v in other_values(fresh, name) if v != fresh.shown(name)][:2]
        if len(values) < 1:
            continue
        mine = values[1] if len(values) > 1 else fresh.shown(name)
        if send(browser, url, fresh.put(name, values[0])).status not in (200, 204, 303):
            continue  # nothing was saved, the form is as it was
        now = again(browser, page, form)
        if now is None or name not in now.seen or now.shown(name) != values[0]:
            fresh = now
            continue
        late = send(browser, url, fresh.put(name, mine))
        after = again(browser, page, form)
        if late.status != 409:
            return f"{name} of an old tab was taken: {late.status}"
        if after is None or after.shown(name) != values[0]:
            return f"{name} that somebody else saved is lost"
        sort = form.seen[name][0]
        if sort in ("text", "textarea") and mine[0] not in late.html:
            return f"what was typed into {name} is lost"
        return "settings"
    return ""


@pytest.fixture
def told(node: Node) -> dict[str, set[str]]:
    """Page that takes a form → what is to be said of its forms."""
    browser, seen, said = a_browser(node), set[object](), dict[str, set[str]]()
    tried = Counter[object]()
    found = [(p, f, taker_of(p, f)) for p, a in pages(browser).items() for f in forms_of(a) if f.seen]
    for page, form, taker in sorted(found, key=lambda one: one[2].startswith(LAST)):
        key = taker, tuple(sorted(re.sub(r"\d+", "#", n) for n in form.seen))
        if key not in seen and tried[key] < EACH:
            tried[key] += 1
            what = verdict(browser, page, form)
            seen |= {key} if what else set()
            said.setdefault(taker, set()).add(what)
    return said


def taker_of(page: str, form: Form) -> str:
    """The page that a form is sent to."""
    return route_of(form.about.get("action") or urlsplit(page).path)


def test_a_save_from_an_old_tab_is_refused_wherever_something_is_saved(told: dict[str, set[str]]) -> None:
    lost = {taker: flaws for taker, words in told.items() if (flaws := words - {"settings", ""})}
    assert not lost, "Hand back what was seen: see `web/seen.py`."
    proven = {taker for taker, words in told.items() if "settings" in words}
    open_ = {route.name for route in routes.every() if route.method == "POST"} - proven
    excused = {taker for names in NO_SETTINGS.values() for taker in names.split()}
    assert open_ == excused, (
        "A form that saves nothing anybody could lose stands in NO_SETTINGS, with its reason."
    )


def test_the_metrics_a_store_shows_are_not_chosen_from_an_old_tab(node: Node) -> None:
    browser, page = a_browser(node), f"{HERE}/evaluations/mes"
    old = browser.get(page).form_values("keep")
    browser.post(f"{page}/show", {**old, "metrics": ["custom:auc"]})
    assert "Not saved" in browser.post(f"{page}/show", {**old, "metrics": []}, status=409).text
    assert node.projects.load(KEY).evaluation_stores["mes"].displayed_metrics == ("custom:auc",)


def test_a_to_do_that_is_another_one_by_now_is_not_ticked(node: Node) -> None:
    to_dos.add(node, KEY, "Look again", author="ann")
    browser = a_browser(node)
    old = browser.get(HERE).form_values("to-dos/0")
    to_dos.remove(node, KEY, 0, author="bob")
    browser.post(f"{HERE}/to-dos/0", {**old, "action": "done"}, status=409)
    assert [(t.text, t.done) for t in node.projects.load(KEY).settings.to_dos] == [("Look again", False)]


def test_a_form_shown_again_after_an_error_is_as_old_as_it_was(node: Node) -> None:
    """A name that is refused must not make the form look fresh."""
    browser, page = a_browser(node), f"{HERE}/recipes/sync"
    old = browser.get(page).form_values("recipe-form")
    browser.post_from(page, {"engine": "local"}, form="recipe-form")
    refused = browser.post(page, {**old, "input": "no such"}, status=422).form_values("recipe-form")
    browser.post(page, {**refused, "input": "raw"}, status=409)


def test_what_was_typed_can_be_put_over_what_somebody_else_saved(node: Node) -> None:
    browser, page = a_browser(node), "/admin/groups/readers"
    old = browser.get(page).form_values("group-form")
    browser.post(page, {**old, "description": "Theirs"})
    refused = browser.post(page, {**old, "description": "Mine <b>"}, status=409)
    assert "Theirs" in refused.text
    assert "Mine <b>" in refused.text
    browser.post(page, refused.form_values("groups/readers"))
    assert node.users.group("readers").description == "Mine <b>"
