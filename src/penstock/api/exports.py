"""Export and import over HTTP: a project as a zip, with as much of its data as one wants."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, get, post
from penstock.core.access import Permission as P

ONE = "/projects/{project}/export"

ROUTES = (
    get("exports.write", ONE, P.READ, answer=Answer.FILE, formats=("zip",)),
    get("exports.forgets", ONE + "/forgotten", P.READ),
    post("exports.take_in", "/project-archives", P.CREATE_PROJECTS, status=201, upload=Upload.FILES),
    post("exports.check", "/project-archive-checks", P.CREATE_PROJECTS, upload=Upload.FILES),
)
