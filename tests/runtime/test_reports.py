"""Reports: when a reporter tells, what is written down of it, and that nothing of it changes a run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import Refused
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.runtime import connections, datasets, reports
from penstock.testing import KEY, a_project, build, fill, rows

from ..kinds.reporters.telling import STORE, a_node, a_run, told, variables_of
from ..sinks import Web, mute_server, web_server


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


@pytest.fixture
def web(node: Node) -> Iterator[Web]:
    with web_server() as server:
        connections.define(node, "ops", {"type": "webhook", "url": server.url})
        yield server


def hook(**settings: Any) -> dict[str, Any]:
    return {"type": "webhook", "name": "Ops", **settings}


# when ---------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A83", "M86")
def test_a_reporter_tells_when_its_condition_holds(node: Node, web: Web) -> None:
    [report] = told(node, *a_run(node, hook(when="stepOutcome_MES_Warn == 'WARNING'")))
    assert (report["state"], report["sent"]) == ("sent", True)
    assert json.loads(web.request.body)["outcome"] == "WARNING"


@pytest.mark.requirement("A83", "M86")
def test_a_reporter_is_silent_when_its_condition_does_not_hold(node: Node, web: Web) -> None:
    run, steps = a_run(node, hook(when="stepOutcome_MES_Warn == 'WARNING'"), outcome=Outcome.SUCCESS)
    steps[1] = replace(steps[1], outcome=Outcome.SUCCESS)
    [report] = told(node, run, steps)
    assert (report["state"], report["sent"]) == ("not asked for", False)
    assert report["why"] == "stepOutcome_MES_Warn == 'WARNING' is not true."
    assert web.requests == []


@pytest.mark.requirement("A83")
def test_an_inactive_reporter_never_tells(node: Node, web: Web) -> None:
    [report] = told(node, *a_run(node, hook(active=False)))
    assert (report["state"], report["why"]) == ("off", "It is switched off.")
    assert web.requests == []


def test_a_step_that_never_ran_makes_its_condition_untrue_not_wrong(node: Node, web: Web) -> None:
    [report] = told(node, *a_run(node, hook(when="stepOutcome_Retrain == 'SUCCESS'")))
    assert report["state"] == "not asked for"


def test_a_condition_that_cannot_be_judged_is_listed_with_its_reason(node: Node, web: Web) -> None:
    [report] = told(node, *a_run(node, hook(when="stepOutcome_Mes == 'WARNING'")))
    assert report["state"] == "failed"
    assert "stepOutcome_Mes" in report["why"]
    assert web.requests == []


def test_those_of_the_start_and_those_of_the_end_tell_in_their_time(node: Node, web: Web) -> None:
    reporters = (hook(name="A", on="start"), hook(name="B"))
    run, _ = a_run(node, *reporters, outcome=None)
    begun = reports.at_start(node, run, {"outcome": "SUCCESS"})
    assert [(r["name"], r["on"]) for r in begun] == [("A", "start")]
    ended, steps = a_run(node, *reporters, reports=tuple(begun))
    assert [(r["name"], r["state"]) for r in told(node, ended, steps)] == [("A", "sent"), ("B", "sent")]
    assert len(web.requests) == 2


def test_a_worker_that_takes_over_tells_nobody_twice(node: Node, web: Web) -> None:
    run, steps = a_run(node, hook(name="A"), hook(name="B"))
    kept: list[list[Any]] = []
    names = variables_of(run, steps)
    reports.at_end(node, run, steps, names, keep=lambda so_far: kept.append(list(so_far)))
    assert [len(so_far) for so_far in kept] == [1, 2]
    again = reports.at_end(node, replace(run, reports=tuple(kept[0])), steps, names)
    assert [r["name"] for r in again] == ["A", "B"]
    assert len(web.requests) == 3


def test_reporters_of_one_name_are_told_apart(node: Node, web: Web) -> None:
    assert [r["name"] for r in told(node, *a_run(node, hook(), hook()))] == ["Ops", "Ops #2"]
    assert len(web.requests) == 2


def test_a_step_may_send_in_the_middle_whatever_the_condition(node: Node, web: Web) -> None:
    from penstock.core import registry
    from penstock.core.reporter import Reporter

    run, steps = a_run(node, outcome=None)
    reporter = registry.parse("reporters", hook(when="outcome == 'FAILED'"))
    assert isinstance(reporter, Reporter)
    report = reports.send(node, run, steps, reporter, {})
    assert (report.state, report.on) == ("sent", "now")


# failing ------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A87")
def test_a_channel_that_hangs_or_fails_is_listed_and_the_others_still_tell(node: Node, web: Web) -> None:
    with mute_server() as mute, web_server(status=500) as broken:
        connections.define(node, "mute", {"type": "webhook", "url": f"http://127.0.0.1:{mute.port}"})
        connections.define(node, "broken", {"type": "webhook", "url": broken.url})
        run, steps = a_run(
            node, hook(name="mute", channel="mute", timeout=4), hook(name="broken", channel="broken"),
            hook(name="well", channel="ops"),
        )  # fmt: skip
        found = told(node, run, steps)
        assert mute.closed.wait(20)
    assert [(r["name"], r["state"]) for r in found] == [
        ("mute", "failed"),
        ("broken", "failed"),
        ("well", "sent"),
    ]
    assert "500" in found[1]["why"]
    assert run.outcome is Outcome.WARNING
    assert 4 <= found[0]["seconds"] < 60


def test_whatever_a_plugin_raises_is_a_failed_report(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    from penstock.kinds.reporters.webhook import Webhook

    def broken(self: Webhook, ctx: Any) -> str:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Webhook, "send", broken)
    [report] = told(node, *a_run(node, hook()))
    assert (report["state"], report["why"]) == ("failed", "RuntimeError: a bug")


def test_no_report_shows_a_secret(node: Node, tmp_path: Path) -> None:
    node.secrets.put("hook", "http://127.0.0.1:1/services/very-secret")
    connections.define(node, "ops", {"type": "webhook", "url": "secret:hook"})
    run, steps = a_run(node, hook())
    found = json.dumps(told(node, run, steps))
    assert "failed" in found
    assert "very-secret" not in found
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert not any(b"very-secret" in p.read_bytes() for p in files)


def test_a_connection_with_a_secret_nobody_set_says_how_to_set_it(node: Node) -> None:
    connections.define(node, "ops", {"type": "webhook", "url": "secret:hook"})
    [report] = told(node, *a_run(node, hook()))
    assert "penstock channel secret put hook" in report["why"]
    assert [c.missing_secrets for c in connections.list_(node)] == [("hook",)]


def test_a_broken_file_of_the_project_does_not_silence_its_reporters(node: Node, web: Web) -> None:
    run, steps = a_run(node, hook(name="A"), hook(name="B", active=False))
    (node.projects.path(KEY) / "project.yaml").write_text("no_such_setting: 1\n")
    assert [r["state"] for r in told(node, run, steps)] == ["sent", "off"]


def test_a_run_that_is_just_ending_ends_now(node: Node, web: Web) -> None:
    run, steps = a_run(node, hook(), started_at=node.clock.now(), ended_at=None)
    told(node, run, steps)
    posted = json.loads(web.request.body)
    assert posted["ended_at"] is not None
    assert posted["duration_seconds"] >= 0


# who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A88")
def test_a_channel_is_for_the_users_it_allows_whom_the_run_acts_as(node: Node, web: Web) -> None:
    connections.define(node, "ops", {"type": "webhook", "url": web.url, "allowed": ["bob"]})
    [refused] = told(node, *a_run(node, hook(), run_as="ann"))
    [taken] = told(node, *a_run(node, hook(), run_as="bob"))
    assert refused["state"] == "failed"
    assert "ann, whom this run acts as, may not use" in refused["why"]
    assert taken["state"] == "sent"


def test_a_reporter_of_a_project_cannot_send_the_nodes_secrets_away(node: Node) -> None:
    node.secrets.put("smtp_password", "abcdef123")
    with web_server() as web:
        own = hook(url=web.url, headers={"X": "secret:smtp_password"})
        [report] = told(node, *a_run(node, own))
        assert web.requests == []
    assert "may not use the secret 'smtp_password'" in report["why"]


def test_a_reporter_may_use_secrets_of_its_own_project(node: Node) -> None:
    node.secrets.put(f"{KEY}.token", "abcdef123")
    with web_server() as web:
        told(node, *a_run(node, hook(url=web.url, headers={"X-Token": f"secret:{KEY}.token"})))
    assert web.request.headers["X-Token"] == "abcdef123"


def test_the_only_channel_of_a_type_needs_no_name_and_a_choice_does(node: Node, web: Web) -> None:
    connections.define(node, "other", {"type": "webhook", "url": web.url})
    [report] = told(node, *a_run(node, hook()))
    assert "there are ops, other" in report["why"]


def test_a_channel_of_another_type_is_refused(node: Node, web: Web) -> None:
    [report] = told(node, *a_run(node, {"type": "mail", "to": "ann@example.org", "channel": "ops"}))
    assert "is of type webhook; this reporter needs smtp" in report["why"]


# other reporters ----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A88")
@pytest.mark.parametrize("type", ["slack", "teams"])
def test_a_chat_gets_the_message_with_its_variables(node: Node, type: str) -> None:
    with web_server() as web:
        node.secrets.put(f"{KEY}.hook", web.url)
        reporter = {"type": type, "url": f"secret:{KEY}.hook", "message": "${scenarioName}: ${outcome}"}
        [report] = told(node, *a_run(node, reporter))
    assert report["state"] == "sent"
    posted = web.request.body.decode()
    assert "Data drift monitor: WARNING" in posted
    assert "/scenarios/monitor/runs/" in posted


def test_an_apprise_service_is_told(node: Node) -> None:
    with web_server() as web:
        node.secrets.put("service", web.url.replace("http://", "json://"))
        connections.define(node, "service", {"type": "apprise", "url": "secret:service"})
        told(node, *a_run(node, {"type": "apprise", "message": "{{ outcome }}!", "engine": "jinja"}))
    assert json.loads(web.request.body)["message"] == "WARNING!"


def test_a_chat_without_a_message_says_what_happened(node: Node) -> None:
    with web_server() as web:
        node.secrets.put(f"{KEY}.hook", web.url)
        told(node, *a_run(node, {"type": "teams", "url": f"secret:{KEY}.hook"}))
    body = json.loads(web.request.body)["attachments"][0]["content"]["body"]
    assert body[1]["text"] == f'Check "Data Drift < 0.6" of {STORE} (Aug 2026) warns: 0.592 (> 0.55).'


def test_a_body_that_is_a_mapping_stays_json_whatever_the_variables_hold(node: Node, web: Web) -> None:
    body = {"text": '${who} says "hello"', "count": "${n}", "list": ["${who}"]}
    told(node, *a_run(node, hook(body=body)), {"who": 'A "quoted"\nname', "n": 3})
    assert json.loads(web.request.body) == {
        "text": 'A "quoted"\nname says "hello"', "count": 3, "list": ['A "quoted"\nname'],
    }  # fmt: skip


def test_a_text_that_is_no_json_once_filled_in_is_told(node: Node, web: Web) -> None:
    [report] = told(node, *a_run(node, hook(body='{"text": "${who}"}')), {"who": 'a "b"'})
    assert "Write it as a mapping" in report["why"]
    assert web.requests == []


def test_a_plain_text_is_sent_as_such(node: Node, web: Web) -> None:
    told(node, *a_run(node, hook(body="${scenarioName} ended")))
    assert web.request.body == b"Data drift monitor ended"
    assert web.request.headers["Content-Type"].startswith("text/plain")


def test_a_command_is_told(node: Node, tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = tmp_path / "page"
    program.write_text(f'#!/bin/sh\necho "$PENSTOCK_OUTCOME $PENSTOCK_PROJECT $(cat)" > {out}\n')
    program.chmod(0o755)
    connections.define(node, "pager", {"type": "command", "program": [str(program)]})
    told(node, *a_run(node, {"type": "command", "message": "Wake up."}))
    assert out.read_text() == f"WARNING {KEY} Wake up.\n"


# rows ---------------------------------------------------------------------------------------------------------------

RECORD = {"type": "dataset", "dataset": "runs", "columns": {"month": "${month}"}}


@pytest.mark.requirement("A88")
def test_each_run_is_one_row_of_the_dataset(node: Node) -> None:
    a_project(node, {"datasets/runs": {"type": "managed"}})
    for month in ("May", "June"):
        [report] = told(node, *a_run(node, RECORD), {"month": month})
        assert report["why"] == "one row added to runs"
    found = rows(node, "runs")
    assert [row["month"] for row in found] == ["May", "June"]
    assert found[0]["outcome"] == "WARNING"
    assert found[0]["duration_seconds"] == 151.0
    assert found[0]["scenario_name"] == "Data drift monitor"


def test_a_new_column_is_empty_in_the_rows_before(node: Node) -> None:
    a_project(node, {"datasets/runs": {"type": "managed"}})
    told(node, *a_run(node, {"type": "dataset", "dataset": "runs"}))
    told(node, *a_run(node, RECORD), {"month": "June"})
    assert [row["month"] for row in rows(node, "runs")] == [None, "June"]


def test_a_dataset_that_a_recipe_writes_is_refused(node: Node) -> None:
    objects: dict[str, Any] = {
        "datasets/raw": {"type": "managed"}, "datasets/runs": {"type": "managed"},
        "recipes/copy": {"type": "sync", "input": "raw", "output": "runs"},
    }  # fmt: skip
    a_project(node, objects)
    fill(node, "raw", n=[1])
    build(node, "runs")
    [report] = told(node, *a_run(node, RECORD))
    assert "recipe copy writes it" in report["why"]
    assert rows(node, "runs") == [{"n": 1}]


def test_rows_appended_at_the_same_time_are_all_kept(node: Node) -> None:
    a_project(node, {"datasets/runs": {"type": "managed"}})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: datasets.append(node, KEY, "runs", [{"n": n}]), range(12)))
    assert sorted(row["n"] for row in rows(node, "runs")) == list(range(12))


def test_nothing_can_be_appended_to_data_that_lives_outside(node: Node) -> None:
    a_project(node, {"datasets/table": {"type": "inline", "columns": [{"name": "a"}], "rows": []}})
    with pytest.raises(Refused, match="Nothing can be appended to dataset table"):
        datasets.append(node, KEY, "table", [{"a": "1"}])


@pytest.mark.requirement("A85")
def test_what_the_node_lacks_is_noted_once_however_many_reporters_there_are(tmp_path: Path) -> None:
    node = a_node(tmp_path, base_url="")
    with web_server() as server:
        connections.define(node, "ops", {"type": "webhook", "url": server.url})
        body = {"body": {"text": "${scenarioRunURL}"}}
        found = told(node, *a_run(node, hook(**body), hook(**body)))
    assert [r["state"] for r in found] == ["sent", "sent"]
    assert ["base_url" in " ".join(r["notes"]) for r in found] == [True, False]


# the cost -----------------------------------------------------------------------------------------------------------


def test_a_run_that_tells_nobody_loads_nothing_that_writes_or_draws() -> None:
    heavy = "{'jinja2', 'altair', 'vl_convert', 'apprise', 'smtplib', 'cryptography'}"
    code = f"import penstock.runtime.reports, sys; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
