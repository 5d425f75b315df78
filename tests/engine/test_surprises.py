"""What tables and queries of databases hold that surprises: looked at there and read here, it is the same."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from penstock.core.connection import Connection
from penstock.core.errors import ActivityFailed, NotFound, PenstockError
from penstock.core.node import Node
from penstock.core.registry import parse
from penstock.runtime import connections, datasets
from penstock.testing import a_node, a_project, rows

PLACES = ("postgresql", "mysql", "sqlite", "duckdb")
SERVERS = {"postgresql": "postgres", "mysql": "mariadb"}


class There(NamedTuple):
    """A node with the connection `there`, and a way to fill it."""

    sort: str
    node: Node
    server: Any
    file: Path

    def holds(self, *statements: str) -> None:
        if self.sort in SERVERS:
            self.server.run(*statements)
            return
        con: Any = sqlite3.connect(self.file) if self.sort == "sqlite" else duckdb.connect(str(self.file))
        for statement in statements:
            con.execute(statement)
        con.commit()
        con.close()


@pytest.fixture(params=PLACES)
def there(request: pytest.FixtureRequest, tmp_path: Path) -> There:
    return a_place(request, request.param, tmp_path)


def connected(node: Node, settings: dict[str, Any]) -> None:
    found = parse("connections", settings)
    assert isinstance(found, Connection)
    node.connections.save("there", found)


def a_place(request: pytest.FixtureRequest, sort: str, folder: Path) -> There:
    node, file = a_node(folder / "home"), folder / "data.db"
    server = request.getfixturevalue(SERVERS[sort]) if sort in SERVERS else None
    settings = {
        "sqlite": {"type": "sqlite", "path": str(file)},
        "duckdb": {"type": "sql", "url": f"duckdb://{file}"},
    }
    connected(node, server.settings if server else settings[sort])
    found = There(sort, node, server, file)
    found.holds("CREATE TABLE first (n int)")
    return found


def asked(node: Node, query: str) -> None:
    a_project(node, {"datasets/x": {"type": "sql_query", "connection": "there", "query": query}})


def read_here(node: Node, folder: Path) -> list[dict[str, Any]]:
    """The rows as a recipe of this process reads them."""
    file = folder / "read.jsonl"
    datasets.export(node, "DEMO", "x", file)
    return [json.loads(line) for line in file.read_text().splitlines()]


def both(node: Node, folder: Path) -> list[dict[str, Any]]:
    """The rows as they are looked at; they are the same when they are read here."""
    looked = rows(node, "x")
    assert read_here(node, folder) == json.loads(json.dumps(looked, default=str))
    return looked


def test_names_in_capitals_with_spaces_quotes_and_words_of_sql_are_kept(there: There, tmp_path: Path) -> None:
    names = ["Amount Paid", 'say "hi"', "UPPER", "order", "naïve", "a%b", "x.y"]
    mark = "`" if there.sort == "mysql" else '"'
    listed = [mark + name.replace(mark, mark * 2) + mark for name in names]
    there.holds(
        f"CREATE TABLE {mark}Odd Table{mark} ({', '.join(f'{name} int' for name in listed)})",
        f"INSERT INTO {mark}Odd Table{mark} VALUES ({', '.join('1' for _ in names)})",
    )
    a_project(there.node, {"datasets/x": {"type": "sql_table", "connection": "there", "table": "Odd Table"}})
    assert both(there.node, tmp_path) == [dict.fromkeys(names, 1)]


def test_a_text_of_ten_million_letters_comes_whole(there: There, tmp_path: Path) -> None:
    there.holds("CREATE TABLE letters (t " + ("longtext" if there.sort == "mysql" else "text") + ")")
    long = {"sqlite": "replace(hex(zeroblob(5000000)), '00', 'ab')"}.get(there.sort, "repeat('ab', 5000000)")
    there.holds(f"INSERT INTO letters SELECT {long}")
    asked(there.node, "SELECT t FROM letters")
    assert [len(row["t"]) for row in read_here(there.node, tmp_path)] == [10_000_000]


@pytest.mark.parametrize("table", [True, False], ids=["a table", "a column"])
def test_what_is_not_there_is_named(there: There, table: bool) -> None:
    wrong = {"type": "sql_table", "connection": "there", "table": "frist"}
    asked_for = {"type": "sql_query", "connection": "there", "query": "SELECT nope FROM first"}
    a_project(there.node, {"datasets/x": wrong if table else asked_for})
    with pytest.raises(PenstockError, match="Did you mean first" if table else "nope"):
        rows(there.node, "x")


@pytest.mark.parametrize("sort", ["postgresql", "mysql", "duckdb"])
def test_a_query_with_two_columns_of_one_name_is_refused(
    sort: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """SQLite gives the second one another name by itself."""
    node = a_place(request, sort, tmp_path).node
    asked(node, "SELECT 1 AS a, 2 AS a")
    with pytest.raises(ActivityFailed, match=r"columns called 'a'|[Dd]uplicate column name 'a'"):
        rows(node, "x")


def test_trying_it_counts_tables(there: There) -> None:
    assert "1 table or view" in connections.test(there.node, "there")


def postgres_case(request: pytest.FixtureRequest, folder: Path, query: str) -> Node:
    node = a_place(request, "postgresql", folder).node
    asked(node, query)
    return node


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("12.5::money", 12.5),
        ("'NaN'::numeric(38,10)::text", "NaN"),
        ("12345678901234567890.5::numeric(38,10)", 12345678901234567890.5),
        ("timestamptz 'infinity'", None),
        ("timestamp '-infinity'", None),
        ("date 'infinity'", None),
        ("date '0044-03-15 BC'", None),
        ("timestamp '10000-01-01'", None),
        ("date '9999-12-31'", "9999-12-31"),
        ("date '0001-01-01'", "0001-01-01"),
        ("'{{a,b},{c,NULL}}'::text[]", ["a", "b", "c", None]),
        ("'{{1,2},{3,4}}'::int[]", [1, 2, 3, 4]),
        ("int4range(1, 5)", "[1,5)"),
        ("point '(1,2)'", "(1,2)"),
        ("interval '1 day 2 hours'", "1 day 02:00:00"),
    ],
)
def test_cells_that_only_postgresql_has(
    cell: str, found: object, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    node = postgres_case(request, tmp_path, f"SELECT {cell} AS a")
    (row,) = both(node, tmp_path)
    assert (str(row["a"]) if isinstance(found, str) else row["a"]) == found


def test_a_table_without_columns_is_told_as_such(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    there = a_place(request, "postgresql", tmp_path)
    there.holds("CREATE TABLE bare ()")
    a_project(there.node, {"datasets/x": {"type": "sql_table", "connection": "there", "table": "bare"}})
    with pytest.raises(ActivityFailed, match="Table bare in connection there has no columns"):
        rows(there.node, "x")


def test_what_goes_wrong_in_the_middle_of_the_rows_is_a_sentence_without_our_query(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    node = postgres_case(request, tmp_path, "SELECT 1 / (70000 - i) AS a FROM generate_series(1, 80000) AS i")
    with pytest.raises(ActivityFailed) as failed:
        read_here(node, tmp_path)
    assert str(failed.value) == "The database of connection there says: division by zero."


def test_a_schema_that_is_not_there_is_told_when_it_is_tried(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    there = a_place(request, "postgresql", tmp_path)
    connected(there.node, {**there.server.settings, "schema": "salse"})
    assert connections.test(there.node, "there").endswith("no schema salse yet")


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("date", "'0000-00-00'", None),
        ("datetime(6)", "'0000-00-00'", None),
        ("date", "'2024-02-00'", None),
        ("timestamp null", "'0000-00-00'", None),
        ("set('x', 'y')", "'x,y'", "x,y"),
        ("json", "'{\"a\":1}'", '{"a":1}'),
        ("text collate utf8mb4_bin", "'é'", "é"),
        ("bigint unsigned", "18446744073709551615", 18446744073709551615.0),
        ("time", "'-25:59:59'", "-25:59:59"),
        ("bit(3)", "b'101'", 5),
    ],
)
@pytest.mark.parametrize("query", [True, False], ids=["by query", "as a table"])
def test_cells_that_only_mariadb_has(
    kind: str, value: str, found: object, query: bool, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    there = a_place(request, "mysql", tmp_path)
    there.holds("SET sql_mode = ''", f"CREATE TABLE t (a {kind})", f"INSERT INTO t VALUES ({value})")
    rest = {"type": "sql_query", "query": "SELECT * FROM t"} if query else {"type": "sql_table", "table": "t"}
    a_project(there.node, {"datasets/x": {"connection": "there", **rest}})
    assert both(there.node, tmp_path) == [{"a": found}]


@pytest.mark.parametrize("sort", ["sqlite", "duckdb"])
def test_a_cell_that_cannot_be_held_here_is_named_by_its_column(
    sort: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    there = a_place(request, sort, tmp_path)
    there.holds("INSERT INTO first VALUES ('seven')" if sort == "sqlite" else "SELECT 1")
    asked(there.node, "SELECT n FROM first" if sort == "sqlite" else "SELECT TIMESTAMP 'infinity' AS n")
    said = r"Column 'n' of the database .* Read it by .*sql_query"
    with pytest.raises(ActivityFailed, match=said):
        rows(there.node, "x")
    with pytest.raises(ActivityFailed, match=said):
        read_here(there.node, tmp_path)


def test_a_connection_that_is_not_there_is_called_a_connection(tmp_path: Path) -> None:
    node = a_node(tmp_path / "home")
    asked(node, "SELECT 1 AS a")
    with pytest.raises(NotFound, match=r"There is no connection 'there'.*penstock connection set NAME FILE"):
        rows(node, "x")
