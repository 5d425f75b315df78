"""Logs of the node: kept while a process runs, masked, read by administrators only."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from penstock.core.errors import NotFound
from penstock.runtime import node_logs, working
from penstock.testing import a_node

SAID = logging.getLogger("penstock.tried")


def test_what_a_process_says_is_kept_without_sealed_values(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    node.secrets.put("mail", "s3cr3t-word")
    with node_logs.kept(node, "server"):
        SAID.warning("The password is s3cr3t-word")
        try:
            raise ValueError("with s3cr3t-word")
        except ValueError:
            SAID.exception("It failed")
    SAID.warning("Nobody listens any more")
    (kept,) = node_logs.listing(node)
    text = node_logs.read(node, kept.name)
    assert kept.name.startswith("server-")
    assert "This server began." in text
    assert "[WARN] penstock.tried: The password is" in text
    assert "ValueError: with" in text
    assert "s3cr3t-word" not in text
    assert "Nobody listens" not in text


def test_what_is_sealed_later_is_masked_when_it_is_read(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    with node_logs.kept(node, "worker"):
        SAID.warning("token-of-before")
    node.secrets.put("token", "token-of-before")
    assert "token-of-before" not in node_logs.read(node)


def test_a_log_is_followed_from_where_one_was(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    assert node_logs.read(node) == ""
    with node_logs.kept(node, "server"):
        text, reached = node_logs.piece(node)
        SAID.warning("Another line")
        more, end = node_logs.piece(node, start=reached)
    assert "began" in text
    assert more.endswith("Another line\n")
    assert "began" not in more
    assert end > reached


def test_only_logs_of_the_node_are_read(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    with node_logs.kept(node, "server"):
        pass
    for name in ("../../web.key", "/etc/passwd", "server.log"):
        with pytest.raises(NotFound):
            node_logs.read(node, name)


def test_old_files_make_room(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    folder = node.config.home / "logs" / "node"
    folder.mkdir(parents=True)
    for n in range(node_logs.MOST_FILES + 5):
        (folder / f"server-x-{n}.log").write_text("gone\n")
    with node_logs.kept(node, "server"):
        pass
    assert len(node_logs.listing(node)) == node_logs.MOST_FILES


def test_a_worker_keeps_a_log_of_its_own(tmp_path: Path) -> None:
    node, stop = a_node(tmp_path), threading.Event()
    stop.set()
    working.work(node, stop=stop)
    (kept,) = node_logs.listing(node)
    assert kept.name.startswith("worker-")
