"""Hooks take turns: three at once over the whole home, and nobody waits for ever. Time is a clock of the test."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from penstock.core import registry
from penstock.core.deployment import Hook, Infrastructure, ServiceDeployment
from penstock.core.errors import Aborted, Failed
from penstock.core.node import Node
from penstock.core.update import Told, Update
from penstock.deploy import hooks
from penstock.deploy.updating import Updating
from penstock.runtime.logs import JobLog
from penstock.runtime.slots import Queue, Slots
from penstock.testing import a_node

MEETS = """
def execute(**kwargs):
    import socket
    with socket.create_connection(("127.0.0.1", {port}), timeout=60) as there:
        there.recv(1)
    return HookResult.success("met")
"""
WELL = "def execute(**kwargs):\n    return HookResult.success('well')\n"
WAITS = pytest.mark.parametrize(("when", "seconds"), [("before", 10), ("after", 60)])


class Clock:
    """Passes only while somebody sleeps, and at once; from a moment on it does something, and is real again."""

    def __init__(self, at: float = float("inf"), then: Callable[[], None] = lambda: None) -> None:
        self.now, self._at, self._then = 0.0, at, then

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if self.now >= self._at:
            return time.sleep(seconds)
        self.now += seconds
        if self.now >= self._at:
            self._then()
        return None


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


@pytest.fixture
def taken(node: Node) -> Iterator[list[Slots]]:
    """Every turn there is, held by others."""
    held = [turn(node) for _ in range(hooks.AT_ONCE)]
    assert [one.take() for one in held] == [""] * 3
    yield held
    for one in held:
        one.free()


def turn(node: Node) -> Slots:
    return Slots(node.config.home / "run" / "slots", [Queue("hooks", hooks.AT_ONCE)])


def run(
    node: Node, when: str = "before", code: str = WELL, *, stop: Callable[[], bool] = lambda: False
) -> Told:
    hook = Hook.model_validate({"name": "look", "when": when, "code": code})
    return hooks.run(node, hook, {}, clients={}, say=lambda _: None, should_stop=stop)


@pytest.mark.requirement("D36")
def test_three_hooks_run_at_the_same_time_and_a_fourth_waits(node: Node) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(3) as pool:
        server.settimeout(60)
        code = MEETS.format(port=server.getsockname()[1])
        running = [pool.submit(run, node, "before", code) for _ in range(3)]
        met = [server.accept()[0] for _ in running]
        fourth = turn(node)
        waiting = fourth.take()
        for one in met:
            one.sendall(b".")
            one.close()
        assert waiting.startswith("queued"), "none of the three has ended yet"
        assert [(one.result(60).severity, one.result().text) for one in running] == [
            ("INFO", "Hook look: met")
        ] * 3
        assert fourth.take() == ""
        fourth.free()


@pytest.mark.requirement("D36")
@WAITS
def test_a_hook_gives_up_its_turn_after_its_time_and_not_before(
    node: Node, taken: list[Slots], monkeypatch: pytest.MonkeyPatch, when: str, seconds: int
) -> None:
    clock = Clock()
    monkeypatch.setattr(hooks, "time", clock)
    with pytest.raises(Failed, match=f"Hook look did not get its turn in {seconds} s"):
        run(node, when)
    assert clock.now == pytest.approx(seconds, abs=0.2)
    for one in taken:
        one.free()
    assert turn(node).take() == "", "whoever gave up stands in no queue"


@pytest.mark.requirement("D36")
@WAITS
def test_a_hook_whose_turn_comes_in_time_runs(
    node: Node, taken: list[Slots], monkeypatch: pytest.MonkeyPatch, when: str, seconds: int
) -> None:
    clock = Clock(seconds - 1, taken[0].free)
    monkeypatch.setattr(hooks, "time", clock)
    assert run(node, when) == Told(severity="INFO", code="HOOK", text="Hook look: well")
    assert clock.now == pytest.approx(seconds - 1, abs=0.2)


def test_an_update_is_aborted_while_its_hook_waits_for_a_turn(
    node: Node, taken: list[Slots], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(hooks, "time", clock)
    with pytest.raises(Aborted, match="while a hook waited for its turn"):
        run(node, stop=lambda: clock.now > 3)
    assert clock.now < 4


@pytest.mark.requirement("D36")
def test_without_a_turn_before_nothing_is_deployed_and_without_one_after_it_is_only_told(
    node: Node, taken: list[Slots], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "time", Clock())
    both = [{"name": f"look {when}", "when": when, "code": WELL} for when in ("before", "after")]
    place = registry.validate(Infrastructure, {"type": "local_process", "hooks": both})
    made = ServiceDeployment.model_validate({
        "infrastructure": "api", "published": "flights", "service": "flights",
        "mapping": {"entries": [{"generation": "v1"}]},
    })  # fmt: skip
    update = Update(id="now", deployment="flights-on-api", started_at=node.clock.now())
    log = JobLog(node.config.home / "update.log", node.clock)
    updating = Updating(node=node, update=update, deployment=made, infrastructure=place, log=log)
    with pytest.raises(Failed, match="look before did not get its turn in 10 s"):
        updating.hooks("before")
    (told,) = updating.hooks("after")
    assert told.severity == "ERROR"
    assert "look after did not get its turn in 60 s" in told.text
    log.close()
