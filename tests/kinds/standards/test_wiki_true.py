"""The project wiki says what is so."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found


def test_an_article_that_is_out_of_date_is_found_with_what_changed() -> None:
    assert found("wiki_true", facts(untrue={})) == []
    assert found("wiki_true", facts(untrue={"data-sources": "dataset:raw: columns"})) == [
        "Article data-sources: dataset:raw: columns."
    ]


def test_a_project_without_a_generated_wiki_is_not_judged() -> None:
    assert found("wiki_true", facts()) == ["not applicable"]
