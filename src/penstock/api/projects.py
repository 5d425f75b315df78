"""Projects over HTTP: make, take in, look at, define what is in them, go back."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post, put
from penstock.core.access import Permission as P

ONE = "/projects/{project}"
DEFINITION = ONE + "/definitions/{what}/{name}"

ROUTES = (
    get("projects.summaries", "/projects", P.SIGNED_IN),
    get("projects.keys", "/project-keys", P.SIGNED_IN),
    post("projects.create", "/projects", P.CREATE_PROJECTS, status=201, repeats=True),
    post("projects.add", "/project-folders", P.CREATE_PROJECTS, status=201, upload=Upload.FOLDER),
    get("projects.show", ONE, P.READ),
    post("projects.duplicate", ONE + "/copies", P.READ, status=201, repeats=True),
    delete("projects.delete", ONE, P.ADMIN, answer=Answer.NOTHING),
    get("projects.validate", ONE + "/problems", P.READ),
    get("projects.history", ONE + "/commits", P.READ),
    post("projects.keep", ONE + "/commits", P.WRITE),
    get("projects.pending", ONE + "/changes", P.READ),
    get("projects.diff", ONE + "/diff", P.READ, answer=Answer.TEXT),
    post("projects.revert", ONE + "/reverts", P.WRITE),
    post("projects.rename", ONE + "/renames", P.WRITE),
    get("projects.definition", DEFINITION, P.READ),
    put("projects.define", DEFINITION, P.WRITE, whole="definition"),
    delete("projects.remove", DEFINITION, P.WRITE, answer=Answer.NOTHING),
)
