"""The document of the Flow: make it, fetch it, see what a template asked for in vain."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid
from penstock.http import uploads
from penstock.runtime import flow_documents, model_documents
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
FLOW = "/projects/{project}/flow"


@routes.get(FLOW + "/document", Permission.READ)
def ask_for(ask: Ask) -> Response:
    """Which document is wanted; and the one that was just made."""
    made = model_documents.told_of(ask.node, ask.project, ask.word("made")) if ask.word("made") else None
    return ask.page("flow/document.html", made=made, names=flow_documents.offered(ask.node, ask.project))


@routes.post(FLOW + "/document", Permission.READ)
def make(ask: Ask) -> Response:
    place = ask.node.config.home / "work"
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place) as folder:
        templates = uploads.receive(list(ask.files("template")), Path(folder))
        if ask.word("own") and not templates:
            raise Invalid("No file came with it.", hint="Choose the .docx that is to be filled.")
        made = flow_documents.make(ask.node, ask.project, templates, form=ask.word("form") or "docx")
    return ask.to(ask.url("flow", "document", made=made.id))


@routes.get(FLOW + "/documents/{made}", Permission.READ)
def fetch(ask: Ask, made: str) -> Response:
    told = model_documents.told_of(ask.node, ask.project, made)
    content = model_documents.fetch(ask.node, ask.project, made).read_bytes()
    return ask.download(content, told.name, told.mime)
