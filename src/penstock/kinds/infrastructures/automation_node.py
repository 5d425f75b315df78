"""Automation node: another Penstock where projects run, reached by its address and an API key."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from penstock.core.connection import Secret
from penstock.core.deployment import Address, Infrastructure, InfrastructureContext
from penstock.core.standard import Severity

Propagation = Literal["NONE", "READ_ONLY", "ALL"]


class AutomationNode(Infrastructure):
    """A node that runs projects: bundles are sent there over its REST interface, and activated.

    The key belongs to a user of that node, or is a global key that may create projects and write code there. Its
    connections here are copied into each new deployment; those that exist keep their own.

    Example:
        type: automation_node
        stage: Production
        url: http://automation.example.com:7878
        key: secret:automation_prod
        connections: {sql_dev: sql_prod}
    """

    MAIN: ClassVar[tuple[str, ...]] = ("stage", "url", "key", "connections")
    CARRIES: ClassVar[Literal["projects", "services"]] = "projects"

    url: str = Field(description="Address of the node: protocol, host and port.")
    external_url: str = Field(default="", description="Where people open it, when that is another address.")
    key: Secret = Field(description="`secret:NAME` of an API key of that node.")
    trust_all_certificates: bool = Field(default=False, description="Do not check its TLS certificate.")
    connections: dict[str, str] = Field(
        default_factory=dict,
        description="Connection of a bundle → the one there. Copied into new deployments.",
    )
    propagation: Propagation = Field(
        default="NONE",
        description="Rights in the project there, given at the first deployment only: none, everybody of the design "
        "node reads and runs, or the same rights for all whom that node knows.",
    )
    run_as: str = Field(default="", description="User there that scenarios of every deployment run as.")
    standards: Literal["ignore", "warn", "block"] = Field(
        default="ignore",
        description="What happens to a bundle whose project standards found something worse.",
    )
    worst_finding: Severity = Field(default="MEDIUM", description="The worst finding that is still accepted.")

    @field_validator("url", "external_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if url and "://" not in url:
            raise ValueError("Write the whole address, such as `http://host:7878`.")
        return url.rstrip("/")

    def open(self, ctx: InfrastructureContext) -> tuple[Address, ...]:
        return (Address(url=self.url, key=ctx.secret(self.key), trust_all=self.trust_all_certificates),)

    def public_urls(self) -> tuple[str, ...]:
        return (self.external_url or self.url,)
