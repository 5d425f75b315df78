"""Every page there is, read off the routes: an address for each, in a project that has one object of every sort."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penstock.core.node import Node
from penstock.deploy import bundles, deployments, incoming, infrastructures, publishing, services, updates
from penstock.runtime import (
    comparing,
    connections,
    dashboards,
    discussions,
    environments,
    folders,
    jobs,
    metrics,
    scenarios,
    users,
    wiki,
)
from penstock.testing import KEY, a_node, a_project, build
from penstock.web import routes
from penstock.web.routes import Route
from tests.once import once
from tests.web.browser import Browser
from tests.web.pages.modelled import FRAUD, a_bank
from tests.web.pages.shopping import SHOPS, forecast

NO_PAGES = frozenset({
    # pieces for htmx and islands
    "datasets.column", "datasets.count", "datasets.rows", "dashboards.layout", "dashboards.tile", "flow.ask_build",
    "flow.ask_delete", "flow.glimpse", "flow.panel", "flow.zone_panel", "forms.formula", "forms.of_node",
    "forms.of_project", "models.handling",
    "home.switcher", "live.running", "dashboard_editing.publishing",
    # streams that go on
    "audit.follow", "dashboards.live_tiles", "flow.live_job", "flow.live_states", "jobs.live_job", "jobs.live_log",
    "environments.live_log", "environments.live_state",
    "node.live_log", "runs.live_log", "runs.live_run", "deployer.live_monitor", "deployments.live_log",
    "deployments.live_update",
    # files
    "audit.download", "bundles.archive",
    "environments.archive", "environments.archive_of_project", "dashboards.embedded", "dashboards.export",
    "dashboards.export_several", "datasets.export",
    "deployments.log", "evaluations.sample", "flow.picture", "flow_documents.fetch", "folders.download",
    "folders.image", "jobs.log",
    "runs.log", "model_documents.card", "model_documents.fetch",
    "model_documents.template",
    "services.download", "settings.export", "wiki.attachment", "wiki.export",
    # they lead elsewhere, or are for whoever is not signed in
    "account.login", "account.welcome", "dashboards.choose", "folders.listing", "runs.find",
    "sign_on.come_back", "sign_on.leave",
})  # fmt: skip
"""GET routes that answer with something else than a page. Every other one is a page and is looked at."""
CHECKS = {
    "checks": [
        {"type": "numeric_range", "name": "Enough", "metric": "reporting:BUILD_DURATION", "minimum": 0}
    ]
}
OBJECTS: dict[str, Any] = {
    **SHOPS,
    "zones": {"zones": {"tidying": {"items": ["tidy_rows"]}}},
    "models/authorized": {**FRAUD["models/authorized"], **CHECKS},
    "evaluations/mes": CHECKS,
    "folders/papers": CHECKS,
    "datasets/chosen": {"type": "files", "folder": "papers", "format": {"type": "csv"}},
    "datasets/typed": {"type": "inline", "rows": [{"x": 1, "y": "a"}], "tags": ["t"]},
    "datasets/tidy_rows": {"type": "managed", "tags": ["tagged"], **CHECKS},
    "recipes/tidy": {
        "type": "prepare", "input": "typed", "output": "tidy_rows",
        "steps": [{"type": "formula", "column": "z", "formula": "x + 1"}],
    },
}  # fmt: skip
NIGHTLY = {
    "title": "Nightly",
    "steps": [{"type": "build", "name": "Build", "items": ["tidy_rows"]}],
    "triggers": [{"type": "time", "name": "At night", "every": "1 day", "at": "03:00"}],
}
GLANCE = {
    "title": "At a glance",
    "pages": [{"tiles": [
        {"type": "scenario_runs", "id": "runs", "scenario": "nightly"},
        {"type": "text", "id": "words", "markdown": "Hello", "place": {"top": 9}},
    ]}],
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Place:
    """An address, and the name of the route that answers it."""

    route: str
    path: str


def a_full_studio(folder: Path) -> Node:
    """A project with one object of every sort, each with a history, on a node with a group and a connection."""
    shutil.copytree(once("full-studio", _make) / "home", folder / "home")
    return a_node(folder)


def _make(folder: Path) -> None:
    node = a_bank(folder)
    a_project(node, OBJECTS)
    scenarios.save(node, KEY, "nightly", NIGHTLY, author="ann")
    dashboards.save(node, KEY, "default", GLANCE, author="ann")
    with tempfile.TemporaryDirectory() as place:
        notes = Path(place) / "notes.csv"
        notes.write_text("a,b\n1,2\n")
        folders.put(node, KEY, "papers", [notes])
    build(node, "tidy_rows")
    forecast(node)
    wiki.create(node, KEY, "Guide", text="# Guide\n\nRead me.", author="ann")
    users.save_group(node, "analysts", description="They look.")
    comparing.create(node, KEY, "Months", ["mes/april", "mes/may"], author="ann")
    services.create(node, KEY, "bank", model="authorized", author="ann")
    services.create_version(node, KEY, "bank", "v1", author="ann")
    bundles.create(node, KEY, "v1", by="ann")
    incoming.receive(node, [bundles.archive(node, KEY, "v1")], by="ann")
    _deployed(node)
    environments.create(node, "bare", {}, by="ann")
    connections.define(node, "office", {"type": "smtp", "host": "mail.test"})
    scenarios.run_and_wait(node, KEY, "nightly", by="ann")
    metrics.compute(node, KEY, "tidy_rows")


def _deployed(node: Node) -> None:
    """The service on an API node that does not answer: a deployment with an update that failed."""
    place = {"type": "static_api_nodes", "nodes": [{"url": "http://127.0.0.1:9", "key": "secret:api"}]}
    node.secrets.put("api", "nobody")
    infrastructures.define(node, "api", place, by="ann")
    publishing.service_version(node, KEY, "bank", "v1", by=node.config.user)
    deployments.create_service(node, "bank", "v1", "api", by="ann")
    updates.run(node, "bank-on-api", by="ann", no_fail=True)


def places(node: Node, browser: Browser) -> Iterator[Place]:
    """One address for every page, all screens of reports among them; those of models and evaluations for a forecast
    too, which has others."""
    known = examples(node)
    for route in pages():
        yield from _places(route, known, browser)
        if route.name in OF_FORECASTS:
            yield from _places(route, {**known, **forecasts(node)}, browser)


def _places(route: Route, known: Mapping[str, str], browser: Browser) -> Iterator[Place]:
    if not route.path.endswith("/{screen}"):
        yield Place(route=route.name, path=_filled(route.path, known) + QUERIES.get(route.name, ""))
        return
    base = _filled(route.path.removesuffix("/{screen}"), known)
    wanted = re.compile(re.escape(base) + r"/[a-z-]+")
    for link in dict.fromkeys(browser.get(base).links):
        if wanted.fullmatch(link):
            yield Place(route=route.name, path=link)


def pages() -> list[Route]:
    """Every route that answers with a page."""
    return [r for r in routes.every() if r.method == "GET" and r.name not in NO_PAGES]


QUERIES = {
    "deployer.choose": "?sort=service&name=bank&package=v1",
    "flow.deletion": "?select=tidy_rows",
    "flow.selected": "?select=tidy_rows",
    "comparisons.show": "?items=mes/april,mes/may",
    "folders.preview": "?path=notes.csv",
    "metrics.edit": "?family=checks&key=Enough",
    "metrics.history": "?check=Enough",
    "recipes.new": "?type=join",
    "search.find": "?q=tidy",
}
"""What a page has to be asked."""
OF_FORECASTS = frozenset({
    "models.show", "models.design", "models.summary", "models.screen", "evaluations.summary", "evaluations.screen",
    "evaluations.store",
})  # fmt: skip
"""Pages that show something else of a model that continues series."""
ITEMS = {"datasets": "tidy_rows", "folders": "papers", "models": "authorized", "evaluations": "mes"}


def examples(node: Node) -> Mapping[str, str]:
    """Named part of an address → an object that is there."""
    return {
        "project": KEY, "dataset": "tidy_rows", "folder": "papers", "recipe": "tidy", "model": "authorized",
        "version": node.models.versions(KEY, "authorized")[0].id, "store": "mes", "evaluation": "april",
        "scenario": "nightly", "run": scenarios.history(node, KEY, "nightly")[0].id, "dashboard": "default",
        "article": "guide", "comparison": "months", "job": jobs.history(node, KEY)[0].id,
        "group": "analysts", "login": "ann", "service": "bank", "endpoint": "predict_authorized",
        "bundle": "v1", "key": KEY,
        "commit": node.projects.history(KEY)[0].id, "deployment": "bank-on-api",
        "update": node.deployer.updates("bank-on-api")[0].id, "family": "recipes", "kind": "join",
        "environment": "bare", "plugin": "example",
        "id": str(discussions.begin(node, KEY, "project:", "How", "is it?", author="ann").id),
    }  # fmt: skip


def forecasts(node: Node) -> Mapping[str, str]:
    """The same parts → the forecast and what belongs to it."""
    return {
        "model": "demand", "version": node.models.versions(KEY, "demand")[0].id, "store": "backtests",
        "evaluation": "may",
    }  # fmt: skip


def _filled(path: str, known: Mapping[str, str]) -> str:
    """A path with examples in it. Fails for a part nobody gave an example of."""
    section = path.split("/")[3] if path.count("/") > 2 else ""
    more = {"item": ITEMS.get(section, ""), "name": _name(path)}
    known = {**more, **known, **({"version": "v1"} if section == "services" else {})}
    return re.sub(r"\{(\w+)\}", lambda part: known[part[1]], path)


def _name(path: str) -> str:
    return "office" if "connections" in path else "api" if "infrastructures" in path else "join"
