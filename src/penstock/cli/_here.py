"""Which node and which project a command is about."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from penstock.app import create_home, move_state, open_home
from penstock.cli import output, typed
from penstock.core.counting import counted
from penstock.core.errors import Invalid, InvalidDefinition, NotReady
from penstock.core.fingerprint import listed
from penstock.core.project import Project as Definitions
from penstock.sdk.client import Home, Project

__all__ = ["home", "move_state", "new_home", "project"]


def home(*, create: bool = False) -> Home:
    """The node of --server or PENSTOCK_SERVER; without one that of --home, PENSTOCK_HOME, the project we stand in, or
    ~/.penstock."""
    if os.environ.get("PENSTOCK_SERVER"):
        from penstock.api.remote import connect

        return connect()
    return open_home(create=create)


def new_home() -> Home:
    """The same folder, made a home. Raises Conflict where something is already."""
    return create_home()


def project(*, warn: bool = True) -> Project:
    """The project of -p or PENSTOCK_PROJECT, the one whose folder we stand in, or the only one there is.

    Files that could not be read are told on stderr; what they define is missing. Of a command about some object its
    own problems are told, and the others in one line.
    """
    node = home()
    keys = node.keys()
    chosen = os.environ.get("PENSTOCK_PROJECT") or _standing_in(keys) or (keys[0] if len(keys) == 1 else "")
    if chosen:
        found = node.project(chosen)
        if warn:
            output.warn(told(found.definitions(), typed))
        return found
    if not keys:
        hint = "Make one with `penstock project create KEY`, or try `penstock demo flights`."
        raise NotReady("There is no project yet.", hint=hint)
    raise Invalid(
        f"Which project? There are {', '.join(keys)}.",
        hint="Say it before the noun, as in `penstock -p KEY flow show`, or set PENSTOCK_PROJECT.",
    )


def told(project: Definitions, words: Collection[str]) -> list[str]:
    """The lines for files that could not be read: all of them; or, when a command names objects, those of these
    objects and one line for the rest."""
    problems, there = (
        project.problems,
        {*project.items, *project.recipes, *project.scenarios, *project.dashboards},
    )
    about = {word for word in words if word in there or any(_stem(p) == word for p in problems)}
    if not about:
        return list(map(str, problems))
    files = list(dict.fromkeys(p.file for p in problems if _stem(p) not in about))
    others = f"{counted(len(files), 'other file')} of the project cannot be read: {listed(files)}."
    return [*(str(p) for p in problems if _stem(p) in about), *([others] if files else [])]


def _stem(problem: InvalidDefinition) -> str:
    return PurePosixPath(problem.file).stem


def _standing_in(keys: list[str]) -> str:
    here = [p.name for p in (Path.cwd(), *Path.cwd().parents) if (p / "project.yaml").exists()]
    return next((name for name in here if name in keys), "")
