"""Files that were sent and not taken yet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from penstock.runtime import tickets
from penstock.testing import a_node


def test_files_wait_for_whoever_sent_them_and_nobody_else(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    ticket = tickets.begin(node, by="ann")
    (tickets.folder(node, ticket, by="ann") / "a.csv").write_text("x\n")
    assert [f.name for f in tickets.files(node, ticket, by="ann")] == ["a.csv"]
    assert not tickets.files(node, ticket, by="bob")
    tickets.drop(node, ticket, by="bob")
    assert tickets.files(node, ticket, by="ann")
    tickets.drop(node, ticket, by="ann")
    assert not tickets.files(node, ticket, by="ann")


@pytest.mark.parametrize("ticket", ["", "..", "../../projects", "none", "a" * 22])
def test_a_ticket_that_is_none_leads_nowhere(tmp_path: Path, ticket: str) -> None:
    node = a_node(tmp_path)
    tickets.begin(node, by="ann")
    assert not tickets.files(node, ticket, by="ann")
    tickets.drop(node, ticket, by="ann")


def test_what_nobody_came_back_for_goes_after_a_day(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    old = tickets.folder(node, tickets.begin(node, by="ann"), by="ann")
    os.utime(old, (0, 0))
    tickets.begin(node, by="bob")
    assert not old.exists()
