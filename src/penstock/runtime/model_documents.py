"""Model documents and model cards: a version described for people, as files of people, of folders and of mails."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Invalid, NotFound, did_you_mean
from penstock.runtime import folders, printouts
from penstock.runtime.model_document import card as cards
from penstock.runtime.model_document import forecast_outline, sample
from penstock.runtime.model_document.names import names
from penstock.runtime.model_document.subject import Subject, subject
from penstock.runtime.printouts import Document

if TYPE_CHECKING:
    from penstock.core.model import ModelVersion
    from penstock.core.node import Node

MIMES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
    "md": "text/markdown", "json": "application/json", "zip": "application/zip",
}  # fmt: skip
FORMS = ("docx", "pdf", "md")
CARDS = ("md", "json")
KEPT = timedelta(days=1)
"""How long a made document waits to be fetched."""
TOLD = "told.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDocument:
    """A document that waits to be fetched, and what could not be said in it."""

    id: str
    name: str
    mime: str
    bytes: int
    made_at: datetime
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A version that can be described, and the names a template of it may hold."""

    version: ModelVersion
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A document as a file, and what could not be said in it."""

    document: Document
    warnings: tuple[str, ...] = ()


def export(
    node: Node, project: str, model: str, version: str = "", *, form: str = "docx", template: bytes = b"", by: str = "",
) -> Written:  # fmt: skip
    """A version (the active one without an id) as a document: .docx, PDF, or Markdown with its pictures as a zip.

    With a `template`, a .docx with placeholders, that is filled instead of our own outline. Raises NotFound,
    NoActiveVersion, Invalid.
    """
    if form not in FORMS:
        raise Invalid(
            f"'{form}' is nothing a model document becomes.{did_you_mean(form, FORMS)}",
            hint="docx, pdf or md.",
        )
    asked = subject(node, project, model, version, by=by)
    stem = _stem(asked)
    if template:
        return _filled(asked, template, form, stem)
    made = forecast_outline.made(_called(asked, f"{stem}.{form}"))
    if form == "md":
        return Written(zipped(node.writer.markdown(made, pictures="pictures/"), stem), made.warnings)
    content = node.writer.word(made) if form == "docx" else node.writer.pdf(made)
    return Written(Document(name=f"{stem}.{form}", mime=MIMES[form], content=content), made.warnings)


def _filled(s: Subject, template: bytes, form: str, stem: str) -> Written:
    if form != "docx":
        raise Invalid("A template of yours becomes a .docx.", hint="Open it and save it as PDF there.")
    found = s.node.writer.fill(template, names(_called(s, f"{stem}.docx")))
    return Written(Document(name=f"{stem}.docx", mime=MIMES["docx"], content=found.content), found.warnings)


def zipped(made: Any, stem: str) -> Document:
    """Markdown and its pictures as one file."""
    files = {f"{stem}.md": made.text.encode(), **{f"pictures/{n}": b for n, b in made.files.items()}}
    return Document(name=f"{stem}.zip", mime=MIMES["zip"], content=printouts.zipped(files))


def _stem(s: Subject) -> str:
    return re.sub(r"[^\w.-]+", "-", f"{s.name}-{s.version.id}")


def _called(s: Subject, file: str) -> Subject:
    from dataclasses import replace

    return replace(s, file=file)


def offered(node: Node, project: str, model: str, version: str = "") -> Offered:
    """What can be described of a version. Raises NotFound, NoActiveVersion."""
    asked = subject(node, project, model, version)
    return Offered(version=asked.version, names=tuple(sorted(names(asked).known)))


def write_template(node: Node, target: Path) -> Path:
    """A sample template as a .docx: our outline in placeholders, to begin one's own with."""
    if target.suffix.lower() != ".docx":
        raise Invalid(
            f"'{target}' is no .docx.", hint="A template is a Word document: end its name with .docx."
        )
    return put_down(template(node), target)


def template(node: Node) -> Document:
    """The same in memory."""
    return Document(name="template.docx", mime=MIMES["docx"], content=node.writer.word(sample.made()))


def write(node: Node, project: str, model: str, target: Path, *, version: str = "", by: str = "") -> Path:
    """The document of a version as a file of this machine: its ending chooses docx, pdf or md (a zip beside it)."""
    form = target.suffix.lstrip(".").lower()
    made = export(node, project, model, version, form=form, by=by).document
    return put_down(made, target)


def write_card(node: Node, project: str, model: str, target: Path, *, version: str = "") -> Path:
    """The model card of a version, Markdown or JSON by the ending of the file."""
    form = target.suffix.lstrip(".").lower()
    return put_down(card(node, project, model, version, form=form), target)


def put_down(made: Document, target: Path) -> Path:
    """Write it to a place of this machine; its own ending counts. Raises Invalid where there is no such folder."""
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder {target.parent}.", hint="Make it first, or choose another place.")
    place = target.with_suffix(f".{made.name.rpartition('.')[2]}")
    place.write_bytes(made.content)
    return place


def card(node: Node, project: str, model: str, version: str = "", *, form: str = "md") -> Document:
    """A model card: the version on one page, for people (md) or programs (json)."""
    if form not in CARDS:
        raise Invalid(
            f"'{form}' is nothing a model card becomes.{did_you_mean(form, CARDS)}", hint="md or json."
        )
    asked = subject(node, project, model, version)
    name = f"{_stem(asked)}-card.{form}"
    found = cards.facts(asked)
    text = cards.text(asked) if form == "md" else json.dumps(found, indent=2, ensure_ascii=False, default=str)
    return Document(name=name, mime=MIMES[form], content=text.encode())


def make(
    node: Node, project: str, model: str, version: str = "", sources: Sequence[Path] = (), *, form: str = "docx",
    folder: str = "", path: str = "", by: str = "",
) -> MadeDocument:  # fmt: skip
    """Make the document of a version and keep it to be fetched, for a day.

    The template is a .docx that is sent along, or a file of a managed folder (`folder`, `path`), else our own. Raises
    NotFound, Invalid.
    """
    given = sources[0].read_bytes() if sources else from_folder(node, project, folder, path)
    return keep(node, project, export(node, project, model, version, form=form, template=given, by=by))


def keep(node: Node, project: str, made: Written) -> MadeDocument:
    """Keep a document to be fetched, for a day."""
    _sweep(node, project)
    id = node.clock.new_id()
    place = _place(node, project) / id
    place.mkdir(parents=True)
    (place / made.document.name).write_bytes(made.document.content)
    told = {"name": made.document.name, "mime": made.document.mime, "warnings": made.warnings,
            "made_at": node.clock.now().isoformat()}  # fmt: skip
    (place / TOLD).write_text(json.dumps(told), encoding="utf-8")
    return told_of(node, project, id)


def told_of(node: Node, project: str, id: str) -> MadeDocument:
    """What is known of a made document. Raises NotFound for one that was never made, or is gone after a day."""
    told = _told(node, project, id)
    return MadeDocument(
        id=id, name=told["name"], mime=told["mime"], warnings=tuple(told["warnings"]),
        bytes=(_place(node, project) / id / told["name"]).stat().st_size,
        made_at=datetime.fromisoformat(told["made_at"]),
    )  # fmt: skip


def fetch(node: Node, project: str, id: str) -> Path:
    """The file of a made document. Raises NotFound."""
    return _place(node, project) / id / str(_told(node, project, id)["name"])


def to_folder(
    node: Node, project: str, model: str, folder: str, *, version: str = "", form: str = "docx", template: str = "",
    template_folder: str = "", file: str = "", timestamp: bool = False, by: str = "",
) -> tuple[str, tuple[str, ...]]:  # fmt: skip
    """The document as a file of a managed folder; its path there, and what could not be said.

    `template` is a path in `template_folder`, or in the folder itself. With `timestamp` the name ends with the time.
    """
    given = from_folder(node, project, template_folder or folder, template) if template else b""
    made = export(node, project, model, version, form=form, template=given, by=by)
    name = stamped(node, file or made.document.name, timestamp=timestamp)
    return printouts.put(node, project, folder, made.document, name), made.warnings


def stamped(node: Node, name: str, *, timestamp: bool) -> str:
    """A file name, with the time before its ending if wanted."""
    if not timestamp:
        return name
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{node.clock.now():%Y%m%d-%H%M%S}.{ending}"


def from_folder(node: Node, project: str, folder: str, path: str) -> bytes:
    """A template in a managed folder; nothing when none is named. Raises Invalid, NotFound."""
    if not folder and not path:
        return b""
    if not folder or not path:
        raise Invalid("A template in a folder needs both.", hint="Give the folder and the path in it.")
    with folders.open_file(node, project, folder, path) as file:
        return bytes(file.read())


def _place(node: Node, project: str) -> Path:
    return node.config.home / "work" / "documents" / project


def _told(node: Node, project: str, id: str) -> Mapping[str, Any]:
    file = _place(node, project) / id / TOLD
    if not re.fullmatch(r"[a-z0-9]{1,40}", id) or not file.is_file():
        raise NotFound("document", id, hint="It is kept for a day: make it again.")
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _sweep(node: Node, project: str) -> None:
    """Forget documents that nobody fetched."""
    place = _place(node, project)
    for kept in place.iterdir() if place.is_dir() else ():
        made_at = datetime.fromtimestamp(kept.stat().st_mtime, tz=node.clock.now().tzinfo)
        if node.clock.now() - made_at > KEPT:
            shutil.rmtree(kept, ignore_errors=True)
