"""A file somebody broke with an editor, from the command line."""

from __future__ import annotations

import pytest

from .bank import Bank


@pytest.fixture
def broken(auto: Bank) -> Bank:
    """Scenario greet is on; then its file and a dataset that nothing needs were broken."""
    auto.ok("scenario", "switch", "greet", "on")
    path = auto.node.project("AUTO").definitions().path
    greet = path / "scenarios/greet.yaml"
    greet.write_text(greet.read_text().replace("1 week", "1 weak"))
    (path / "flow/datasets/other.yaml").write_text("type: mangaed\n")
    return auto


def test_the_lists_go_on_and_show_it(broken: Bank) -> None:
    listed = {s["name"]: s for s in broken.ok("scenario", "list", "--json").json}
    assert "'1 weak' is no interval" in listed["greet"]["problem"]
    assert listed["mend"]["problem"] == ""
    said = broken.ok("scenario", "list").err
    assert said.count("1 weak") == said.count("mangaed") == 1
    mondays = broken.ok("trigger", "list", "greet", "--json").json[0]
    assert "1 weak" in mondays["error"]
    assert "1 weak" in broken.ok("home", "status").err


def test_healthy_scenarios_run_and_the_broken_one_does_not(broken: Bank) -> None:
    broken.ok("scenario", "run", "mend")
    said = broken.run("scenario", "run", "greet")
    assert said.code == 2
    assert "scenarios/greet.yaml:3" in said.err
    assert broken.ok("scenario", "runs", "greet", "--json").json == []


def test_a_worker_says_it_loudly(broken: Bank) -> None:
    said = broken.ok("work", "--until-idle").err
    assert "AUTO: scenarios/greet.yaml:3" in said
    assert "AUTO: flow/datasets/other.yaml:1" in said


def test_it_can_be_switched_off(broken: Bank) -> None:
    said = broken.ok("scenario", "switch", "greet", "off")
    assert said.out.startswith("greet is off.")
    assert "1 weak" in said.err
    assert broken.ok("trigger", "list", "--json").json == []
    near = broken.run("scenario", "switch", "gret", "off")
    assert near.code == 3
    assert "Did you mean greet" in near.err
