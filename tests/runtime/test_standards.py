"""Standards of a node: what they find in a real project, for whom they hold, what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import InvalidDefinition
from penstock.core.node import Node
from penstock.core.standard import StandardsReport
from penstock.deploy import bundles
from penstock.runtime import project_wiki, standards
from penstock.testing import a_node, a_project, fill

CODE = {"type": "python", "inputs": ["raw"], "outputs": ["made"], "body": "pass"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, {
        "datasets/raw": {"type": "managed", "columns": [{"name": "n", "description": "A number."}]},
        "datasets/made": {"type": "managed"}, "recipes/make": CODE,
    })  # fmt: skip
    return node


def states(report: StandardsReport) -> dict[str, str]:
    return {r.standard: r.state for r in report.results}


@pytest.mark.requirement("D96")
def test_a_report_holds_severities_what_does_not_apply_and_errors_apart(node: Node) -> None:
    fill(node, "raw", n=[1], m=[2])
    report = standards.run(node, "DEMO", by="ann")
    by_name = {r.standard: r for r in report.results}
    assert by_name["project_described"].severity == "HIGH"
    assert by_name["prepare_length"].state == "not applicable"
    assert by_name["unused_datasets"].state == "success"
    assert [f.text for f in by_name["columns_described"].findings] == [
        "1 of 2 columns of raw have no description: m"
    ]
    assert report.worst == "HIGH"
    assert report.worst_first[0].severity == "HIGH"


@pytest.mark.requirement("D96")
def test_the_report_of_a_bundle_stays_as_it_was(node: Node) -> None:
    bundles.create(node, "DEMO", "v1", by="ann")
    project = node.projects.load("DEMO")
    better = project.settings.changed(short_description="S", goals="G", people={"ann": "owner"})
    node.projects.save("DEMO", {"project.yaml": better}, author="ann", message="Describe")
    bundles.create(node, "DEMO", "v2", by="ann")
    found = {
        id: {r["standard"]: r["state"] for r in bundles.manifest(node, "DEMO", id).standards["results"]}
        for id in ("v1", "v2")
    }
    assert found["v1"]["project_described"] == "review"
    assert found["v2"]["project_described"] == "success"


def test_the_last_report_is_kept_and_read_back_as_it_was(node: Node) -> None:
    assert standards.report(node, "DEMO") is None
    made = standards.run(node, "DEMO", by="ann")
    again = standards.report(node, "DEMO")
    assert again is not None
    assert again.facts() == made.facts()


def test_the_first_scope_that_fits_counts(node: Node) -> None:
    chosen = {
        "standards": [
            {"type": "project_described", "name": "words", "severity": "LOW"},
            {"type": "flow_size", "name": "size"},
        ],
        "scopes": [
            {"name": "tagged", "tags": ["core"], "standards": ["words"]},
            {"name": "mine", "projects": ["DEMO"], "standards": ["size"]},
        ],
    }
    standards.choose(node, chosen, by="root")
    assert states(standards.run(node, "DEMO")) == {"size": "success"}
    project = node.projects.load("DEMO")
    tagged = {"project.yaml": project.settings.changed(tags=("core",))}
    node.projects.save("DEMO", tagged, author="ann", message="Tag")
    assert [(r.standard, r.severity) for r in standards.run(node, "DEMO").results] == [("words", "LOW")]
    a_project(node, key="OTHER")
    assert set(states(standards.run(node, "OTHER"))) == {"words", "size"}
    standards.choose(node, None)
    assert len(standards.run(node, "DEMO").results) > 10


def test_a_scope_names_standards_that_are_there(node: Node) -> None:
    with pytest.raises(InvalidDefinition, match="no standard 'sise'"):
        standards.choose(node, {"scopes": [{"name": "all", "projects": ["DEMO"], "standards": ["sise"]}]})
    assert node.standards.chosen() is None


def test_what_somebody_wrote_wrongly_by_hand_is_named_by_its_line(node: Node) -> None:
    (node.config.home / "standards.yaml").write_text("standards:\n- type: flow_sise\n")
    with pytest.raises(InvalidDefinition, match=r"standards.yaml.*flow_size"):
        standards.settings(node)


@pytest.mark.requirement("D96", "D83")
def test_a_bundle_carries_which_articles_of_the_wiki_are_no_longer_true(node: Node) -> None:
    project_wiki.generate(node, "DEMO", author="ann")
    bundles.create(node, "DEMO", "v1", by="ann")
    raw = node.projects.load("DEMO").datasets["raw"]
    told = raw.changed(columns=[{"name": "n", "description": "How many were seen."}])
    node.projects.save("DEMO", {"flow/datasets/raw.yaml": told}, author="ann", message="Say it better")
    bundles.create(node, "DEMO", "v2", by="ann")
    found = {
        id: next(
            r for r in bundles.manifest(node, "DEMO", id).standards["results"] if r["standard"] == "wiki_true"
        )
        for id in ("v1", "v2")
    }
    assert found["v1"]["state"] == "success"
    assert found["v2"]["state"] == "review"
    assert {str(f["text"]) for f in found["v2"]["findings"]} >= {
        "Article data-sources: dataset:raw: columns.",
        "Article recipe-make: dataset:raw: columns.",
        "Article project-bundles: bundles: v1.",
    }
