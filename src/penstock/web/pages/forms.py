"""The fields of a kind, when its type is chosen in a form."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.errors import InvalidExpression, NotFound
from penstock.core.formula import Formula
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/forms/formula", Permission.SIGNED_IN)
def formula(ask: Ask) -> Response:
    """What is wrong with a formula, and where; nothing when it can be read. It stands in the query by any name."""
    text = next((value for value in ask.query.values()), "")
    try:
        Formula(text) if text.strip() else None
    except InvalidExpression as wrong:
        return ask.fragment("forms/_formula.html", wrong=wrong, text=text)
    return ask.fragment("forms/_formula.html", wrong=None, text=text)


@routes.get("/forms/{family}", Permission.SIGNED_IN)
def of_node(ask: Ask, family: str) -> Response:
    """The chooser with the fields of what was chosen."""
    return _kind(ask, family)


@routes.get("/projects/{project}/forms/{family}", Permission.READ)
def of_project(ask: Ask, family: str) -> Response:
    """The same, with the objects of the project to pick from."""
    return _kind(ask, family)


def _kind(ask: Ask, family: str) -> Response:
    if family not in registry.FAMILIES:
        raise NotFound("family of kinds", family, among=registry.FAMILIES)
    path = ask.word("path")
    chosen = ask.word(f"{path}.type" if path else "type")
    columns = ask.words("columns")
    more = {"columns": columns} if columns else None
    values, item = {"type": chosen}, ask.word("item")
    html = forms.draw_kind(ask, family, values, prefix=path, more=more, item=item)
    return ask.fragment("forms/_kind.html", html=html)
