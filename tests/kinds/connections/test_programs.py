"""Commands and Apprise: programs of the administrator, services by address."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.errors import InvalidDefinition
from penstock.core.message import Attachment, Message
from penstock.runtime import delivering
from penstock.runtime.delivering import NotDelivered, deliver

from ...sinks import mute_server, patiently, web_server

NOTE = Message(
    subject="Monitor warns", text="Look.", outcome="WARNING", facts={"Outcome": "WARNING", "Run id": "r;1"},
    link="https://penstock.example.org/run",
)  # fmt: skip


def channel(type: str, **settings: Any) -> Connection:
    made = registry.parse("connections", {"type": type, **settings})
    assert isinstance(made, Connection)
    return made


def secret(**values: str) -> Callable[[str], str]:
    return values.__getitem__


def send(connection: Connection, message: Message = NOTE, *, timeout: float = 30, **secrets: str) -> str:
    return deliver(connection, [message], secret(**secrets), timeout=timeout)


def python(code: str, **settings: Any) -> Connection:
    return channel("command", program=[sys.executable, "-c", code], **settings)


WRITE = "import os, sys, json; json.dump([dict(os.environ), sys.stdin.read()], open(os.environ['OUT'], 'w'))"


def test_a_command_reads_the_run_in_its_environment_and_the_text_on_standard_input(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    connection = python(WRITE, environment={"OUT": str(out), "TOKEN": "secret:pager"})
    deliver(connection, [NOTE], secret(pager="abcdef"), timeout=20)
    environment, text = json.loads(out.read_text())
    assert text == "Look."
    assert environment["PENSTOCK_OUTCOME"] == "WARNING"
    assert environment["PENSTOCK_RUN_ID"] == "r;1"
    assert environment["PENSTOCK_LINK"] == NOTE.link
    assert environment["TOKEN"] == "abcdef"


def test_a_command_sees_nothing_else_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_SECRET_KEY", "the key of everything")
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    out = tmp_path / "out.json"
    deliver(python(WRITE, environment={"OUT": str(out)}), [NOTE], secret(), timeout=20)
    environment, _ = json.loads(out.read_text())
    assert "SOMETHING_ELSE" not in environment
    assert "PENSTOCK_SECRET_KEY" not in environment


def test_a_command_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(NotDelivered, match=r"exit code 3\. nobody is on duty"):
        send(python("import sys; print('nobody is on duty', file=sys.stderr); sys.exit(3)"))


@pytest.mark.requirement("A87")
def test_a_command_that_hangs_is_killed_with_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, threading\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait()'])\n"
        f"open({str(pids)!r} + '.new', 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        f"os.rename({str(pids)!r} + '.new', {str(pids)!r})\n"
        "threading.Event().wait()\n"
    )

    def attempt(seconds: float) -> None:
        with pytest.raises(NotDelivered, match="given up"):
            send(python(code), timeout=seconds)

    patiently(attempt, pids.exists, 2)
    for pid in map(int, pids.read_text().split()):
        _gone(pid)


def _gone(pid: int) -> None:
    """Wait for a process that was killed to be gone, or to be a corpse nobody has collected yet."""
    try:
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            process.wait(timeout=20)
    except psutil.NoSuchProcess:
        pass


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    program = [
        sys.executable,
        "-c",
        "import sys; assert sys.argv[1].startswith('; touch')",
        f"; touch {marker}",
    ]
    deliver(channel("command", program=program), [NOTE], secret(), timeout=20)
    assert not marker.exists()


def test_a_program_is_given_by_its_full_path() -> None:
    with pytest.raises(InvalidDefinition, match="full path"):
        channel("command", program=["rm", "-rf"])


def test_trying_a_command_does_not_start_it(tmp_path: Path) -> None:
    program = tmp_path / "page"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    assert "was not started" in delivering.test(
        channel("command", program=[str(program)]), secret(), timeout=20
    )
    assert os.listdir(tmp_path) == ["page"]


@pytest.mark.requirement("A88")
def test_an_apprise_address_carries_title_text_and_files() -> None:
    with web_server() as web:
        address = web.url.replace("http://", "json://") + "/hook"
        file = Attachment(name="rows.csv", mime="text/csv", content=b"a,b\n")
        said = send(channel("apprise", url="secret:json"), replace(NOTE, attachments=(file,)), json=address)
    posted = json.loads(web.request.body)
    assert (posted["title"], posted["message"], posted["type"]) == ("Monitor warns", "Look.", "warning")
    assert posted["attachments"][0]["filename"] == "rows.csv"
    assert said == "sent through JSON"


def test_an_address_that_apprise_does_not_know_is_refused() -> None:
    with pytest.raises(NotDelivered, match="does not know"):
        send(channel("apprise", url="secret:x"), x="nowhere://at-all")


def test_a_service_that_refuses_is_told() -> None:
    with web_server(status=500) as web:
        address = web.url.replace("http://", "json://")
        with pytest.raises(NotDelivered, match="refused the message"):
            send(channel("apprise", url="secret:json"), json=address)


@pytest.mark.requirement("A87")
def test_an_apprise_service_that_never_answers_is_given_up() -> None:
    with mute_server() as mute:
        address = f"json://127.0.0.1:{mute.port}/"

        def attempt(seconds: float) -> None:
            with pytest.raises(NotDelivered, match=r"given up|Connection error occurred"):
                send(channel("apprise", url="secret:json"), timeout=seconds, json=address)

        patiently(attempt, mute.taken.is_set, 3)
        assert mute.closed.wait(20)
