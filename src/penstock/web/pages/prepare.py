"""Prepare while it is written: rows after each step, and new steps drawn for the list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.errors import Invalid
from penstock.runtime import prepare_steps, projects
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.pages import _steps
from penstock.web.routes import Routes

routes = Routes()


@routes.post("/projects/{project}/recipes/{recipe}/steps/rows", Permission.READ)
def rows(ask: Ask, recipe: str) -> Response:
    """The rows after the step of number `after`, or after all of them, for what is in the form. Saves nothing."""
    kept = projects.show(ask.node, ask.project).recipe(recipe)
    values = forms.read(registry.kind("recipes", "prepare"), ask.form, keep=kept)
    after = ask.number("after") if ask.word("after") else None
    seen = prepare_steps.show(ask.node, ask.project, recipe, values, after)
    told = [{"title": s.title, "error": s.error, "columns": s.columns} for s in seen.steps]
    return ask.fragment(
        "recipes/_prepared.html", seen=seen, told=told, grid=seen.grid, proposals=prepare_steps.proposals
    )


@routes.post("/projects/{project}/recipes/{recipe}/steps/new", Permission.READ)
def step(ask: Ask, recipe: str) -> Response:
    """A step to add to the list at `index`: with `values`, or those of the step `from` of the form."""
    index, columns = ask.number("index"), ask.words("columns")
    copied = ask.word("from")
    values = (
        forms.read_kind("processors", ask.form, f"steps.{copied}") if copied else _values(ask.word("values"))
    )
    made = _steps.one(ask, values, index, columns, is_open=True)
    return ask.fragment("recipes/_step.html", step=made)


def _values(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Invalid("These settings of a step are not well-formed JSON.") from error
    if not isinstance(found, dict):
        raise Invalid("The settings of a step are an object with its type.")
    return found
