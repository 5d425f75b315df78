"""What people do with several objects of a Flow at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Invalid, InvalidDefinition, NotFound, Refused
from penstock.core.node import Node
from penstock.runtime import selection
from penstock.testing import KEY, a_node, a_project, build, fill, rows


def staged(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(
        node,
        {
            "datasets/raw": {"type": "managed", "tags": ["source"]},
            "datasets/outside": "type: inline\nrows: [{n: 1}]\n",
            "datasets/copied": "# kept\ntype: managed\n",
            "folders/inbox": "{}",
            "models/late": "{}",
            "evaluations/mes": "{}",
            "recipes/copy_it": {"type": "sync", "input": "raw", "output": "copied"},
        },
    )
    fill(node, "raw", n=[1, 2])
    return node


def test_tags_are_given_and_taken_in_one_commit_and_comments_stay(tmp_path: Path) -> None:
    node = staged(tmp_path)
    before = len(node.projects.history(KEY))
    selection.tag(
        node,
        KEY,
        ["raw", "copied", "copy_it"],
        add=["gold", "  nightly  run "],
        remove=["source"],
        author="ann",
    )
    loaded = node.projects.load(KEY)
    assert loaded.dataset("raw").tags == loaded.recipe("copy_it").tags == ("gold", "nightly run")
    assert node.projects.read(KEY, "flow/datasets/copied.yaml")[0].startswith("# kept\n")
    assert len(node.projects.history(KEY)) == before + 1
    assert selection.tags(node, KEY) == {"gold": 3, "nightly run": 3}


def test_tagging_what_is_tagged_already_is_no_commit(tmp_path: Path) -> None:
    node = staged(tmp_path)
    assert selection.tag(node, KEY, ["raw"], add=["source"], author="ann") == ""


def test_a_tag_is_renamed_wherever_it_stands_and_merged_with_one_that_is_there(tmp_path: Path) -> None:
    node = staged(tmp_path)
    selection.tag(node, KEY, ["raw", "copied"], add=["a", "b"], author="ann")
    selection.rename_tag(node, KEY, "a", "b", author="ann")
    assert node.projects.load(KEY).dataset("raw").tags == ("source", "b")
    selection.rename_tag(node, KEY, "b", "", author="ann")
    assert selection.tags(node, KEY) == {"source": 1}
    with pytest.raises(NotFound, match="source"):
        selection.rename_tag(node, KEY, "sorce", "x", author="ann")


@pytest.mark.parametrize("word", ["", "  ", "a,b", "x" * 61])
def test_a_word_that_is_no_tag_is_refused(tmp_path: Path, word: str) -> None:
    with pytest.raises(Invalid):
        selection.tag(staged(tmp_path), KEY, ["raw"], add=[word], author="ann")


def test_several_items_are_write_protected_at_once(tmp_path: Path) -> None:
    node = staged(tmp_path)
    selection.set_rebuild(node, KEY, ["copied", "inbox"], "write_protected", author="ann")
    loaded = node.projects.load(KEY)
    assert (loaded.dataset("copied").rebuild, loaded.folder("inbox").rebuild) == ("write_protected",) * 2
    with pytest.raises(InvalidDefinition, match="write_protected"):
        selection.set_rebuild(node, KEY, ["late"], "write_protected", author="ann")
    with pytest.raises(Refused, match="no such setting"):
        selection.set_rebuild(node, KEY, ["mes"], "explicit", author="ann")


@pytest.mark.requirement("A21")
def test_clearing_a_selection_leaves_what_lives_outside_and_says_why(tmp_path: Path) -> None:
    node = staged(tmp_path)
    build(node, "copied")
    kept = selection.clear(node, KEY, ["copied", "outside", "late", "inbox", "mes"])
    assert [k.name for k in kept] == ["outside", "late"]
    assert "outside is not cleared" in kept[0].why
    assert node.runs.build_record(KEY, "copied") is None
    assert node.data.snapshot(KEY, "copied") is None
    assert rows(node, "outside") == [{"n": 1}]
