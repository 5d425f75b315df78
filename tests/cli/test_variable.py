"""Variables from the command line."""

from __future__ import annotations

from .bank import Bank


def levels(bank: Bank) -> dict[str, tuple[object, str]]:
    return {v["name"]: (v["value"], v["level"]) for v in bank.ok("variable", "list", "--json").json}


def test_a_local_value_wins_and_taking_it_away_shows_the_project_s_again(own: Bank) -> None:
    own.ok("variable", "set", "least", "50", "--local")
    assert levels(own)["least"] == (50, "local")
    own.ok("variable", "unset", "least", "--local")
    assert levels(own)["least"] == (20, "project")


def test_values_are_json_when_they_read_as_json(own: Bank) -> None:
    own.ok("variable", "set", "carriers", '["UA", "AA"]')
    own.ok("variable", "set", "start_date", "2013-04-01")
    found = levels(own)
    assert found["carriers"][0] == ["UA", "AA"]
    assert found["start_date"][0] == "2013-04-01"
    own.ok("variable", "unset", "carriers", "start_date")
    assert "carriers" not in levels(own)


def test_taking_away_what_is_not_there_names_the_nearest(bank: Bank) -> None:
    said = bank.run("variable", "unset", "lesat")
    assert said.code == 3
    assert "least" in said.err
