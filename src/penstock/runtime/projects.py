"""Projects: make, take in, look at, check, go back."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from penstock.core import api_log, registry, wiki
from penstock.core.errors import Invalid, InvalidDefinition, NotFound, PenstockError, did_you_mean
from penstock.core.kind import Definition
from penstock.core.names import check_name, check_project_key
from penstock.core.project import FOLDERS, Project, file_of
from penstock.core.scenario import Scenario
from penstock.runtime import audit, baseline, connected, identity, keeping, people, relocating, renaming

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.revision import Revision


COPIED = ("none", "inputs", "everything")
"""What may go along into the copy of a project."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A project in a list."""

    key: str
    title: str
    short_description: str
    datasets: int
    recipes: int
    models: int
    evaluation_stores: int
    problem: str = ""
    """What is wrong with the first file that could not be read."""


@dataclass(frozen=True, slots=True)
class Change:
    """One save of a project, looked at."""

    revision: Revision
    diff: str
    """What it changed; empty for the first one."""
    since: str
    """What is different now from what it left."""


def keys(node: Node) -> list[str]:
    """The keys of every project of the node, in order."""
    return sorted(node.projects.keys())


def summaries(node: Node) -> list[Summary]:
    """Every project of the node, by key; a broken one is listed with its problem."""
    return [_summary(node, key) for key in keys(node)]


def show(node: Node, project: str) -> Project:
    """The project as its files say now."""
    return node.projects.load(project)


def create(node: Node, key: str, *, title: str = "", author: str) -> Project:
    """A new project with an empty Flow; its author owns it."""
    made = node.projects.create(check_project_key(key), title=title, author=author)
    people.own(node, key, author)
    audit.note(node, "project-create", project=key, by=author)
    return made


def add(node: Node, folder: Path, *, author: str, key: str = "", connections: Sequence[str] = ()) -> Project:
    """Take a folder of project files into the node, as its author's own; the folder's own files stay where they are.

    `connections`, words `OLD=NEW`, says which connection of this node stands for one that the project names. Raises,
    and takes nothing in, while one is missing, of another type, not for the caller, or not writable where the project
    writes.
    """
    fitted = relocating.fitting(node, relocating.mapping(connections))
    added = node.projects.add(folder, author=author, key=key, change=fitted)
    people.own(node, added.key, author)
    audit.note(node, "project-import", project=added.key, by=author)
    _note_triggers(node, added.key)
    return added


def duplicate(
    node: Node, project: str, key: str, *, author: str, connections: Sequence[str] = (),
    data: Literal["none", "inputs", "everything"] = "none",
) -> Project:  # fmt: skip
    """The definitions of a project once more, under another key; with its inputs (uploads, and what no recipe makes),
    with everything (rows, files, model versions, evaluations), or without data, which a build makes.

    The copy never writes to what the first one writes to: tables are called after their project. `connections` as in
    `add`. When the data cannot be copied there is no copy.
    """
    if data not in COPIED:
        raise Invalid(
            f"'{data}' is no data to copy.{did_you_mean(data, COPIED)}", hint=f"Say {', '.join(COPIED)}."
        )
    source = node.projects.load(project)
    source.check_files()
    fitted = relocating.fitting(node, relocating.mapping(connections), fresh=True)
    added = node.projects.add(source.path, author=author, key=check_project_key(key), change=fitted)
    people.own(node, added.key, author)
    audit.note(node, "project-duplicate", project=added.key, by=author)
    if data != "none":
        _fill(node, project, key, everything=data == "everything", by=author)
    _note_triggers(node, added.key)
    return added


def _fill(node: Node, project: str, key: str, *, everything: bool, by: str) -> None:
    try:
        node.shipping.fill_copy(project, key, everything=everything, by=by)
    except (OSError, PenstockError):
        delete(node, key)
        raise


def delete(node: Node, project: str) -> None:
    """Remove a project with its data. The definitions are kept in the trash of the home."""
    keeping.drop_tables(node, node.projects.load(project))
    connected.drop(node, node.projects.load(project))
    node.projects.delete(project)
    audit.note(node, "project-delete", project=project)
    ports = (
        node.data, node.runs, node.scenario_runs, node.metrics, node.models, node.evaluations, node.users,
        node.credentials, node.bundles, node.packages, node.discussions,
    )  # fmt: skip
    for port in ports:
        port.delete_project(project)
    shutil.rmtree(node.config.home / api_log.FOLDER / project, ignore_errors=True)


def validate(node: Node, project: str) -> list[InvalidDefinition]:
    """Every problem of every file: which file, line, field, and the nearest valid word.

    When there is none, what was edited by hand becomes a commit.
    """
    known = keys(node)
    if project not in known:
        raise NotFound("project", project, among=known)
    found = list(node.projects.validate(project))
    if not found:
        node.projects.settle(project, author=node.config.user)
    return found


def keep(node: Node, project: str, message: str, *, author: str) -> str:
    """Save what was edited by hand, as one commit; returns its id, empty when there is nothing to save.

    Raises InvalidDefinition, and saves nothing, when one of the files is not well formed.
    """
    commit = node.projects.commit(project, author=author, message=message)
    _note_triggers(node, project)
    return commit


def pending(node: Node, project: str) -> list[str]:
    """Files that were edited by hand and are in no commit yet."""
    return node.projects.uncommitted(project)


def history(node: Node, project: str, file: str = "") -> list[Revision]:
    """Commits, newest first; of an article those too that changed what is attached to it."""
    found = node.projects.history(project, file)
    folder = wiki.attached_to(file)
    attached = node.projects.history(project, folder) if folder else []
    if not attached:
        return found
    wanted = {one.id for one in (*found, *attached)}
    return [one for one in node.projects.history(project) if one.id in wanted]


def revision(node: Node, project: str, commit: str) -> Change:
    """One save: what it changed, and what changed since. Raises NotFound."""
    revisions = history(node, project)
    place = next((i for i, r in enumerate(revisions) if commit and r.id.startswith(commit)), None)
    if place is None:
        raise NotFound("commit", commit, where=f"project {project}", hint="See its history.")
    found, before = revisions[place], revisions[place + 1 : place + 2]
    return Change(
        revision=found,
        diff=diff(node, project, before[0].id, found.id) if before else "",
        since=diff(node, project, found.id),
    )


def diff(node: Node, project: str, older: str, newer: str = "", file: str = "") -> str:
    """What changed between two commits, or since one."""
    return node.projects.diff(project, older, newer, file)


def revert(node: Node, project: str, commit: str, *, author: str, file: str = "") -> str:
    """Bring definitions back to a commit, as a new commit; empty when they are so already. Data stays as it is."""
    made = node.projects.revert(project, commit, author=author, file=file)
    _note_triggers(node, project)
    return made


def rename(node: Node, project: str, old: str, new: str, *, author: str) -> str:
    """Rename an object, and every reference to it, as one commit; its data follows, and nothing becomes stale."""
    return renaming.rename(node, project, old, check_name(new), author=author)


def define(
    node: Node, project: str, what: str, name: str, definition: Mapping[str, Any], *, author: str, base: str = ""
) -> Definition:  # fmt: skip
    """Create or replace one object from plain values, as one commit. Raises InvalidDefinition naming the field, and
    SaveConflict when its file is no longer the one that `base` was read with; without it nobody looks."""
    parsed = _parsed(what, definition)
    if isinstance(parsed, Scenario):
        before = node.projects.load(project).scenarios.get(name)
        identity.check_run_as(node, before, parsed, author=author)
    file = file_of(what, check_name(name))
    node.projects.save(
        project, {file: parsed}, author=author, message=f"Define {what.replace('_', ' ')} {name}",
        base={file: base} if base else None,
    )  # fmt: skip
    if isinstance(parsed, Scenario):
        baseline.note(node, project)
    return parsed


def base(node: Node, project: str, what: str, name: str) -> str:
    """What is handed back when an object is saved, so that nobody else's save is lost; asked before it is read."""
    return node.projects.read(project, file_of(what, name))[1]


def definition(node: Node, project: str, what: str, name: str) -> Definition:
    """One object as its file says now. Raises NotFound with the nearest, InvalidDefinition for a broken file."""
    loaded = node.projects.load(project)
    among = _of_sort(loaded, what)
    if name not in among:
        loaded.check_object(name, what)
        raise NotFound(what.replace("_", " "), name, among=among, where=f"project {project}")
    found: Definition = among[name]
    return found


def remove(node: Node, project: str, what: str, name: str, *, author: str) -> None:
    """Delete one object's definition, as one commit; refused while something names it."""
    loaded = node.projects.load(project)
    among = _of_sort(loaded, what)
    is_broken = any(problem.file == file_of(what, name) for problem in loaded.problems)
    if name not in among and not is_broken:
        raise NotFound(what.replace("_", " "), name, among=among, where=f"project {project}")
    node.projects.save(
        project, {file_of(what, name): None}, author=author, message=f"Delete {what.replace('_', ' ')} {name}"
    )


def _note_triggers(node: Node, project: str) -> None:
    if node.projects.load(project).scenarios:
        baseline.note(node, project)


def _of_sort(loaded: Project, what: str) -> Mapping[str, Definition]:
    if what not in FOLDERS:
        raise NotFound("sort of object", what, among=FOLDERS)
    found: Mapping[str, Definition] = getattr(loaded, f"{what}s")
    return found


def _parsed(what: str, definition: Mapping[str, Any]) -> Definition:
    from penstock.core.evaluation import EvaluationStore
    from penstock.core.folder import Folder
    from penstock.core.model import SavedModel
    from penstock.core.saved_comparison import SavedComparison
    from penstock.core.service import ApiService

    if what in ("dataset", "recipe"):
        return registry.parse(f"{what}s", definition)
    bases: dict[str, type[Definition]] = {
        "scenario": Scenario,
        "folder": Folder,
        "model": SavedModel,
        "evaluation_store": EvaluationStore,
        "comparison": SavedComparison,
        "service": ApiService,
    }
    if what not in bases:
        raise NotFound("sort of object", what, among=FOLDERS)
    return registry.validate(bases[what], definition)


def _summary(node: Node, key: str) -> Summary:
    p = node.projects.load(key)
    sizes = (len(p.datasets), len(p.recipes), len(p.models), len(p.evaluation_stores))
    problem = str(p.problems[0]) if p.problems else ""
    return Summary(key, p.settings.title, p.settings.short_description, *sizes, problem=problem)
