"""Printouts: a dashboard as PDF or as pictures, as files of people, of folders and of mails."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core.errors import Invalid
from penstock.core.page_filters import written
from penstock.core.printout import FORMS, PrintedPage, PrintedTile, Printout, sheet
from penstock.runtime import dashboards, tiles

if TYPE_CHECKING:
    from penstock.core.access import Identity
    from penstock.core.node import Node
    from penstock.runtime.dashboards import ShownPage

DEFAULT_PAPER = "A4 landscape"
MIMES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "zip": "application/zip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file ready to be handed on."""

    name: str
    mime: str
    content: bytes


def export(
    node: Node, project: str, name: str, *, form: str = "pdf", paper: str = DEFAULT_PAPER,
    pages: Sequence[int] = (), filters: str = "", who: Identity | None = None,
) -> Document:  # fmt: skip
    """A dashboard as one file: a PDF of all pages, or a picture; several pictures come as a zip.

    `paper` is A4, letter (with ` landscape` or not), `screen`, or pixels such as `1600x900`. Who asks sees in it what
    they see on the screen, with the filters as the address says them.
    """
    if form not in FORMS:
        raise Invalid(
            f"'{form}' is nothing a dashboard becomes.",
            hint=f"Choose {', '.join(FORMS[:-1])} or {FORMS[-1]}.",
        )
    chosen = sheet(paper)
    made = printout(node, project, name, pages=pages, filters=filters, who=who)
    if form == "pdf":
        return Document(name=f"{name}.pdf", mime=MIMES["pdf"], content=node.printer.pdf(made, chosen))
    pictures = node.printer.png(made, chosen) if form == "png" else node.printer.jpg(made, chosen)
    if len(pictures) == 1:
        return Document(name=f"{name}.{form}", mime=MIMES[form], content=pictures[0])
    files = {f"{name}-{n}.{form}": picture for n, picture in enumerate(pictures, 1)}
    return Document(name=f"{name}.zip", mime=MIMES["zip"], content=zipped(files))


def write(
    node: Node, project: str, name: str, target: Path, *, paper: str = DEFAULT_PAPER, filters: str = "",
    who: Identity | None = None,
) -> Path:  # fmt: skip
    """A dashboard as a file of this machine; its ending chooses pdf, png or jpg. Several pictures are one
    zip beside it."""
    form = target.suffix.lstrip(".").lower()
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder {target.parent}.", hint="Make it first, or choose another place.")
    made = export(node, project, name, form=form, paper=paper, filters=filters, who=who)
    place = target.with_suffix(f".{made.name.rpartition('.')[2]}")
    place.write_bytes(made.content)
    return place


def export_several(
    node: Node, project: str, names: Sequence[str], *, form: str = "pdf", paper: str = DEFAULT_PAPER,
    who: Identity | None = None,
) -> Document:  # fmt: skip
    """Several dashboards as one zip."""
    made = [export(node, project, name, form=form, paper=paper, who=who) for name in names]
    if len(made) == 1:
        return made[0]
    content = zipped({document.name: document.content for document in made})
    return Document(name=f"{project}-dashboards.zip", mime=MIMES["zip"], content=content)


def export_to_folder(
    node: Node, project: str, name: str, folder: str, *, form: str = "pdf", paper: str = DEFAULT_PAPER,
    file: str = "", filters: str = "",
) -> str:  # fmt: skip
    """A dashboard as a file of a managed folder, written aside and swapped in; its path there."""
    document = export(node, project, name, form=form, paper=paper, filters=filters)
    return put(node, project, folder, document, file)


def put(node: Node, project: str, folder: str, document: Document, file: str = "") -> str:
    """A document as a file of a managed folder, under its own name or another; its path there."""
    from penstock.runtime import folders

    target = file or document.name
    if target.endswith("/") or Path(target).name in ("", ".", ".."):
        raise Invalid(f"'{target}' is no name for a file.", hint=f"Such as {document.name}.")
    aside = node.config.home / "work" / f"print-{node.clock.new_id()}"
    aside.mkdir(parents=True)
    try:
        source = aside / Path(target).name
        source.write_bytes(document.content)
        under = str(Path(target).parent)
        return folders.put(node, project, folder, [source], under="" if under == "." else under)[0]
    finally:
        for left in aside.iterdir():
            left.unlink()
        aside.rmdir()


def printout(
    node: Node, project: str, name: str, *, pages: Sequence[int] = (), filters: str = "",
    who: Identity | None = None,
) -> Printout:  # fmt: skip
    """A dashboard with everything its tiles show now."""
    loaded = node.projects.load(project)
    found = loaded.dashboard(name)
    shown = [n for n, page in enumerate(found.pages, 1) if page.visible or n in pages]
    numbers = list(pages) or shown or [1]
    made = [dashboards.show(node, project, name, n, who=who, filters=filters) for n in numbers]
    with tiles.looking(node, loaded, name, who=who) as ctx:
        title = ctx.expand(found.title) or name
        titles = [ctx.expand(page.page.title) for page in made]
    return Printout(
        title=title, project=project, description=found.short_description, printed_at=node.clock.now(),
        pages=tuple(_page(page, t, filters) for page, t in zip(made, titles, strict=True)), spacing=found.spacing,
    )  # fmt: skip


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files as one zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def _page(shown: ShownPage, title: str, filters: str) -> PrintedPage:
    chosen = dashboards.filtering(shown.page, filters) if filters else {}
    told = "; ".join(written(f.chosen) for f in chosen.values() if f.chosen)
    printed = tuple(
        PrintedTile(
            box=one.placed.box, title=one.title if one.tile.show_title == "always" else "",
            content=one.content, border=one.tile.border, background=one.tile.background,
        )
        for one in shown.tiles
    )  # fmt: skip
    return PrintedPage(title=title, tiles=printed, background=shown.page.background, filters=told)
