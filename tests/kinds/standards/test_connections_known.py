"""ConnectionsKnown: every connection that the project names is there."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found

TABLE = {"type": "sql_table", "connection": "warehouse", "table": "flights"}


def test_a_connection_that_is_not_there_is_named() -> None:
    assert found("connections_known", facts(datasets={"flights": TABLE})) == [
        "Dataset flights names connection warehouse, which is not on this node."
    ]
    assert found("connections_known", facts(datasets={"flights": TABLE}, connections=["warehouse"])) == []


def test_without_a_connection_it_says_nothing() -> None:
    assert found("connections_known", facts()) == ["not applicable"]
