"""The process's Spark: started when something first computes on it, stopped when the node closes.

A driver in this process belongs to one cluster: there is one at a time. Servers of Spark Connect (`sc://`) may be many.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from penstock.core.errors import ConnectionFailed, Refused
from penstock.engine.orphans import remove_orphans

if TYPE_CHECKING:
    from penstock.core.cluster import Cluster
    from penstock.core.config import Config
    from penstock.core.contexts import ConnectionContext

EXTRA = "pip install 'penstock[spark]'"
CONNECT_PORT = 15002
PATIENCE = 15.0
"""Seconds in which a server of Spark Connect must take our call."""
JAVA = "spark.driver.extraJavaOptions"
_lock = threading.RLock()
_warnings = threading.RLock()
_drivers: dict[str, Driver] = {}
"""The one driver of this process; a JVM is shared by everything in it, so this is not a matter of one node."""


class Driver:
    """A Spark driver of this process, and how many sessions are open on it."""

    def __init__(self, master: str, spark: Any, folder: Path) -> None:
        self.master, self.spark, self.folder = master, spark, folder
        self.users = 0

    def stop(self) -> None:
        """Stop Spark and end its Java process."""
        from pyspark import SparkContext

        self.spark.stop()
        gateway = SparkContext._gateway
        SparkContext._gateway = SparkContext._jvm = None
        if gateway is not None:
            _ended(gateway)
        shutil.rmtree(self.folder, ignore_errors=True)


class Machines:
    """The Sparks that a node's connections name."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._servers: dict[str, Any] = {}
        self._mine: set[str] = set()

    @contextlib.contextmanager
    def session(self, name: str, cluster: Cluster, keys: ConnectionContext) -> Iterator[Any]:
        """A `SparkSession` of its own: views and settings are seen by nobody else. The first takes seconds."""
        master = cluster.address(keys)
        if master.startswith("sc://"):
            yield from self._served(name, master, cluster)
        else:
            yield from self._driven(name, master, cluster)

    def work(self, name: str) -> Path:
        """A folder for one session: in the home, where the cluster's workers must reach it, too."""
        folder = self._config.home / "tmp" / "spark" / f"{os.getpid()}-{name}"
        folder.mkdir(parents=True)
        return folder

    def close(self) -> None:
        """Stop what this node has started."""
        with _lock:
            for master in self._mine:
                driver = _drivers.pop(master, None)
                if driver is not None:
                    driver.stop()
            self._mine.clear()
            for server in self._servers.values():
                server.stop()
            self._servers.clear()

    def _driven(self, name: str, master: str, cluster: Cluster) -> Iterator[Any]:
        with _lock:
            driver = self._driver(name, master, cluster)
            driver.users += 1
        try:
            yield driver.spark.newSession()
        finally:
            driver.users -= 1

    def _driver(self, name: str, master: str, cluster: Cluster) -> Driver:
        if master not in _drivers:
            _make_room(name)
            folder = self._config.home / "tmp" / "spark" / f"{os.getpid()}-{time.time_ns()}"
            _drivers[master] = Driver(
                master, _started(name, settings(cluster, master, folder), folder), folder
            )
            self._mine.add(master)
        return _drivers[master]

    def _served(self, name: str, url: str, cluster: Cluster) -> Iterator[Any]:
        with _lock:
            if url not in self._servers:
                self._servers[url] = _connected(name, url)
            session = self._servers[url].newSession()
        for key, value in {**_of_sessions(), **cluster.settings}.items():
            session.conf.set(key, value)
        try:
            yield session
        finally:
            session.stop()


def settings(cluster: Cluster, master: str, folder: Path) -> dict[str, str]:
    """How a driver is started; what the connection says comes last."""
    here = {} if not master.startswith("local") else {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
    }  # fmt: skip
    java = f"-Djava.io.tmpdir={folder} {cluster.settings.get(JAVA, '')}"
    return {
        "spark.app.name": "penstock", "spark.master": master, "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false", "spark.local.dir": str(folder / "spilled"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"), "spark.sql.artifact.isolation.enabled": "false",
        **here, **_of_sessions(), **cluster.settings, JAVA: java.strip(),
    }  # fmt: skip


def _of_sessions() -> dict[str, str]:
    """What makes Spark's answers those of the other engines."""
    return {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.caseSensitive": "true",
        "spark.sql.timestampType": "TIMESTAMP_LTZ",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "16384",
    }


def _make_room(name: str) -> None:
    for master, driver in list(_drivers.items()):
        if driver.users:
            raise Refused(
                f"This process computes on {master} right now, and can be the driver of one cluster only; {name} "
                "is another.",
                hint="Try again when that work has ended, or reach one of the two by Spark Connect (sc://…).",
            )
        _drivers.pop(master).stop()


def _started(name: str, chosen: dict[str, str], folder: Path) -> Any:
    SparkConf, SparkContext, SparkSession = _library()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway

    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise ConnectionFailed(
            "Spark needs Java 17, which this machine does not have.", hint="Install a Java 17 runtime, such as "
            "Debian's openjdk-17-jre-headless, or name a server of Spark Connect (sc://…).",
        )  # fmt: skip
    remove_orphans(folder.parent)
    folder.mkdir(parents=True)
    conf = SparkConf(loadDefaults=False).setAll(list(chosen.items()))
    log = folder / "spark.log"
    try:
        with log.open("wb") as out:
            gateway = launch_gateway(
                conf,  # type: ignore[no-untyped-call]
                {"stdout": out, "stderr": out},
            )
        with quiet():
            context = SparkContext(conf=conf, gateway=gateway)
    except (Py4JError, PySparkException, OSError) as error:
        said = _last_lines(log)
        raise ConnectionFailed(
            f"Spark ({name}) did not start: {said or error}",
            hint="Check the connection's master and settings.",
        ) from error
    context.setLogLevel("ERROR")
    logging.getLogger("SQLQueryContextLogger").setLevel(
        logging.CRITICAL
    )  # our errors say it, and to whoever asked
    context.pythonExec = chosen.get("spark.pyspark.python", sys.executable)
    return SparkSession(context)


def _connected(name: str, url: str) -> Any:
    _library()
    try:
        with quiet():
            from grpc import RpcError
            from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        hint = "pip install 'pyspark[connect]'"
        raise ConnectionFailed(f"Spark Connect needs a library: {error}.", hint=hint) from error
    from pyspark.errors import PySparkException

    _knock(name, url)
    try:
        session = SparkSession.builder.remote(url).create()
        session.version  # noqa: B018  the first question that the server has to answer
    except (RpcError, PySparkException, OSError) as error:
        raise ConnectionFailed(f"The server of {name} does not answer: {first_line(error)}") from error
    return session


def _knock(name: str, url: str) -> None:
    """Raise ConnectionFailed when nobody listens there: the client would try again for minutes."""
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "", place.port or CONNECT_PORT), timeout=PATIENCE).close()
    except OSError as error:
        raise ConnectionFailed(f"The server of {name} does not answer: {error}") from error


def _library() -> tuple[Any, Any, Any]:
    try:
        with quiet():
            from pyspark import SparkConf, SparkContext
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConnectionFailed("Spark needs a library that is not installed.", hint=EXTRA) from error
    return SparkConf, SparkContext, SparkSession


def _ended(gateway: Any) -> None:
    """End the Java process: it does so by itself when the pipe to it closes."""
    process = getattr(gateway, "proc", None)
    gateway.shutdown()
    if process is not None and process.stdin is not None:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without PySpark's warning that pandas 3 is too new for it: what is used here goes through Arrow."""
    with _warnings, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


def first_line(error: BaseException) -> str:
    """What an error of Spark or gRPC says, without the stack it carries, its class, and advice on settings."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = lines[0] if lines else type(error).__name__
    for noise in (
        r"^\[[A-Z_.0-9]+\] ",
        r" SQLSTATE: \w+$",
        r" If necessary set [^ ]+ to [^ ]+ to bypass this error\.",
    ):
        said = re.sub(noise, "", said)
    return said


def _last_lines(log: Path) -> str:
    text = log.read_text(errors="replace") if log.is_file() else ""
    found = [line for line in text.splitlines() if "ERROR" in line or "Exception" in line]
    return found[-1].strip()[:500] if found else ""
