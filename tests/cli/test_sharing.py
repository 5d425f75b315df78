"""`penstock project share`, and the same over REST."""

from __future__ import annotations

from pathlib import Path

from penstock.testing import KEY, a_project, fill
from tests.api.stage import a_stage
from tests.cli.bank import Bank


def test_an_object_is_shared_listed_and_no_longer_shared(own: Bank) -> None:
    own.ok("project", "create", "SHOP")
    share = ("-p", "BANK", "project", "share")
    assert "SHOP" in own.ok(*share, "may", "--with", "SHOP").out
    listed = own.ok(*share, "--json").json
    assert [(row["object"], row["sort"], row["read in"]) for row in listed] == [("may", "dataset", "SHOP")]
    assert "BANK.may" in own.ok("-p", "SHOP", "project", "share").out
    assert own.ok("-p", "SHOP", "dataset", "head", "BANK.may", "--json").json["rows"]
    assert "Nothing is shared" in own.ok(*share, "may", "--stop").out
    refused = own.run(*share, "may")
    assert (refused.code != 0, "--with KEY" in refused.err) == (True, True)


def test_it_is_shared_from_afar(tmp_path: Path) -> None:
    stage = a_stage(tmp_path)
    a_project(stage.node, {"datasets/there": {"type": "managed"}})
    fill(stage.node, "there", n=[1])
    stage.node.projects.create("SHOP", title="", author="ann")
    (shown,) = stage.project.sharing.share("there", ["SHOP"])
    assert (shown.name, list(shown.read_by)) == ("there", ["SHOP"])
    (received,) = stage.home.project("SHOP").sharing.received()
    assert received.name == f"{KEY}.there"
    rows = stage.home.project("SHOP").dataset(f"{KEY}.there").head()
    assert [dict(row) for row in rows.rows] == [{"n": 1}]
    assert stage.project.sharing.share("there") == []
    bob = stage.somebody("bob", "read")
    assert bob.put(f"/api/v1/projects/{KEY}/shared/there", json={"projects": ["SHOP"]}).status_code == 403
