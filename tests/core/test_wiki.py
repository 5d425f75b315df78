"""The tree of articles, and links in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from penstock.core import wiki
from penstock.core.errors import Conflict, Invalid, NotFound
from penstock.core.wiki import Entry, Link, Wiki


def _wiki(*names: str) -> Wiki:
    made = Wiki()
    for name in names:
        above, _, own = name.rpartition("/")
        made = wiki.add(made, Entry(article=own), above.rpartition("/")[2])
    return made


def _names(made: Wiki) -> list[tuple[int, str]]:
    return [(level, e.article) for level, e in wiki.walked(made.tree)]


@pytest.mark.requirement("D75")
def test_articles_keep_their_order_below_their_parents_and_the_first_is_home() -> None:
    made = _wiki("a", "a/b", "a/c", "d")
    assert _names(made) == [(0, "a"), (1, "b"), (1, "c"), (0, "d")]
    assert made.first == "a"
    assert wiki.parent_of(made, "c") == "a"


@pytest.mark.requirement("D75")
def test_moving_takes_what_lies_below_along_and_a_circle_is_refused() -> None:
    made = _wiki("a", "a/b", "a/b/c", "d")
    assert _names(wiki.move(made, "b", "d")) == [(0, "a"), (0, "d"), (1, "b"), (2, "c")]
    with pytest.raises(Invalid, match="below itself"):
        wiki.move(made, "a", "c")


@pytest.mark.requirement("D75")
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5), st.integers(-1, 4)), max_size=12))
def test_whatever_is_moved_each_article_stands_exactly_once(moves: list[tuple[int, int, int]]) -> None:
    names = ["a", "b", "c", "d", "e", "f"]
    made = _wiki(*names)
    for what, where, place in moves:
        try:
            made = wiki.move(made, names[what], names[where] if where >= 0 else "", place)
        except Invalid:
            continue
    assert sorted(name for _, name in _names(made)) == names


@pytest.mark.requirement("D75")
def test_a_tree_with_an_article_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="twice"):
        Wiki(tree=(Entry(article="a"), Entry(article="b", children=(Entry(article="a"),))))


def test_deleting_lifts_what_lies_below() -> None:
    assert _names(wiki.remove(_wiki("a", "a/b", "c"), "a")) == [(0, "b"), (0, "c")]


def test_files_without_an_entry_come_last_and_entries_without_a_file_are_left_out() -> None:
    made = wiki.complete(_wiki("a", "a/b"), ["b", "z"])
    assert _names(made) == [(0, "b"), (0, "z")]


def test_names_are_found_by_title_too_and_taken_ones_refused() -> None:
    made = Wiki(tree=(Entry(article="sources", title="Data: where from?"),))
    assert wiki.find(made, "data: where from?").article == "sources"
    with pytest.raises(NotFound, match="Did you mean sources"):
        wiki.find(made, "source")
    with pytest.raises(Conflict):
        wiki.add(made, Entry(article="sources"))


def test_file_names_are_plain_and_free() -> None:
    assert wiki.file_name("Über: Daten!", []) == "uber-daten"
    assert wiki.file_name("Daten", ["daten"]) == "daten-2"
    assert wiki.file_name("数据", []) == "article"


@pytest.mark.requirement("D76")
@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("[rows](dataset:KEY.ds)", Link("dataset", "KEY", "ds")),
        ("(rows)[dataset:KEY.ds]", Link("dataset", "KEY", "ds")),
        ("[rows](saved_model:m)", Link("model", "", "m")),
        ("[[KEY.Article: one]]", Link("article", "KEY", "Article: one")),
        ("[[dataset:new_flights]]", Link("dataset", "", "new_flights")),
        ("[all](project:KEY)", Link("project", "KEY", "")),
    ],
)
def test_every_way_to_write_a_link(text: str, link: Link) -> None:
    assert wiki.links(text) == [link]


def test_what_stands_in_code_or_leads_elsewhere_is_no_link() -> None:
    text = "`[[a]]`\n```\n[x](dataset:y)\n```\n[mail](mailto:a@b) [web](https://x.example/[[z]])"
    assert wiki.links(text) == []
