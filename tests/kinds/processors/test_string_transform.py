"""Transform text: several rules in a row."""

from __future__ import annotations

import pytest

from tests.kinds.processors.given import a_step, prepared


@pytest.mark.parametrize(
    ("settings", "result"),
    [
        ({"do": ["upper"]}, [" ÉCOLE  DE PARIS ", "", None]),
        ({"do": ["trim", "lower"]}, ["école  de paris", "", None]),
        ({"do": ["normalise"]}, ["ecole de paris", "", None]),
        ({"do": ["trim", "capitalize", "truncate"], "length": 5}, ["École", "", None]),
    ],
)
def test_rules_follow_each_other(settings: dict[str, object], result: list[str | None]) -> None:
    assert (
        prepared(a_step("string_transform", columns="t", **settings), t=[" École  de Paris ", "", None])["t"]
        == result
    )


def test_html_is_written_and_read_back() -> None:
    texts = ["<a href='x'>\"b\" & c</a>", "&lt;", "", None]
    escaped = prepared(a_step("string_transform", columns="t", do=["html_escape"]), t=texts)["t"]
    assert escaped == ["&lt;a href=&#39;x&#39;&gt;&quot;b&quot; &amp; c&lt;/a&gt;", "&amp;lt;", "", None]
    assert prepared(a_step("string_transform", columns="t", do=["html_unescape"]), t=escaped)["t"] == texts
