"""Flow documents: a whole project described for people, as Word, PDF or Markdown, by our outline or a template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core.errors import Invalid, did_you_mean
from penstock.runtime import model_documents as documents
from penstock.runtime import printouts
from penstock.runtime.documenting.material import Material
from penstock.runtime.flow_document import outline
from penstock.runtime.flow_document.names import names
from penstock.runtime.model_documents import FORMS, MIMES, MadeDocument, Written
from penstock.runtime.printouts import Document

if TYPE_CHECKING:
    from penstock.core.node import Node


def export(node: Node, project: str, *, form: str = "docx", template: bytes = b"") -> Written:
    """The project as a document: .docx, PDF, or Markdown with its pictures as a zip.

    With a `template`, a .docx with placeholders and loops, that is filled instead of our own outline. Raises NotFound,
    Invalid.
    """
    if form not in FORMS:
        said = f"'{form}' is nothing a Flow document becomes.{did_you_mean(form, FORMS)}"
        raise Invalid(said, hint="docx, pdf or md.")
    material, stem = Material(node, project), f"{re.sub(r'[^A-Za-z0-9_-]', '-', project)}-flow"
    if template:
        if form != "docx":
            raise Invalid("A template of yours becomes a .docx.", hint="Open it and save it as PDF there.")
        found = node.writer.fill(template, names(material, f"{stem}.docx"))
        return Written(
            Document(name=f"{stem}.docx", mime=MIMES["docx"], content=found.content), found.warnings
        )
    made = outline.made(material)
    if form == "md":
        return Written(
            documents.zipped(node.writer.markdown(made, pictures="pictures/"), stem), made.warnings
        )
    content = node.writer.word(made) if form == "docx" else node.writer.pdf(made)
    return Written(Document(name=f"{stem}.{form}", mime=MIMES[form], content=content), made.warnings)


def offered(node: Node, project: str) -> list[str]:
    """The names and lists a template may hold."""
    return sorted(names(Material(node, project), "").known)


def write(node: Node, project: str, target: Path) -> Path:
    """The document as a file of this machine: its ending chooses docx, pdf or md (a zip beside it)."""
    form = target.suffix.lstrip(".").lower()
    return documents.put_down(export(node, project, form=form).document, target)


def make(
    node: Node, project: str, sources: Sequence[Path] = (), *, form: str = "docx", folder: str = "", path: str = "",
) -> MadeDocument:  # fmt: skip
    """Make the document and keep it to be fetched, for a day: `model_documents.fetch`. The template is a .docx that is
    sent along, or a file of a managed folder (`folder`, `path`), else our own outline. Raises NotFound, Invalid."""
    given = sources[0].read_bytes() if sources else documents.from_folder(node, project, folder, path)
    return documents.keep(node, project, export(node, project, form=form, template=given))


def to_folder(
    node: Node, project: str, folder: str, *, form: str = "docx", template: str = "", template_folder: str = "",
    file: str = "", timestamp: bool = False,
) -> tuple[str, tuple[str, ...]]:  # fmt: skip
    """The document as a file of a managed folder; its path there, and what could not be said."""
    given = documents.from_folder(node, project, template_folder or folder, template) if template else b""
    made = export(node, project, form=form, template=given)
    name = documents.stamped(node, file or made.document.name, timestamp=timestamp)
    return printouts.put(node, project, folder, made.document, name), made.warnings
