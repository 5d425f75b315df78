"""Triggers from the command line."""

from __future__ import annotations

from .bank import Bank


def test_triggers_are_listed_with_their_next_look(auto: Bank) -> None:
    before = auto.ok("trigger", "list", "--json").json
    assert [(t["trigger"], t["on"]) for t in before] == [("Mondays", False), ("time", False)]
    auto.ok("scenario", "switch", "greet", "on")
    mondays, daily = auto.ok("trigger", "list", "greet", "--json").json
    assert (mondays["on"], daily["on"]) == (True, False)
    assert mondays["next_look"].endswith("T07:00:00+00:00")
    assert "Mondays" in auto.ok("trigger", "list").out
    assert auto.ok("trigger", "list", "mend").out == "No trigger yet.\n"


def test_the_next_times_are_shown_also_while_the_scenario_is_off(auto: Bank) -> None:
    said = auto.ok("trigger", "next", "greet", "-n", "3")
    assert said.err == "greet is off: penstock scenario switch greet on\n"
    times = [row["at"] for row in auto.ok("trigger", "next", "greet", "-n", "3", "--json").json]
    assert len(times) == len(set(times)) == 3
    assert all(at.endswith("T07:00:00+00:00") for at in times)
    assert auto.ok("trigger", "next", "mend", "--json").json == []


def test_the_next_times_of_all_scenarios_or_of_one_trigger_are_shown(auto: Bank) -> None:
    assert auto.ok("trigger", "next", "--json").json == []
    auto.ok("scenario", "switch", "greet", "on")
    found = auto.ok("trigger", "next", "-n", "2", "--json").json
    assert [(row["scenario"], row["trigger"]) for row in found] == [("greet", "Mondays")] * 2
    daily = auto.ok("trigger", "next", "greet", "time", "-n", "2", "--json").json
    assert [row["trigger"] for row in daily] == ["time", "time"]
    near = auto.run("trigger", "next", "greet", "Monday")
    assert near.code == 3
    assert "Did you mean Mondays" in near.err


def test_on_a_screen_of_80_columns_last_fired_and_the_error_are_seen(auto: Bank) -> None:
    file = auto.node.project("AUTO").definitions().path / "scenarios/monthly_report.yaml"
    file.write_text(
        "active: true\ntriggers:\n  - {type: python, name: Broken, code: 'raise ValueError(\"no data today\")'}\n"
        "  - {type: python, name: Ever, code: 'from penstock.scenario import Trigger; Trigger().fire()'}\n"
    )
    auto.ok("work", "--until-idle")
    said = auto.ok("trigger", "list", "monthly_report").out
    heading = " ".join(said.splitlines()[:2]).split()
    assert {"next", "look", "last", "fired", "error"} <= set(heading), said
    assert max(map(len, said.splitlines())) <= 80


def test_why_the_last_look_failed_is_shown(auto: Bank) -> None:
    text = (
        "active: true\ntriggers:\n  - {type: python, name: Broken, code: 'raise ValueError(\"no data today\")'}\n"
        "steps:\n  - {type: define_variables, values: {x: 1}}\n"
    )
    path = auto.node.project("AUTO").definitions().path / "scenarios/broken.yaml"
    path.write_text(text)
    auto.ok("work", "--until-idle")
    said = auto.ok("trigger", "list", "broken")
    assert "no data today" in said.err
    assert auto.ok("scenario", "runs", "broken", "--json").json == []


def test_a_trigger_is_fired_by_hand_and_its_name_stands_in_the_run(auto: Bank) -> None:
    run = auto.ok("trigger", "fire", "greet", "Mondays", "--param", "who=Ann", "--json").json["id"]
    busy = auto.run("trigger", "fire", "greet", "Mondays")
    assert busy.code == 4
    assert "running already" in busy.err
    auto.ok("work", "--until-idle")
    found = auto.ok("scenario", "steps", run, "--json").json
    assert (found["run"]["trigger"], found["run"]["trigger_type"]) == ("Mondays", "time")
    assert found["steps"][0]["variables"] == {"words": "Hello Ann"}
    near = auto.run("trigger", "fire", "greet", "Monday")
    assert near.code == 3
    assert "Did you mean Mondays" in near.err
