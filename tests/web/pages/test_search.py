"""Search: by name, title, tag, column and description, in what somebody may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, {
        "datasets/flights": {"type": "managed", "title": "All <flights>", "tags": ["raw"],
                             "columns": [{"name": "dep_delay", "type": "int"}]},
        "datasets/weather": {"type": "managed", "description": "What delays flights."},
    })  # fmt: skip
    a_project(made, {"datasets/flights_of_others": {"type": "managed"}}, key="THEIRS")
    return made


def test_the_best_name_comes_first(node: Node) -> None:
    links = a_browser(node).fragment("/search?q=flights").links
    assert links[0] == "/projects/DEMO/datasets/flights"
    assert "/projects/DEMO/datasets/weather" in links


@pytest.mark.parametrize("words", ["dep_delay", "raw", "all flights", "FLIGHTS raw"])
def test_columns_tags_and_titles_are_found(node: Node, words: str) -> None:
    assert "/projects/DEMO/datasets/flights" in a_browser(node).fragment(f"/search?q={words}").links


def test_every_word_must_fit(node: Node) -> None:
    assert "Nothing has all of" in a_browser(node).get("/search?q=flights+nonsense").text


def test_nothing_of_projects_one_may_not_read_is_found(node: Node) -> None:
    bob = a_browser(node, rights=("read",))
    assert "flights_of_others" not in bob.fragment("/search?q=flights").html


def test_what_people_wrote_is_escaped(node: Node) -> None:
    assert "All &lt;flights&gt;" in a_browser(node).fragment("/search?q=flights").html
