"""Sharing: objects of one project that others read. There they are called KEY.name, and nobody changes them there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from penstock.core.errors import InvalidDefinition, NotFound, Refused, did_you_mean
from penstock.core.kind import Definition
from penstock.core.names import Name, ProjectKey, owner_of

if TYPE_CHECKING:
    from penstock.core.project import Project

SORTS = ("dataset", "folder", "model")
"""What can be shared: what recipes read."""


class Share(Definition):
    """One object that other projects read."""

    name: Name = Field(description="A dataset, folder or model of this project.")
    projects: Annotated[tuple[ProjectKey, ...], Field(min_length=1)] = Field(
        description="Keys of the projects that read it; there it is called `KEY.name`."
    )


def problems(project: Project) -> Iterator[InvalidDefinition]:
    """What is wrong with the list of what a project shares."""
    for index, share in enumerate(project.settings.shared):
        message = flaw(project, share.name)
        if not message and project.key in share.projects:
            message = "A project reads its own objects anyway: name other projects."
        if message:
            yield InvalidDefinition(message, file="project.yaml", field=f"shared.{index}.name")


def flaw(project: Project, name: str) -> str:
    """Why an object cannot be shared; empty when it can."""
    if name not in project.items or owner_of(name):
        return f"There is no object '{name}'.{did_you_mean(name, project.own_items)}"
    if project.item_type(name) not in SORTS:
        return f"'{name}' is an evaluation store; datasets, folders and models are shared."
    item = project.item(name)
    if getattr(item, "FOREIGN", False):
        return f"'{name}' is another project's: that one shares it."
    return ""


def readers(project: Project, name: str) -> tuple[str, ...]:
    """Keys of the projects that an object is shared with."""
    return next((share.projects for share in project.settings.shared if share.name == name), ())


def check_shared(owner: Project, name: str, reader: str) -> None:
    """Raise NotFound unless a project shares an object with another."""
    if reader not in readers(owner, name) or flaw(owner, name):
        raise NotFound(
            "shared object", f"{owner.key}.{name}", where=f"what {owner.key} shares with {reader}",
            hint=f"Somebody who may share objects of {owner.key} can share it: "
            f"`penstock -p {owner.key} project share {name} --with {reader}`.",
        )  # fmt: skip


def check_own(project: Project, name: str, doing: str) -> None:
    """Raise Refused for an object of another project, which is only read here."""
    if owner_of(name):
        raise Refused(
            f"{name} belongs to project {owner_of(name)}; here it is only read, not {doing}.",
            hint=f"Do it in project {owner_of(name)}.",
        )


def check_unshared(project: Project, name: str, doing: str) -> None:
    """Raise Refused for an object that other projects read under its name."""
    others = readers(project, name)
    if others:
        raise Refused(
            f"{name} is shared with {', '.join(others)}, whose recipes may name it; it is not {doing}.",
            hint=f"Stop sharing it first: `penstock -p {project.key} project share {name} --stop`.",
        )
