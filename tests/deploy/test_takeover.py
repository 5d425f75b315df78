"""The takeover: what a dead process began is finished by whoever opens the home; what fails before leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.app import open_node
from penstock.core.bundle import ActivationSettings
from penstock.core.errors import BeingBuilt, Failed
from penstock.core.node import Node
from penstock.deploy import bringing, bundles, incoming, preparing, takeover
from penstock.kinds.connections.sqlite import Sqlite
from penstock.testing import a_node, a_project, fill, rows


@pytest.fixture
def there(tmp_path: Path) -> Node:
    """A node to which a bundle with rows came."""
    here = a_node(tmp_path / "here", node_name="here")
    a_project(here, {"datasets/reference": {"type": "managed"}})
    fill(here, "reference", n=[1, 2])
    bundles.create(here, "DEMO", "v1", by="ann", content={"datasets": ["reference"]})
    node = a_node(tmp_path / "there", node_name="there", role="automation")
    node.node_keys.trust(here.node_keys.own(), by="op", at=node.clock.now())
    incoming.receive(node, [bundles.archive(here, "DEMO", "v1")], by="op")
    return node


def prepared(node: Node) -> preparing.Prepared:
    work, path = node.bundles.work("DEMO"), node.bundles.path("DEMO", "received", "v1")
    return preparing.prepare(node, "DEMO", path, work, ActivationSettings(), None)


def test_what_is_only_prepared_changes_nothing_and_is_swept(there: Node) -> None:
    found = prepared(there)
    assert (found.work / "project/project.yaml").exists()
    again = open_node(there.config.home)
    assert again.projects.keys() == []
    assert incoming.active(again, "DEMO") is None


def test_what_was_noted_is_finished_by_whoever_opens_the_home(there: Node) -> None:
    found = prepared(there)
    there.bundles.note("DEMO", takeover.JOURNAL, takeover._note(there, found, by="op"))
    again = open_node(there.config.home)
    assert rows(again, "reference") == [{"n": 1}, {"n": 2}]
    active = incoming.active(again, "DEMO")
    assert active is not None
    assert (active.bundle, active.by) == ("v1", "op")
    assert again.bundles.unfinished() == []
    assert not found.work.exists()


def test_finishing_twice_does_no_harm(there: Node) -> None:
    found = prepared(there)
    note = takeover._note(there, found, by="op")
    for _ in range(2):
        takeover._carry_out(there, "DEMO", note)
    assert len(there.data.snapshots("DEMO", "reference")) == 1
    assert len(there.projects.history("DEMO")) == 1


def test_a_living_process_is_left_to_it(there: Node) -> None:
    found = prepared(there)
    there.bundles.note("DEMO", takeover.JOURNAL, takeover._note(there, found, by="op"))
    with there.bundles.turn("DEMO"):
        assert not takeover.resume(there, "DEMO")
        assert open_node(there.config.home).projects.keys() == []
    assert takeover.resume(there, "DEMO")


def test_a_home_opens_although_what_was_begun_cannot_be_finished_yet(
    there: Node, caplog: pytest.LogCaptureFixture
) -> None:
    found = prepared(there)
    there.bundles.note("DEMO", takeover.JOURNAL, takeover._note(there, found, by="op"))
    away = found.work.with_name("away")
    found.work.rename(away)
    again = open_node(there.config.home)
    assert "is not finished yet" in caplog.text
    assert again.bundles.unfinished() == ["DEMO"]
    away.rename(found.work)
    assert takeover.resume(again, "DEMO")
    assert rows(again, "reference") == [{"n": 1}, {"n": 2}]


def test_nothing_is_replaced_while_a_job_writes_it(there: Node) -> None:
    incoming.activate(there, "DEMO", "v1", by="op")
    there.runs.claim("DEMO", ["reference"], "j1")
    before = there.data.snapshot("DEMO", "reference")
    with pytest.raises(BeingBuilt, match="j1"):
        incoming.activate(there, "DEMO", "v1", by="op")
    assert there.data.snapshot("DEMO", "reference") == before
    assert there.bundles.unfinished() == []


def test_rows_in_a_database_come_back_when_a_later_part_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = a_node(tmp_path / "here", node_name="here")
    there = a_node(tmp_path / "there", node_name="there", role="automation")
    for node, name in ((here, "dev"), (there, "prod")):
        (tmp_path / f"{name}.db").touch()
        node.connections.save("shop", Sqlite(path=str(tmp_path / f"{name}.db"), writable=True))
    a_project(
        here,
        {"datasets/reference": {"type": "managed", "connection": "shop"}, "folders/docs": {"id": "Ab12Cd34"}},
    )
    there.node_keys.trust(here.node_keys.own(), by="op", at=there.clock.now())
    for number in (1, 2):
        fill(here, "reference", n=[number])
        bundles.create(
            here, "DEMO", f"v{number}", by="ann", content={"datasets": ["reference"], "folders": ["docs"]}
        )
        incoming.receive(there, [bundles.archive(here, "DEMO", f"v{number}")], by="op")
    assert incoming.activate(there, "DEMO", "v1", by="op", ignore_warnings=True).activated

    def fails(self: bringing.Files) -> None:
        assert rows(there, "reference") == [{"n": 2}], "rows in databases come first"
        raise Failed("The bucket is away.")

    with monkeypatch.context() as broken:
        broken.setattr(bringing.Files, "do", fails)
        with pytest.raises(Failed, match="away"):
            incoming.activate(there, "DEMO", "v2", by="op", ignore_warnings=True)
    assert rows(there, "reference") == [{"n": 1}]
    assert there.bundles.unfinished() == []
    assert incoming.activate(there, "DEMO", "v2", by="op", ignore_warnings=True).activated
    assert rows(there, "reference") == [{"n": 2}]
