"""Static API nodes: penstock-nodes at known addresses; every version goes to each of them."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from penstock.core.connection import Secret
from penstock.core.deployment import Address, Infrastructure, InfrastructureContext
from penstock.core.kind import Definition


class ApiNode(Definition):
    """One penstock-node."""

    url: str = Field(description="Its address: protocol, host and port.")
    key: Secret = Field(description="`secret:NAME` of one of its admin keys.")
    external_url: str = Field(default="", description="Where callers reach it, when that is another address.")

    @field_validator("url", "external_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if url and "://" not in url:
            raise ValueError("Write the whole address, such as `http://host:7979`.")
        return url.rstrip("/")


class StaticApiNodes(Infrastructure):
    """API nodes at fixed addresses. Each gets the same versions; whatever spreads the calls stands before them.

    Example:
        type: static_api_nodes
        stage: Production
        nodes:
          - {url: "http://api1.example.com:7979", key: secret:api_admin}
          - {url: "http://api2.example.com:7979", key: secret:api_admin}
    """

    MAIN: ClassVar[tuple[str, ...]] = ("stage", "nodes")
    CARRIES: ClassVar[Literal["projects", "services"]] = "services"

    nodes: tuple[ApiNode, ...] = Field(min_length=1, description="The nodes.")
    trust_all_certificates: bool = Field(default=False, description="Do not check their TLS certificates.")

    def open(self, ctx: InfrastructureContext) -> tuple[Address, ...]:
        trust_all = self.trust_all_certificates
        return tuple(Address(url=n.url, key=ctx.secret(n.key), trust_all=trust_all) for n in self.nodes)

    def public_urls(self) -> tuple[str, ...]:
        return tuple(node.external_url or node.url for node in self.nodes)
