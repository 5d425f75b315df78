"""Spark, on this machine, on a cluster, or by Spark Connect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core.cluster import Cluster
from penstock.core.errors import ConnectionFailed

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext


class Spark(Cluster):
    """Spark, for recipes that ask for `engine: spark`. On this machine nothing but Java 17 and `penstock[spark]` is
    needed. A cluster reaches the home under the same path as Penstock does (a shared file system).

    Example:
        type: spark
        master: local[4]
        settings: {spark.driver.memory: 4g}
    """

    def test(self, ctx: ConnectionContext) -> str:
        """Start a driver, or ask the server, and count to ten there."""
        import warnings

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from pyspark.errors import PySparkException
                from pyspark.sql import SparkSession
        except ImportError as error:
            raise ConnectionFailed(
                "Spark needs a library that is not installed.", hint="pip install 'penstock[spark]'"
            ) from error
        master = self.address(ctx)
        start = SparkSession.builder
        start = start.remote(master) if master.startswith("sc://") else start.master(master)
        chosen: dict[str, bool | float | int | str | None] = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            **self.settings,
        }
        try:
            spark = start.config(map=chosen).getOrCreate()
            counted = spark.range(10).count()
            return f"Spark {spark.version} counted to {counted}"
        except (PySparkException, OSError) as error:
            raise ConnectionFailed(str(error).strip().splitlines()[0]) from error
