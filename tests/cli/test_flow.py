"""Builds and zones from the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .bank import Bank


def recipes(said: object) -> list[str]:
    return [a["recipe"] for a in said["activities"]]  # type: ignore[index]


def test_a_preview_says_what_and_why_and_runs_nothing(bank: Bank) -> None:
    plan = bank.ok("flow", "preview", "scored", "large", "--json").json
    assert [(a["recipe"], a["reason"]) for a in plan["activities"]] == [("large_ones", "never built")]
    assert "score_it" in {n["name"] for n in plan["not_run"]}
    assert bank.run("dataset", "head", "large").code == 6


def test_required_builds_only_what_is_stale_and_only_builds_what_is_named(own: Bank) -> None:
    assert recipes(own.ok("flow", "build", "scored", "large", "--json").json) == ["large_ones"]
    assert "nothing ran" in own.ok("flow", "build", "scored", "large").out
    assert recipes(own.ok("flow", "build", "scored", "--mode", "only", "--json").json) == ["score_it"]


def test_a_recipe_is_left_out_and_an_upstream_stops_at_the_zone(own: Bank) -> None:
    words = ("flow", "preview", "*", "--mode", "all", "--json")
    assert "score_it" not in recipes(own.ok(*words, "--without", "score_it").json)
    assert recipes(own.ok("flow", "preview", "mes", "--mode", "all", "--stop-at-zone", "--json").json) == [
        "evaluate_it"
    ]


def test_a_variable_is_set_for_one_job_alone(own: Bank) -> None:
    own.ok("flow", "build", "large")
    many = int(own.ok("dataset", "count", "large").out)
    own.ok("flow", "build", "large", "--set", "least=200")
    assert int(own.ok("dataset", "count", "large").out) < many
    assert own.ok("variable", "list", "--json").json[0]["value"] == 20
    assert own.run("flow", "build", "large", "--set", "least").code == 2


@pytest.mark.requirement("A39")
def test_an_unknown_mode_object_or_recipe_is_refused_before_there_is_a_job(bank: Bank) -> None:
    before = len(bank.ok("job", "list", "--json").json)
    said = bank.run("flow", "build", "scored", "--mode", "requierd")
    assert (said.code, said.out) == (2, "")
    assert "Did you mean required?" in said.err
    assert "outputs_all" in said.err
    assert "Did you mean scored" in bank.run("flow", "build", "scorde").err
    assert bank.run("flow", "build", "scored", "--without", "nobody").code == 3
    assert len(bank.ok("job", "list", "--json").json) == before


@pytest.mark.requirement("A39")
def test_a_failed_build_exits_with_1_and_says_why(own: Bank) -> None:
    own.ok("variable", "unset", "least")
    said = own.run("flow", "build", "large")
    assert said.code == 1
    assert "FAILED" in said.out
    assert said.out.count("is used but has no value") == 1
    job = own.project.jobs()[0]
    assert f"Its log: penstock job log {job.id} large_ones\n" in said.out
    assert own.ok("job", "show", job.id).out.count("is used but has no value") == 1
    named = own.run("--home", str(own.home), "-p", "BANK", "flow", "build", "large").out
    assert f"penstock --home {own.home} -p BANK job log" in " ".join(named.split())
    assert own.run("flow", "build", "large", "--json").json["job"]["state"] == "FAILED"


def test_ctrl_c_aborts_the_job_and_exits_with_130(own: Bank) -> None:
    path, told = own.project.definitions().path, own.home / "begun"
    (path / "flow/datasets/slow.yaml").write_text("type: managed\n")
    (path / "flow/recipes/wait.yaml").write_text("type: python\noutputs: [slow]\n")
    (path / "flow/recipes/wait.py").write_text(
        f"import time\nopen({str(told)!r}, 'w').close()\ntime.sleep(600)\n"
    )
    os.mkfifo(told)
    words = [sys.executable, "-m", "penstock.cli", "flow", "build", "slow"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        told.read_text()  # returns when the recipe has opened the other end: it runs
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=120)
    assert running.returncode == 130, err
    assert err.startswith("Stopped.")
    assert own.ok("job", "list", "--json").json[0]["state"] == "ABORTED"


def test_zones_are_made_filled_shared_renamed_and_deleted(own: Bank) -> None:
    own.ok("flow", "zone", "create", "scores", "--color", "#ff0000")
    own.ok("flow", "zone", "move", "score_it", "--to", "scores")
    own.ok("flow", "zone", "share", "may", "scores")
    own.ok("flow", "zone", "color", "scores", "#00ff00")
    own.ok("flow", "zone", "rename", "scores", "points")
    zones = {z["zone"]: z for z in own.ok("flow", "zone", "list", "--json").json}
    assert zones["points"]["items"] == ["scored"]
    assert zones["points"]["shared"] == ["may"]
    assert zones["points"]["reads_from_elsewhere"] == ["may", "authorized"]
    own.ok("flow", "zone", "unshare", "may", "points")
    own.ok("flow", "zone", "delete", "points")
    assert own.run("flow", "zone", "delete", "default").code != 0
    own.ok("flow", "zone", "move", "mes", "--to", "fresh", "--new")
    assert own.ok("project", "show", "--json").json["zones"] == ["watching", "fresh"]


def test_show_lists_recipes_in_build_order(bank: Bank) -> None:
    order = [r["name"] for r in bank.ok("flow", "show", "--json").json["recipes"]]
    assert order.index("train_it") < order.index("score_it")


def test_objects_are_tagged_protected_and_copied(own: Bank) -> None:
    own.ok("flow", "tag", "large", "large_ones", "--add", "gold", "--add", "daily")
    assert own.ok("flow", "tags", "--json").json[0] == {"tag": "daily", "objects": 2}
    own.ok("flow", "protect", "large")
    assert own.run("flow", "build", "large", "--mode", "only").code != 0
    own.ok("flow", "protect", "large", "--as", "normal")
    assert own.run("flow", "protect", "large", "--as", "never").code == 2
    assert "large → large_copy" in own.ok("flow", "copy", "large_ones").out
    own.ok("flow", "build", "large_copy")


def test_clearing_tells_what_was_left(own: Bank) -> None:
    own.ok("flow", "build", "large")
    done = own.ok("flow", "clear", "large", "history")
    assert "1 of 2 cleared" in done.out


def test_deleting_tells_its_impact_first_and_takes_the_recipe_along(own: Bank) -> None:
    told = own.ok("flow", "delete", "large", "--dry-run").out
    assert "Would delete large, large_ones." in told
    assert own.ok("flow", "delete", "large", "--json").json["recipes"] == ["large_ones"]
    assert own.run("dataset", "head", "large").code == 3


def test_the_flow_is_written_as_a_picture(bank: Bank, tmp_path: Path) -> None:
    bank.ok("flow", "picture", str(tmp_path / "flow.svg"))
    assert (tmp_path / "flow.svg").read_text().startswith("<svg")
    assert bank.run("flow", "picture", str(tmp_path / "flow.doc")).code == 2
