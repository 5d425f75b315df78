"""A worker from the command line."""

from __future__ import annotations

import signal

import pytest

from .bank import Bank
from .test_scenario import elsewhere, outcomes, wait_for


def test_a_worker_until_idle_does_what_waits_tells_it_and_ends(auto: Bank) -> None:
    assert auto.ok("work", "--until-idle").out == ""
    for name in ("mend", "warn"):
        auto.ok("scenario", "run", name, "--detach")
    out = auto.ok("work", "--until-idle", "--runs", "2").out
    assert out.count("begun by manual, as ann") == 2
    assert ": SUCCESS in " in out
    assert ": WARNING in " in out
    assert auto.ok("scenario", "runs", "--finished", "--json").json


def test_a_worker_looks_at_triggers_and_ctrl_c_ends_it(auto: Bank) -> None:
    auto.ok("scenario", "run", "mend", "--detach")
    with elsewhere("work", "--runs", "1") as worker:
        wait_for(lambda: auto.ok("scenario", "runs", "--finished", "--json").json)
        wait_for(lambda: auto.ok("home", "status", "--json").json["workers"])
        [signed] = auto.ok("home", "status", "--json").json["workers"]
        assert signed["lanes"] == 1
        assert f":{worker.pid}:" in signed["id"]
        worker.send_signal(signal.SIGINT)
        said, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0, said
    assert said.startswith("Working. Ctrl-C stops.\n")
    assert "Traceback" not in said
    assert auto.ok("home", "status", "--json").json["workers"] == []


@pytest.mark.requirement("A89")
def test_what_a_killed_process_began_is_taken_on_by_a_worker(auto: Bank) -> None:
    with elsewhere("scenario", "run", "sleep") as process:
        wait_for(lambda: "asleep" in auto.run("scenario", "log", "sleep").out)
        process.kill()
    stuck = auto.run("scenario", "run", "sleep")
    assert stuck.code == 4
    assert "penstock work" in stuck.err
    auto.ok("scenario", "abort", "sleep")
    auto.ok("work", "--until-idle")
    [row] = auto.ok("scenario", "runs", "sleep", "--finished", "--json").json
    assert row["outcome"] == "ABORTED"
    assert outcomes(auto, row["run"]) == {"Sleep": "ABORTED", "Tidy up": "SUCCESS"}
