"""Version control over HTTP: branches of a project, and repositories elsewhere that it is shared through."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, post
from penstock.core.access import Permission as P

ONE = "/projects/{project}/git"

ROUTES = (
    get("version_control.show", ONE, P.READ),
    post("version_control.add_remote", ONE + "/remotes", P.ADMIN, status=201),
    delete("version_control.remove_remote", ONE + "/remotes/{name}", P.ADMIN, answer=Answer.NOTHING),
    post("version_control.fetch", ONE + "/fetches", P.WRITE),
    post("version_control.push", ONE + "/pushes", P.WRITE),
    post("version_control.pull", ONE + "/pulls", P.WRITE),
    post("version_control.drop", ONE + "/drops", P.WRITE),
    post("version_control.create_branch", ONE + "/branches", P.WRITE, status=201),
    post("version_control.switch", ONE + "/switches", P.WRITE),
)
