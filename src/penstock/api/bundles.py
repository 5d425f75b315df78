"""Bundles over HTTP: made and published where people design; taken in, looked at and activated where they run."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post, put
from penstock.core.access import Permission as P

MADE = "/projects/{project}/bundles"
ONE = MADE + "/{bundle}"
CAME = "/incoming/{key}"
INCOMING = CAME + "/bundles/{bundle}"
CONTENT = "/projects/{project}/bundle-content"

ROUTES = (
    get("bundles.made", MADE, P.READ),
    post("bundles.create", MADE, P.WRITE, status=201, repeats=True),
    get("bundles.since", "/projects/{project}/bundle-changes", P.READ),
    get("bundles.choices", CONTENT, P.READ),
    put("bundles.choose", CONTENT, P.WRITE, whole="content"),
    get("bundles.manifest", ONE, P.READ),
    delete("bundles.delete", ONE, P.WRITE, answer=Answer.NOTHING),
    get("bundles.archive", ONE + "/archive", P.EXPORT, answer=Answer.FILE),
    get("bundles.compare", ONE + "/comparison", P.READ),
    post("incoming.revert", ONE + "/reverts", P.WRITE),
    post("incoming.receive", "/incoming", P.MANAGE_DEPLOYMENTS, status=201, upload=Upload.FILES),
    get("incoming.overview", "/incoming", P.MANAGE_DEPLOYMENTS),
    get("incoming.received", CAME + "/bundles", P.MANAGE_DEPLOYMENTS),
    get("incoming.active", CAME + "/active", P.MANAGE_DEPLOYMENTS),
    get("incoming.settings", CAME + "/settings", P.MANAGE_DEPLOYMENTS),
    put("incoming.save_settings", CAME + "/settings", P.MANAGE_DEPLOYMENTS, whole="settings"),
    get("incoming.manifest", INCOMING, P.MANAGE_DEPLOYMENTS),
    delete("incoming.delete", INCOMING, P.MANAGE_DEPLOYMENTS, answer=Answer.NOTHING),
    get("incoming.compare", INCOMING + "/comparison", P.MANAGE_DEPLOYMENTS),
    post("incoming.preload", INCOMING + "/preload", P.MANAGE_DEPLOYMENTS),
    post("incoming.check", INCOMING + "/checks", P.MANAGE_DEPLOYMENTS),
    post("incoming.activate", INCOMING + "/activation", P.MANAGE_DEPLOYMENTS),
    get("trust.own", "/node/key", P.SIGNED_IN),
    get("trust.trusted", "/node/trusted-keys", P.ADMINISTRATOR),
    post("trust.trust", "/node/trusted-keys", P.ADMINISTRATOR, status=201),
    delete("trust.distrust", "/node/trusted-keys/{fingerprint}", P.ADMINISTRATOR, answer=Answer.NOTHING),
)
