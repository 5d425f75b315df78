"""The document of a model version: make it, fetch it, see what a template asked for in vain; the model card."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid
from penstock.http import uploads
from penstock.runtime import model_documents
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
VERSION = "/projects/{project}/models/{model}/versions/{version}"


@routes.get(VERSION + "/document", Permission.READ)
def ask_for(ask: Ask, model: str, version: str) -> Response:
    """Which document is wanted; and the one that was just made."""
    made = model_documents.told_of(ask.node, ask.project, ask.word("made")) if ask.word("made") else None
    of = model_documents.offered(ask.node, ask.project, model, version)
    base = ask.url("models", model, "versions", of.version.id)
    return ask.page("models/document.html", of=of, base=base, made=made)


@routes.post(VERSION + "/document", Permission.READ)
def make(ask: Ask, model: str, version: str) -> Response:
    place = ask.node.config.home / "work"
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place) as folder:
        templates = uploads.receive(list(ask.files("template")), Path(folder))
        if ask.word("own") and not templates:
            raise Invalid("No file came with it.", hint="Choose the .docx that is to be filled.")
        made = model_documents.make(
            ask.node, ask.project, model, version, templates, form=ask.word("form") or "docx", by=ask.me.login
        )
    return ask.to(ask.url("models", model, "versions", version, "document", made=made.id))


@routes.get(VERSION + "/documents/{id}", Permission.READ)
def fetch(ask: Ask, model: str, version: str, id: str) -> Response:
    told = model_documents.told_of(ask.node, ask.project, id)
    content = model_documents.fetch(ask.node, ask.project, id).read_bytes()
    return ask.download(content, told.name, told.mime)


@routes.get("/projects/{project}/models/template.docx", Permission.READ)
def template(ask: Ask) -> Response:
    """A sample template, to begin one's own with."""
    made = model_documents.template(ask.node)
    return ask.download(made.content, made.name, made.mime)


@routes.get(VERSION + "/card", Permission.READ)
def card(ask: Ask, model: str, version: str) -> Response:
    """The model card as a file."""
    made = model_documents.card(ask.node, ask.project, model, version, form=ask.word("form") or "md")
    return ask.download(made.content, made.name, made.mime)
