"""`penstock serve` killed while somebody asks it to take in, activate or publish a bundle: once it serves again it has
the old state or the new one, and it does what it is asked."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from penstock.app import open_node
from penstock.core import signing
from penstock.core.errors import PenstockError
from penstock.core.node import Node
from penstock.deploy import bundles, publishing

from ..nodes import RunningNode, a_running_node
from . import kills
from .bundle_victim import KEY
from .shop import a_shop, state, two_bundles

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(1800)]
RECEIVES, ACTIVATIONS, PUBLISHES = kills(1), kills(1), kills(1)


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("design")
    node = a_shop(folder / "home")
    two_bundles(node, folder)
    return node


@pytest.fixture(scope="module")
def automation(design: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    folder = tmp_path_factory.mktemp("nodes")
    with a_running_node(folder, "automation", worker=False) as running:
        node = running.node
        node.node_keys.trust(design.node_keys.own(), by="op", at=node.clock.now())
        yield running


def timed(ask: Callable[[], object]) -> float:
    began = time.monotonic()
    ask()
    return time.monotonic() - began


def killed(node: RunningNode, ask: Callable[[], object], *, after: float) -> None:
    """Ask, kill the node after so many seconds, start it again at its address."""

    def asking() -> None:
        with suppress(PenstockError, OSError):
            ask()

    thread = threading.Thread(target=asking)
    thread.start()
    thread.join(after)
    node.kill()
    thread.join()
    node.start(node.port)


def test_a_bundle_is_taken_in_whole_or_not_at_all(design: Node, automation: RunningNode) -> None:
    archive, chance, missed = bundles.archive(design, KEY, "v1"), random.Random(6), 0
    took = timed(lambda: automation.home.incoming.receive(archive, key="FIRST"))
    for number in range(RECEIVES):
        key = f"K{number}"
        killed(
            automation, partial(automation.home.incoming.receive, archive, key=key),
            after=chance.uniform(0, took * 1.1),
        )  # fmt: skip
        if not automation.home.incoming.list(key):
            missed += 1
            automation.home.incoming.receive(archive, key=key)
        there = automation.node
        with signing.open_signed(there.bundles.path(key, "received", "v1"), there.node_keys.verify) as came:
            came.check()
    print("serve, import over HTTP:", {"old": missed, "new": RECEIVES - missed})


def test_a_bundle_is_activated_whole_or_not_at_all(design: Node, automation: RunningNode) -> None:
    chance, states, took = random.Random(7), {}, 0.0

    def activate(id: str) -> object:
        return automation.home.incoming.activate(KEY, id, ignore_warnings=True)

    for id in ("v1", "v2"):
        automation.home.incoming.receive(bundles.archive(design, KEY, id))
    for id in ("v1", "v2", "v1"):
        took = timed(partial(activate, id))
        states[id] = state(automation.node)
    now, changed = "v1", 0
    for _ in range(ACTIVATIONS):
        wanted = "v2" if now == "v1" else "v1"
        killed(automation, partial(activate, wanted), after=chance.uniform(0, took * 1.1))
        active = automation.home.incoming.active(KEY).bundle
        assert active in (now, wanted)
        assert not (automation.folder / "bundles" / KEY / "journal.json").exists()
        assert state(automation.node) == states[active]
        changed += active != now
        now = active
    print("serve, activate over HTTP:", {"old": ACTIVATIONS - changed, "new": changed})


def test_a_bundle_is_published_whole_or_not_at_all(design: Node, tmp_path: Path) -> None:
    chance, missed = random.Random(8), 0
    with a_running_node(tmp_path, "deployer", worker=False) as deployer:
        there = deployer.node
        there.node_keys.trust(design.node_keys.own(), by="op", at=there.clock.now())
        home = design.config.home
        design.secrets.put("deployer", deployer.key)
        config = f"deployer_url: {deployer.url}\ndeployer_key: secret:deployer\nnode_name: design\n"
        (home / "config.yaml").write_text(config)
        here = open_node(home, user="ann", threads=1)

        def publish(name: str, id: str = "v1") -> object:
            return publishing.bundle(here, KEY, id, published=name, by="ann")

        took = timed(lambda: publish("FIRST"))
        for number in range(PUBLISHES):
            name = f"P{number}"
            killed(deployer, partial(publish, name), after=chance.uniform(0, took * 1.1))
            if name not in deployer.node.deployer.names("project"):
                missed += 1
                publish(name)
            publish(name, "v2")
            for id in ("v1", "v2"):
                archive = publishing.archive_of(deployer.node, "project", name, id)
                with signing.open_signed(archive, there.node_keys.verify) as came:
                    came.check()
    print("serve, publish over HTTP:", {"old": missed, "new": PUBLISHES - missed})
