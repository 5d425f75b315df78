"""The wiki of a project: articles with their links resolved; write, move, attach, search. Every save is a commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from penstock.core import wiki
from penstock.core.errors import Invalid, NotFound, PenstockError, SaveConflict, TooLarge
from penstock.core.project import Project
from penstock.core.revision import Revision
from penstock.core.wiki import TREE_FILE, Entry, Link, Wiki
from penstock.runtime import guards, people

if TYPE_CHECKING:
    from penstock.core.node import Node

FOLDER = "wiki"
ATTACHED = "wiki/attachments"
MOST_BYTES = 10 * 1024 * 1024
"""Of one attachment: they lie in git with the articles, and travel with the project."""
ADDRESSES = {
    "dataset": "datasets", "folder": "folders", "model": "models", "evaluation_store": "evaluations",
    "recipe": "recipes", "scenario": "scenarios", "dashboard": "dashboards",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as people read it."""

    name: str
    title: str
    text: str
    """As it was written."""
    shown: str
    """Markdown with the links to objects filled in; links that lead nowhere are struck out and say so."""
    base: str
    """The content hash of its file and its title: what a save must still find."""
    dead: tuple[str, ...]
    """Links that lead nowhere."""
    above: tuple[Entry, ...]
    """From the top down to its parent."""
    below: tuple[Entry, ...]
    attachments: tuple[str, ...]
    changed: Revision | None


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, and where."""

    name: str
    title: str
    line: str


def tree(node: Node, project: str) -> Wiki:
    """Every article exactly once, in order; files that nobody put into the tree come last."""
    return _tree(node, node.projects.load(project))


def show(node: Node, project: str, words: str = "") -> Article:
    """An article by its name or title; the home one when none is named. Raises NotFound with the nearest."""
    loaded = node.projects.load(project)
    whole = _tree(node, loaded)
    if not words and not whole.first:
        raise NotFound("article", "", where="the wiki", hint="Write the first one.")
    entry = wiki.find(whole, words or whole.first)
    file = wiki.file_of(entry.article)
    text, base = node.projects.read(project, file)
    saves = node.projects.history(project, file, limit=1)
    shown, dead = resolved(node, loaded, text)
    return Article(
        name=entry.article, title=entry.words, text=text, shown=shown, base=f"{base}:{entry.words}", dead=dead,
        above=wiki.above(whole, entry.article), below=entry.children,
        attachments=_attached(node, project, entry.article),
        changed=saves[0] if saves else None,
    )  # fmt: skip


def resolved(node: Node, project: Project, text: str) -> tuple[str, tuple[str, ...]]:
    """Markdown whose links to objects are addresses, and the links that lead nowhere."""
    dead: list[str] = []

    def written(link: Link, label: str) -> str:
        address = _address(node, project, link)
        if address:
            return f"[{label}]({address})"
        dead.append(f"{link.sort}:{link.name or link.project}")
        return f"~~{label}~~ (there is no {link.sort.replace('_', ' ')} {link.name or link.project})"

    return wiki.linked(text, written), tuple(dead)


def create(node: Node, project: str, title: str, *, author: str, parent: str = "", text: str = "") -> str:
    """A new article; its name. The first one of a wiki becomes home. Raises Invalid without a title."""
    if not title.strip():
        raise Invalid("An article needs a title.")
    whole = tree(node, project)
    name = wiki.file_name(title, [e.article for _, e in wiki.walked(whole.tree)])
    grown = wiki.add(whole, Entry(article=name, title=title.strip()), parent)
    files: dict[str, Wiki | str] = {TREE_FILE: grown, wiki.file_of(name): text or f"# {title.strip()}\n"}
    node.projects.save(project, dict(files), author=author, message=f"Write article {title.strip()}")
    return name


def save(
    node: Node, project: str, name: str, text: str, *, author: str, title: str = "", base: str = "", message: str = ""
) -> None:  # fmt: skip
    """Another text, and title when one is given. Raises SaveConflict, with the difference, when somebody was faster."""
    whole = tree(node, project)
    entry = wiki.find(whole, name)
    file = wiki.file_of(entry.article)
    base, _, titled = base.partition(":")
    if titled and titled != entry.words:
        now = f"{node.projects.read(project, file)[1]}:{entry.words}"
        renamed = node.projects.last_change(project, TREE_FILE)
        told = f"- {titled}\n+ {entry.words}"
        raise SaveConflict(f"The title of {titled}", told, now=now, by=renamed[0] if renamed else "")
    files: dict[str, str | Wiki] = {file: text.replace("\r\n", "\n")}
    if title.strip() and title.strip() != entry.words:
        files[TREE_FILE] = wiki.retitle(whole, entry.article, title.strip())
    said = message or f"Write article {title.strip() or entry.words}"
    node.projects.save(project, dict(files), author=author, message=said, base={file: base} if base else None)


def move(node: Node, project: str, name: str, *, author: str, parent: str = "", position: int = -1) -> None:
    """Elsewhere in the tree, with everything below it. Raises Invalid for a place below itself."""
    moved = wiki.move(tree(node, project), name, parent, position)
    node.projects.save(project, {TREE_FILE: moved}, author=author, message=f"Move article {name}")


def set_home(node: Node, project: str, name: str, *, author: str) -> None:
    """The article that opens first."""
    whole = tree(node, project)
    wiki.find(whole, name)
    changed = whole.changed(home=name)
    node.projects.save(project, {TREE_FILE: changed}, author=author, message=f"Article {name} is home")


def remove(node: Node, project: str, name: str, *, author: str) -> None:
    """Delete an article with its attachments; those below it move up. History brings it back."""
    left = wiki.remove(tree(node, project), name)
    gone = dict.fromkeys(
        (wiki.file_of(name), *(f"{ATTACHED}/{name}/{a}" for a in _attached(node, project, name)))
    )
    node.projects.save(project, {TREE_FILE: left, **gone}, author=author, message=f"Delete article {name}")


def attach(node: Node, project: str, name: str, files: Sequence[tuple[str, bytes]], *, author: str) -> None:
    """Put files beside an article: (plain name, bytes). Raises TooLarge for one over 10 MB."""
    article = wiki.find(tree(node, project), name).article
    for file, content in files:
        if len(content) > MOST_BYTES:
            raise TooLarge(f"{file} is too large: an attachment has 10 MB at most.")
    saved: dict[str, bytes] = {f"{ATTACHED}/{article}/{file}": content for file, content in files}
    names = ", ".join(file for file, _ in files)
    node.projects.save(project, dict(saved), author=author, message=f"Attach {names} to article {article}")


def detach(node: Node, project: str, name: str, file: str, *, author: str) -> None:
    """Remove an attachment. Raises NotFound."""
    attachment(node, project, name, file)
    node.projects.save(
        project,
        {f"{ATTACHED}/{name}/{file}": None},
        author=author,
        message=f"Detach {file} from article {name}",
    )


def attachment(node: Node, project: str, name: str, file: str) -> bytes:
    """The bytes of an attachment. Raises NotFound with the nearest."""
    there = _attached(node, project, name)
    if file not in there:
        raise NotFound("attachment", file, among=there, where=f"article {name}")
    return node.projects.content(project, f"{ATTACHED}/{name}/{file}")


def search(node: Node, project: str, words: str) -> list[Hit]:
    """Articles with these words in title, name or text; `inputDrift` and `input drift` find each other."""
    wanted = _plain(words)
    found = []
    for _, entry in wiki.walked(tree(node, project).tree):
        text, _ = node.projects.read(project, wiki.file_of(entry.article))
        lines = [line for line in text.splitlines() if wanted in _plain(line)]
        if wanted in _plain(entry.words) or wanted in _plain(entry.article) or lines:
            found.append(Hit(entry.article, entry.words, lines[0].strip("# ") if lines else ""))
    return found if wanted else []


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _tree(node: Node, project: Project) -> Wiki:
    files = [PurePosixPath(f) for f in node.projects.listed(project.key, FOLDER)]
    return wiki.complete(
        project.wiki, [f.stem for f in files if f.suffix == ".md" and str(f.parent) == FOLDER]
    )


def _attached(node: Node, project: str, name: str) -> tuple[str, ...]:
    place = f"{ATTACHED}/{name}/"
    return tuple(f.removeprefix(place) for f in node.projects.listed(project, place.rstrip("/")))


def _address(node: Node, project: Project, link: Link) -> str:
    """Where a link leads; empty when there is nothing, or nothing that the reader may know of."""
    key = link.project or project.key
    there = project if key == project.key else _other(node, key)
    if there is None:
        return ""
    if link.sort == "project":
        return f"/projects/{key}"
    if link.sort == "article":
        try:
            return f"/projects/{key}/wiki/{wiki.find(_tree(node, there), link.name).article}"
        except NotFound:
            return ""
    known = getattr(there, f"{link.sort}s")
    is_there = link.name in known or (link.sort == "dashboard" and link.name == "default")
    return f"/projects/{key}/{ADDRESSES[link.sort]}/{link.name}" if is_there else ""


def _other(node: Node, key: str) -> Project | None:
    who = guards.asking()
    try:
        if who is not None and key not in people.visible(node, who):
            return None
        return node.projects.load(key)
    except PenstockError:
        return None
