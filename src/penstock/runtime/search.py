"""Search: objects of every project somebody may read, by name, title, tag and description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import wiki
from penstock.core.access import Identity, Permission
from penstock.core.kind import Kind
from penstock.core.project import Project
from penstock.runtime import people

if TYPE_CHECKING:
    from penstock.core.node import Node

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One object, and how well it fits: the higher the better."""

    sort: str
    """project, dataset, folder, model, evaluation_store, recipe, scenario, dashboard, comparison, service, article."""
    project: str
    name: str
    title: str
    text: str
    """Its sentence, or the part of its description that fits."""
    tags: tuple[str, ...] = ()
    type: str = ""
    category: str = ""
    score: float = 0.0


def find(node: Node, who: Identity, words: str, *, here: str = "", most: int = MOST) -> list[Found]:
    """What fits every word, best first. Names count more than titles, these more than tags and descriptions; the
    project one stands in (`here`) goes before the others."""
    wanted = words.lower().split()
    if not wanted:
        return []
    keys = people.visible(node, who, Permission.READ)
    projects = [node.projects.load(key) for key in keys]
    found = [one for project in projects for one in (*_objects(project), *_articles(node, project))]
    judged = [
        (score + (2.0 if one.project == here else 0.0), one)
        for one in found
        if (score := _score(one, wanted))
    ]
    judged.sort(key=lambda pair: (-pair[0], pair[1].name))
    return [one for _, one in judged[:most]]


def _score(found: Found, words: Iterable[str]) -> float:
    """0 unless every word fits somewhere."""
    return sum(scores) if all(scores := [_of_word(found, word) for word in words]) else 0.0


def _of_word(found: Found, word: str) -> float:
    name, title = found.name.lower(), found.title.lower()
    if name == word:
        return 10.0
    if name.startswith(word):
        return 7.0
    if word in name:
        return 5.0
    if word in title:
        return 4.0
    if any(word in tag.lower() for tag in found.tags):
        return 3.0
    return 1.0 if word in found.text.lower() else 0.0


def _objects(project: Project) -> Iterator[Found]:
    settings = project.settings
    yield Found(
        sort="project", project=project.key, name=project.key, title=settings.title, tags=settings.tags,
        text=f"{settings.short_description} {settings.goals} {settings.description}".strip(),
    )  # fmt: skip
    sorts: Mapping[str, Mapping[str, Any]] = {
        "dataset": project.datasets, "folder": project.folders, "model": project.models,
        "evaluation_store": project.evaluation_stores, "recipe": project.recipes, "scenario": project.scenarios,
        "dashboard": project.dashboards, "comparison": project.comparisons, "service": project.services,
    }  # fmt: skip
    for sort, listed in sorts.items():
        for name, definition in listed.items():
            yield _of(project, sort, name, definition)


def _articles(node: Node, project: Project) -> Iterator[Found]:
    texts = node.projects.texts(project.key, "wiki")
    for _, entry in wiki.walked(wiki.complete(project.wiki, list(texts)).tree):
        text = wiki.unmarked(texts[entry.article].decode(errors="replace"))
        yield Found(
            sort="article", project=project.key, name=entry.article, title=entry.words, text=_begun(text)
        )


def _begun(text: str) -> str:
    """The text of an article without its first heading."""
    first, _, rest = text.lstrip().partition("\n")
    return (rest if first.startswith("#") else text).strip()


def _of(project: Project, sort: str, name: str, definition: Any) -> Found:
    columns = " ".join(c.name for c in getattr(definition, "columns", None) or () if hasattr(c, "name"))
    text = (
        f"{getattr(definition, 'short_description', '')} {getattr(definition, 'description', '')} {columns}"
    )
    return Found(
        sort=sort, project=project.key, name=name, title=getattr(definition, "title", ""), text=text.strip(),
        tags=tuple(getattr(definition, "tags", ())),
        type=definition.kind_name() if isinstance(definition, Kind) else "",
        category=getattr(definition, "CATEGORY", "") if sort == "recipe" else "",
    )  # fmt: skip
