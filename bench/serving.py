"""Answers in real time: penstock-node beside `mlflow models serve` and a bare Starlette app, on the same model.

    python bench/serving.py [seconds a measure, 5] [node] [starlette] [mlflow] [switch] [cold]

Words leave the rest out. The environment of the node is built anew each time: what is measured is this checkout.

LightGBM, 200 trees × 20 features. All servers run in environments of their own under .bench/, with httptools and uvloop
where they can use them; one after the other, each with as many processes as there are processors. Whoever asks is one
process with plain sockets and requests made beforehand, so that it costs little itself. Beside the time on the clock
stands the processor time that the server's processes took for one answer: it says the same on a busy machine.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench import peers

ROOT = Path(__file__).resolve().parent.parent
FEATURES = [f"n{i}" for i in range(20)]
PARTS = ("node", "starlette", "mlflow", "switch", "cold")
TICKS = os.sysconf("SC_CLK_TCK")
_FRESH: set[Path] = set()
PROCESSORS = len(os.sched_getaffinity(0))
MLFLOW = ["mlflow>=3", "lightgbm>=4.6,<5", "pandas", "scikit-learn", "httptools", "uvloop"]
BARE = """
import json
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

async def predict(request):
    json.loads(await request.body())
    return JSONResponse({"result": {"prediction": "1", "probas": {"0": 0.25, "1": 0.75}, "ignored": False}})

app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What one measure gave: answers a second, milliseconds, and how many were not 200."""

    rate: float
    p50: float
    p99: float
    failed: int
    count: int
    cpu: float
    """Milliseconds of processor time of the server, for one answer."""


def main(seconds: float, parts: Collection[str]) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model_and_package(folder)
        found: dict[str, dict[str, Found]] = {}
        if "node" in parts:
            found["node"] = measure_node(folder, seconds)
        if "starlette" in parts:
            with bare(folder) as server:
                found["starlette"] = queried(server, "/predict", one(), seconds)
        if "mlflow" in parts:
            with mlflow(folder) as server:
                found["mlflow"] = queried(server, "/invocations", mlflow_body(1), seconds)
        if "switch" in parts:
            with node(folder) as running:
                found["switching"] = switching(running, seconds)
        cold = cold_start(folder) if "cold" in parts else (0.0, 0.0)
    table(found)
    print(f"\ncold start with 20 services: {cold[0]:.2f} s, {cold[1]:.2f} s of processors")
    print(f"all of it took {time.monotonic() - began:.0f} s\n")
    return report(found, cold[0]) if set(PARTS) <= set(parts) else 0


def table(found: dict[str, dict[str, Found]]) -> None:
    print(f"{'':14}{'connections':>12}{'answers/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'failed':>8}{'CPU ms':>9}")
    for who, measures in found.items():
        for work, f in measures.items():
            print(f"{who:14}{work:>12}{f.rate:12,.0f}{f.p50:9.2f}{f.p99:9.2f}{f.failed:8}{f.cpu:9.3f}")


def report(found: dict[str, dict[str, Found]], cold: float) -> int:
    node, plain, peer = found["node"], found["starlette"], found["mlflow"]
    normal, during = found["switching"]["not"], found["switching"]["often"]
    lines = [
        ("one record, one connection: p50", f"{node['1'].p50:.2f} ms", "< 0.6 ms", node["1"].p50 < 0.6),
        *(_ratio(f"times MLflow's rate, {n} connections", node[n].rate / peer[n].rate, least)
          for n, least in (("1", 10), ("8", 15), ("64", 15))),
        *(_within(f"bare Starlette's rate ÷ ours, {n} connections", plain[n].rate / node[n].rate) for n in ("8", "64")),
        ("predict-multi, 1,000 records: p50", f"{node['multi'].p50:.1f} ms", "< 50 ms", node["multi"].p50 < 50),
        ("failed while switching, 64 connections", f"{during.failed} of {during.count:,}", "0", during.failed == 0),
        ("p99 while switching ÷ normal", f"{during.p99 / normal.p99:.2f}", "< 3", during.p99 < 3 * normal.p99),
        ("cold start with 20 services", f"{cold:.2f} s", "< 3 s", cold < 3),
    ]  # fmt: skip
    print()
    for what, value, must, reached in lines:
        print(f"{what:52}{value:>14}  {must:>9}  {'reached' if reached else 'MISSED'}")
    return int(not all(reached for *_, reached in lines))


def _ratio(what: str, value: float, least: float) -> tuple[str, str, str, bool]:
    return what, f"{value:.1f}", f">= {least}", value >= least


def _within(what: str, value: float) -> tuple[str, str, str, bool]:
    return what, f"{value:.2f}", "<= 2", value <= 2


def one() -> bytes:
    return json.dumps({"features": {name: 0.1 * i - 0.7 for i, name in enumerate(FEATURES)}}).encode()


def many(rows: int) -> bytes:
    items = [
        {"features": {name: (i * row % 17) / 10 for i, name in enumerate(FEATURES)}} for row in range(rows)
    ]
    return json.dumps({"items": items}).encode()


def mlflow_body(rows: int) -> bytes:
    row = [0.1 * i - 0.7 for i in range(len(FEATURES))]
    return json.dumps({"dataframe_split": {"columns": FEATURES, "data": [row] * rows}}).encode()


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens, and its first process."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time of its processes so far."""
        took: dict[int, tuple[int, float]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            took[int(stat.parent.name)] = int(words[1]), (int(words[11]) + int(words[12])) / TICKS
        mine = {self.pid}
        while more := {pid for pid, (parent, _) in took.items() if parent in mine} - mine:
            mine |= more
        return sum(took[pid][1] for pid in mine if pid in took)


def measure_node(folder: Path, seconds: float) -> dict[str, Found]:
    with node(folder) as running:
        path = "/public/api/v1/flights/late/predict"
        found = queried(server_of(running), path, one(), seconds)
        return {**found, "multi": asked(server_of(running), f"{path}-multi", many(1000), 1, seconds)}


def server_of(running: Any) -> Server:
    return Server(running.port, running.process.pid)


def queried(server: Server, path: str, body: bytes, seconds: float) -> dict[str, Found]:
    asked(server, path, body, 8, 1)  # everybody is warm
    return {str(n): asked(server, path, body, n, seconds) for n in (1, 8, 64)}


def asked(server: Server, path: str, body: bytes, connections: int, seconds: float) -> Found:
    """Ask on so many connections, each as soon as it is answered."""
    port, before = server.port, server.cpu()
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    clients = [Client(port, request) for _ in range(connections)]
    times: list[float] = []
    failed = 0
    with selectors.DefaultSelector() as ready:
        for client in clients:
            ready.register(client.socket, selectors.EVENT_READ, client)
            client.ask()
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            for key, _ in ready.select(1):
                client = key.data
                good = client.hear()
                if good is None:
                    continue
                times.append(time.perf_counter() - client.began)
                failed += not good
                client.ask()
    took = now - end + seconds
    for client in clients:
        client.socket.close()
    times.sort()
    count = len(times)
    cpu = 1000 * (server.cpu() - before) / count
    return Found(count / took, 1000 * times[count // 2], 1000 * times[int(count * 0.99)], failed, count, cpu)


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request, self._heard, self.began = request, b"", 0.0

    def ask(self) -> None:
        self._heard, self.began = b"", time.perf_counter()
        self.socket.sendall(self._request)

    def hear(self) -> bool | None:
        """Whether it was answered with 200; None while something is missing."""
        part = self.socket.recv(1 << 20)
        if not part:
            raise ConnectionError("The server hung up.")
        self._heard += part
        head, found, rest = self._heard.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return head.startswith(b"HTTP/1.1 200") if len(rest) >= length else None


def switching(running: Any, seconds: float) -> dict[str, Found]:
    """64 connections: undisturbed, then while the generation is switched again and again."""
    path = "/public/api/v1/flights/late/predict"
    asked(server_of(running), path, one(), 8, 1)
    normal = asked(server_of(running), path, one(), 64, seconds)
    switcher = subprocess.Popen([sys.executable, __file__, "switch", running.url, running.key, str(seconds)])
    during = asked(server_of(running), path, one(), 64, seconds)
    switcher.wait()
    return {"not": normal, "often": during}


def switch(url: str, key: str, seconds: float) -> None:
    """Switch between v1 and v2, about once a second."""
    end, turn = time.monotonic() + seconds - 0.5, 0
    while time.monotonic() < end:
        turn += 1
        path = f"{url}/admin/api/services/flights/actions/switchTo/v{1 + turn % 2}"
        urllib.request.urlopen(
            urllib.request.Request(path, b"", {"Authorization": f"Bearer {key}"}, method="POST"), timeout=60
        ).close()
        time.sleep(1)


def cold_start(folder: Path) -> tuple[float, float]:
    """Seconds from the start of the process to the first answer of the last of 20 services; of processor time, too."""
    home = folder / "many"
    running = prepared(folder, home)
    for number in range(20):
        running.run("service-import-generation", f"s{number:02}", str(folder / "v1.zip"))
        running.run("service-switch-to-newest", f"s{number:02}")
    best, cpu = float("inf"), float("inf")
    for _ in range(3):
        began = time.perf_counter()
        running.start()
        status, _, _ = running.ask("POST", "/public/api/v1/s19/late/predict", json.loads(one()))
        best = min(best, time.perf_counter() - began)
        cpu = min(cpu, server_of(running).cpu())
        running.stop()
        if status != 200:
            raise SystemExit("The cold node did not answer.")
    return best, cpu


@contextmanager
def node(folder: Path) -> Iterator[Any]:
    running = prepared(folder, folder / f"node-{time.time_ns()}")
    for version in ("v2", "v1"):
        running.run("service-import-generation", "flights", str(folder / f"{version}.zip"))
    running.run("service-switch-to-newest", "flights")
    running.start()
    try:
        yield running
    finally:
        running.stop()


def prepared(folder: Path, home: Path) -> Any:
    from tests.node.packages import Design, RunningNode

    running = RunningNode(home, workers=PROCESSORS, python=python_of_node())
    running.trust(Design(folder / "design"))
    return running


def python_of_node() -> str:
    """The interpreter of an environment with this checkout's node and what it needs, nothing else."""
    home = peers.kept() / "node"
    if not (home / "ready").exists():
        print("Building the environment of the node in .bench/ …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        _install(home, f"{ROOT / 'node'}[fast]")
        (home / "ready").touch()
        _FRESH.add(home)
    if home not in _FRESH:
        _install(home, "--force-reinstall", "--no-deps", str(ROOT), str(ROOT / "node"))
        _FRESH.add(home)
    return str(home / "bin" / "python")


def _install(home: Path, *words: str) -> None:
    subprocess.run([home / "bin" / "pip", "install", "-q", *words], check=True, stderr=subprocess.DEVNULL)


@contextmanager
def bare(folder: Path) -> Iterator[Server]:
    python = peers.python_of("starlette", ["starlette", "uvicorn", "httptools", "uvloop"])
    (folder / "bare.py").write_text(BARE)
    port = free_port()
    command = [
        python,
        "-m",
        "uvicorn",
        "bare:app",
        "--port",
        str(port),
        "--workers",
        str(PROCESSORS),
        "--no-access-log",
    ]
    with served([*command, "--log-level", "error"], folder, port, "/predict", one()) as server:
        yield server


@contextmanager
def mlflow(folder: Path) -> Iterator[Server]:
    python = peers.python_of("mlflow-serving", MLFLOW)
    subprocess.run([python, __file__, "mlflow-model", str(folder)], check=True)
    port = free_port()
    command = [
        python, "-m", "mlflow", "models", "serve", "-m", str(folder / "mlflow"), "--port", str(port),
        "--env-manager", "local", "--workers", str(PROCESSORS),
    ]  # fmt: skip
    bin_first = {**os.environ, "PATH": f"{Path(python).parent}:{os.environ['PATH']}"}
    with served(command, folder, port, "/invocations", mlflow_body(1), bin_first) as server:
        yield server


@contextmanager
def served(
    command: list[str], folder: Path, port: int, path: str, body: bytes, env: dict[str, str] | None = None
) -> Iterator[Server]:
    """A server in a group of its own, once it answers."""
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env=env, start_new_session=True
        )
    try:
        waited(port, path, body)
        yield Server(port, server.pid)
    except TimeoutError:
        raise SystemExit((folder / "server.log").read_text()[-3000:]) from None
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def waited(port: int, path: str, body: bytes) -> None:
    for _ in range(600):
        try:
            headers = {"Content-Type": "application/json"}
            asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
            urllib.request.urlopen(asked, timeout=10).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def model_and_package(folder: Path) -> None:
    """One model as ours, in two versions of a service, and the same booster for the peer."""
    import numpy as np
    import pyarrow as pa
    from tests.node.packages import Design

    from penstock.core import registry
    from penstock.core.design import Design as Training
    from penstock.ml import model_file
    from penstock.ml.train import train

    random = np.random.default_rng(7)
    columns = {name: random.normal(size=20_000) for name in FEATURES}
    score = columns["n0"] + columns["n1"] * columns["n2"] + random.normal(size=20_000)
    handling = {"handling": {"type": "numeric", "rescale": "none"}}
    design = registry.validate(Training, {
        "target": "y", "importance": "off", "features": dict.fromkeys(FEATURES, handling),
        "algorithms": [{"type": "lightgbm", "trees": 200}],
    })  # fmt: skip
    model_file.save(train(design, pa.table(columns | {"y": (score > 0).astype(int)})), folder / "model")
    design_node = Design(folder / "design")
    for version in ("v1", "v2"):
        made = design_node.package(version, model=folder / "model", names=FEATURES)
        shutil.copy(made, folder / f"{version}.zip")


def mlflow_model(folder: Path) -> None:
    """In the peer's environment: the booster with a signature, as MLflow keeps it."""
    import lightgbm
    import mlflow.lightgbm
    import pandas as pd
    from mlflow.models import infer_signature

    booster = lightgbm.Booster(model_file=str(folder / "model" / "model.txt"))
    frame = pd.DataFrame([[0.1] * len(FEATURES)], columns=FEATURES)
    signature = infer_signature(frame, booster.predict(frame))
    mlflow.lightgbm.save_model(booster, str(folder / "mlflow"), signature=signature)


if __name__ == "__main__":
    if sys.argv[1:2] == ["switch"]:
        switch(sys.argv[2], sys.argv[3], float(sys.argv[4]))
    elif sys.argv[1:2] == ["mlflow-model"]:
        mlflow_model(Path(sys.argv[2]))
    else:
        numbers = [float(word) for word in sys.argv[1:] if word not in PARTS]
        sys.exit(main(numbers[0] if numbers else 5.0, [w for w in sys.argv[1:] if w in PARTS] or PARTS))
