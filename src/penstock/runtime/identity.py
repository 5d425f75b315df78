"""Identity: as whom a scenario runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core.errors import Refused
from penstock.core.project import file_of
from penstock.runtime import users

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.scenario import Scenario


def run_as(node: Node, project: Project, name: str) -> str:
    """The user a scenario names, else the last person who changed it.

    Raises Refused, saying what to do, when there is none or that person may do nothing any more.
    """
    scenario = project.scenario(name)
    if scenario.run_as:
        _check_chosen(node, project, name)
    who = scenario.run_as or last_author(node, project.key, name)
    if not who:
        raise Refused(
            f"Scenario {name} cannot run: nobody is known to have saved it, so there is no one to run it as.",
            hint=f"Save it (a file written by hand: `penstock scenario save {name}`), or have an administrator set "
            "run_as.",
        )
    if users.is_disabled(node, who):
        named = "its run_as" if scenario.run_as else "the last person who changed it"
        raise Refused(
            f"Scenario {name} cannot run: {who}, {named}, is disabled.",
            hint="Save it as somebody else, or have an administrator set run_as.",
        )
    return who


def _check_chosen(node: Node, project: Project, name: str) -> None:
    """Raise Refused for a run_as that came into the file without an administrator, such as by a commit of git."""
    who = node.projects.authors_of(project.key, file_of("scenario", name), "run_as")
    if who and not any(is_administrator(node, author) for author in who):
        raise Refused(
            f"Scenario {name} cannot run as {project.scenario(name).run_as}: {who[-1]}, who chose that, is no "
            "administrator.",
            hint="Have an administrator save the scenario, or leave run_as empty: it runs as the last person who "
            "changed it.",
        )


def last_author(node: Node, project: str, name: str) -> str:
    """Who changed a scenario last, by the history of its file; empty when it was never saved.

    Whoever took the whole project in counts as having changed it then: the authors before may be nobody here.
    """
    found = node.projects.last_change(project, file_of("scenario", name))
    return found[0] if found else ""


def is_administrator(node: Node, user: str) -> bool:
    """Whether somebody may do everything: by their account, or as the home's owner, who needs none here."""
    return users.identity(node, user).is_administrator


def check_run_as(node: Node, before: Scenario | None, after: Scenario, *, author: str) -> None:
    """Raise Refused when somebody who is no administrator chooses as whom a scenario runs."""
    if after.run_as != (before.run_as if before else "") and not is_administrator(node, author):
        raise Refused(
            f"{author} may not choose that a scenario runs as {after.run_as or 'somebody else'}.",
            hint="Leave run_as empty: it runs as the last person who changed it. Or ask an administrator.",
        )
