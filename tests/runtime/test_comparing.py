"""Comparisons kept under a name: written as YAML, opened again, changed by one at a time, and gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Conflict, Invalid, NotFound, SaveConflict
from penstock.core.node import Node
from penstock.runtime import comparing, evaluations
from penstock.testing import KEY
from tests.web.pages.modelled import a_bank

BOTH = ["mes/april", "mes/may"]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_bank(tmp_path)


@pytest.mark.requirement("M98")
def test_a_comparison_is_kept_as_yaml_and_opens_again_with_the_values_of_now(node: Node) -> None:
    name = comparing.create(node, KEY, "April & May", BOTH, champion="mes/april", author="ann")
    assert name == "april_may"
    file = node.projects.load(KEY).path / "comparisons" / "april_may.yaml"
    assert "title: April & May" in file.read_text()
    (listed,) = comparing.listing(node, KEY)
    assert (listed.title, listed.items, listed.changed_by) == ("April & May", 2, "ann")
    shown = comparing.show(node, KEY, name)
    assert [i.id for i in shown.items] == ["ME-DEMO-mes-april", "ME-DEMO-mes-may"]
    assert shown.champion == "ME-DEMO-mes-april"


def test_what_was_deleted_meanwhile_is_told_and_left_out(node: Node) -> None:
    name = comparing.create(node, KEY, "Both", BOTH, champion="mes/may", author="ann")
    evaluations.delete(node, KEY, "mes", ["may"])
    opened = comparing.opened(node, KEY, name)
    assert (opened.gone, opened.champion) == (("mes/may",), "")
    assert [i.name for i in comparing.show(node, KEY, name).items] == ["April"]


def test_a_title_that_is_taken_and_items_that_do_not_belong_together_are_refused(node: Node) -> None:
    comparing.create(node, KEY, "Both", BOTH, author="ann")
    with pytest.raises(Conflict, match="'both' already"):
        comparing.create(node, KEY, "both", BOTH, author="ann")
    with pytest.raises(Invalid, match="one prediction type"):
        comparing.create(node, KEY, "Mixed", ["mes/april", "fares/rides"], author="ann")


def test_who_saves_over_somebody_elses_save_is_told(node: Node) -> None:
    name = comparing.create(node, KEY, "Both", BOTH, author="ann")
    base = comparing.opened(node, KEY, name).base
    comparing.save(node, KEY, name, {"items": ["mes/april"]}, author="bob", base=base)
    with pytest.raises(SaveConflict):
        comparing.save(node, KEY, name, {"items": ["mes/may"]}, author="ann", base=base)


def test_a_deleted_one_is_gone_and_what_it_compared_stays(node: Node) -> None:
    name = comparing.create(node, KEY, "Both", BOTH, author="ann")
    comparing.delete(node, KEY, name, author="ann")
    with pytest.raises(NotFound, match="comparison"):
        comparing.opened(node, KEY, name)
    assert node.evaluations.get(KEY, "mes", "april")
