"""Several versions of a service side by side: available, answering by chance or key, unheard; switched under load."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .packages import QUERY, Design, RunningNode, function, node

PATH = "services/flights/generations/actions/importFromArchive"


def answered_by(running: RunningNode, **dispatch: str) -> str:
    _, told = running.post("flights/late/predict", {**QUERY, "dispatch": dispatch})
    return str(told["apiContext"]["serviceGeneration"])


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, design: Design) -> Any:
    """A node of two processes with v1, which answers, and v2."""
    with node(tmp_path_factory.mktemp("two") / "node", design, workers=2) as running:
        running.deploy(design.package("v1"))
        assert running.admin("POST", PATH, archive=design.package("v2", trees=20))[0] == 200
        yield running


@pytest.mark.requirement("D51")
def test_an_imported_generation_waits_until_it_is_switched_to(two: RunningNode) -> None:
    two.admin("POST", "services/flights/actions/switchTo/v1")
    assert {answered_by(two) for _ in range(20)} == {"v1"}
    status, told = two.admin("POST", "services/flights/actions/switchToNewest")
    assert (status, told["generation"]) == (200, "v2")
    assert {answered_by(two) for _ in range(20)} == {"v2"}
    assert two.admin("POST", "services/flights/actions/disable")[0] == 200
    assert two.post("flights/late/predict", QUERY)[0] == 404
    mapping = {"entries": [{"generation": "v1", "proba": 1}]}
    assert two.admin("POST", "services/flights/actions/setMapping", mapping)[0] == 200
    assert {answered_by(two) for _ in range(20)} == {"v1"}


@pytest.mark.requirement("D50")
def test_shares_are_kept_and_a_key_always_meets_the_same_generation(two: RunningNode) -> None:
    entries = [{"generation": "v1", "proba": 0.7}, {"generation": "v2", "proba": 0.3}]
    path = "services/flights/actions/setMapping"
    assert two.admin("POST", path, {"entries": [{**entries[0], "proba": 0.5}, entries[1]]})[0] == 400
    assert two.admin("POST", path, {"entries": entries, "dispatchStrategy": "HASH"})[0] == 200
    found = Counter(answered_by(two) for _ in range(1000))
    assert found["v1"] == pytest.approx(700, abs=75)
    for key in ("customer-1", "customer-2", "customer-3"):
        assert len({answered_by(two, dispatchKey=key) for _ in range(6)}) == 1
    assert {answered_by(two, forcedGeneration="v2") for _ in range(10)} == {"v2"}


@pytest.mark.requirement("D50")
def test_an_endpoint_that_only_one_of_two_generations_has_always_answers(
    tmp_path: Path, design: Design
) -> None:
    with node(tmp_path / "node", design) as running:
        running.deploy(design.package("v1", endpoints=[function()]))
        both = [function(), function("more", "def more():\n    return 1\n")]
        running.admin("POST", PATH, archive=design.package("v2", endpoints=both))
        mapping = {"entries": [{"generation": "v1", "proba": 0.9}, {"generation": "v2", "proba": 0.1}]}
        assert running.admin("POST", "services/flights/actions/setMapping", mapping)[0] == 200
        assert {running.post("flights/more/run", {})[0] for _ in range(20)} == {200}
        assert running.post("flights/less/run", {})[0] == 404


def test_a_shadow_answers_unheard_and_its_failures_hurt_nobody(tmp_path: Path, design: Design) -> None:
    loud = "def add(a=0, b=0):\n    raise RuntimeError('shadow')\n"
    with node(tmp_path / "node", design) as running:
        running.deploy(design.package("v1", endpoints=[function()]))
        running.admin(
            "POST",
            PATH,
            archive=design.package("v2", endpoints=[function(code="def add(a=0, b=0):\n    return a * b\n")]),
        )
        running.admin("POST", PATH, archive=design.package("v3", endpoints=[function(code=loud)]))
        mapping = {"entries": [{"generation": "v1", "proba": 1}], "shadow": ["v2", "v3"]}
        assert running.admin("POST", "services/flights/actions/setMapping", mapping)[0] == 200
        for _ in range(5):
            status, told = running.post("flights/add/run", {"a": 2, "b": 5})
            assert (status, told["response"]) == (200, 7)
            assert told["apiContext"]["serviceGeneration"] == "v1"
    lines = running.journal()
    assert [e["generation"] for e in lines if not e["shadow"]] == ["v1"] * 5
    assert [e["generation"] for e in lines if e["shadow"]] == ["v2"] * 5


@pytest.mark.requirement("D49")
def test_switching_under_load_loses_no_query(two: RunningNode) -> None:
    two.admin("POST", "services/flights/actions/switchTo/v1")
    stop, found = threading.Event(), Counter[tuple[int, str]]()
    lock = threading.Lock()

    def ask() -> None:
        while not stop.is_set():
            status, told = two.post("flights/late/predict", QUERY)
            with lock:
                found[status, told.get("apiContext", {}).get("serviceGeneration", "")] += 1

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for turn in range(8):
        wanted = f"v{1 + turn % 2}"
        assert two.admin("POST", f"services/flights/actions/switchTo/{wanted}")[0] == 200
        assert {answered_by(two) for _ in range(8)} == {wanted}
    stop.set()
    for thread in threads:
        thread.join()
    assert {status for status, _ in found} == {200}
    assert {generation for _, generation in found} == {"v1", "v2"}


def test_a_generation_that_cannot_be_loaded_changes_nothing(tmp_path: Path, design: Design) -> None:
    broken = function(code="import nowhere\ndef add(a=0):\n    return a\n")
    with node(tmp_path / "node", design, workers=2) as running:
        running.deploy(design.package("v1"))
        status, _ = running.admin("POST", PATH, archive=design.package("v2", endpoints=[broken]))
        if status == 200:
            assert running.admin("POST", "services/flights/actions/switchTo/v2")[0] >= 400
        assert answered_by(running) == "v1"
        running.kill()
        running.start()
        assert answered_by(running) == "v1"


def test_a_process_that_dies_is_started_again(tmp_path: Path, design: Design) -> None:
    import os
    import signal

    with node(tmp_path / "node", design, workers=2) as running:
        running.deploy(design.package("v1"))
        assert running.process is not None
        found = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
        assert len(found) == 2
        os.kill(int(found[0]), signal.SIGKILL)
        assert {answered_by(running) for _ in range(20)} == {"v1"}
        while running.admin("GET", "status")[1]["processes"] < 2:
            pass
        assert {answered_by(running) for _ in range(20)} == {"v1"}


def test_a_generation_that_comes_again_under_its_name_is_the_new_one(tmp_path: Path, design: Design) -> None:
    def says(result: int) -> Path:
        return design.package("v1", endpoints=[function(code=f"def add(a=0, b=0):\n    return {result}\n")])

    with node(tmp_path / "node", design) as running:
        assert running.admin("POST", PATH, archive=says(1))[0] == 200
        assert running.admin("POST", "services/flights/generations/v1/preload")[0] == 200
        assert running.admin("DELETE", "services/flights/generations/v1")[0] == 200
        running.deploy(says(2))
        assert running.post("flights/add/run", {})[1]["response"] == 2
