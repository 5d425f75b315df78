from __future__ import annotations

import pytest

from penstock.core.errors import NotFound
from penstock.core.evaluation import EvaluationStore
from penstock.core.flow import Flow, problems
from penstock.core.project import Project

from .shapes import External, Managed, a_flow_project, a_folder, a_recipe, mission


def messages(project: Project) -> list[str]:
    return [str(p) for p in problems(project)]


def test_edges_come_from_inputs_and_outputs_alone() -> None:
    flow = Flow.of(mission())
    assert flow.parents("mes") == ("test_scored", "authorized")
    assert flow.children("authorized") == ("test_scored", "mes")
    assert flow.producer("mes") == "evaluate"
    assert flow.producer("history") is None


def test_upstream_and_downstream_reach_all_the_way() -> None:
    flow = Flow.of(mission())
    assert flow.upstream(["test_scored"]) == {"new_transactions", "authorized", "history"}
    assert flow.downstream(["history"]) == {"authorized", "test_scored", "mes"}


def test_sources_and_terminals() -> None:
    flow = Flow.of(mission())
    assert set(flow.sources()) == {"history", "new_transactions"}
    assert flow.terminals() == ("mes",)


def test_recipes_are_ordered_by_what_they_wait_for() -> None:
    assert Flow.of(mission()).order(["evaluate", "score", "train"]) == ["train", "score", "evaluate"]


def test_a_very_long_chain_is_no_problem() -> None:
    chain = {f"r{i}": a_recipe(f"d{i}", f"d{i + 1}") for i in range(3000)}
    flow = Flow.of(a_flow_project(chain))
    assert len(flow.upstream(["d3000"])) == 3000
    assert flow.order(flow.reads)[-1] == "r2999"


def test_a_dataset_over_a_folder_depends_on_it_without_a_recipe() -> None:
    project = a_flow_project(
        {"fill": a_recipe("raw", "inbox"), "clean": a_recipe("batch", "cleaned")},
        folders={"inbox": a_folder()},
        datasets={"batch": External(folder="inbox")},
    )
    flow = Flow.of(project)
    assert flow.parents("batch") == ("inbox",)
    assert flow.order(["clean", "fill"]) == ["fill", "clean"]
    assert flow.downstream(["raw"]) == {"inbox", "batch", "cleaned"}


def test_a_sound_flow_has_no_problems() -> None:
    assert messages(mission()) == []


def test_an_unknown_name_is_reported_with_file_field_and_the_nearest_name() -> None:
    project = a_flow_project({"r": a_recipe("a", "b"), "s": a_recipe("b", "c")})
    broken = a_flow_project({"r": a_recipe("a", "b"), "s": a_recipe("bb", "c")})
    broken = Project(
        key="P", path=broken.path, settings=broken.settings, datasets=project.datasets, recipes=broken.recipes
    )
    assert messages(broken) == ["flow/recipes/s.yaml: inputs.0: There is no object 'bb'. Did you mean b?"]


def test_two_producers_of_one_object_are_reported() -> None:
    project = a_flow_project({"r": a_recipe("a", "b"), "s": a_recipe("a", "b")})
    assert messages(project) == [
        "flow/recipes/r.yaml: outputs.0: 'b' is written by recipe s too; an object has one producer. "
        "Give each its own.",
        "flow/recipes/s.yaml: outputs.0: 'b' is written by recipe r too; an object has one producer. "
        "Give each its own.",
    ]


def test_a_cycle_is_named_as_a_path() -> None:
    project = a_flow_project({"r": a_recipe("c", "a"), "s": a_recipe("a", "b"), "t": a_recipe("b", "c")})
    (message,) = messages(project)
    assert "circle" in message
    circle = message.split("circle: ")[1].split(".")[0].split(" → ")
    assert circle[0] == circle[-1]
    assert set(circle) == {"a", "b", "c"}


def test_writing_to_external_data_is_reported() -> None:
    project = a_flow_project({"r": a_recipe("a", "b")}, datasets={"b": External()})
    assert "external" in messages(project)[0]


def test_an_object_of_the_wrong_type_is_reported() -> None:
    from penstock.core.names import InputDataset, OutputDataset
    from penstock.core.recipe import Recipe

    class Strict(Recipe):
        input: InputDataset
        output: OutputDataset

    project = a_flow_project(
        {"r": Strict(input="mes", output="b")}, evaluation_stores={"mes": EvaluationStore()}
    )
    assert messages(project) == [
        "flow/recipes/r.yaml: input: 'mes' is an evaluation store; a dataset belongs here."
    ]


def test_one_name_for_two_objects_is_reported() -> None:
    project = a_flow_project({}, datasets={"x": Managed()}, folders={"x": a_folder()})
    assert "names are unique" in messages(project)[0]


def test_a_zone_that_names_nothing_is_reported() -> None:
    assert "There is no object 'mez'. Did you mean mes?" in messages(mission(zones={"Z": ["mez"]}))[0]


def test_an_unknown_item_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="Did you mean mes"):
        Flow.of(mission()).check_item("mess")
