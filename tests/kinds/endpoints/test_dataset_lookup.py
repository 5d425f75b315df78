from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import AnswerFailed, BadQuery, NotFound
from tests.kinds.endpoints.opened import TABLE, bundled, opened, referenced, sqlite

LOOKUP = {"dataset": "customers", "keys": [{"column": "id"}]}
ENDPOINT = {"type": "dataset_lookup", "name": "find", "datasets": [LOOKUP]}


@pytest.mark.requirement("D54")
def test_a_lookup_answers_a_list_of_one_with_every_other_column(tmp_path: Path) -> None:
    answers = opened(tmp_path, ENDPOINT, lookups=bundled(tmp_path))
    said = answers.answer("lookup", {"data": {"id": 1}, "context": {"order": "A"}})
    assert said.body == {
        "results": [{"data": {"age": 30, "score": 0.5, "vip": True, "since": "2020-01-02", "city": "Bonn"}}]
    }
    assert [(r.features, r.context) for r in said.records] == [({"id": 1}, {"order": "A"})]


@pytest.mark.requirement("D54")
def test_many_lookups_keep_their_order_and_one_that_fails_hinders_no_other(tmp_path: Path) -> None:
    strict = {**ENDPOINT, "datasets": [{**LOOKUP, "no_match": "fail", "columns": [{"column": "age"}]}]}
    answers = opened(tmp_path, strict, lookups=bundled(tmp_path))
    said = answers.answer("lookup-multi", {"items": [{"data": {"id": i}} for i in (3, 99, 1)]})
    assert said.body["results"][0] == {"data": {"age": 50}}
    assert said.body["results"][1]["ignored"] is True
    assert said.body["results"][2] == {"data": {"age": 30}}


@pytest.mark.requirement("D53")
def test_types_survive_and_keys_come_as_numbers_or_texts(tmp_path: Path) -> None:
    answers = opened(tmp_path, ENDPOINT, lookups=bundled(tmp_path))
    found = [
        answers.answer("lookup", {"data": {"id": key}}).body["results"][0]["data"] for key in (2, "2", 2.0)
    ]
    assert found[0] == found[1] == found[2]
    assert isinstance(found[0]["score"], float)
    assert found[0]["vip"] is False
    assert found[0]["since"] is None


@pytest.mark.requirement("D53")
def test_a_referenced_lookup_sees_a_new_value_at_once(tmp_path: Path) -> None:
    shop = sqlite(tmp_path, TABLE)
    endpoint = {**ENDPOINT, "datasets": [{**LOOKUP, "mode": "referenced"}]}
    answers = opened(tmp_path, endpoint, lookups=referenced(), connected=shop)
    assert answers.blocking
    before = answers.answer("lookup", {"data": {"id": 1}}).body["results"][0]["data"]
    assert (before["age"], before["vip"]) == (30, True)
    sqlite(tmp_path, "UPDATE customers SET age = 31 WHERE id = 1")
    assert answers.answer("lookup", {"data": {"id": 1}}).body["results"][0]["data"]["age"] == 31
    answers.close()


@pytest.mark.requirement("D52")
@pytest.mark.parametrize(
    ("rule", "key", "reason"),
    [
        ("no_key", None, "NO_LOOKUP_KEY"),
        ("no_match", "Rome", "NO_LOOKUP_MATCH"),
        ("several", "Bonn", "MULTIPLE_LOOKUP_MATCHES"),
    ],
)
def test_what_is_unclear_is_ignored_or_fails_or_goes_on_as_configured(
    tmp_path: Path, rule: str, key: str | None, reason: str
) -> None:
    lookups = bundled(tmp_path)
    asked = {"data": {"city": key} if key else {}}
    for word in ("ignore", "continue", "fail"):
        lookup = {
            "dataset": "customers",
            "keys": [{"column": "city"}],
            "columns": [{"column": "age"}],
            rule: word,
        }
        answers = opened(tmp_path, {**ENDPOINT, "datasets": [lookup]}, lookups=lookups)
        if word == "fail":
            with pytest.raises(AnswerFailed, match=reason) as failed:
                answers.answer("lookup", asked)
            assert failed.value.http_status == 400
        else:
            ignored = {"ignored": True, "ignoreReason": reason}
            expected = ignored if word == "ignore" else {"data": {"age": None}}
            assert answers.answer("lookup", asked).body["results"] == [expected]


def test_a_value_that_can_be_no_key_finds_nothing(tmp_path: Path) -> None:
    endpoint = {**ENDPOINT, "datasets": [{**LOOKUP, "no_match": "ignore"}]}
    answers = opened(tmp_path, endpoint, lookups=bundled(tmp_path))
    for odd in ("one", 1.5, [1], {"a": 1}, "1; DROP TABLE rows"):
        assert (
            answers.answer("lookup", {"data": {"id": odd}}).body["results"][0]["ignoreReason"]
            == "NO_LOOKUP_MATCH"
        )


def test_a_question_without_data_and_an_unknown_verb_are_told(tmp_path: Path) -> None:
    answers = opened(tmp_path, ENDPOINT, lookups=bundled(tmp_path))
    with pytest.raises(BadQuery, match="`data`"):
        answers.answer("lookup", {"id": 1})
    with pytest.raises(NotFound, match="predict"):
        answers.answer("predict", {})


def test_a_database_that_went_away_is_told_and_asked_again_later(tmp_path: Path) -> None:
    shop = sqlite(tmp_path, TABLE)
    endpoint = {**ENDPOINT, "datasets": [{**LOOKUP, "mode": "referenced"}]}
    answers = opened(tmp_path, endpoint, lookups=referenced(), connected=shop)
    answers.answer("lookup", {"data": {"id": 1}})
    sqlite(tmp_path, "ALTER TABLE customers RENAME TO hidden")
    with pytest.raises(AnswerFailed, match="customers cannot be asked"):
        answers.answer("lookup", {"data": {"id": 1}})
    sqlite(tmp_path, "ALTER TABLE hidden RENAME TO customers")
    assert answers.answer("lookup", {"data": {"id": 1}}).body["results"][0]["data"]["age"] == 30
