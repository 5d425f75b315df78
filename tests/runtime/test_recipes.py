"""Beginning and making recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Conflict, NotAllowed
from penstock.runtime import projects, recipes, zones
from penstock.testing import KEY, a_node, a_project


def test_a_draft_takes_what_is_selected_by_its_sort(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/new": {"type": "managed"}, "models/m": {"design": {"target": "y"}}})
    drafted = recipes.draft(node, "DEMO", "evaluate", ["m", "new"])
    assert (drafted["input"], drafted["model"], drafted["store"]) == ("new", "m", "m_evaluations")


def test_each_dataset_selected_is_a_part_of_a_join(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/a": {"type": "managed"}, "datasets/b": {"type": "managed"}})
    assert recipes.draft(node, "DEMO", "join", ["a", "b"])["inputs"] == [{"dataset": "a"}, {"dataset": "b"}]


def test_outputs_are_made_in_the_zone_of_the_input_in_one_save(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/a": {"type": "managed"}})
    zones.move(node, "DEMO", ["a"], "Scoring", author="ann", new=True)
    before = len(projects.history(node, "DEMO"))
    recipes.create(node, "DEMO", "copy", {"type": "sync", "input": "a", "output": "b"}, author="ann")
    assert len(projects.history(node, "DEMO")) == before + 1
    assert "b" in zones.graph(node, "DEMO", "Scoring").items


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/a": {"type": "managed"}})
    values = {"type": "sync", "input": "a", "output": "b"}
    recipes.create(node, "DEMO", "copy", values, author="ann")
    with pytest.raises(Conflict, match="copy"):
        recipes.create(node, "DEMO", "copy", values, author="ann")


def test_whoever_may_not_write_code_makes_no_python_recipe(tmp_path: Path) -> None:
    from penstock.core.access import Permission
    from tests.web.browser import a_browser

    node = a_node(tmp_path)
    a_project(node, {"datasets/a": {"type": "managed"}})
    writer = a_browser(node, rights=(Permission.WRITE.value,))
    values = {"type": "python", "recipe_name": "own", "outputs.0": "made", "body": "print(1)"}
    assert NotAllowed.http_status == 403
    writer.post("/projects/DEMO/recipes/new", values, status=403)


@pytest.mark.parametrize(
    ("type", "inputs", "name"),
    [("score", ["new"], "new_scored"), ("score", [], "scored"), ("prepare", ["a_prepared"], "a_prepared_2"),
     ("filter", ["a_prepared"], "a_prepared_filtered")],
)  # fmt: skip
def test_a_proposed_output_says_what_was_done_once(
    tmp_path: Path, type: str, inputs: list[str], name: str
) -> None:
    node = a_node(tmp_path)
    a_project(node, {f"datasets/{one}": {"type": "managed"} for one in ("new", "a_prepared")})
    assert recipes.draft(node, KEY, type, inputs)["output"] == name


def test_a_train_recipe_begins_with_the_model_it_was_asked_for(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"models/late": {}})
    assert recipes.draft(node, KEY, "train", model="late")["model"] == "late"
    assert "model" not in recipes.draft(node, KEY, "train")


def test_the_only_model_and_the_only_dataset_are_filled_in(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}, "models/late": {"design": {"target": "y"}}})
    drafted = recipes.draft(node, "DEMO", "score")
    assert (drafted["input"], drafted["model"]) == ("raw", "late")
    projects.define(node, "DEMO", "model", "early", {"design": {"target": "y"}}, author="ann")
    drafted = recipes.draft(node, "DEMO", "score", ["raw"])
    assert drafted["input"] == "raw"
    assert "model" not in drafted


def test_every_kind_is_offered_with_a_whole_sentence_in_the_order_of_its_name() -> None:
    offers = recipes.kinds()
    assert [o.type for o in offers if not o.sentence.endswith(".")] == []
    visual = [o.type.split(".")[-1] for o in offers if o.category == "visual"]
    assert visual == sorted(visual)
