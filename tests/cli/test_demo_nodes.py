"""The nodes of a demo: each a process, and none is left when the demo ends, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from penstock.app import open_home, open_node
from penstock.cli import _demo_nodes


def listens(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def told_to_stop(home: Path, seen: list[_demo_nodes.Process]) -> None:
    """Look at both nodes while they run; then as a terminal or a supervisor ends the command."""
    with _demo_nodes.running(home) as nodes:
        seen += [nodes.studio, nodes.automation]
        for node in seen:
            with urllib.request.urlopen(f"{node.url}/healthz", timeout=30) as reply:
                assert reply.status == 200
        assert open_node(home).secrets.get(_demo_nodes.SECRET) == nodes.key
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.slow
def test_two_nodes_answer_and_none_is_left_when_the_demo_is_told_to_stop(tmp_path: Path) -> None:
    home, before = tmp_path / "home", signal.getsignal(signal.SIGTERM)
    open_home(home, create=True)
    seen: list[_demo_nodes.Process] = []
    with pytest.raises(SystemExit):
        told_to_stop(home, seen)
    assert len(seen) == 2
    assert all(node.running.poll() is not None for node in seen)
    assert not any(listens(node.url) for node in seen)
    assert not list(tmp_path.rglob(_demo_nodes.MARK))
    assert signal.getsignal(signal.SIGTERM) == before
