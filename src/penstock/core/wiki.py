"""Wiki: the tree of a project's articles, and the links in them. The text of each stands in `wiki/<name>.md`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from operator import is_
from typing import Literal

from pydantic import Field, model_validator

from penstock.core.errors import Conflict, Invalid, NotFound
from penstock.core.kind import Definition
from penstock.core.names import in_ascii

TREE_FILE = "wiki/tree.yaml"
Sort = Literal[
    "article", "project", "dataset", "folder", "model", "evaluation_store", "recipe", "scenario", "dashboard",
    "comparison", "service", "attachment",
]  # fmt: skip
WORDS: dict[str, Sort] = {
    "article": "article", "project": "project", "dataset": "dataset", "folder": "folder", "managed_folder": "folder",
    "model": "model", "saved_model": "model", "evaluation_store": "evaluation_store",
    "model_evaluation_store": "evaluation_store", "recipe": "recipe", "scenario": "scenario", "dashboard": "dashboard",
    "comparison": "comparison", "service": "service", "api_service": "service", "attachment": "attachment",
}  # fmt: skip
"""What may stand before the colon of a link → what it leads to."""


class Entry(Definition):
    """One article in the tree."""

    article: str = Field(description="Name of its file, without `.md`.", min_length=1)
    title: str = Field(default="", description="Any text; made from the name when empty.")
    children: tuple[Entry, ...] = Field(default=(), description="Articles below it, in order.")

    @property
    def words(self) -> str:
        """What people see."""
        return self.title or self.article.replace("-", " ").replace("_", " ").capitalize()


class Wiki(Definition):
    """`wiki/tree.yaml`: every article exactly once, in order. Articles it does not name come last."""

    home: str = Field(default="", description="The article that opens first; the first one when empty.")
    tree: tuple[Entry, ...] = Field(default=(), description="The articles at the top, with those below them.")

    @model_validator(mode="after")
    def _each_once(self) -> Wiki:
        seen: set[str] = set()
        for _, entry in walked(self.tree):
            if entry.article in seen:
                raise ValueError(f"Article '{entry.article}' stands in the tree twice.")
            seen.add(entry.article)
        return self

    @property
    def first(self) -> str:
        """The article that opens first; empty when there is none."""
        return self.home or (self.tree[0].article if self.tree else "")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of an article to something of a project."""

    sort: Sort
    project: str
    """Empty: the article's own."""
    name: str
    inline: bool = False
    """It stands behind a `!`: an attachment is shown as a picture."""


def walked(tree: tuple[Entry, ...], level: int = 0) -> Iterator[tuple[int, Entry]]:
    """Every entry with how deep it stands, parents before children."""
    for entry in tree:
        yield level, entry
        yield from walked(entry.children, level + 1)


def complete(wiki: Wiki, articles: Collection[str]) -> Wiki:
    """The tree as it is shown: without entries that have no file, files that no entry names at the end."""
    there = frozenset(articles)
    tree = _kept(wiki.tree, there)
    known = {entry.article for _, entry in walked(tree)}
    rest = tuple(Entry(article=name) for name in sorted(there - known))
    home = wiki.home if wiki.home in there else ""
    return Wiki(home=home, tree=(*tree, *rest))


class Articles:
    """The articles of a tree, to be found by their names, or by their titles."""

    def __init__(self, wiki: Wiki) -> None:
        entries = [entry for _, entry in walked(wiki.tree)]
        self.by_name = {e.article: e for e in entries}
        self.by_title = {e.words.casefold(): e for e in entries}

    def get(self, words: str) -> Entry | None:
        """One of them; None for words that no article has."""
        return self.by_name.get(words) or self.by_title.get(words.casefold())


def find(wiki: Wiki, words: str) -> Entry:
    """An article by its name, or by its title. Raises NotFound with the nearest."""
    articles = Articles(wiki)
    found = articles.get(words)
    if found is None:
        titles = [entry.words for entry in articles.by_name.values()]
        raise NotFound("article", words, among=[*articles.by_name, *titles], where="the wiki")
    return found


def above(wiki: Wiki, name: str) -> tuple[Entry, ...]:
    """The entries an article stands below, from the top down; empty at the top, and for one that is not there."""
    return _way(wiki.tree, name) or ()


def parent_of(wiki: Wiki, name: str) -> str:
    """The article right above one; empty at the top."""
    return next((entry.article for entry in reversed(above(wiki, name))), "")


def _way(tree: tuple[Entry, ...], name: str, passed: tuple[Entry, ...] = ()) -> tuple[Entry, ...] | None:
    for entry in tree:
        found = passed if entry.article == name else _way(entry.children, name, (*passed, entry))
        if found is not None:
            return found
    return None


def add(wiki: Wiki, entry: Entry, parent: str = "", position: int = -1) -> Wiki:
    """With one entry more, below `parent` or at the top; the first article there is becomes home."""
    if any(e.article == entry.article for _, e in walked(wiki.tree)):
        raise Conflict(f"There is an article '{entry.article}' already.", hint="Choose another name.")
    if parent:
        find(wiki, parent)
    tree = _into(wiki.tree, entry, parent, position) if parent else _inserted(wiki.tree, entry, position)
    return Wiki(home=wiki.home or (entry.article if not wiki.tree else ""), tree=tree)


def move(wiki: Wiki, name: str, parent: str = "", position: int = -1) -> Wiki:
    """An article, with everything below it, elsewhere. Raises Invalid for a place below itself."""
    moved = find(wiki, name)
    if parent and parent in {e.article for _, e in walked((moved,))}:
        raise Invalid(f"{moved.words} cannot stand below itself.", hint="Choose another place.")
    return Wiki(home=wiki.home, tree=add(Wiki(tree=_without(wiki.tree, name)), moved, parent, position).tree)


def remove(wiki: Wiki, name: str) -> Wiki:
    """Without an article; those below it move up to where it stood."""
    find(wiki, name)
    return Wiki(home="" if wiki.home == name else wiki.home, tree=_lifted(wiki.tree, name))


def retitle(wiki: Wiki, name: str, title: str) -> Wiki:
    """Another title; the file keeps its name, so links and history stay."""
    find(wiki, name)
    return Wiki(home=wiki.home, tree=_retitled(wiki.tree, name, title))


def file_name(title: str, taken: Collection[str]) -> str:
    """A free file name for a title: `Data sources: daily` → `data-sources-daily`."""
    base = re.sub(r"[^a-z0-9]+", "-", in_ascii(title).lower()).strip("-")[:60] or "article"
    return next(n for n in (base, *(f"{base}-{i}" for i in range(2, len(taken) + 3))) if n not in taken)


def file_of(name: str) -> str:
    """Where the text of an article stands."""
    return f"wiki/{name}.md"


def attached_to(file: str) -> str:
    """The folder of what is attached to the article in a file; empty for another file."""
    name = re.fullmatch(r"wiki/([^/]+)\.md", file)
    return f"wiki/attachments/{name[1]}" if name else ""


_MARKER = re.compile(r"^<!-- /?(?:generated|question)\b.*? -->\n?", re.MULTILINE)


def unmarked(text: str) -> str:
    """The text without the markers of its generated parts."""
    return _MARKER.sub("", text)


# links ---------------------------------------------------------------------------------------------------------------

_CODE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`)", re.DOTALL)
_LINK = re.compile(
    r"(?P<inline>!?)\[(?P<label>[^\]\n]*)\]\((?P<sort>\w+):(?P<target>[^)\n]+)\)"
    r"|(?P<inline3>!?)\[(?P<label3>[^\]\n]*)\]\((?P<target3>[A-Z][A-Z0-9_]*\.[^)\n/:]+)\)"
    r"|\((?P<label2>[^)\n]*)\)\[(?P<sort2>\w+):(?P<target2>[^\]\n]+)\]"
    r"|\[\[(?P<inner>[^\]\n]+)\]\]"
)
_TARGETS = ("target", "target3", "target2", "inner")


def linked(text: str, written: Callable[[Link, str], str | None]) -> str:
    """The text with each link to an object, outside of code, as `written(link, label)` says it; None leaves it."""

    def one(match: re.Match[str]) -> str:
        found = _read(match)
        told = written(*found) if found else None
        return match[0] if told is None else told

    return _outside_code(text, one)


def links(text: str) -> list[Link]:
    """Every link to an object, in order."""
    found: list[Link] = []

    def note(link: Link, label: str) -> str:
        found.append(link)
        return label

    linked(text, note)
    return found


def relinked(text: str, renamed: Callable[[Link], str]) -> str:
    """The text whose links say the new name of what `renamed` has one for; everything else stays as it was written."""

    def one(match: re.Match[str]) -> str:
        found = _read(match)
        new = renamed(found[0]) if found else ""
        return _replaced(match, found[0].name, new) if found and new else match[0]

    return _outside_code(text, one)


def anchor(heading: str) -> str:
    """What a heading is called in an address: `Data: sources` → `data-sources`."""
    return re.sub(r"[^\w]+", "-", heading.casefold()).strip("-") or "section"


def _outside_code(text: str, change: Callable[[re.Match[str]], str]) -> str:
    parts = _CODE.split(text)
    return "".join(p if i % 2 else _LINK.sub(change, p) for i, p in enumerate(parts))


def _read(match: re.Match[str]) -> tuple[Link, str] | None:
    """The link and what it is called; None for one of the web."""
    if match["inner"] is not None:
        inner, _, label = match["inner"].partition("|")
        word, colon, rest = inner.partition(":")
        sort: Sort = WORDS[word.strip()] if colon and word.strip() in WORDS else "article"
        target = (rest if sort != "article" or word.strip() == "article" else inner).strip()
        return _link(sort, target), label.strip() or target
    if match["target3"] is not None:
        link = _link("attachment", match["target3"].strip(), inline=bool(match["inline3"]))
        return link, match["label3"] or link.name
    word, target = match["sort"] or match["sort2"], (match["target"] or match["target2"]).strip()
    if word not in WORDS:
        return None
    return _link(WORDS[word], target, inline=bool(match["inline"])), match["label"] or match[
        "label2"
    ] or target


def _link(sort: Sort, target: str, *, inline: bool = False) -> Link:
    if sort == "project":
        return Link(sort, target, "")
    key, dot, name = target.partition(".")
    if dot and re.fullmatch(r"[A-Z][A-Z0-9_]*", key) and name:
        return Link(sort, key, name.strip(), inline)
    return Link(sort, "", target, inline)


def _replaced(match: re.Match[str], old: str, new: str) -> str:
    """The match with the name in its target replaced; a label that says the old name follows."""
    group = next(name for name in _TARGETS if match[name] is not None)
    start = match.start(group) - match.start()
    target, bar, label = match[group].partition("|") if group == "inner" else (match[group], "", "")
    at = target.rindex(old)
    changed = f"{target[:at]}{new}{target[at + len(old) :]}{bar}{label}"
    return f"{match[0][:start]}{changed}{match[0][start + len(match[group]) :]}"


# the tree ------------------------------------------------------------------------------------------------------------


def _kept(tree: tuple[Entry, ...], articles: Collection[str]) -> tuple[Entry, ...]:
    """Children of an entry without a file stand where it stood."""
    found: list[Entry] = []
    for entry in tree:
        children = _kept(entry.children, articles) if entry.children else ()
        found += [_with(entry, children)] if entry.article in articles else children
    return tuple(found)


def _with(entry: Entry, children: tuple[Entry, ...]) -> Entry:
    """The entry itself when these are its children: a check of thousands that say nothing new takes its time."""
    is_same = len(children) == len(entry.children) and all(map(is_, children, entry.children))
    return entry if is_same else entry.changed(children=children)


def _inserted(tree: tuple[Entry, ...], entry: Entry, position: int) -> tuple[Entry, ...]:
    place = len(tree) if position < 0 else position
    return (*tree[:place], entry, *tree[place:])


def _into(tree: tuple[Entry, ...], entry: Entry, parent: str, position: int) -> tuple[Entry, ...]:
    return tuple(
        e.changed(children=_inserted(e.children, entry, position))
        if e.article == parent
        else e.changed(children=_into(e.children, entry, parent, position))
        for e in tree
    )


def _without(tree: tuple[Entry, ...], name: str) -> tuple[Entry, ...]:
    return tuple(e.changed(children=_without(e.children, name)) for e in tree if e.article != name)


def _lifted(tree: tuple[Entry, ...], name: str) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for entry in tree:
        found += (
            entry.children
            if entry.article == name
            else [entry.changed(children=_lifted(entry.children, name))]
        )
    return tuple(found)


def _retitled(tree: tuple[Entry, ...], name: str, title: str) -> tuple[Entry, ...]:
    return tuple(
        e.changed(title=title if e.article == name else e.title, children=_retitled(e.children, name, title))
        for e in tree
    )
