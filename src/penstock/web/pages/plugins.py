"""Plugins: which there are, what each brings and who uses it; installed from a zip or from git."""

from __future__ import annotations

import tempfile
from pathlib import Path

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import PenstockError
from penstock.http import uploads
from penstock.runtime import plugins
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
HOME = "/admin/plugins"
ONE = HOME + "/{plugin}"


@routes.get(HOME, Permission.MANAGE_PLUGINS)
def listing(ask: Ask) -> Response:
    return _list(ask)


@routes.post(HOME, Permission.MANAGE_PLUGINS)
def install(ask: Ask) -> Response:
    with tempfile.TemporaryDirectory(prefix="penstock-") as place:
        try:
            sources = uploads.receive(list(ask.files("archive")), Path(place))
            found = plugins.install(ask.node, sources, by=ask.me.login)
        except PenstockError as wrong:
            return _list(ask, wrong)
    return ask.to(f"{HOME}/{found.name}", f"{found.name} {found.version} is installed.")


@routes.post(HOME + "/clone", Permission.MANAGE_PLUGINS)
def clone(ask: Ask) -> Response:
    words = {word: ask.word(word) for word in ("branch", "folder")}
    try:
        found = plugins.clone(ask.node, ask.word("repository"), by=ask.me.login, **words)
    except PenstockError as wrong:
        return _list(ask, wrong)
    return ask.to(f"{HOME}/{found.name}", f"{found.name} {found.version} is installed.")


@routes.get(ONE, Permission.MANAGE_PLUGINS)
def show(ask: Ask, plugin: str) -> Response:
    return ask.page(
        "plugins/plugin.html", shown=plugins.show(ask.node, plugin), usages=plugins.usages(ask.node, plugin)
    )


@routes.post(ONE + "/delete", Permission.MANAGE_PLUGINS)
def delete(ask: Ask, plugin: str) -> Response:
    plugins.delete(ask.node, plugin, by=ask.me.login)
    return ask.to(HOME, f"Plugin {plugin} is gone.")


def _list(ask: Ask, wrong: PenstockError | None = None) -> Response:
    return ask.page(
        "plugins/list.html", status=wrong.http_status if wrong else 200, plugins=plugins.list_(ask.node),
        wrong=str(wrong or ""),
    )  # fmt: skip
