"""Saved models over HTTP: versions, reports, predictions and what explains them."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post, put
from penstock.core.access import Permission as P

MODEL = "/projects/{project}/models/{model}"
DOCUMENT = "/projects/{project}/model-documents/{id}"
ACTIVE = "active"

ROUTES = (
    get("training.versions", MODEL + "/versions", P.READ),
    get("training.active", MODEL + "/active", P.READ),
    put("training.activate", MODEL + "/active", P.WRITE),
    post("training.promote", MODEL + "/promotions", P.WRITE),
    delete("training.delete", MODEL + "/versions", P.WRITE),
    post("training.import_mlflow", MODEL + "/versions", P.WRITE, status=201, upload=Upload.FOLDER),
    get("training.versioned", MODEL + "/versions/{version}", P.READ, blanks={"version": ACTIVE}),
    get("training.report", MODEL + "/versions/{id}/report", P.READ, blanks={"id": ACTIVE}),
    post("training.predict", MODEL + "/predictions", P.READ, upload=Upload.ROWS, answer=Answer.TABLE),
    post("training.what_if", MODEL + "/what-if", P.READ),
    get("training.partial_dependence", MODEL + "/partial-dependence/{feature}", P.READ),
    get("training.explanations", MODEL + "/explanations", P.READ),
    get("training.subpopulations", MODEL + "/subpopulations/{column}", P.READ),
    get("training.fairness", MODEL + "/fairness/{column}", P.READ),
    get(
        "model_documents.write",
        MODEL + "/document",
        P.READ,
        answer=Answer.FILE,
        formats=("docx", "pdf", "md"),
    ),
    get("model_documents.write_card", MODEL + "/card", P.READ, answer=Answer.FILE, formats=("md", "json")),
    post(
        "model_documents.make",
        MODEL + "/versions/{version}/documents",
        P.READ,
        status=201,
        upload=Upload.FILES,
        blanks={"version": ACTIVE},
    ),
    get(
        "model_documents.write_template",
        "/model-document-template",
        P.SIGNED_IN,
        answer=Answer.FILE,
        formats=("docx",),
    ),
    get("model_documents.told_of", DOCUMENT, P.READ),
    get("model_documents.fetch", DOCUMENT + "/file", P.READ, answer=Answer.FILE),
)
