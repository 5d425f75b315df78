"""`penstock serve`: the server as people start it, in a process of its own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import penstock
from penstock.cli import serve
from penstock.core.errors import Conflict, Invalid
from penstock.runtime import keys, users
from penstock.testing import a_node, a_project

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Served:
    """A server in a process of its own; what it said so far."""

    def __init__(self, home: Path, *options: str) -> None:
        words = [sys.executable, "-m", "penstock.cli", "--home", str(home), "serve", "--port", "0", *options]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = ADDRESS.search(self.said)
        assert found, self.process.communicate(timeout=10)
        self.url = found.group()

    def stop(self, by: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Exit code, what else it said, what it said on stderr."""
        self.process.send_signal(by)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.fixture
def home(tmp_path: Path) -> Path:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    users.add(node, "ann", admin=True)
    (tmp_path / "key").write_text(keys.create_personal(node, by="ann").secret)
    return tmp_path / "home"


@pytest.fixture
def served(home: Path) -> Iterator[Served]:
    server = Served(home, "--log")
    yield server
    if server.process.poll() is None:
        server.stop()


def test_the_studio_answers_at_the_address_that_is_printed_and_ends_well(
    served: Served, tmp_path: Path
) -> None:
    assert httpx.get(served.url + "/healthz").json() == {"status": "ok"}
    assert httpx.get(served.url + "/readyz").json() == {"status": "ok"}
    front = httpx.get(served.url + "/", headers={"Accept": "text/html"})
    assert (front.status_code, front.headers["location"].partition("?")[0]) == (303, "/login")
    far = penstock.connect(served.url, (tmp_path / "key").read_text())
    assert far.keys() == ["DEMO"]
    code, _, err = served.stop()
    assert code == 0
    told = [json.loads(line) for line in err.splitlines()]
    assert {t["path"] for t in told} >= {"/healthz", "/api/v1/project-keys"}
    assert "Traceback" not in err


def test_a_server_works_and_hands_back_what_it_has_not_ended(
    served: Served, home: Path, tmp_path: Path
) -> None:
    far = penstock.connect(served.url, (tmp_path / "key").read_text()).project("DEMO")
    far.define("scenario", "quick", {"steps": []})
    assert far.scenario("quick").run().outcome == "SUCCESS"
    far.define("scenario", "slow", {"steps": [{"type": "python", "code": "import time; time.sleep(600)"}]})
    run = far.scenario("slow").run(wait=False)
    assert run.running
    assert served.stop(signal.SIGTERM)[0] in (0, -signal.SIGTERM)
    left = penstock.open(home, user="ann").project("DEMO").scenario_run(run.id)
    assert left.state in ("QUEUED", "RUNNING")
    assert left.record.owner == ""


def test_a_job_ends_with_the_server_that_runs_it_and_leaves_what_was_there(
    served: Served, home: Path, tmp_path: Path
) -> None:
    far = penstock.connect(served.url, (tmp_path / "key").read_text()).project("DEMO")
    far.define("dataset", "slow", {"type": "managed"})
    code = "import time\ntime.sleep(600)\n"
    far.define("recipe", "wait", {"type": "python", "outputs": ["slow"], "body": code})
    job = far.start("slow").job
    while far.job(job.id).state != "RUNNING":
        assert not far.job(job.id).state.final
    assert served.stop()[0] == 0
    assert penstock.open(home, user="ann").project("DEMO").job(job.id).state == "ABORTED"


def test_the_first_start_prints_a_link_that_works_once(tmp_path: Path) -> None:
    a_node(tmp_path).projects.keys()
    server = Served(tmp_path / "home", "--no-worker")
    assert server.process.stdout is not None
    link = [server.process.stdout.readline() for _ in range(2)][1].strip()
    assert link.startswith(server.url + "/welcome/")
    assert httpx.get(link).status_code == 200
    assert server.stop()[0] == 0


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Conflict, match=rf"Port {port} .* is taken.*--port {port + 1}.*--next"):
            serve.listen("127.0.0.1", port)
        with serve.listen("127.0.0.1", port, tries=20) as found:
            assert port < found.getsockname()[1] < port + 20


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises((Invalid, Conflict)):
        serve.listen("203.0.113.7", 0)


def test_nothing_listens_beyond_this_machine_unless_asked(served: Served) -> None:
    assert served.url.startswith("http://127.0.0.1:")


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    from penstock.core.errors import NotReady

    with pytest.raises(NotReady, match="penstock serve"):
        penstock.connect(f"http://127.0.0.1:{port}", "pk_x").keys()


def test_the_command_line_works_on_a_server(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [
        sys.executable,
        "-m",
        "penstock.cli",
        "--server",
        served.url,
        "-p",
        "DEMO",
        "dataset",
        "list",
        "--json",
    ]
    environment = {"PENSTOCK_API_KEY": (tmp_path / "key").read_text(), "PATH": "/usr/bin"}
    told = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert [row["name"] for row in json.loads(told.stdout)] == ["raw"]
    again = subprocess.run(words, capture_output=True, text=True, env={**environment, "PENSTOCK_API_KEY": ""})
    assert again.returncode == 5
    assert "API key" in again.stderr


def test_pieces_of_an_answer_are_sent_at_once() -> None:
    """asyncio turns off Nagle's wait for connections of which the socket says that they are TCP, and only for them."""
    with serve.listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        taken, _ = listening.accept()
        with taken:
            assert taken.proto == socket.IPPROTO_TCP
