"""The deployer's words: infrastructures with stages, what was published, deployments, what changes on arrival."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import AfterValidator, Field, SerializeAsAny

from penstock.core.access import Identity, Permission
from penstock.core.connection import Secret
from penstock.core.errors import NotAllowed, Refused
from penstock.core.generations import GenerationMapping
from penstock.core.kind import Definition, Described, Kind, of
from penstock.core.names import ProjectKey

STAGES = ("Development", "Test", "Production")
"""The stages that a fresh deployer knows; an infrastructure may say any other word."""
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,119}")


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"'{text}' is no id: use letters, digits, _ . and -, 120 at most.")
    return text


Id = Annotated[str, AfterValidator(_identifier)]
"""The name of something on the deployer: `prod`, `FRAUD-on-prod`."""


def check_id(text: str) -> str:
    """The id itself. Raises InvalidName."""
    from penstock.core.errors import InvalidName

    try:
        return _identifier(text)
    except ValueError as error:
        raise InvalidName(str(error)) from error


class DeployRight(StrEnum):
    """What a group may do with an infrastructure, or with something published."""

    READ = "read"
    DEPLOY = "deploy"
    WRITE = "write"
    """Publish more versions of it."""
    ADMIN = "admin"


class Grant(Definition):
    """A user or group, and what they may do."""

    holder: str = Field(description="A user or a group.")
    rights: tuple[DeployRight, ...] = Field(min_length=1, description="read, deploy, write, admin.")


class Hook(Definition):
    """Python that runs before or after an update, on the deployer.

    It holds `execute(requesting_user, deployment_id, deployment_report, deployer_client, automation_client,
    deploying_user, deployed_project_key, **kwargs)` and returns `HookResult.success(text)`, `.warning` or `.error`.
    `deployer_client` has a key of its own, which may manage deployments and is good until the hook ends; it is None
    while the settings of the deployer do not say its `base_url`.
    """

    name: str = Field(description="What it is called in the log of an update.")
    when: Literal["before", "after"] = Field(
        default="before", description="before: an error stops the update; after: an error is told, no more."
    )
    code: str = Field(description="The Python.", json_schema_extra={"widget": "code", "language": "python"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A node that an infrastructure leads to."""

    url: str
    key: str = field(repr=False)
    """Its API key, or admin key; never shown."""
    trust_all: bool = False


class InfrastructureContext(Protocol):
    """What an infrastructure may touch when it is opened."""

    def secret(self, reference: str) -> str:
        """The value behind `secret:NAME`. Raises NotFound."""

    def started_node(self, port: int) -> Address:
        """A penstock-node that this home keeps running; started when it does not run. Raises NotReady."""


class Infrastructure(Kind, Described):
    """A place that bundles or services go to, kept by the deployer in `deployer/infrastructures/<name>.yaml`."""

    FAMILY: ClassVar[str] = "infrastructures"
    CARRIES: ClassVar[Literal["projects", "services"]] = "projects"

    stage: str = Field(
        default="Development", description="Development, Test, Production, or a word of yours."
    )
    people: tuple[Grant, ...] = Field(
        default=(),
        description="Who besides those who manage deployments may see, deploy here, or administer it.",
    )
    hooks: tuple[Hook, ...] = Field(default=(), description="Python run before and after each update.")

    def open(self, ctx: InfrastructureContext) -> tuple[Address, ...]:
        """The nodes it leads to, with their keys."""
        raise NotImplementedError

    def public_urls(self) -> tuple[str, ...]:
        """Where people find what is deployed."""
        return ()

    def ports(self) -> tuple[int, ...]:
        """Ports of this machine whose nodes the home of the deployer starts by itself."""
        return ()


AnyInfrastructure = Annotated[SerializeAsAny[Infrastructure], *of("infrastructures")]


class DesignNode(Definition):
    """Where something published comes from."""

    project: str = ""
    node: str = ""
    url: str = ""


class PublishedPackage(Definition):
    """A published bundle, or a published version of a service."""

    id: str = Field(description="`v3`: of the bundle or version.")
    blob: str = Field(description="Hash of its archive.")
    bytes: int = 0
    published_at: datetime
    published_by: str = ""
    source: DesignNode = DesignNode()
    facts: dict[str, Any] = Field(
        default_factory=dict, description="Of its manifest: what pages and rules need."
    )


class Published(Described):
    """A project or service on the deployer: the container of its bundles or versions."""

    owner: str = ""
    people: tuple[Grant, ...] = Field(
        default=(), description="Who besides the owner may read, publish (write), deploy, or administer it."
    )
    packages: tuple[PublishedPackage, ...] = Field(default=(), description="Newest last.")

    def package(self, id: str) -> PublishedPackage:
        """Raises NotFound with the nearest id."""
        from penstock.core.errors import NotFound

        found = {package.id: package for package in self.packages}
        if id not in found:
            raise NotFound("published version", id, among=found)
        return found[id]


class CodeEnvironments(Definition):
    """What happens to the code environments of a bundle on the node."""

    mode: Literal["DO_NOTHING", "FAIL_IF_MISS", "INSTALL_IF_MISS"] = Field(
        default="INSTALL_IF_MISS",
        description="When an environment is missing or another: nothing, fail, build it.",
    )
    match: Literal["SPECIFIED", "ACTUAL"] = Field(
        default="SPECIFIED", description="Compare what was requested, or what was installed."
    )
    remap: dict[str, str] = Field(
        default_factory=dict, description="Environment of the bundle → one of the node."
    )


class Settings(Definition):
    """What a deployment changes on arrival. It takes effect at the next update, and not before."""

    connections: dict[str, str] = Field(
        default_factory=dict, description="Connection of the bundle → the one of the node that stands for it."
    )
    environments: CodeEnvironments = Field(default_factory=CodeEnvironments, description="Code environments.")
    local_variables: dict[str, Any] = Field(
        default_factory=dict, description="Local variables of the deployed project."
    )
    scenarios: dict[str, bool] = Field(
        default_factory=dict,
        description="Scenario → its triggers on (true) or off (false); not named: left alone.",
    )
    triggers_off: bool = Field(
        default=False, description="Every trigger of the deployed project off, whatever else is said."
    )
    run_as: str = Field(
        default="", description="User of the node that its scenarios run as; empty: as they say."
    )
    keep_local_active_version: bool = Field(
        default=False,
        description="Models retrained on the node stay active although the bundle brings others.",
    )


class Deployment(Described):
    """A published project on an infrastructure."""

    infrastructure: Id = Field(description="Where it is.")
    published: ProjectKey = Field(description="Key of the published project.")
    bundle: str = Field(description="Which of its bundles.")
    target: ProjectKey = Field(description="Key of the project on the node.")
    enabled: bool = Field(default=True, description="Off: all triggers off on the node; the project stays.")
    settings: Settings = Field(default_factory=Settings, description="What changes on arrival.")
    infrastructure_connections: bool = Field(
        default=False,
        description="Apply the infrastructure's connections at each update too; those named here win.",
    )

    @property
    def package(self) -> str:
        return self.bundle


class Tuning(Definition):
    """Access of a deployed service, in place of what its version says."""

    method: Literal["as packaged", "public", "api_keys"] = Field(
        default="as packaged", description="Who may ask: as the version says, everybody, or holders of a key."
    )
    keys: tuple[Secret, ...] = Field(default=(), description="`secret:NAME` of each key that may ask.")


class ServiceDeployment(Described):
    """A published service on an infrastructure of API nodes."""

    infrastructure: Id = Field(description="Where it is.")
    published: Id = Field(description="Id of the published service.")
    service: Id = Field(description="Its id on the nodes, which stands in its addresses.")
    mapping: GenerationMapping = Field(description="Which versions answer.")
    enabled: bool = Field(default=True, description="Off: the nodes answer 404 for it.")
    access: Tuning = Field(default_factory=Tuning, description="Keys of this deployment alone.")

    @property
    def package(self) -> str:
        """Its versions, for people."""
        return self.mapping.told


AnyDeployment = Deployment | ServiceDeployment


def usual_id(published: str, infrastructure: str) -> str:
    """`FRAUD-on-prod`"""
    return f"{published}-on-{infrastructure}"


def effective(deployment: Deployment, infrastructure: Mapping[str, str]) -> dict[str, str]:
    """The connections of an update: those of the deployment, over those of its infrastructure when it opted in."""
    under = infrastructure if deployment.infrastructure_connections else {}
    return {**under, **deployment.settings.connections}


def may(identity: Identity | None, wanted: DeployRight, grants: Collection[Grant], owner: str = "") -> bool:
    """Whether somebody may do this with something of the deployer. Nobody asking = the node's own doing: yes."""
    if identity is None or identity.is_administrator or Permission.MANAGE_DEPLOYMENTS in identity.permissions:
        return True
    if owner and identity.is_person and identity.login == owner:
        return True
    held = {identity.login, *identity.groups}
    given = {right for grant in grants if grant.holder in held for right in grant.rights}
    enough = {DeployRight.READ: set(DeployRight), DeployRight.ADMIN: {DeployRight.ADMIN}}.get(
        wanted, {wanted, DeployRight.ADMIN}
    )
    return bool(given & enough)


def require(
    identity: Identity | None, wanted: DeployRight, what: str, thing: Infrastructure | Published
) -> None:
    """Raise NotAllowed unless they may; `what` names the thing, such as `infrastructure prod`."""
    owner = thing.owner if isinstance(thing, Published) else ""
    if not may(identity, wanted, thing.people, owner):
        assert identity is not None
        raise NotAllowed(
            f"{identity.name or identity.login} may not {wanted} {'to' if wanted is DeployRight.DEPLOY else ''} {what}."
            .replace("  ", " "),
            permission=Permission.MANAGE_DEPLOYMENTS,
            hint="Its administrator, or whoever manages deployments, can give that right.",
        )  # fmt: skip


def check_disabled(id: str, deployment: AnyDeployment, *, ever_deployed: bool) -> None:
    """A deployment goes only once it is off; one that never went anywhere may go at once. Raises Refused."""
    if deployment.enabled and ever_deployed:
        raise Refused(
            f"Deployment {id} is enabled, so it is not deleted.",
            hint="Disable it, update it, then delete it.",
        )
