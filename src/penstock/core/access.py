"""Who may do what: permissions, who asks, and the pure rule that says yes or no. Every route names one permission.

Permissions only add up; none takes another away. Rights in a project belong to accounts of one node, so they are
kept with its accounts and never travel inside a project (docs/decisions/0008-rights-stay-on-their-node.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from penstock.core.errors import NotAllowed, NotSignedIn
from penstock.core.kind import Definition, walk
from penstock.core.names import Name


class Permission(StrEnum):
    """What a route, a key or a right may name."""

    ANYBODY = "anybody"
    """No log-in is needed: the log-in page, health, static files."""
    SIGNED_IN = "signed in"
    """Anybody with an account or a key; what they see is chosen by their other rights."""

    ADMINISTRATOR = "administrator"
    CREATE_PROJECTS = "create projects"
    WRITE_CODE = "write code"
    MANAGE_CONNECTIONS = "manage connections"
    MANAGE_ENVIRONMENTS = "manage code environments"
    MANAGE_PLUGINS = "manage plugins"
    MANAGE_DEPLOYMENTS = "manage deployments"

    ADMIN = "admin"
    EDIT_PERMISSIONS = "edit permissions"
    READ = "read"
    WRITE = "write"
    EXPORT = "export datasets"
    RUN = "run scenarios"
    READ_DASHBOARDS = "read dashboards"
    WRITE_DASHBOARDS = "write dashboards"
    MODERATE_DASHBOARDS = "moderate dashboards"
    AUTHORISE = "authorise objects"
    SHARE = "share objects"
    SEE_SCENARIOS = "see scenarios"
    """Lists of scenarios and their runs. Comes with `read` and with `run scenarios`; not given by itself."""
    DISCOVER = "discover"
    """That the project is there: key, title, description. Comes with any right, and with a discoverable project."""

    @property
    def is_global(self) -> bool:
        """Whether it is about the whole node, so that groups hold it rather than projects."""
        return self in GLOBAL

    @property
    def meaning(self) -> str:
        """One sentence for people who give it."""
        return MEANINGS[self]


P = Permission
OPEN = frozenset({P.ANYBODY, P.SIGNED_IN})
GLOBAL = (
    P.ADMINISTRATOR, P.CREATE_PROJECTS, P.WRITE_CODE, P.MANAGE_CONNECTIONS, P.MANAGE_ENVIRONMENTS, P.MANAGE_PLUGINS,
    P.MANAGE_DEPLOYMENTS,
)  # fmt: skip
"""What a group or a global key may be given for the whole node, in the order people see."""
GRANTABLE = (
    P.ADMIN, P.EDIT_PERMISSIONS, P.READ, P.WRITE, P.EXPORT, P.RUN, P.READ_DASHBOARDS, P.WRITE_DASHBOARDS,
    P.MODERATE_DASHBOARDS, P.AUTHORISE, P.SHARE,
)  # fmt: skip
"""What a person, a group or a key may be given in a project, in the order people see."""
OF_PROJECTS = frozenset({*GRANTABLE, P.SEE_SCENARIOS, P.DISCOVER})

MEANINGS: Mapping[Permission, str] = {
    P.ANYBODY: "Without logging in.",
    P.SIGNED_IN: "Everybody who is signed in.",
    P.ADMINISTRATOR: "Everything, in every project; users, groups, keys and settings of the node.",
    P.CREATE_PROJECTS: "Make projects, and take in project folders; whoever does owns them.",
    P.WRITE_CODE: "Save Python, and SQL recipes: code that runs on this machine and in its databases.",
    P.MANAGE_CONNECTIONS: "Set up connections and channels, and seal their secrets.",
    P.MANAGE_ENVIRONMENTS: "Build and change code environments.",
    P.MANAGE_PLUGINS: "Install and remove plugins.",
    P.MANAGE_DEPLOYMENTS: "Deploy bundles and services.",
    P.ADMIN: "Everything in the project, its owner and its deletion included.",
    P.EDIT_PERMISSIONS: "Give and take rights they hold themselves.",
    P.READ: "See the Flow, data, models, evaluations and settings.",
    P.WRITE: "Design and build; includes reading, running scenarios and writing dashboards.",
    P.EXPORT: "Download data of datasets.",
    P.RUN: "Run and stop scenarios, and nothing else.",
    P.READ_DASHBOARDS: "See dashboards, with what is authorised on them.",
    P.WRITE_DASHBOARDS: "Make dashboards and change their own.",
    P.MODERATE_DASHBOARDS: "Change everybody's dashboards.",
    P.AUTHORISE: "Choose which objects people with only dashboards may see.",
    P.SHARE: "Show objects in other projects.",
    P.SEE_SCENARIOS: "See scenarios and their runs.",
    P.DISCOVER: "Know that the project is there.",
}

_NEXT: Mapping[Permission, tuple[Permission, ...]] = {
    P.ADMIN: GRANTABLE,
    P.EDIT_PERMISSIONS: (P.DISCOVER,),
    P.READ: (P.READ_DASHBOARDS, P.SEE_SCENARIOS),
    P.WRITE: (P.READ, P.RUN, P.WRITE_DASHBOARDS),
    P.EXPORT: (P.DISCOVER,),
    P.RUN: (P.SEE_SCENARIOS,),
    P.SEE_SCENARIOS: (P.DISCOVER,),
    P.READ_DASHBOARDS: (P.DISCOVER,),
    P.WRITE_DASHBOARDS: (P.READ_DASHBOARDS,),
    P.MODERATE_DASHBOARDS: (P.WRITE_DASHBOARDS,),
    P.AUTHORISE: (P.DISCOVER,),
    P.SHARE: (P.DISCOVER,),
}


def implied(given: Iterable[Permission]) -> frozenset[Permission]:
    """The permissions given, and everything they include."""
    found: set[Permission] = set()
    waiting = list(given)
    while waiting:
        permission = waiting.pop()
        if permission not in found:
            found.add(permission)
            waiting.extend(_NEXT.get(permission, ()))
    return frozenset(found)


class Source(StrEnum):
    """How somebody showed who they are."""

    NOBODY = "nobody"
    SESSION = "session"
    PERSONAL_KEY = "personal key"
    PROJECT_KEY = "project key"
    GLOBAL_KEY = "global key"
    LOCAL = "local"
    """The command line or a program on the node's own home: whoever may write its files is its administrator."""


Grants = Mapping[str, frozenset[Permission]]
"""Who, or which project → rights, without what they include."""
EVERY_PROJECT = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who asks. `login` signs saves, jobs and the audit log; for a project or global key it is `key:ID`."""

    login: str
    name: str = ""
    groups: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    """For the whole node."""
    key: str = ""
    """Id of the API key shown; empty without one."""
    source: Source
    projects: Grants = field(default_factory=dict)
    """What a project or global key may do by itself: project key, or `*` for every one → rights."""
    address: str = ""
    """Where they ask from; empty on this machine."""

    @property
    def is_known(self) -> bool:
        """Whether anybody is signed in at all."""
        return self.source is not Source.NOBODY

    @property
    def is_administrator(self) -> bool:
        return P.ADMINISTRATOR in self.permissions

    @property
    def is_person(self) -> bool:
        """Whether a user stands behind it, rather than a key of its own."""
        return self.source in (Source.SESSION, Source.PERSONAL_KEY, Source.LOCAL)


NOBODY = Identity(login="", source=Source.NOBODY)


class Visibility(StrEnum):
    """Who may know that a project is there: `private` = those with a right in it; `discoverable` = everybody."""

    PRIVATE = "private"
    DISCOVERABLE = "discoverable"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who has which rights in one project. Nobody has any by default."""

    project: str
    owner: str = ""
    """One login; as good as `admin`."""
    visibility: Visibility = Visibility.PRIVATE
    users: Grants = field(default_factory=dict)
    groups: Grants = field(default_factory=dict)


def given(identity: Identity, people: People | None = None) -> frozenset[Permission]:
    """Every permission somebody has: on the node, and in one project when its people are told."""
    if not identity.is_known:
        return frozenset({P.ANYBODY})
    rights = OPEN | identity.permissions
    if identity.is_administrator:
        rights |= frozenset(GLOBAL)
    return rights | (_in_project(identity, people) if people is not None else frozenset())


def _in_project(identity: Identity, people: People) -> frozenset[Permission]:
    if identity.is_administrator:
        return implied({P.ADMIN})
    granted = {*identity.projects.get(people.project, ()), *identity.projects.get(EVERY_PROJECT, ())}
    if identity.is_person:
        granted |= people.users.get(identity.login, frozenset())
        granted |= {right for group in identity.groups for right in people.groups.get(group, ())}
        granted |= {P.ADMIN} if people.owner and people.owner == identity.login else set()
    if people.visibility is Visibility.DISCOVERABLE and identity.source is not Source.PROJECT_KEY:
        granted.add(P.DISCOVER)
    return implied(granted)


def may(identity: Identity, permission: Permission, people: People | None = None) -> bool:
    """Whether somebody may do something: on the node, or in the project these people belong to."""
    return permission in given(identity, people)


def require(identity: Identity, permission: Permission, people: People | None = None) -> None:
    """Raise NotSignedIn or NotAllowed, saying what is missing and who can give it, unless they may."""
    if may(identity, permission, people):
        return
    if not identity.is_known:
        raise NotSignedIn("Nobody is signed in.", hint="Log in, or send an API key.")
    raise NotAllowed(_who(identity, permission, people), permission=permission, hint=_grantor(people))


def _who(identity: Identity, permission: Permission, people: People | None) -> str:
    place = f" in project {people.project}" if people is not None and permission in OF_PROJECTS else ""
    subject = identity.name or identity.login
    return f"{subject} lacks the permission “{permission}”{place}: {permission.meaning}"


def _grantor(people: People | None) -> str:
    if people is None:
        return "An administrator can give it, through a group."
    who = people.owner or "An administrator"
    return f"{who}, the project's owner, can give it." if people.owner else f"{who} can give it."


def check_grant(identity: Identity, rights: Iterable[Permission], people: People) -> None:
    """Raise NotAllowed when somebody gives or takes away a right they do not have themselves."""
    require(identity, P.EDIT_PERMISSIONS, people)
    lacking = sorted(set(rights) - given(identity, people))
    if lacking:
        named = ", ".join(f"“{right}”" for right in lacking)
        raise NotAllowed(
            f"{identity.name or identity.login} may not give or take {named} in project {people.project}: "
            "nobody passes on a right they lack.",
            permission=lacking[0], hint=_grantor(people),
        )  # fmt: skip


class Right(StrEnum):
    """What people with only dashboards may do with an authorised object."""

    READ = "READ"
    """See what it holds: on a dataset that is every row, not only the chart shown."""
    RUN = "RUN"
    """Start a scenario."""
    DISCOVER = "DISCOVER"
    """Know that it is there."""
    WRITE = "WRITE"


class Authorised(Definition):
    """An object that people with only dashboards may see on them."""

    sort: str = Field(description="dataset, folder, model, evaluation_store, scenario, recipe or article.")
    name: Name = Field(description="Its name.")
    rights: Annotated[tuple[Right, ...], Field(min_length=1)] = Field(
        default=(Right.READ,), description="READ, RUN (scenarios), DISCOVER, WRITE."
    )


def authorises(listed: Iterable[Authorised], sort: str, name: str, right: Right = Right.READ) -> bool:
    """Whether a project's list lets people with only dashboards do this with an object."""
    wanted = {right, Right.WRITE} if right is Right.READ else {right}
    wanted |= {Right.READ, Right.WRITE, Right.RUN} if right is Right.DISCOVER else set()
    return any(a.sort == sort and a.name == name and wanted & set(a.rights) for a in listed)


CODE_TEXT = re.compile(r"\b(code|body)\b[\"']?\s*:")


def code_in(file: str, definition: Definition | str | bytes | None) -> frozenset[str]:
    """The code that a file of a project brings: what only people who may write code change.

    Python of steps, checks, probes, recipes and endpoints, and SQL of recipes and endpoints. One SELECT of a probe, a
    step or a trigger is none: it reads what its engine shows it, and nothing else.
    """
    if isinstance(definition, bytes):
        definition = definition.decode("utf-8", errors="replace")
    if definition is None or file.startswith("wiki/"):
        return frozenset()
    if isinstance(definition, str):
        is_code = not file.endswith((".yaml", ".yml", ".md")) or bool(CODE_TEXT.search(definition))
        is_code = is_code or (file.startswith("services/") and "sql" in definition)
        return frozenset({definition}) if is_code else frozenset()
    found = ((path, value) for path, value, _ in walk(definition) if isinstance(value, str) and value)
    words = ("code", "sql") if file.startswith("services/") else ("code",)
    return frozenset(value for path, value in found if path[-1] in words or path == ("body",))
