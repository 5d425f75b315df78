"""WikiWritten: the wiki speaks of the objects of the project."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found


def test_a_wiki_without_an_article_is_found() -> None:
    assert found("wiki_written", facts()) == ["The wiki has no article."]


def test_articles_count_when_they_link_to_an_object() -> None:
    articles = {"home": "See [flights](dataset:flights).", "notes": "Nothing, but [[DEMO.home]]."}
    assert found("wiki_written", facts(articles=articles)) == []
    assert found("wiki_written", facts(articles=articles), minimum=2) == [
        "1 of 2 articles link to an object of the project; it should be 2 at least."
    ]
