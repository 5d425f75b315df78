"""The connection to Spark: tried in a process of its own, refused with a reason, one cluster at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.config import Config
from penstock.core.errors import ConnectionFailed, Failed, Refused
from penstock.core.node import Node
from penstock.core.placement import Place
from penstock.core.registry import parse
from penstock.engine.database import Keys
from penstock.engine.spark.machine import Machines, settings
from penstock.runtime import connections
from penstock.testing import a_node
from tests.servers import SPARK


def with_spark(tmp_path: Path, **words: Any) -> Node:
    node = a_node(tmp_path)
    made: Any = parse("connections", {"type": "spark", **words})
    node.connections.save("cluster", made)
    return node


@pytest.mark.slow
def test_trying_it_counts_there(tmp_path: Path) -> None:
    said = connections.test(with_spark(tmp_path, **SPARK), "cluster", timeout=120)
    assert said == "Spark 4.3.0 counted to 10"


def test_a_server_that_does_not_answer_fails_the_test_at_once(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="does not answer"):
        connections.test(with_spark(tmp_path, master="sc://127.0.0.1:1"), "cluster")


def test_the_address_may_be_sealed(tmp_path: Path) -> None:
    node = with_spark(tmp_path, master="secret:where")
    node.secrets.put("where", "sc://127.0.0.1:1")
    with (
        pytest.raises(ConnectionFailed, match=r"The server of cluster does not answer"),
        node.engines.session(Place("spark", "cluster")),
    ):
        pass


def test_what_the_connection_sets_wins(tmp_path: Path) -> None:
    made: Any = parse(
        "connections", {"type": "spark", "settings": {"spark.app.name": "ours", "spark.x": "1"}}
    )
    chosen = settings(made, "local[1]", tmp_path)
    assert (chosen["spark.app.name"], chosen["spark.x"]) == ("ours", "1")
    assert chosen["spark.sql.session.timeZone"] == "UTC"


@pytest.mark.slow
def test_a_process_drives_one_cluster_at_a_time(spark: Any, tmp_path: Path) -> None:
    other: Any = parse("connections", {"type": "spark", "master": "local[1]"})
    with (
        pytest.raises(Refused, match=r"local\[2\] right now"),
        Machines(Config(home=tmp_path)).session("other", other, Keys(str)),
    ):
        pass
