"""Evaluations searched and sorted by the database, page by page."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import evaluations
from penstock.testing import a_node, a_project


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """Five evaluations; the last has no AUC, the second a percent sign in its name."""
    made = a_node(tmp_path)
    a_project(made, {"evaluations/mes": {}, "evaluations/other": {}})
    names = ["January", "50% more", "March", "April", "May"]
    for n, name in enumerate(names):
        metrics = {"performance:auc": 0.5 + (n * 7 % 5) / 10} if n < 4 else {"performance:f1": 0.2}
        labels = {"region": "North" if n % 2 else "South"}
        evaluations.push(made, "DEMO", "mes", metrics, id=f"e{n}", name=name, labels_=labels)
    evaluations.push(made, "DEMO", "other", {"performance:auc": 0.1}, id="e9", name="January")
    return made


def ids(node: Node, **asked: object) -> tuple[list[str], int]:
    found, total = node.evaluations.search("DEMO", "mes", **asked)  # type: ignore[arg-type]
    return [e.id for e in found], total


def test_without_words_the_newest_come_first(node: Node) -> None:
    assert ids(node, limit=2) == (["e4", "e3"], 5)
    assert ids(node, limit=2, offset=4) == (["e0"], 5)


def test_names_and_labels_are_searched_whatever_their_letters(node: Node) -> None:
    assert ids(node, text="mar") == (["e2"], 1)
    assert ids(node, text="north") == (["e3", "e1"], 2)


def test_a_percent_sign_means_itself(node: Node) -> None:
    assert ids(node, text="50%")[0] == ["e1"]
    assert ids(node, text="J%y")[0] == []


def test_those_without_the_metric_come_last_both_ways(node: Node) -> None:
    assert ids(node, by="performance:auc")[0] == sorted_ids(node, down=True)
    assert ids(node, by="performance:auc", down=False)[0] == sorted_ids(node, down=False)
    assert (
        ids(node, by="performance:auc")[0][-1] == ids(node, by="performance:auc", down=False)[0][-1] == "e4"
    )


def sorted_ids(node: Node, *, down: bool) -> list[str]:
    having = [e for e in node.evaluations.list("DEMO", "mes") if "performance:auc" in e.metrics]
    having.sort(key=lambda e: e.metrics["performance:auc"], reverse=down)
    return [*(e.id for e in having), "e4"]


def test_a_name_is_sorted_by_letters(node: Node) -> None:
    assert ids(node, by="name", down=False)[0] == ["e1", "e3", "e0", "e2", "e4"]
