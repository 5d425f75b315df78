"""Processes killed at any moment of making, taking in or activating a bundle: what is there afterwards is the old state
or the new one, never anything between."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penstock.app import open_node
from penstock.core import signing
from penstock.core.deployment import Published
from penstock.core.errors import Failed
from penstock.core.node import Node
from penstock.deploy import bringing, bundles, incoming, publishing
from penstock.store.git import Repository

from . import bundle_victim, kills
from .bundle_victim import KEY
from .shop import a_shop, state, two_bundles

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]
CREATES, PUBLISHES, RECEIVES, ACTIVATIONS = kills(8), kills(6), kills(8), kills(10)


def context() -> Any:
    """Children begin in a moment: what they need is imported once, and nothing runs in the process they fork from."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(
        ["tests.chaos.bundle_victim", "penstock.store.database", "penstock.engine.duckdb"]
    )
    return found


def killed(ctx: Any, work: Callable[..., None], *words: str, after: float) -> bool:
    """Let a child do something and kill it after so many seconds; whether it had ended before."""
    child = ctx.Process(target=work, args=words)
    child.start()
    child.join(after)
    ended = child.exitcode is not None
    child.kill()
    child.join()
    assert not ended or child.exitcode == 0
    return ended


def whole(ctx: Any, work: Callable[..., None], *words: str) -> float:
    """Let a child do it to its end; the seconds that took."""
    began = time.monotonic()
    child = ctx.Process(target=work, args=words)
    child.start()
    child.join()
    assert child.exitcode == 0
    return time.monotonic() - began


def warm(work: Callable[[str], float], *names: str) -> float:
    """How long it takes once everything it needs is loaded, so that kills do not come too late."""
    return min(work(name) for name in names)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A home that designs, with two bundles that differ in everything, and one that trusts it."""
    folder = tmp_path_factory.mktemp("chaos")
    here, there = folder / "design", folder / "automation"
    design = a_shop(here)
    two_bundles(design, folder)
    automation = open_node(there, user="op", threads=1, node_name="automation", role="automation")
    automation.node_keys.trust(design.node_keys.own(), by="op", at=automation.clock.now())
    return here, there, folder


def test_making_a_bundle_is_all_or_nothing(shop: tuple[Path, Path, Path]) -> None:
    home, ctx, chance = shop[0], context(), random.Random(1)
    took = warm(lambda id: whole(ctx, bundle_victim.create, str(home), id), "first", "second")
    seen = {True: 0, False: 0}
    for number in range(CREATES):
        id = f"k{number}"
        killed(ctx, bundle_victim.create, str(home), id, after=chance.uniform(0, took * 1.6))
        node = open_node(home)
        there = id in [b.bundle for b in bundles.made(node, KEY)]
        seen[there] += 1
        if there:
            with signing.open_signed(bundles.archive(node, KEY, id), node.node_keys.verify) as opened:
                opened.check()
            assert f"bundle/{id}" in Repository(node.projects.path(KEY)).tags()
    print("create:", {"old": seen[False], "new": seen[True]})
    assert seen[False] > CREATES // 5, "the kills came too late to prove anything"
    bundles.create(open_node(home), KEY, "last", by="ann")
    assert not list((home / "bundles" / KEY).glob(".work-*"))


def test_publishing_a_bundle_is_all_or_nothing(shop: tuple[Path, Path, Path]) -> None:
    home, ctx, chance = shop[0], context(), random.Random(4)

    def publish(id: str) -> float:
        return whole(ctx, bundle_victim.publish, str(home), id, "WARM")

    took, missed = warm(publish, "v1", "v2"), 0
    for number in range(PUBLISHES):
        name, id = f"P{number // 2}", f"v{1 + number % 2}"
        killed(ctx, bundle_victim.publish, str(home), id, name, after=chance.uniform(0, took * 1.6))
        node = open_node(home)
        if not is_published(node, name, id):
            missed += 1
            publishing.bundle(open_node(home, user="ann"), KEY, id, published=name, by="ann")
        assert is_published(node, name, id)
        assert node.deployer.history("project", name)[0].message == f"Publish {id} of {name}"
    print("publish:", {"old": missed, "new": PUBLISHES - missed})
    assert missed > PUBLISHES // 5, "the kills came too late to prove anything"


def is_published(node: Node, name: str, id: str) -> bool:
    """Whether it is there; then it is whole."""
    if name not in node.deployer.names("project"):
        return False
    published: Published = node.deployer.get("project", name)
    if id not in [package.id for package in published.packages]:
        return False
    with signing.open_signed(
        publishing.archive_of(node, "project", name, id), node.node_keys.verify
    ) as opened:
        opened.check()
    return True


def test_taking_in_a_bundle_is_all_or_nothing(shop: tuple[Path, Path, Path]) -> None:
    here, home, _ = shop
    ctx, chance, missed = context(), random.Random(2), 0
    archive = str(bundles.archive(open_node(here), KEY, "v1"))
    took = warm(lambda key: whole(ctx, bundle_victim.receive, str(home), archive, key), "FIRST", "SECOND")
    for number in range(RECEIVES):
        key = f"K{number}"
        killed(ctx, bundle_victim.receive, str(home), archive, key, after=chance.uniform(0, took * 1.6))
        node = open_node(home)
        if node.bundles.listed(key, "received"):
            with signing.open_signed(
                node.bundles.path(key, "received", "v1"), node.node_keys.verify
            ) as opened:
                opened.check()
        else:
            missed += 1
    print("import:", {"old": missed, "new": RECEIVES - missed})
    assert missed > RECEIVES // 5, "the kills came too late to prove anything"


def test_activating_a_bundle_is_all_or_nothing(shop: tuple[Path, Path, Path]) -> None:
    here, home, _ = shop
    ctx, chance, design = context(), random.Random(3), open_node(here)
    states, took = {}, 0.0
    for id in ("v1", "v2", "v1"):
        node = open_node(home)
        if id not in [b.bundle for b in incoming.received(node, KEY)]:
            incoming.receive(node, [bundles.archive(design, KEY, id)], by="op")
        took = whole(ctx, bundle_victim.activate, str(home), id)
        states[id] = state(open_node(home))
    assert states["v1"] != states["v2"]
    now, outcomes = "v1", {"old": 0, "new": 0, "finished by whoever came next": 0}
    moments = [
        (n + chance.random()) / ACTIVATIONS for n in range(ACTIVATIONS)
    ]  # none of its parts is left out
    chance.shuffle(moments)
    for moment in moments:
        wanted = "v2" if now == "v1" else "v1"
        killed(ctx, bundle_victim.activate, str(home), wanted, after=moment * took * 1.3)
        was_between = (home / "bundles" / KEY / "journal.json").exists()
        found = state(open_node(home))
        assert found in (states[now], states[wanted]), f"{now} → {wanted}"
        became = wanted if found == states[wanted] else now
        outcomes[
            "finished by whoever came next" if was_between else "new" if became == wanted else "old"
        ] += 1
        assert not was_between or became == wanted
        now = became
    print("activate:", outcomes)
    assert outcomes["old"]
    assert outcomes["finished by whoever came next"], outcomes


@pytest.mark.parametrize(
    "part", [bringing.Rows, bringing.Uploads, bringing.Files, bringing.Version, bringing.OneEvaluation]
)
@pytest.mark.parametrize("is_done", [True, False], ids=["after", "before"])
def test_an_error_in_the_middle_takes_back_what_came_before(
    shop: tuple[Path, Path, Path], part: type[bringing.Part], is_done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, home, _ = shop
    node, design, do = open_node(home), open_node(here), part.do
    key = "ERRORS"
    now = incoming.active(node, key)
    for id in ("v1", "v2"):
        if id not in [b.bundle for b in incoming.received(node, key)]:
            incoming.receive(node, [bundles.archive(design, KEY, id)], key=key, by="op")
    if now is None:
        incoming.activate(node, key, "v1", by="op", ignore_warnings=True)
    before = state(node, key)

    def fails(self: bringing.Part) -> None:
        if is_done:
            do(self)
        raise OSError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(part, "do", fails)
        with pytest.raises(OSError, match="full"):
            incoming.activate(node, key, "v2", by="op", ignore_warnings=True)
    assert state(open_node(home), key) == before
    assert not (home / "bundles" / key / "journal.json").exists()
    assert not list((home / "bundles" / key).glob(".work-*"))


def test_after_an_error_the_bundle_can_be_activated(
    shop: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, home, _ = shop
    node, key = open_node(home), "AGAIN"
    incoming.receive(node, [bundles.archive(open_node(here), KEY, "v2")], key=key, by="op")
    with monkeypatch.context() as broken:
        broken.setattr(type(node.projects), "install", _refuse, raising=False)
        with pytest.raises(Failed, match="nothing"):
            incoming.activate(node, key, "v2", by="op", ignore_warnings=True)
    assert key not in open_node(home).projects.keys()  # noqa: SIM118  a port
    assert node.models.versions(key, "m") == []
    assert not list(node.data.uploads(key, "orders").iterdir())
    assert node.data.snapshot(key, "reference") is None
    assert incoming.activate(node, key, "v2", by="op", ignore_warnings=True).activated
    assert state(open_node(home), key)["rows"] == [{"n": 2}]


def _refuse(*_: object, **__: object) -> None:
    raise Failed("The repository takes nothing.")
