"""Scenarios from the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .bank import Bank


def runs(auto: Bank, name: str = "") -> list[dict[str, Any]]:
    found = auto.ok("scenario", "runs", *filter(None, [name]), "--json").json
    assert isinstance(found, list)
    return found


def outcomes(auto: Bank, run: str) -> dict[str, str | None]:
    steps = auto.ok("scenario", "steps", run, "--json").json["steps"]
    return {s["label"]: s["outcome"] or s["state"] for s in steps}


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


@contextmanager
def elsewhere(*words: str) -> Iterator[subprocess.Popen[str]]:
    """`penstock …` in another process."""
    command = [sys.executable, "-m", "penstock.cli", *words]
    pipe: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, **pipe, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


def asleep(auto: Bank) -> bool:
    found = runs(auto, "sleep")
    return bool(found) and "asleep" in auto.ok("scenario", "log", "sleep").out


@pytest.mark.requirement("A89")
def test_a_followed_run_tells_each_step_as_it_goes_and_why_it_ran_or_was_skipped(auto: Bank) -> None:
    out = auto.ok("scenario", "run", "mend", "--follow").out
    lines = [line.strip() for line in out.splitlines()]
    told = [line.split(" (")[0] for line in lines]
    assert told[:-1] == [
        "▶ Build: No prior step failed.",
        "SUCCESS Build",
        "▶ Judge: No prior step failed.",
        "FAILED Judge",
        "▶ Build again: A prior step failed.",
        "SUCCESS Build again",
        "Rest skipped: The outcome so far is SUCCESS.",
    ]
    assert "ERROR" in lines[3]
    assert lines[-1].startswith(f"Run {runs(auto)[0]['run']}: SUCCESS in ")


@pytest.mark.requirement("A89")
def test_what_a_script_does_is_told_inside_its_step(auto: Bank) -> None:
    lines = auto.ok("scenario", "run", "scripted", "--follow").out.splitlines()
    ends = [line for line in lines if line.strip().startswith(("SUCCESS", "WARNING"))]
    assert [line.split(" (")[0] for line in ends] == [
        "      SUCCESS define_variables",
        "      SUCCESS A copy",
        "      WARNING Look",
        "  WARNING script",
    ]


@pytest.mark.requirement("A89")
def test_last_runs_show_start_duration_trigger_user_and_outcome_and_steps_lead_to_jobs_and_logs(
    auto: Bank,
) -> None:
    auto.ok("scenario", "run", "mend")
    [row] = runs(auto, "mend")
    assert (row["outcome"], row["trigger"], row["run_as"], row["asked_by"]) == (
        "SUCCESS",
        "manual",
        "ann",
        "ann",
    )
    assert row["seconds"] > 0
    assert row["started"] > "2020"
    steps = auto.ok("scenario", "steps", row["run"], "--json").json["steps"]
    [job] = steps[0]["jobs"]
    assert auto.ok("job", "show", job, "--json").json["job"]["scenario_run"] == row["run"]
    assert steps[1]["jobs"] == []
    whole, one = (
        auto.ok("scenario", "log", row["run"]).out,
        auto.ok("scenario", "log", row["run"], "Judge").out,
    )
    assert "[Build again]" in whole
    assert "ERROR" in one
    assert "Build again" not in one
    assert auto.run("scenario", "log", row["run"], "Juge").code == 3


def test_the_newest_run_of_a_scenario_is_meant_by_its_name(auto: Bank) -> None:
    assert "has not run yet" in auto.run("scenario", "log", "greet").err
    auto.ok("scenario", "run", "greet", "--param", "who=Ann")
    assert auto.ok("scenario", "log", "greet").out == auto.ok("scenario", "log", runs(auto)[0]["run"]).out
    assert auto.ok("scenario", "log", "greet", "--follow").out == auto.ok("scenario", "log", "greet").out
    said = auto.run("scenario", "steps", "gret")
    assert said.code == 3
    assert "Did you mean greet" in said.err


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [("mend", "", 0), ("warn", "", 0), ("warn", "--fail-on WARNING", 1), ("fail", "", 1)],
)
def test_the_exit_code_says_how_a_run_ended(name: str, words: str, code: int, auto: Bank) -> None:
    said = auto.run("scenario", "run", name, *words.split(), "--json")
    assert said.code == code
    assert said.json["run"]["outcome"] == {"mend": "SUCCESS", "warn": "WARNING", "fail": "FAILED"}[name]


def test_parameters_reach_the_steps(auto: Bank) -> None:
    found = auto.ok("scenario", "run", "greet", "--param", "who=Ann", "--json").json
    assert found["steps"][0]["variables"] == {"words": "Hello Ann"}
    assert auto.run("scenario", "run", "greet", "--param", "who").code == 2
    assert auto.run("scenario", "run", "greet", "--fail-on", "never").code == 2


def test_a_detached_run_waits_for_a_worker(auto: Bank) -> None:
    said = auto.ok("scenario", "run", "mend", "--detach").out
    [row] = runs(auto, "mend")
    assert said == f"Run {row['run']} waits for a worker, such as `penstock work`.\n"
    assert row["outcome"] == "QUEUED"
    refused = auto.run("scenario", "run", "mend")
    assert refused.code == 4
    assert f"Run {row['run']} was going on." in refused.err
    auto.ok("work", "--until-idle")
    assert outcomes(auto, row["run"])["Build again"] == "SUCCESS"
    assert [r["outcome"] for r in runs(auto, "mend")] == ["CANCELLED", "SUCCESS"]
    assert [r["outcome"] for r in auto.ok("scenario", "runs", "mend", "--finished", "--json").json] == [
        "SUCCESS"
    ]


@pytest.mark.requirement("A89", "A90")
def test_an_aborted_run_ends_its_step_and_cleans_up_and_an_idle_scenario_is_left_alone(auto: Bank) -> None:
    assert auto.ok("scenario", "abort", "sleep").out == "sleep is not running; nothing to stop.\n"
    assert runs(auto) == []
    with elsewhere("scenario", "run", "sleep", "--follow") as process:
        wait_for(lambda: asleep(auto))
        assert outcomes(auto, "sleep") == {"Sleep": "RUNNING"}
        listed = {s["name"]: s["last_runs"] for s in auto.ok("scenario", "list", "--json").json}
        assert listed["sleep"] == ["RUNNING"]
        assert auto.ok("scenario", "abort", "sleep").out == "Asked sleep to stop.\n"
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "ABORTED Sleep" in said
    assert outcomes(auto, "sleep") == {"Sleep": "ABORTED", "Tidy up": "SUCCESS"}
    assert runs(auto)[0]["outcome"] == "ABORTED"
    assert auto.ok("scenario", "abort", "sleep").out.endswith("nothing to stop.\n")


@pytest.mark.requirement("A90")
def test_ctrl_c_aborts_the_run(auto: Bank) -> None:
    with elsewhere("scenario", "run", "sleep") as process:
        wait_for(lambda: asleep(auto))
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everything that was started there
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert outcomes(auto, "sleep") == {"Sleep": "ABORTED", "Tidy up": "SUCCESS"}


def test_a_run_that_a_worker_does_is_followed_from_outside(auto: Bank) -> None:
    run = auto.ok("scenario", "run", "sleep", "--detach", "--json").json["id"]
    with elsewhere("work") as worker, elsewhere("scenario", "log", run, "--follow") as follower:
        wait_for(lambda: asleep(auto))
        auto.ok("scenario", "abort", "sleep")
        said, _ = follower.communicate(timeout=60)
        worker.send_signal(signal.SIGTERM)
        told, _ = worker.communicate(timeout=60)
    assert "asleep" in said
    assert "[Tidy up] SUCCESS" in said
    assert worker.returncode == 0, told
    assert f"AUTO.sleep {run}: ABORTED" in told


@pytest.mark.requirement("A68")
def test_the_switch_shows_the_next_run_and_makes_whoever_turned_it_the_one_it_runs_as(
    auto: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_USER", "bob")
    assert auto.ok("scenario", "switch", "greet", "on").out.startswith("greet is on; next run 20")
    greet = {s["name"]: s for s in auto.ok("scenario", "list", "--json").json}["greet"]
    assert (greet["on"], greet["run_as"], greet["changed_by"]) == (True, "bob", "bob")
    assert greet["next_run"].endswith("T07:00:00+00:00")
    newest = auto.ok("scenario", "history", "greet", "--json").json[0]
    assert newest["message"] == "Turn scenario greet on"
    assert auto.ok("scenario", "switch", "greet", "off").out == "greet is off.\n"
    assert auto.run("scenario", "switch", "greet", "maybe").code == 2


def test_the_list_shows_the_last_runs_as_signs_and_says_what_cannot_run(
    auto: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mend", "warn", "fail", "warn"):
        auto.run("scenario", "run", name)
    rows = [line.split() for line in auto.ok("scenario", "list").out.splitlines()]
    strips = {row[0]: row[2] for row in rows if row[0] in ("mend", "warn", "fail")}
    assert strips == {"mend": "✓", "warn": "!!", "fail": "✗"}
    as_json = {s["name"]: s["last_runs"] for s in auto.ok("scenario", "list", "--json").json}
    assert as_json["warn"] == ["WARNING", "WARNING"]
    auto.ok("user", "add", "ann")
    auto.ok("user", "disable", "ann")
    monkeypatch.setenv("PENSTOCK_USER", "bob")
    assert "is disabled" in auto.ok("scenario", "list").err
    assert auto.run("scenario", "run", "mend").code == 5


def test_show_says_in_words_when_a_step_runs(auto: Bank) -> None:
    said = " ".join(auto.ok("scenario", "show", "mend").out.split())
    for words in ("if some prior step failed;", "2 more tries, 1 s", "items=copy"):
        assert words in said
    found = auto.ok("scenario", "show", "mend", "--json").json
    assert [s["runs"] for s in found["steps"]] == [
        "if no prior step failed",
        "if no prior step failed",
        "if some prior step failed",
        "if the outcome so far is FAILED",
    ]
    assert found["steps"][2]["counts"] == "forgets the outcome so far"
    assert "Mondays" in auto.ok("scenario", "show", "greet").out
    assert "scenario.set_variables" in auto.ok("scenario", "show", "scripted").out


def test_a_rehearsal_says_how_it_would_end_and_runs_nothing(auto: Bank) -> None:
    rows = auto.ok("scenario", "dry-run", "mend", "--suppose", "Judge=FAILED", "--json").json
    assert [(r["step"], r["runs"]) for r in rows] == [
        ("Build", True), ("Judge", True), ("Build again", True), ("Rest", False),
    ]  # fmt: skip
    assert rows[-1]["run_so_far"] == "SUCCESS"
    assert auto.ok("scenario", "dry-run", "fail", "--suppose", "Judge=FAILED").out.endswith("end FAILED.\n")
    assert runs(auto) == []


LISTS = ["list", "runs", "history mend", "dry-run mend"]


@pytest.mark.parametrize("command", [*LISTS, "show mend", "show greet", "show scripted", "steps mend"])
def test_every_list_and_show_speaks_json_and_fits_a_screen(command: str, auto: Bank) -> None:
    auto.ok("scenario", "run", "mend")
    found = auto.ok("scenario", *command.split(), "--json").json
    assert isinstance(found, list if command in LISTS else dict)
    assert found
    assert max(map(len, auto.ok("scenario", *command.split()).out.splitlines())) <= 80


@pytest.mark.requirement("A69")
def test_a_scenario_written_by_hand_runs_as_whoever_saved_it_or_ran_it_first(
    auto: Bank, tmp_path: Path
) -> None:
    path = auto.node.project("AUTO").definitions().path / "scenarios"
    text = "# by hand\nkind: python\n"
    (path / "own.yaml").write_text(text)
    (path / "own.py").write_text("print('by hand')\n")
    auto.ok("scenario", "save", "own")
    assert auto.ok("scenario", "history", "own", "--json").json[0]["author"].startswith("ann")
    auto.ok("scenario", "run", "own")
    assert "by hand" in auto.ok("scenario", "log", "own").out
    assert (path / "own.yaml").read_text() == text
    auto.ok("scenario", "save", "own")
    assert len(auto.ok("scenario", "history", "own", "--json").json) == 1
    (path / "other.yaml").write_text("steps: []\n")
    assert auto.ok("scenario", "run", "other", "--json").json["run"]["run_as"] == "ann"
    assert auto.ok("scenario", "history", "other", "--json").json[0]["message"].startswith("Edited by hand")


def test_a_scenario_is_taken_from_a_file(auto: Bank, tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text("steps: [{type: define_variables, name: One, values: {x: 1}}]\n")
    auto.ok("scenario", "save", "taken", str(tmp_path / "new.yaml"))
    assert auto.ok("scenario", "run", "taken", "--json").json["run"]["run_as"] == "ann"
    (tmp_path / "new.yaml").write_text("steps: [{type: define_variable, values: {x: 1}}]\n")
    said = auto.run("scenario", "save", "taken", str(tmp_path / "new.yaml"))
    assert said.code != 0
    assert "define_variables" in said.err
    assert auto.run("scenario", "save", "taken", str(tmp_path / "nowhere.yaml")).code == 2
