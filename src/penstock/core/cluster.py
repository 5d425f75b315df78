"""Cluster: a connection to where Spark runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.connection import Connection

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext


class Cluster(Connection):
    """A connection to Spark: on this machine, on a cluster, or behind a server of Spark Connect."""

    PATIENCE: ClassVar[float] = 90.0

    master: str = Field(
        default="local[*]",
        min_length=1,
        description="`local[4]` = this machine with four threads (`*` = all cores), the URL of a cluster "
        "(`spark://host:7077`, `yarn`, `k8s://…`), or a server of Spark Connect (`sc://host:15002`); may be "
        "`secret:NAME`.",
    )
    settings: dict[str, str] = Field(
        default_factory=dict,
        description="Settings of Spark, such as `spark.executor.memory: 8g`; for drivers, what they start with.",
    )

    def address(self, ctx: ConnectionContext) -> str:
        """The master, or what is sealed under its name."""
        return ctx.secret(self.master)
