"""Exports of a wiki: an article, a branch or all of it as PDF or as one HTML file, attachments beside it in a zip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core import wiki
from penstock.core.book import Book, Chapter
from penstock.core.errors import Invalid, did_you_mean
from penstock.core.printout import PAPERS, sheet
from penstock.core.wiki import Entry
from penstock.runtime import printouts, wiki_links
from penstock.runtime.printouts import MIMES, Document
from penstock.runtime.wiki import ATTACHED, FOLDER

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

FORMS = ("pdf", "html")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def export(
    node: Node, project: str, article: str = "", *, children: bool = True, form: str = "pdf", paper: str = "A4",
    attachments: bool = False,
) -> Document:  # fmt: skip
    """The whole wiki, or one article with (or without) those below it, as one file; with attachments a zip of it and
    of them, a folder an article.

    `paper` is A4, A3, letter or ledger, with ` landscape` or not. Raises NotFound, Invalid.
    """
    if form not in FORMS:
        raise Invalid(f"'{form}' is nothing a wiki becomes.{did_you_mean(form, FORMS)}", hint="pdf or html.")
    if paper not in PAPERS:
        raise Invalid(
            f"'{paper}' is no paper.{did_you_mean(paper, PAPERS)}", hint=f"One of {', '.join(PAPERS)}."
        )
    made = book(node, project, article, children=children)
    content = (
        node.printer.book(made, sheet(paper)) if form == "pdf" else node.printer.page(made).encode("utf-8")
    )
    stem = made.chapters[0].name if article else f"{project}-wiki"
    name = f"{stem}.{form}"
    if not attachments:
        return Document(name=name, mime=MIMES.get(form, "text/html"), content=content)
    files = {
        f"attachments/{chapter.name}/{file}": node.projects.content(
            project, f"{ATTACHED}/{chapter.name}/{file}"
        )
        for chapter in made.chapters
        for file in _attached(node, project, chapter.name)
    }
    return Document(name=f"{stem}.zip", mime=MIMES["zip"], content=printouts.zipped({name: content, **files}))


def write(
    node: Node, project: str, name: str, target: Path, *, children: bool = True, paper: str = "A4",
    attachments: bool = False,
) -> Path:  # fmt: skip
    """The wiki, or the article of that name, as a file of this machine: its ending chooses pdf or html. With
    attachments it is a zip beside it."""
    form = target.suffix.lstrip(".").lower()
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder {target.parent}.", hint="Make it first, or choose another place.")
    made = export(node, project, name, children=children, form=form, paper=paper, attachments=attachments)
    place = target.with_suffix(f".{made.name.rpartition('.')[2]}")
    place.write_bytes(made.content)
    return place


def export_to_folder(
    node: Node, project: str, folder: str, *, article: str = "", children: bool = True, form: str = "pdf",
    paper: str = "A4", attachments: bool = False, file: str = "",
) -> str:  # fmt: skip
    """The same as a file of a managed folder; its path there."""
    made = export(node, project, article, children=children, form=form, paper=paper, attachments=attachments)
    return printouts.put(node, project, folder, made, file)


def book(node: Node, project: str, article: str = "", *, children: bool = True) -> Book:
    """Articles with their links as addresses and their pictures, in the order of the tree. Raises NotFound."""
    loaded = node.projects.load(project)
    texts = node.projects.texts(project, FOLDER)
    whole = wiki.complete(loaded.wiki, list(texts))
    chosen = _chosen(whole, article, children)
    if not chosen:
        raise Invalid(f"The wiki of {project} has no article yet.", hint="Write the first one.")
    chapters = []
    for level, entry in chosen:
        text = texts[entry.article].decode(errors="replace")
        shown, _ = wiki_links.resolved(node, loaded, wiki.unmarked(text), entry.article, whole)
        address = f"/projects/{project}/wiki/{entry.article}"
        chapters.append(
            Chapter(name=entry.article, title=entry.words, level=level, address=address, text=shown)
        )
    title = chosen[0][1].words if article else f"{loaded.settings.title or project}: wiki"
    return Book(
        title=title, project=project, made_at=node.clock.now(), base_url=node.config.base_url,
        chapters=tuple(chapters), pictures=_pictures(node, loaded, [entry.article for _, entry in chosen]),
    )  # fmt: skip


def _chosen(whole: wiki.Wiki, article: str, children: bool) -> list[tuple[int, Entry]]:
    if not article:
        return list(wiki.walked(whole.tree))
    entry = wiki.find(whole, article)
    return list(wiki.walked((entry,))) if children else [(0, entry)]


def _pictures(node: Node, project: Project, articles: Sequence[str]) -> dict[str, bytes]:
    """Address of every attached picture → its bytes."""
    return {
        f"/projects/{project.key}/wiki/{name}/attachments/{file}": node.projects.content(
            project.key, f"{ATTACHED}/{name}/{file}"
        )
        for name in articles
        for file in _attached(node, project.key, name)
        if file.lower().endswith(PICTURES)
    }


def _attached(node: Node, project: str, name: str) -> list[str]:
    place = f"{ATTACHED}/{name}"
    return [file.removeprefix(f"{place}/") for file in node.projects.listed(project, place)]
