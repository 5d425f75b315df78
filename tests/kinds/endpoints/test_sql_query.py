from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import AnswerFailed, BadQuery, ConnectionMissing, InvalidDefinition
from tests.kinds.endpoints.opened import TABLE, opened, sqlite

BY_CITY = {"sql": "SELECT id, score FROM customers WHERE city = ?", "parameters": ["town"]}


def asking(folder: Path, *queries: dict[str, Any], **more: Any) -> Any:
    endpoint = {"type": "sql_query", "name": "ask", "connection": "shop", "queries": list(queries), **more}
    return opened(folder, endpoint, connected=sqlite(folder, TABLE))


@pytest.mark.requirement("D57")
def test_rows_come_back_as_texts(tmp_path: Path) -> None:
    said = asking(tmp_path, BY_CITY).answer("query", {"town": "Bonn"})
    assert said.body == {"columns": ["id", "score"], "rows": [["1", "0.5"]]}
    assert said.records[0].features == {"town": "Bonn"}


@pytest.mark.requirement("D57")
def test_what_looks_like_sql_is_a_value(tmp_path: Path) -> None:
    answers = asking(tmp_path, BY_CITY)
    assert answers.answer("query", {"town": "Bonn' OR 1=1; DROP TABLE customers --"}).body["rows"] == []
    assert answers.answer("query", {"town": "Bonn"}).body["rows"] == [["1", "0.5"]]


@pytest.mark.requirement("D57")
def test_a_change_stays_only_when_it_is_to_be_kept(tmp_path: Path) -> None:
    insert = {"sql": "INSERT INTO customers (id, city) VALUES (?, 'Rome')", "parameters": ["id"]}
    count = {"sql": "SELECT count(*) FROM customers WHERE city = 'Rome'"}
    assert asking(tmp_path, insert).answer("query", {"id": 8}).body == {"updatedRows": 1}
    second = tmp_path / "second"
    second.mkdir()
    keeping = asking(second, insert, commit=True)
    assert keeping.answer("query", {"id": 9}).body == {"updatedRows": 1}
    endpoint = {"type": "sql_query", "name": "n", "connection": "shop", "queries": [count]}
    for folder, rows in ((tmp_path, "0"), (second, "1")):
        database = sqlite(folder, "")
        assert opened(folder, endpoint, connected=database).answer("query", {}).body["rows"] == [[rows]]


def test_statements_before_the_last_one_run_on_the_same_connection(tmp_path: Path) -> None:
    sql = "CREATE TEMP TABLE old AS SELECT * FROM customers WHERE age > 35; SELECT count(*) n FROM old WHERE city = ?"
    answers = asking(tmp_path, {"sql": sql, "parameters": ["town"]})
    for _ in range(2):  # the temporary table is undone with the rest
        assert answers.answer("query", {"town": "Paris"}).body == {"columns": ["n"], "rows": [["1"]]}


def test_several_queries_share_their_parameters(tmp_path: Path) -> None:
    said = asking(tmp_path, BY_CITY, {"sql": "SELECT ? AS town", "parameters": ["town"]}).answer(
        "query", {"town": "Bonn"}
    )
    assert said.body["results"][1] == {"columns": ["town"], "rows": [["Bonn"]]}


def test_what_the_question_lacks_or_cannot_say_is_told(tmp_path: Path) -> None:
    answers = asking(tmp_path, BY_CITY)
    with pytest.raises(BadQuery, match="needs town"):
        answers.answer("query", {})
    with pytest.raises(BadQuery, match="'town' must be"):
        answers.answer("query", {"town": ["Bonn"]})


def test_what_the_database_says_is_the_answer_and_the_next_one_works(tmp_path: Path) -> None:
    answers = asking(
        tmp_path, {"sql": "SELECT abs(?) AS n FROM customers WHERE json(?) IS NULL", "parameters": ["n", "j"]}
    )
    with pytest.raises(AnswerFailed, match="malformed JSON") as failed:
        answers.answer("query", {"n": 1, "j": "{"})
    assert failed.value.http_status == 500
    assert answers.answer("query", {"n": 1, "j": "{}"}).body["rows"] == []


def test_an_answer_has_no_more_rows_than_allowed(tmp_path: Path) -> None:
    assert (
        len(asking(tmp_path, {"sql": "SELECT * FROM customers"}, limit=1).answer("query", {}).body["rows"])
        == 1
    )


def test_a_node_without_the_connection_says_so(tmp_path: Path) -> None:
    endpoint = {"type": "sql_query", "name": "ask", "connection": "shop", "queries": [{"sql": "SELECT 1"}]}
    with pytest.raises(ConnectionMissing, match="shop"):
        opened(tmp_path, endpoint)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"sql": "SELECT ?"}, "1 `\\?`, and 0 parameters"),
        ({"sql": "SELECT '?', \"a?\" -- ?\n /* ? */", "parameters": ["a"]}, "0 `\\?`, and 1"),
        ({"sql": "DELETE FROM t WHERE a = ?; SELECT 1"}, "Only the last"),
        ({"sql": " ; -- nothing"}, "no statement"),
    ],
)
def test_markers_and_parameters_must_fit(query: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidDefinition, match=says):
        registry.parse(
            "endpoints", {"type": "sql_query", "name": "ask", "connection": "shop", "queries": [query]}
        )
