"""Selection: what people do with several objects of a Flow at once. Each change is one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core import registry, sharing
from penstock.core.dataset import Rebuild, check_clearable
from penstock.core.errors import Invalid, NotFound, Refused
from penstock.core.kind import Definition, Described
from penstock.core.names import owner_of
from penstock.core.project import Project, file_of
from penstock.runtime import datasets, evaluations, folders

if TYPE_CHECKING:
    from penstock.core.node import Node

MOST_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """One object that was left as it is, and why."""

    name: str
    why: str


def tags(node: Node, project: str) -> dict[str, int]:
    """Every tag of the project's items, recipes and scenarios, with how many carry it; the most used first."""
    loaded = node.projects.load(project)
    described = (*loaded.items.values(), *loaded.recipes.values(), *loaded.scenarios.values())
    counted = Counter(tag for one in described for tag in one.tags)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def tag(
    node: Node, project: str, names: Sequence[str], *, add: Sequence[str] = (), remove: Sequence[str] = (), author: str
) -> str:  # fmt: skip
    """Give tags to items and recipes, and take tags away; returns the commit, empty when nothing changed."""
    new = [_checked(word) for word in add]
    loaded = node.projects.load(project)
    changed = {}
    for name in names:
        file, definition = _definition(loaded, name)
        found = tuple(dict.fromkeys([*(t for t in definition.tags if t not in remove), *new]))
        if found != definition.tags:
            changed[file] = definition.changed(tags=found)
    return _saved(node, project, changed, author, f"Tag {_listed(names)}")


def rename_tag(node: Node, project: str, old: str, new: str, *, author: str) -> str:
    """Another word for a tag, wherever it stands; a word that is there already merges the two."""
    loaded = node.projects.load(project)
    carried = tags(node, project)
    if old not in carried:
        raise NotFound("tag", old, among=carried, where=f"project {project}")
    word = _checked(new) if new else ""
    changed = {
        file: definition.changed(tags=_replaced(definition.tags, old, word))
        for file, definition in _all(loaded).items()
        if old in definition.tags
    }
    return _saved(
        node, project, changed, author, f"Rename tag {old} to {word}" if word else f"Remove tag {old}"
    )


def set_rebuild(node: Node, project: str, names: Sequence[str], rebuild: Rebuild, *, author: str) -> str:
    """Whether builds may run what makes some items: normal, explicit (only when named) or write_protected."""
    loaded = node.projects.load(project)
    changed: dict[str, Definition] = {}
    for name in names:
        sharing.check_own(loaded, name, "built")
        item_type = loaded.item_type(name)
        item = loaded.item(name)
        if "rebuild" not in type(item).model_fields:
            raise Refused(f"'{name}' has no such setting.", hint="Datasets, folders, models and stores have.")
        if getattr(item, "rebuild", None) != rebuild:
            changed[file_of(item_type, name)] = registry.validate(
                type(item), {**dict(iter(item)), "rebuild": rebuild}
            )
    return _saved(
        node, project, changed, author, f"Set rebuild of {_listed(names)} to {rebuild.replace('_', ' ')}"
    )


def clear(node: Node, project: str, names: Sequence[str]) -> list[Kept]:
    """Remove the data of some items; definitions stay. Returns those that were left, each with the reason: data that
    lives outside, models (whose versions are deleted one by one)."""
    loaded = node.projects.load(project)
    kept: list[Kept] = []
    for name in names:
        try:
            _clear(node, loaded, name)
        except Refused as refused:
            kept.append(Kept(name, str(refused)))
    return kept


def clearable(node: Node, project: str, names: Sequence[str]) -> dict[str, str]:
    """Item → why its data cannot be cleared; an empty text when it can."""
    loaded = node.projects.load(project)
    return {name: _why_not(loaded, name) for name in names}


def _clear(node: Node, project: Project, name: str) -> None:
    why = _why_not(project, name)
    if why:
        raise Refused(why)
    match project.item_type(name):
        case "dataset":
            datasets.clear(node, project.key, name)
        case "folder":
            folders.clear(node, project.key, name)
        case _:
            evaluations.delete_all(node, project.key, name)
            node.runs.forget_build(project.key, name)


def _why_not(project: Project, name: str) -> str:
    item_type = project.item_type(name)
    if owner_of(name):
        return f"{name} belongs to project {owner_of(name)}; here it is only read."
    if item_type == "model":
        return f"Model {name} is not cleared: delete the versions you no longer need on its page."
    if item_type == "dataset":
        try:
            check_clearable(name, project.dataset(name))
        except Refused as refused:
            return str(refused)
    return ""


def _definition(project: Project, name: str) -> tuple[str, Described]:
    """The file and definition of an item, or of the recipe of that name."""
    if name in project.recipes and name not in project.items:
        return file_of("recipe", name), project.recipe(name)
    sharing.check_own(project, name, "changed")
    return file_of(project.item_type(name), name), project.item(name)


def _all(project: Project) -> dict[str, Described]:
    found: dict[str, Described] = {
        file_of(project.item_type(name), name): item for name, item in project.own_items.items()
    }
    found |= {file_of("recipe", name): recipe for name, recipe in project.recipes.items()}
    return found | {file_of("scenario", name): scenario for name, scenario in project.scenarios.items()}


def _replaced(tags: Sequence[str], old: str, new: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for tag in tags if (word := new if tag == old else tag)))


def _checked(word: str) -> str:
    found = " ".join(word.split())
    if not found or len(found) > MOST_LETTERS or "," in found:
        raise Invalid(f"'{word}' is no tag: a word or a few, {MOST_LETTERS} letters at most, no comma.")
    return found


def _saved(node: Node, project: str, changed: Mapping[str, Definition], author: str, message: str) -> str:
    return node.projects.save(project, changed, author=author, message=message) if changed else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
