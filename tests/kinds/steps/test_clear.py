from __future__ import annotations

from penstock.core.outcome import Outcome
from penstock.runtime import folders
from penstock.testing import fill
from tests.runtime.acts import KEY, a_scenario, a_stage, run


def test_managed_datasets_and_folders_are_emptied(tmp_path):
    node = a_stage(tmp_path, {"datasets/rows": {"type": "managed"}, "folders/inbox": {}})
    fill(node, "rows", n=[1])
    (tmp_path / "a.csv").write_text("n\n1\n")
    folders.put(node, KEY, "inbox", [tmp_path / "a.csv"])
    a_scenario(node, "s", {"type": "clear", "items": ["rows", "inbox"]})
    assert run(node, "s").outcome is Outcome.SUCCESS
    assert node.data.snapshot(KEY, "rows") is None
    assert folders.files(node, KEY, "inbox") == []


def test_data_that_lives_outside_is_never_cleared(tmp_path):
    node = a_stage(
        tmp_path,
        {"datasets/flights": {"type": "files", "folder": "inbox", "format": "csv"}, "folders/inbox": {}},
    )
    a_scenario(node, "s", {"type": "clear", "items": ["flights"]})
    done = run(node, "s")
    assert done.outcome is Outcome.FAILED
    assert "flights" in done.message
