"""`penstock-node` on the command line: a home is set up, filled and looked after without a node that serves."""

from __future__ import annotations

import json
import socket
import stat
import sys
from pathlib import Path

import pytest

from penstock.store.disk import locked
from penstock_node import cli, serving
from penstock_node.admin_keys import AdminKeys
from penstock_node.disk import Shelf
from penstock_node.settings import Home

from .packages import Design, RunningNode, function, node


def run(home: Path, *words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a verb prints."""
    assert cli.main(["--home", str(home), *words]) == 0
    return capsys.readouterr().out.strip()


@pytest.fixture
def home(tmp_path: Path, design: Design, capsys: pytest.CaptureFixture[str]) -> Path:
    """A home with a first key that trusts the design node."""
    found = tmp_path / "node"
    run(found, "init", "--name", "edge", capsys=capsys)
    own = design.keys.own()
    run(found, "trust", own.node, own.key, capsys=capsys)
    return found


def test_init_makes_a_home_with_a_first_key_and_keeps_settings_that_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "node"
    key = run(
        home, "init", "--host", "0.0.0.0", "--port", "7001", "--workers", "3", "--name", "edge", capsys=capsys
    )
    told = json.loads((home / "node.json").read_text())
    assert (told["host"], told["port"], told["workers"], told["name"]) == ("0.0.0.0", 7001, 3, "edge")
    assert stat.S_IMODE((home / "node.json").stat().st_mode) == 0o600
    assert AdminKeys(Home(home)).admits(key)
    assert key not in (home / "keys.json").read_text()
    assert run(home, "init", "--port", "9", capsys=capsys) == ""
    assert len(AdminKeys(Home(home)).listed()) == 1
    assert json.loads((home / "node.json").read_text())["port"] == 7001


def test_packages_are_taken_in_listed_and_switched_to(
    home: Path, design: Design, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("v1", "v2"):
        archive = design.package(version, endpoints=[function()])
        told = json.loads(run(home, "service-import-generation", "flights", str(archive), capsys=capsys))
        assert told == {"generation": version}
    listed = json.loads(run(home, "service-list-generations", "flights", capsys=capsys))
    assert [g["generation"] for g in listed] == ["v1", "v2"]
    (service,) = json.loads(run(home, "services-list", capsys=capsys))
    assert (service["serviceId"], service["mapping"]) == ("flights", None)
    run(home, "service-switch-to-newest", "flights", capsys=capsys)
    assert Shelf(Home(home)).state("flights").mapping.generations == ("v2",)  # type: ignore[union-attr]
    run(home, "service-switch-to-generation", "flights", "v1", capsys=capsys)
    assert Shelf(Home(home)).state("flights").mapping.generations == ("v1",)  # type: ignore[union-attr]
    run(home, "service-disable", "flights", capsys=capsys)
    assert not Shelf(Home(home)).state("flights").enabled
    run(home, "service-enable", "flights", capsys=capsys)
    assert Shelf(Home(home)).state("flights").enabled


def test_several_generations_are_mapped_from_the_standard_input(
    home: Path, design: Design, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    for version in ("v1", "v2"):
        archive = str(design.package(version, endpoints=[function()]))
        run(home, "service-import-generation", "flights", archive, capsys=capsys)
    shares = [{"generation": "v1", "proba": 0.7}, {"generation": "v2", "proba": 0.3}]
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"entries": shares})))
    run(home, "service-set-mapping", "flights", capsys=capsys)
    assert Shelf(Home(home)).state("flights").mapping.generations == ("v1", "v2")  # type: ignore[union-attr]
    monkeypatch.setattr(sys, "stdin", io.StringIO("{"))
    assert cli.main(["--home", str(home), "service-set-mapping", "flights"]) == 2
    assert "is no JSON" in capsys.readouterr().err


def test_services_and_keys_are_made_and_removed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(home, "service-create", "empty", capsys=capsys)
    run(home, "service-delete", "empty", capsys=capsys)
    assert json.loads(run(home, "services-list", capsys=capsys)) == []
    secret = run(home, "admin-key-create", "--label", "deployer", capsys=capsys)
    listed = json.loads(run(home, "admin-keys-list", capsys=capsys))
    assert [key["label"] for key in listed] == ["first administrator", "deployer"]
    assert secret not in json.dumps(listed)
    run(home, "admin-key-delete", listed[1]["id"], capsys=capsys)
    assert not AdminKeys(Home(home)).admits(secret)


def test_what_goes_wrong_is_one_sentence_and_a_number(
    home: Path, design: Design, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = Design(tmp_path / "stranger", "stranger").package("v1", endpoints=[function()])
    assert cli.main(["--home", str(home), "service-import-generation", "flights", str(stranger)]) != 0
    said = capsys.readouterr().err
    assert "stranger" in said
    assert "Traceback" not in said
    assert cli.main(["--home", str(home), "service-switch-to-newest", "nothing"]) != 0
    assert "nothing" in capsys.readouterr().err
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert cli.main(["--home", str(home), "metrics-get", "key", "--url", url]) != 0
    assert "does not answer" in capsys.readouterr().err


def test_a_node_that_serves_notices_what_the_command_line_changes(tmp_path: Path, design: Design) -> None:
    with node(tmp_path / "node", design) as running:
        archive = str(design.package("v1", endpoints=[function()]))
        running.run("service-import-generation", "flights", archive)
        running.run("service-switch-to-newest", "flights")
        _eventually(running)
        told = json.loads(running.run("metrics-get", running.key, "--url", running.url))
        assert told


def test_a_home_is_served_by_one_process(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PATIENCE", 0.0)
    with locked(home / ".serving"):
        assert cli.main(["--home", str(home), "serve"]) != 0
    assert str(home) in capsys.readouterr().err


def _eventually(running: RunningNode) -> None:
    import time

    until = time.monotonic() + 20
    while running.post("flights/add/run", {"a": 1, "b": 2})[0] != 200:
        assert time.monotonic() < until
        time.sleep(0.05)
