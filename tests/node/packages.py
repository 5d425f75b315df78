"""Signed packages made by hand, and a node that runs as a process of its own."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from penstock.core.archive import Source
from penstock.core.signing import write_signed
from penstock.ml import model_file
from penstock.store.node_keys import FileNodeKeys
from tests.ml.models import trained

QUERY = {"features": {"age": 0.4, "count": 2, "city": "Bonn", "member": True, "when": "2024-03-01T10:00:00"}}
PREDICTION = {"type": "prediction", "name": "late", "model": "late"}


@cache
def _model(folder: Path, trees: int) -> Path:
    chosen = {"type": "lightgbm", "trees": trees}
    model_file.save(trained("late", algorithm=chosen), folder / f"model-{trees}")
    return folder / f"model-{trees}"


def a_model(folder: Path) -> Path:
    """The files of a small model."""
    return _model(folder, 10)


def with_a_pickle(folder: Path, command: str) -> Path:
    """A model whose own checksums fit, but whose payload is a pickle that would run a command."""
    model = shutil.copytree(a_model(folder), folder / "model-with-code")
    payload = pickle.dumps(_Evil(command))
    (model / "model.skops").write_bytes(payload)
    manifest = json.loads((model / "manifest.json").read_text())
    manifest["payload"] = "model.skops"
    manifest["checksums"]["model.skops"] = hashlib.sha256(payload).hexdigest()
    (model / "manifest.json").write_text(json.dumps(manifest))
    return model


class _Evil:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


def function(
    name: str = "add", code: str = "def add(a=0, b=0):\n    return a + b\n", **more: Any
) -> dict[str, Any]:
    """A Python function as an endpoint."""
    return {"type": "python_function", "name": name, "code": code, "function": name, **more}


class Design:
    """What the design node does for a node that answers: it signs packages."""

    def __init__(self, home: Path, name: str = "design") -> None:
        self.home, self.keys = home, FileNodeKeys(home, name)

    def package(
        self, version: str = "v1", *, service: str = "flights", endpoints: list[dict[str, Any]] | None = None,
        trees: int = 10, model: Path | None = None, names: Sequence[str] | None = None,
        change: Mapping[str, Any] | None = None, files: Mapping[str, Source] | None = None,
    ) -> Path:  # fmt: skip
        """A version of a service with a model endpoint `late`, signed."""
        listed = [PREDICTION] if endpoints is None else endpoints
        members: dict[str, Source] = dict(files or {})
        models = {}
        for endpoint in listed:
            if endpoint["type"] == "prediction":
                folder = model or _model(self.home, trees)
                members |= {f"models/{endpoint['name']}/{p.name}": p for p in folder.iterdir()}
                models[endpoint["name"]] = packed(version, names)
        manifest = {
            "format": 1, "service": service, "version": version, "project": "FLIGHTS", "models": models,
            "created_at": datetime.now(UTC).isoformat(), "endpoints": listed, **(change or {}),
        }  # fmt: skip
        target = self.home / f"{service}-{version}-{time.time_ns()}.zip"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_signed(target, manifest, members, self.keys.sign)
        return target


def packed(version: str, names: Sequence[str] | None = None) -> dict[str, Any]:
    """What a package says of its model; `names`: of a model of numbers."""
    kinds = (
        dict.fromkeys(names, "number")
        if names
        else {"age": "number", "count": "integer", "city": "text", "member": "boolean", "when": "instant"}
    )
    return {
        "model": "late", "version": version, "full_id": f"S-FLIGHTS-late-{version}", "target": "late",
        "prediction_type": "binary", "classes": ["0", "1"],
        "features": [{"name": name, "type": kind} for name, kind in kinds.items()],
    }  # fmt: skip


class RunningNode:
    """A node as a process; asked over HTTP only."""

    def __init__(self, home: Path, *, python: str = sys.executable, **settings: Any) -> None:
        self.home, self.url, self.port, self._python = home, "", 0, python
        home.mkdir(parents=True, exist_ok=True)
        told = {"port": 0, "workers": 1, "name": home.name, **settings}
        (home / "node.json").write_text(json.dumps(told))
        self.key = self.run("admin-key-create").strip()
        self.process: subprocess.Popen[str] | None = None

    def run(self, *words: str, stdin: str = "") -> str:
        """A verb of the command line; what it printed. Raises what it said when it failed."""
        done = subprocess.run(
            [self._python, "-m", "penstock_node", "--home", str(self.home), *words],
            capture_output=True, text=True, input=stdin,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def trust(self, design: Design) -> None:
        from penstock_node.disk import Shelf
        from penstock_node.settings import Home

        Shelf(Home(self.home)).keys.trust(design.keys.own(), by="test", at=datetime.now(UTC))

    def start(self) -> RunningNode:
        with (self.home / "log.txt").open("a") as log:
            self.process = subprocess.Popen(
                [self._python, "-m", "penstock_node", "--home", str(self.home), "serve"],
                stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Penstock node listens on"), (line, self.log())
        self.url = line.rsplit(" ", 1)[1].strip()
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def log(self) -> str:
        return (self.home / "log.txt").read_text()

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def kill(self) -> None:
        """As a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, the JSON of the body, headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, data, dict(headers or {}))
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        kind = reply.headers.get("content-type", "")
        told = json.loads(text) if kind.startswith("application/json") else text.decode()
        return reply.status, told, {k.lower(): v for k, v in reply.headers.items()}

    def post(self, path: str, body: Any, **more: Any) -> tuple[int, Any]:
        status, told, _ = self.ask("POST", f"/public/api/v1/{path}", body, **more)
        return status, told

    def admin(
        self, method: str, path: str, body: Any = None, *, archive: Path | None = None
    ) -> tuple[int, Any]:
        raw = archive.read_bytes() if archive else None
        headers = {"Authorization": f"Bearer {self.key}"}
        status, told, _ = self.ask(method, f"/admin/api/{path}", body, headers=headers, raw=raw)
        return status, told

    def deploy(self, archive: Path, service: str = "flights") -> None:
        """Take a package in and answer with it."""
        status, told = self.admin(
            "POST", f"services/{service}/generations/actions/importFromArchive", archive=archive
        )
        assert status == 200, told
        status, told = self.admin("POST", f"services/{service}/actions/switchTo/{told['generation']}")
        assert status == 200, told

    def journal(self) -> list[dict[str, Any]]:
        from penstock_node import journal

        return [line["message"] for line in journal.lines(self.home / "journal")]


@contextmanager
def node(home: Path, *designs: Design, **settings: Any) -> Iterator[RunningNode]:
    """A node that answers until the block ends."""
    running = RunningNode(home, **settings)
    for design in designs:
        running.trust(design)
    running.start()
    try:
        yield running
    finally:
        if running.process is not None:
            running.stop()
