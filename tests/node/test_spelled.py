"""What is read by the short way is what JSON says, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.core.errors import BadQuery
from penstock_node.spelled import Spelled, loosely, parsed, text_of

USUAL = [
    '{"features":{"a":1.50,"b":"x"}}',
    ' { "features" : {"a": 1e5} , "context": {"order": "A-77"}, "dispatch":{"dispatchKey":"c"} } ',
    '{"items":[{"features":{"a":1}},{"features":{"a":2},"context":{"k":[1,2]}}]}',
    '{"explanations":{"enabled":true},"items": [ {"features":{}} , {"features":{"ä":"\\ud83d\\ude00"}} ]}\n',
    '{"features":{"a":1},"features":{"a":2}}',
    '{"features":{"a":NaN}}',
]
OTHER = [
    "{}", "", '{"items":[]}', '{"items":[1,2]}', '{"items":[{"features":{}},3]}', '{"items":[{}]}', '{"features":[1]}',
    '{"features":null}', '{"na\\u006de":1}', '{"a b":{"features":{}}}', '{"features":{"a":1,\n"b":2}}',
]  # fmt: skip
BROKEN = [
    '{"features":{"a":1}', '{"features":{"a":1},}', '{"features":{"a":1}]', '{"features":{}} x', '{"features":{"a":}}',
    '{"items":[{"features":{}}}', '{"items":[{"features":{}},]}', '{"items":[{"features":{}} {"features":{}}]}', "[1]",
    '{"features"\x0b:{}}', '{"features":' + "[" * 100_000, "nothing", '"text"',
]  # fmt: skip


@pytest.mark.parametrize("body", [*USUAL, *OTHER])
def test_a_body_means_the_same_by_either_way(body: str) -> None:
    assert loosely(parsed(body.encode())) == loosely(json.loads(body or "{}"))


@pytest.mark.parametrize("body", BROKEN)
def test_what_is_no_json_object_is_refused_by_either_way(body: str) -> None:
    with pytest.raises(BadQuery):
        parsed(body.encode())


def spelled(found: Any) -> list[str]:
    return [one["features"].text for one in found.get("items", [found])]


@pytest.mark.parametrize("body", USUAL)
def test_features_are_written_down_as_they_came(body: str) -> None:
    found = parsed(body.encode())
    for one in found.get("items", [found]):
        assert isinstance(one["features"], Spelled)
        assert text_of(one["features"]) in body
        assert loosely(json.loads(text_of(one["features"]))) == loosely(dict(one["features"]))


def test_features_on_several_lines_are_written_down_on_one() -> None:
    found = parsed(b'{"features":{"a":1,\n "b":"x"}}')
    assert text_of(found["features"]) == '{"a":1,"b":"x"}'


def test_a_body_in_another_encoding_is_read_too() -> None:
    assert parsed('{"features":{"a":"ä"}}'.encode("utf-16")) == {"features": {"a": "ä"}}
