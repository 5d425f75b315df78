"""Project standards: what they found in a project; and which hold on the node."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import InvalidDefinition
from penstock.core.standard import Standards
from penstock.runtime import standards
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
HELD = "Which standards hold"


@routes.get("/projects/{project}/standards", Permission.READ)
def report(ask: Ask) -> Response:
    return ask.page("standards/report.html", report=standards.report(ask.node, ask.project))


@routes.post("/projects/{project}/standards", Permission.READ)
def run(ask: Ask) -> Response:
    standards.run(ask.node, ask.project, by=ask.me.login)
    return ask.to(ask.url("standards"))


@routes.get("/admin/standards", Permission.ADMINISTRATOR)
def settings(ask: Ask) -> Response:
    held = standards.settings(ask.node)
    return ask.page("standards/settings.html", held=held, fields=forms.draw(ask, held))


@routes.post("/admin/standards", Permission.ADMINISTRATOR)
def choose(ask: Ask) -> Response:
    ask.check_seen(HELD, standards.settings(ask.node).to_mapping())
    values = forms.read(Standards, ask.form)
    try:
        standards.choose(ask.node, values, by=ask.me.login)
    except InvalidDefinition as wrong:
        fields = forms.draw(ask, Standards, values, wrong=wrong)
        return ask.page(
            "standards/settings.html", status=422, held=standards.settings(ask.node), fields=fields
        )
    return ask.to("/admin/standards", "These standards hold now.")


@routes.post("/admin/standards/all", Permission.ADMINISTRATOR)
def everything(ask: Ask) -> Response:
    standards.choose(ask.node, None, by=ask.me.login)
    return ask.to("/admin/standards", "Every standard there is holds for every project again.")
