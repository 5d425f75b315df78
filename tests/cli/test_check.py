"""Checks and rules from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from .bank import Bank


def test_a_check_that_says_error_ends_the_command_with_1(own: Bank) -> None:
    said = own.run("check", "run", "mes", "--json")
    assert said.code == 1
    assert said.json[0]["verdict"] == "ERROR"
    [history] = own.ok("check", "history", "mes", "--json").json
    assert history["check"] == "Data Drift < 0.7"


def test_rules_and_checks_of_a_dataset_run_together_or_one_alone(own: Bank) -> None:
    own.ok("metric", "compute", "may")
    assert {r["verdict"] for r in own.ok("check", "run", "may", "--json").json} == {"OK"}
    assert len(own.ok("check", "run", "may", "--check", "Enough rows", "--json").json) == 1
    assert own.run("check", "run", "may", "--check", "Enough row").code == 3


@pytest.mark.requirement("A43")
def test_a_check_or_rule_of_a_file_is_judged_without_being_saved(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "check.yaml").write_text(
        "type: numeric_range\nname: x\nmetric: Data Drift\nsoft_maximum: 0.6\n", encoding="utf-8"
    )
    assert (
        bank.ok("check", "test", "mes", str(tmp_path / "check.yaml"), "--json").json["verdict"] == "WARNING"
    )
    (tmp_path / "rule.yaml").write_text("type: record_count_in_range\nminimum: 1000\n", encoding="utf-8")
    assert bank.run("check", "test", "may", str(tmp_path / "rule.yaml"), "--rule").code == 1
    assert bank.ok("check", "history", "mes", "--json").json == []
    (tmp_path / "broken.yaml").write_text("type: numeric_rnge\n", encoding="utf-8")
    assert "numeric_range" in bank.run("check", "test", "mes", str(tmp_path / "broken.yaml")).err
    assert bank.run("check", "test", "mes", str(tmp_path / "gone.yaml")).code == 2


def test_what_checks_said_becomes_a_live_dataset(own: Bank) -> None:
    own.run("check", "run", "mes")
    own.ok("check", "dataset", "mes")
    assert own.ok("dataset", "count", "mes_checks").out == "1\n"
