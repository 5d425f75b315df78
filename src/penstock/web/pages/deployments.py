"""A deployment: how it is, its settings, its updates with their logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.activity import busy, endpoints
from penstock.core.deployment import AnyDeployment, Deployment, Settings
from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.kind import Described
from penstock.core.update import Update
from penstock.deploy import deployments, live_queries, monitoring, updates
from penstock.drawing.charts import activity
from penstock.web import forms, live
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
ONE = "/deployer/deployments/{deployment}"
FIXED = (*Described.MEANINGLESS, "infrastructure", "published", "target", "service", "bundle", "settings")
"""What the form of the settings leaves out: it stays, or is chosen elsewhere."""
BY_ENDPOINT = {
    "Queries a minute, of each endpoint": "queries",
    "Errors a minute, of each endpoint": "errors",
    "Time to answer of each endpoint, 95th percentile in milliseconds": "p95",
}
SWITCH, REMAP = "scenario:", "connection:"


@routes.get(ONE, Permission.SIGNED_IN)
def show(ask: Ask, deployment: str) -> Response:
    shown = deployments.show(ask.node, deployment)
    running = _running(ask, deployment)
    found = monitoring.look(ask.node, deployment)
    return ask.page(
        "deployer/deployment.html", shown=shown, found=found, charts=_charts(ask, deployment), running=running,
        updates=updates.history(ask.node, deployment, limit=10),
    )  # fmt: skip


@routes.get(ONE + "/settings", Permission.SIGNED_IN)
def settings(ask: Ask, deployment: str) -> Response:
    return _settings(ask, deployment)


@routes.post(ONE + "/settings", Permission.SIGNED_IN)
def save(ask: Ask, deployment: str) -> Response:
    there = deployments.show(ask.node, deployment).definition
    values = _posted(ask, there)
    ask.check_seen(f"Deployment {deployment}", forms.values_of(there))
    try:
        deployments.save(ask.node, deployment, values, by=ask.me.login)
    except InvalidDefinition as wrong:
        return _settings(ask, deployment, values, wrong)
    return ask.to(f"/deployer/deployments/{deployment}", "Saved. It takes effect with the next update.")


@routes.get(ONE + "/updates", Permission.SIGNED_IN)
def history(ask: Ask, deployment: str) -> Response:
    shown = deployments.show(ask.node, deployment)
    return ask.page(
        "deployer/updates.html", shown=shown, running=_running(ask, deployment),
        updates=updates.history(ask.node, deployment, limit=200),
    )  # fmt: skip


@routes.get(ONE + "/updates/{update}", Permission.SIGNED_IN)
def one(ask: Ask, deployment: str, update: str) -> Response:
    shown = deployments.show(ask.node, deployment)
    return ask.page("deployer/update.html", shown=shown, update=_update(ask, deployment, update))


@routes.get(ONE + "/updates/{update}/live", Permission.SIGNED_IN)
def live_update(ask: Ask, deployment: str, update: str) -> Response:
    deployments.show(ask.node, deployment)

    def now() -> live.Shown:
        found = _update(ask, deployment, update)
        parts = {"update-state": ask.html("deployer/_update_state.html", update=found)}
        return live.Shown(parts, reload=found.state.final)

    return live.stream(ask, now)


@routes.get(ONE + "/updates/{update}/log", Permission.SIGNED_IN)
def log(ask: Ask, deployment: str, update: str) -> Response:
    deployments.show(ask.node, deployment)
    found = _update(ask, deployment, update)
    return ask.download("".join(updates.log(ask.node, found.id)), f"{deployment}-{update}.log", "text/plain")


@routes.get(ONE + "/updates/{update}/log/live", Permission.SIGNED_IN)
def live_log(ask: Ask, deployment: str, update: str) -> Response:
    deployments.show(ask.node, deployment)

    def piece(start: int) -> live.Piece:
        ended = _update(ask, deployment, update).state.final
        text = "".join(updates.log(ask.node, update, start=start))
        return live.Piece(text, start + len(text.encode()), ended)

    return live.tail(ask, piece)


@routes.post(ONE + "/update", Permission.SIGNED_IN)
def update(ask: Ask, deployment: str) -> Response:
    begun = updates.start(
        ask.node, deployment, ignore_warnings=bool(ask.word("ignore_warnings")), full=bool(ask.word("full")),
        by=ask.me.login,
    )  # fmt: skip
    return ask.to(f"/deployer/deployments/{deployment}/updates/{begun.id}")


@routes.get(ONE + "/test", Permission.SIGNED_IN)
def queries(ask: Ask, deployment: str) -> Response:
    return _test(ask, deployment)


@routes.post(ONE + "/test", Permission.SIGNED_IN)
def run_queries(ask: Ask, deployment: str) -> Response:
    asleep = live_queries.asleep(ask.node, deployment)
    answers = live_queries.run(ask.node, deployment, ask.word("endpoint"), by=ask.me.login)
    return _test(ask, deployment, answers, asleep)


@routes.post(ONE + "/rollback", Permission.SIGNED_IN)
def rollback(ask: Ask, deployment: str) -> Response:
    begun = updates.rollback(ask.node, deployment, ask.word("update"), by=ask.me.login)
    return ask.to(f"/deployer/deployments/{deployment}/updates/{begun.id}")


@routes.post(ONE + "/updates/{update}/abort", Permission.SIGNED_IN)
def abort(ask: Ask, deployment: str, update: str) -> Response:
    stopped = updates.abort(ask.node, update, by=ask.me.login)
    return ask.back("Asked it to stop before its next phase." if stopped else "It had ended already.", "info")


@routes.post(ONE + "/delete", Permission.SIGNED_IN)
def delete(ask: Ask, deployment: str) -> Response:
    sort = deployments.show(ask.node, deployment).sort
    deployments.delete(ask.node, deployment, ignore=bool(ask.word("ignore")), by=ask.me.login)
    return ask.to("/deployer/services" if sort == "service" else "/deployer", f"{deployment} is gone.")


def _running(ask: Ask, deployment: str) -> Update | None:
    """The update that has not ended; meanwhile no other one is offered."""
    newest = updates.last(ask.node, deployment)
    return newest if newest and not newest.state.final else None


def _test(
    ask: Ask, deployment: str, answers: Sequence[live_queries.LiveAnswer] = (), before: Sequence[int] = ()
) -> Response:
    """`before`: ports of nodes of this home that did not run when somebody asked."""
    shown = deployments.show(ask.node, deployment)
    asleep = live_queries.asleep(ask.node, deployment) if shown.sort == "service" else []
    return ask.page(
        "deployer/test.html", shown=shown, running=_running(ask, deployment),
        queries=live_queries.listing(ask.node, deployment), answers=answers, asleep=asleep,
        started=[port for port in before if port not in asleep],
    )  # fmt: skip


def _charts(ask: Ask, deployment: str) -> Mapping[str, Any]:
    """What was seen over time, without charts that would be empty; nothing before there are two moments."""
    moments = monitoring.course(ask.node, deployment)
    drawn: dict[str, Any] = {"Health": activity.health(moments)} if len(moments) > 1 else {}
    names = endpoints(moments)
    if len(names) > 1:
        each = {name: busy(moments, name) for name in names}
        lines = {title: activity.by_endpoint(each, word) for title, word in BY_ENDPOINT.items()}
        return drawn | {title: chart for title, chart in lines.items() if chart}
    if found := busy(moments):
        drawn |= {
            "Queries a minute": activity.queries(found),
        }
        drawn |= {"Time to answer, in milliseconds": chart} if (chart := activity.times(found)) else {}
    return drawn


def _settings(
    ask: Ask, deployment: str, values: Mapping[str, Any] | None = None, wrong: InvalidDefinition | None = None
) -> Response:
    shown = deployments.show(ask.node, deployment)
    there = shown.definition
    without = tuple(word for word in FIXED if word in type(there).model_fields)
    what = (type(there), values) if values else (there, None)
    return ask.page(
        "deployer/settings.html", status=422 if wrong else 200, shown=shown,
        running=_running(ask, deployment), saved=forms.values_of(there),
        fields=forms.draw(
            ask, what[0], what[1], wrong=wrong, without=without, more={"generation": shown.packages}
        ),
        changes=_changes(ask, there, values, wrong),
    )  # fmt: skip


def _changes(
    ask: Ask, there: AnyDeployment, values: Mapping[str, Any] | None, wrong: InvalidDefinition | None
) -> Markup | str:
    """The fields of what changes on arrival, but for what stands in tables: triggers and connections."""
    if not isinstance(there, Deployment):
        return ""
    words: dict[str, Any] = {"wrong": wrong, "prefix": "settings", "without": ("scenarios", "connections")}
    if values is None:
        return forms.draw(ask, there.settings, **words)
    return forms.draw(ask, Settings, values.get("settings", {}), **words)


def _posted(ask: Ask, there: AnyDeployment) -> dict[str, Any]:
    """What the form says, over what it leaves out."""
    if not isinstance(there, Deployment):
        return dict(forms.read(type(there), ask.form, keep=there))
    own = forms.read(Settings, ask.form, prefix="settings", keep=there.settings)
    switches = {
        name.removeprefix(SWITCH): value for name, value in ask.form.items() if name.startswith(SWITCH)
    }
    kept = {name: on for name, on in there.settings.scenarios.items() if name not in switches}
    chosen = {name: value == "on" for name, value in switches.items() if value in ("on", "off")}
    named = {w.removeprefix(REMAP): str(v).strip() for w, v in ask.form.items() if w.startswith(REMAP)}
    stayed = {old: new for old, new in there.settings.connections.items() if old not in named}
    mapped = {**stayed, **{old: new for old, new in named.items() if new}}
    outer = {**there.to_mapping(), "bundle": ask.word("bundle") or there.bundle}
    for word in ("enabled", "infrastructure_connections"):
        outer[word] = forms.read(Deployment, ask.form, keep=there).get(
            word, Deployment.model_fields[word].default
        )
    return {**outer, "settings": {**own, "scenarios": {**kept, **chosen}, "connections": mapped}}


def _update(ask: Ask, deployment: str, update: str) -> Any:
    found = updates.show(ask.node, update)
    if found.deployment != deployment:
        raise NotFound("update", update, where=f"deployment {deployment}")
    return found
