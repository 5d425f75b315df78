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
        start = SparkSession.builder.appName("penstock-test")
        if master.startswith("sc://"):
            self._knock(master, ctx.timeout)
            start = start.remote(master)
        else:
            start = start.master(master).config("spark.ui.enabled", "false")
        chosen: dict[str, bool | float | int | str | None] = {**self.settings}
        try:
            spark = start.config(map=chosen).getOrCreate()
            counted = spark.range(10).count()
            return f"Spark {spark.version} counted to {counted}"
        except (PySparkException, OSError) as error:
            raise ConnectionFailed(str(error).strip().splitlines()[0]) from error

    def _knock(self, url: str, timeout: float) -> None:
        """Raise when nobody listens there: the client would try again for minutes."""
        import socket
        from urllib.parse import urlsplit

        place = urlsplit(url)
        try:
            socket.create_connection((place.hostname or "", place.port or 15002), timeout=timeout).close()
        except OSError as error:
            raise ConnectionFailed(f"{place.netloc} does not answer: {error}") from error
