"""Links of articles: what each leads to, and whether it is there for whoever reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from penstock.core import wiki
from penstock.core.errors import NotFound, PenstockError
from penstock.core.wiki import Link, Wiki
from penstock.runtime import guards, people

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

ADDRESSES = {
    "dataset": "datasets", "folder": "folders", "model": "models", "evaluation_store": "evaluations",
    "recipe": "recipes", "scenario": "scenarios", "dashboard": "dashboards", "comparison": "comparisons",
    "service": "services",
}  # fmt: skip


def resolved(
    node: Node, project: Project, text: str, article: str, whole: Wiki
) -> tuple[str, tuple[str, ...]]:
    """Markdown whose links are addresses, and the links that lead nowhere. Those are struck out and say so."""
    dead: list[str] = []

    def written(link: Link, label: str) -> str | None:
        if link.sort == "attachment" and link.project not in ("", project.key):
            return None
        address = _address(node, project, link, article, whole)
        if address:
            return f"{'!' * link.inline}[{label}]({address})"
        said = f"{link.sort.replace('_', ' ')} {link.name or link.project}"
        dead.append(f"{link.sort}:{link.name or link.project}")
        return f"~~{label}~~ (there is no {said})"

    return wiki.linked(text, written), tuple(dead)


def _address(node: Node, project: Project, link: Link, article: str, whole: Wiki) -> str:
    """Where a link leads; empty when there is nothing, or nothing that the reader may know of."""
    key = link.project or project.key
    there = project if key == project.key else _other(node, key)
    if there is None:
        return ""
    if link.sort == "project":
        return f"/projects/{key}"
    if link.sort == "article":
        return _article(f"/projects/{key}/wiki", link.name, whole if there is project else _tree(node, there))
    if link.sort == "attachment":
        return _attachment(node, key, link.name, article)
    known: Any = getattr(there, f"{link.sort}s")
    is_there = link.name in known or (link.sort == "dashboard" and link.name == "default")
    return f"/projects/{key}/{ADDRESSES[link.sort]}/{quote(link.name)}" if is_there else ""


def _article(place: str, words: str, tree: Wiki) -> str:
    """An article by its title or name; `Title#Heading` leads to a part of it."""
    title, mark, heading = words.partition("#")
    for name, part in ((words, ""), (title.strip(), f"#{wiki.anchor(heading)}" if mark else "")):
        try:
            return f"{place}/{quote(wiki.find(tree, name).article)}{part}"
        except NotFound:
            continue
    return ""


def _attachment(node: Node, key: str, name: str, article: str) -> str:
    """A file of the article itself, or of another one: `other-article/file`."""
    other, slash, file = name.rpartition("/")
    holder = other if slash else article
    there = node.projects.listed(key, f"wiki/attachments/{holder}") if holder else []
    if f"wiki/attachments/{holder}/{file}" not in there:
        return ""
    return f"/projects/{key}/wiki/{quote(holder)}/attachments/{quote(file)}"


def _tree(node: Node, project: Project) -> Wiki:
    return wiki.complete(project.wiki, list(node.projects.texts(project.key, "wiki")))


def _other(node: Node, key: str) -> Project | None:
    who = guards.asking()
    try:
        if who is not None and key not in people.visible(node, who):
            return None
        return node.projects.load(key)
    except PenstockError:
        return None
