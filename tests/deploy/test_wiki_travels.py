"""The wiki travels with its project: the tree, the articles, what is attached to them, byte for byte."""

from __future__ import annotations

import pytest

from penstock.runtime import project_wiki, wiki

from .conftest import Pair


@pytest.mark.requirement("D77", "D90")
def test_articles_and_attachments_arrive_as_they_were(pair: Pair) -> None:
    pair.project({"datasets/raw": {"type": "managed", "short_description": "What arrives at night."}})
    content = bytes(range(256))
    name = wiki.create(pair.here, pair.key, "Sources: all", author="ann", text="[f](attachment:a.bin)")
    wiki.attach(pair.here, pair.key, name, [("a.bin", content)], author="ann")
    project_wiki.generate(pair.here, pair.key, author="ann")
    pair.deploy("v1")
    assert wiki.tree(pair.there, pair.key) == wiki.tree(pair.here, pair.key)
    assert wiki.attachment(pair.there, pair.key, name, "a.bin") == content
    assert wiki.show(pair.there, pair.key, name).dead == ()
    assert "What arrives at night." in wiki.show(pair.there, pair.key, "data-source-raw").text
