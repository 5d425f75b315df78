"""Datasets over HTTP: their rows, columns and files."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post, put
from penstock.core.access import Permission as P

ONE = "/projects/{project}/datasets/{name}"

ROUTES = (
    post("datasets.create", "/projects/{project}/datasets", P.WRITE, status=201, upload=Upload.FILES),
    get("datasets.show", ONE, P.READ),
    get("datasets.columns", ONE + "/columns", P.READ),
    put("datasets.describe", ONE + "/columns", P.WRITE, whole="columns"),
    post("datasets.infer", ONE + "/inferences", P.WRITE),
    get("datasets.head", ONE + "/sample", P.READ),
    get("datasets.arrow", ONE + "/rows", P.EXPORT, answer=Answer.TABLE),
    post("datasets.append", ONE + "/rows", P.WRITE, status=201, upload=Upload.ROWS),
    delete("datasets.clear", ONE + "/rows", P.WRITE, answer=Answer.NOTHING),
    get("datasets.export", ONE + "/export", P.EXPORT, answer=Answer.FILE),
    get("datasets.count", ONE + "/count", P.READ),
    get("datasets.snapshots", ONE + "/snapshots", P.READ),
    get("datasets.list_files", ONE + "/files", P.READ),
    put("datasets.select_files", ONE + "/files", P.WRITE, whole="paths"),
    post("datasets.upload", ONE + "/files", P.WRITE, status=201, upload=Upload.FILES),
    delete("datasets.remove_files", ONE + "/files", P.WRITE, answer=Answer.NOTHING),
    get("datasets.doubts", ONE + "/doubts", P.READ),
)
