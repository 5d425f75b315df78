"""Managed folders over HTTP: list, fetch, put and remove files."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post
from penstock.core.access import Permission as P

FILES = "/projects/{project}/folders/{name}/files"

ROUTES = (
    get("folders.files", FILES, P.READ),
    get("folders.open_file", FILES + "/{path:path}", P.EXPORT, answer=Answer.FILE),
    post("folders.put", FILES, P.WRITE, status=201, upload=Upload.FILES),
    delete("folders.remove", FILES, P.WRITE, answer=Answer.NOTHING),
)
