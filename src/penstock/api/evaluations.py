"""Evaluation stores over HTTP: their evaluations, drift, labels, comparisons."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, post, put
from penstock.core.access import Permission as P

ALL = "/projects/{project}/evaluation-stores/{store}/evaluations"
ONE = ALL + "/{id}"
LATEST = {"id": "latest"}

ROUTES = (
    get("evaluations.page", ALL, P.READ),
    post("evaluations.push", ALL, P.WRITE, status=201),
    post("evaluations.delete", ALL + "/deletions", P.WRITE),
    delete("evaluations.delete_all", ALL, P.WRITE),
    get("evaluations.show", ONE, P.READ, blanks=LATEST),
    put("evaluations.rename", ONE + "/name", P.WRITE),
    put("evaluations.set_label", ONE + "/labels/{key}", P.WRITE),
    delete("evaluations.remove_label", ONE + "/labels/{key}", P.WRITE),
    post("drift.show", ONE + "/drift", P.READ, blanks=LATEST),
    post("evaluations.at_threshold", ONE + "/threshold", P.READ),
    get("evaluations.export_sample", ONE + "/sample", P.EXPORT, answer=Answer.FILE),
    post("evaluations.export_to_dataset", ONE + "/sample/datasets", P.WRITE, status=201),
    post("evaluations.compare", "/projects/{project}/comparisons", P.READ),
)
