"""Local process: a penstock-node on this machine that the home starts by itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from penstock.core.deployment import Address, Infrastructure, InfrastructureContext


class LocalProcess(Infrastructure):
    """An API node in a process of its own on this machine, started when something is deployed there. For trying out
    and for small installations; it needs `penstock-node` to be installed beside Penstock.

    Example:
        type: local_process
        stage: Development
        port: 7979
    """

    MAIN: ClassVar[tuple[str, ...]] = ("stage", "port")
    CARRIES: ClassVar[Literal["projects", "services"]] = "services"

    port: int = Field(default=7979, ge=1, le=65_535, description="Where it listens, on this machine only.")

    def open(self, ctx: InfrastructureContext) -> tuple[Address, ...]:
        return (ctx.started_node(self.port),)

    def public_urls(self) -> tuple[str, ...]:
        return (f"http://127.0.0.1:{self.port}",)

    def ports(self) -> tuple[int, ...]:
        return (self.port,)
