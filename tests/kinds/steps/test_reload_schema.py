from __future__ import annotations

from penstock.core.outcome import Outcome
from penstock.runtime import folders
from tests.runtime.acts import KEY, a_scenario, a_stage, run, steps


def test_new_columns_are_taken_in_and_known_ones_keep_their_type(tmp_path):
    known = [{"name": "n", "type": "bigint", "description": "How many."}, {"name": "gone", "type": "string"}]
    node = a_stage(tmp_path, {
        "folders/inbox": {},
        "datasets/flights": {"type": "files", "folder": "inbox", "format": {"type": "csv"}, "columns": known},
    })  # fmt: skip
    (tmp_path / "a.csv").write_text("n,city\n1,Paris\n")
    folders.put(node, KEY, "inbox", [tmp_path / "a.csv"])
    a_scenario(node, "s", {"type": "reload_schema", "name": "r", "items": ["flights"]}, author="ben")
    done = run(node, "s")
    assert done.outcome is Outcome.SUCCESS
    assert steps(node, done)["r"].output == {"flights": ["n", "city"]}
    found = node.projects.load(KEY).dataset("flights").columns
    assert [(c.name, c.type, c.description) for c in found] == [
        ("n", "bigint", "How many."), ("city", "string", ""),
    ]  # fmt: skip
    assert node.projects.history(KEY)[0].author.startswith("ben")
