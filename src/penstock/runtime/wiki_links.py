"""Links of articles: what each leads to, and whether it is there for whoever reads."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from penstock.core import wiki
from penstock.core.errors import PenstockError
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
    ways, dead = Ways(node, project, whole), list[str]()

    def written(link: Link, label: str) -> str | None:
        if ways.is_left(link):
            return None
        address = ways.address(link, article)
        if address:
            return f"{'!' * link.inline}[{label}]({address})"
        said = f"{link.sort.replace('_', ' ')} {link.name or link.project}"
        dead.append(_target(link))
        return f"~~{label}~~ (there is no {said})"

    return wiki.linked(text, written), tuple(dead)


class Ways:
    """Where the links of a project's articles lead. Each is looked up once: a large wiki has thousands of them."""

    def __init__(self, node: Node, project: Project, whole: Wiki) -> None:
        self.node, self.project = node, project
        self._projects: dict[str, Project | None] = {project.key: project}
        self._articles = {project.key: wiki.Articles(whole)}
        self._known: dict[tuple[Link, str], str] = {}
        self._attached: dict[tuple[str, str], frozenset[str]] = {}

    def dead(self, text: str, article: str) -> tuple[str, ...]:
        """The links of an article that lead nowhere, as `resolved` tells them, each once."""
        return tuple(
            dict.fromkeys(
                _target(link)
                for link in _links(text)
                if not self.is_left(link) and not self.address(link, article)
            )
        )

    def is_left(self, link: Link) -> bool:
        """Whether a link stays as it was written: one to a file of another project."""
        return link.sort == "attachment" and link.project not in ("", self.project.key)

    def address(self, link: Link, article: str) -> str:
        """Where a link leads; empty when there is nothing, or nothing that the reader may know of."""
        asked = (link, article if link.sort == "attachment" else "")
        if asked not in self._known:
            self._known[asked] = self._address(link, article)
        return self._known[asked]

    def _address(self, link: Link, article: str) -> str:
        key = link.project or self.project.key
        there = self._project(key)
        if there is None:
            return ""
        if link.sort == "project":
            return f"/projects/{key}"
        if link.sort == "article":
            return self._article(there, link.name)
        if link.sort == "attachment":
            return self._attachment(key, link.name, article)
        known: Any = getattr(there, f"{link.sort}s")
        is_there = link.name in known or (link.sort == "dashboard" and link.name == "default")
        return f"/projects/{key}/{ADDRESSES[link.sort]}/{quote(link.name)}" if is_there else ""

    def _project(self, key: str) -> Project | None:
        if key not in self._projects:
            self._projects[key] = _other(self.node, key)
        return self._projects[key]

    def _article(self, there: Project, words: str) -> str:
        """An article by its title or name; `Title#Heading` leads to a part of it."""
        if there.key not in self._articles:
            self._articles[there.key] = wiki.Articles(_tree(self.node, there))
        title, mark, heading = words.partition("#")
        for name, part in ((words, ""), (title.strip(), f"#{wiki.anchor(heading)}" if mark else "")):
            found = self._articles[there.key].get(name)
            if found is not None:
                return f"/projects/{there.key}/wiki/{quote(found.article)}{part}"
        return ""

    def _attachment(self, key: str, name: str, article: str) -> str:
        """A file of the article itself, or of another one: `other-article/file`."""
        other, slash, file = name.rpartition("/")
        holder = other if slash else article
        if not holder:
            return ""
        if (key, holder) not in self._attached:
            there = self.node.projects.listed(key, f"wiki/attachments/{holder}")
            self._attached[key, holder] = frozenset(there)
        if f"wiki/attachments/{holder}/{file}" not in self._attached[key, holder]:
            return ""
        return f"/projects/{key}/wiki/{quote(holder)}/attachments/{quote(file)}"


def _target(link: Link) -> str:
    return f"{link.sort}:{link.name or link.project}"


@lru_cache(maxsize=8192)
def _links(text: str) -> tuple[Link, ...]:
    """The links of an article, each once. The same text has the same ones."""
    return tuple(dict.fromkeys(wiki.links(wiki.unmarked(text))))


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
