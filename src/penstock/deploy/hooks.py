"""Hooks: Python of an infrastructure's administrator, run on the deployer before and after an update."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.deployment import Hook
from penstock.core.errors import Aborted, Failed
from penstock.core.update import Told
from penstock.runtime.slots import Queue, Slots

if TYPE_CHECKING:
    from penstock.core.node import Node

AT_ONCE = 3
WAIT = {"before": 10.0, "after": 60.0}
"""Seconds that a hook waits for its turn."""
LONGEST = 600.0
"""Seconds a hook may take."""
POLL = 0.05
CHILD = Path(__file__).with_name("_hook_child.py")


def run(
    node: Node, hook: Hook, given: Mapping[str, Any], *, clients: Mapping[str, Mapping[str, str]],
    say: Callable[[str], None], should_stop: Callable[[], bool],
) -> Told:  # fmt: skip
    """Run one hook in a process of its own; what it returned. An exception in it is an ERROR, and no more.

    Raises Failed when three others still run after the wait, Aborted when somebody stopped the update.
    """
    with _turn(node, hook, should_stop), tempfile.TemporaryDirectory(prefix="penstock-hook-") as place:
        answer = Path(place) / "answer.json"
        told = {
            "name": hook.name, "code": hook.code, "given": dict(given), "clients": {**clients},
            "answer": str(answer),
        }  # fmt: skip
        said = _watched(json.dumps(told, default=str), Path(place), should_stop)
        for line in node.secrets.mask(said).splitlines():
            say(f"{hook.name}: {line}")
        if not answer.exists():
            return Told(
                severity="ERROR", code="HOOK", text=f"Hook {hook.name} took too long or ended its process."
            )
        found = json.loads(answer.read_text())
    return Told(severity=found["severity"], code="HOOK", text=f"Hook {hook.name}: {found['text'] or 'done'}")


def _watched(told: str, place: Path, should_stop: Callable[[], bool]) -> str:
    output = place / "output.txt"
    with output.open("wb") as sink:
        child = subprocess.Popen(
            [sys.executable, str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=place,
        )
        try:
            assert child.stdin is not None
            child.stdin.write(told.encode())
            child.stdin.close()
            _until_ended(child, should_stop)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
    return output.read_text(errors="replace")


def _until_ended(child: subprocess.Popen[bytes], should_stop: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while child.poll() is None and time.monotonic() < deadline:
        if should_stop():
            raise Aborted("The update was aborted while a hook ran.")
        time.sleep(POLL)


@contextmanager
def _turn(node: Node, hook: Hook, should_stop: Callable[[], bool]) -> Iterator[None]:
    """One of three turns, over all processes of the home. Raises Failed when none comes, Aborted when told to stop."""
    slots = Slots(node.config.home / "run" / "slots", [Queue("hooks", AT_ONCE)])
    deadline = time.monotonic() + WAIT[hook.when]
    try:
        while waiting := slots.take():
            if should_stop():
                raise Aborted("The update was aborted while a hook waited for its turn.")
            if time.monotonic() > deadline:
                raise Failed(
                    f"Hook {hook.name} did not get its turn in {WAIT[hook.when]:g} s ({waiting}).",
                    hint="Other hooks take long; try again later.",
                )
            time.sleep(POLL)
        yield
    finally:
        slots.free()
