"""Plugins over HTTP: installed by those who may, seen by everybody who reads a project that uses them."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post
from penstock.core.access import Permission as P

ONE = "/plugins/{name}"

ROUTES = (
    get("plugins.list_", "/plugins", P.SIGNED_IN),
    post("plugins.install", "/plugins", P.MANAGE_PLUGINS, status=201, upload=Upload.FILES),
    post("plugins.clone", "/plugin-clones", P.MANAGE_PLUGINS, status=201),
    get("plugins.show", ONE, P.SIGNED_IN),
    get("plugins.usages", ONE + "/usages", P.MANAGE_PLUGINS),
    delete("plugins.delete", ONE, P.MANAGE_PLUGINS, answer=Answer.NOTHING),
    get("plugins.of_project", "/projects/{project}/plugins", P.READ),
)
