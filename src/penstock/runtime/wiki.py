"""The wiki of a project: articles with their links resolved; write, move, attach, search. Every save is a commit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from penstock.core import wiki
from penstock.core.errors import Invalid, NotFound, SaveConflict, TooLarge
from penstock.core.revision import Revision
from penstock.core.wiki import TREE_FILE, Entry, Link, Wiki
from penstock.runtime import wiki_links

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

FOLDER = "wiki"
ATTACHED = "wiki/attachments"
MOST_BYTES = 10 * 1024 * 1024
"""Of one attachment: they lie in git with the articles, and travel with the project."""


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


def show(node: Node, project: str, name: str = "") -> Article:
    """An article by its name or title; the home one when none is named. Raises NotFound with the nearest."""
    loaded = node.projects.load(project)
    whole = _tree(node, loaded)
    if not name and not whole.first:
        raise NotFound("article", "", where="the wiki", hint="Write the first one.")
    entry = wiki.find(whole, name or whole.first)
    file = wiki.file_of(entry.article)
    text, base = node.projects.read(project, file)
    shown, dead = wiki_links.resolved(node, loaded, wiki.unmarked(text), entry.article, whole)
    return Article(
        name=entry.article, title=entry.words, text=text, shown=shown, base=f"{base}:{entry.words}", dead=dead,
        above=wiki.above(whole, entry.article), below=entry.children,
        attachments=_attached(node, project, entry.article), changed=_changed(node, project, entry.article),
    )  # fmt: skip


def resolved(node: Node, project: Project, text: str, article: str = "") -> tuple[str, tuple[str, ...]]:
    """Markdown of an article whose links to objects are addresses, and the links that lead nowhere."""
    return wiki_links.resolved(node, project, wiki.unmarked(text), article, _tree(node, project))


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
        files = {**_relinked(node, project, entry, title.strip(), files), **files}
    said = message or f"Write article {title.strip() or entry.words}"
    node.projects.save(project, dict(files), author=author, message=said, base={file: base} if base else None)


def duplicate(
    node: Node, project: str, name: str, *, author: str, title: str = "", attachments: bool = True
) -> str:
    """A second article like one, right behind it, with its attachments if wanted; its name."""
    whole = tree(node, project)
    entry = wiki.find(whole, name)
    words = title.strip() or f"Copy of {entry.words}"
    made = wiki.file_name(words, [e.article for _, e in wiki.walked(whole.tree)])
    parent = wiki.parent_of(whole, entry.article)
    beside = wiki.find(whole, parent).children if parent else whole.tree
    place = [e.article for e in beside].index(entry.article) + 1
    grown = wiki.add(whole, Entry(article=made, title=words), parent, place)
    files: dict[str, Wiki | bytes] = {
        TREE_FILE: grown, wiki.file_of(made): node.projects.content(project, wiki.file_of(entry.article)),
    }  # fmt: skip
    for file in _attached(node, project, entry.article) if attachments else ():
        files[f"{ATTACHED}/{made}/{file}"] = node.projects.content(
            project, f"{ATTACHED}/{entry.article}/{file}"
        )
    node.projects.save(project, dict(files), author=author, message=f"Duplicate article {entry.words}")
    return made


def move(node: Node, project: str, name: str, *, author: str, parent: str = "", position: int = -1) -> None:
    """Elsewhere in the tree, with everything below it. Raises Invalid for a place below itself."""
    moved = wiki.move(tree(node, project), name, parent, position)
    node.projects.save(project, {TREE_FILE: moved}, author=author, message=f"Move article {name}")


def arrange(node: Node, project: str, definition: Wiki | Mapping[str, object], *, author: str) -> None:
    """The whole tree anew. Raises InvalidDefinition for one with an article twice, Invalid for one that loses or
    invents any."""
    from penstock.core import registry

    wanted = definition if isinstance(definition, Wiki) else registry.validate(Wiki, definition)
    there = {entry.article for _, entry in wiki.walked(tree(node, project).tree)}
    named = {entry.article for _, entry in wiki.walked(wanted.tree)} | ({wanted.home} - {""})
    wrong = sorted(there ^ named)
    if wrong:
        raise Invalid(
            f"The tree has every article exactly once: {', '.join(wrong)} would be lost or is not there.",
            hint="Take the tree as it is now, and move what you want.",
        )
    node.projects.save(project, {TREE_FILE: wanted}, author=author, message="Arrange the wiki")


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


def attach_files(node: Node, project: str, name: str, sources: Sequence[Path], *, author: str) -> None:
    """The same with files of this machine."""
    attach(node, project, name, [(file.name, file.read_bytes()) for file in sources], author=author)


def open_attachment(node: Node, project: str, name: str, file: str) -> BinaryIO:
    """An attachment as a stream of bytes. Raises NotFound with the nearest."""
    return BytesIO(attachment(node, project, name, file))


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
    if not wanted:
        return []
    texts = node.projects.texts(project, FOLDER)
    whole = wiki.complete(node.projects.load(project).wiki, list(texts))
    found = []
    for _, entry in wiki.walked(whole.tree):
        is_named = wanted in _plain(entry.words) or wanted in _plain(entry.article)
        if is_named or wanted in _plain_text(texts[entry.article]):
            line = _line(texts[entry.article], wanted)
            found.append((not is_named, Hit(entry.article, entry.words, line)))
    return [hit for _, hit in sorted(found, key=lambda pair: pair[0])]


def _line(content: bytes, wanted: str) -> str:
    """The first line with what was looked for; markers of generated parts are none."""
    lines = (line for line in content.decode(errors="replace").splitlines() if wanted in _plain(line))
    return next((line.strip("# ") for line in lines if not line.startswith("<!--")), "")


@lru_cache(maxsize=8192)
def _plain_text(content: bytes) -> str:
    return _plain(content.decode(errors="replace"))


_ASCII_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}
_SIGNS = re.compile(r"[\W_]+")
_BEYOND_ASCII = re.compile(r"([^\x00-\x7f]+)")


def _plain(text: str) -> str:
    """Letters and digits alone, small. Runs of ASCII go the quick way: most articles have little else."""
    small = text.casefold()
    runs = [small] if small.isascii() else _BEYOND_ASCII.split(small)
    return "".join(run.translate(_ASCII_SIGNS) if run.isascii() else _SIGNS.sub("", run) for run in runs)


def _relinked(
    node: Node, project: str, entry: Entry, title: str, saved: dict[str, str | Wiki]
) -> dict[str, str | Wiki]:
    """The articles that link to one by its title, saying the new one."""

    def renamed(link: Link) -> str:
        is_own = link.sort == "article" and link.project in ("", project)
        title_of, mark, heading = link.name.partition("#")
        if is_own and link.name.casefold() == entry.words.casefold():
            return title
        is_titled = is_own and title_of.strip().casefold() == entry.words.casefold()
        return f"{title}{mark}{heading}" if is_titled else ""

    changed: dict[str, str | Wiki] = {}
    for name, content in node.projects.texts(project, FOLDER).items():
        file = wiki.file_of(name)
        before = saved.get(file)
        text = before if isinstance(before, str) else content.decode(errors="surrogateescape")
        now = wiki.relinked(text, renamed)
        if now != text:
            changed[file] = now
            saved.pop(file, None)
    return changed


def _changed(node: Node, project: str, name: str) -> Revision | None:
    """The last save of an article, or of what is attached to it now."""
    places = [wiki.file_of(name), *([f"{ATTACHED}/{name}"] if _attached(node, project, name) else [])]
    saves = [save for place in places for save in node.projects.history(project, place, limit=1)]
    return max(saves, key=lambda save: save.time, default=None)


def _tree(node: Node, project: Project) -> Wiki:
    return wiki.complete(project.wiki, list(node.projects.texts(project.key, FOLDER)))


def _attached(node: Node, project: str, name: str) -> tuple[str, ...]:
    place = f"{ATTACHED}/{name}/"
    return tuple(f.removeprefix(place) for f in node.projects.listed(project, place.rstrip("/")))
