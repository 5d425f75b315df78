"""Mails as they arrive: who gets them, what stands in them, what goes with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition
from penstock.core.message import Attachment
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun
from penstock.runtime import connections, folders, scenarios
from penstock.testing import KEY, a_project, fill

from ...sinks import Post, mail_server
from .telling import BASE, STORE, a_node, a_run, told

RUN_URL = f"{BASE}/projects/{KEY}/scenarios/monitor/runs/2026-11-20-10-01-57-674"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


@pytest.fixture
def post(node: Node) -> Iterator[Post]:
    with mail_server() as server:
        settings = {"type": "smtp", "host": "127.0.0.1", "port": server.port, "encryption": "none"}
        connections.define(node, "office", {**settings, "sender": "Penstock <penstock@example.org>"})
        yield server


def mail(to: Any = "ann@example.org", **settings: Any) -> dict[str, Any]:
    return {"type": "mail", "name": "Warn", "to": to, **settings}


def sent(
    node: Node, reporter: Mapping[str, Any], variables: Mapping[str, Any] | None = None, **run: Any
) -> dict[str, Any]:
    """The report of one reporter that sent its mail."""
    [report] = told(node, *a_run(node, reporter, **run), variables)
    assert report["state"] == "sent", report
    return report


def logged(node: Node, run: ScenarioRun) -> Path:
    """Where the log of a run lies that the node knows."""
    node.scenario_runs.ask(replace(run, state=RunState.QUEUED))
    return node.scenario_runs.log_path(run.id)


# words --------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A84")
def test_the_subject_of_the_tutorial_arrives_with_its_quotes(node: Node, post: Post) -> None:
    body = "Scenario ${scenarioName} warned.\n${allEventsSummary}\nSee ${scenarioRunURL}\n"
    subject = 'DSS scenario "${scenarioName}" issued a warning.'
    run, steps = a_run(node, mail(subject=subject, body=body, attachments=["log"]))
    logged(node, run).write_text("Build MES: SUCCESS\n")
    [report] = told(node, run, steps)
    assert post.mail["Subject"] == 'DSS scenario "Data drift monitor" issued a warning.'
    assert post.text() == (
        "Scenario Data drift monitor warned.\n"
        f"WARNING · MES_Warn: Data Drift < 0.6 on {STORE}: 0.592 (> 0.55)\n"
        f"See {RUN_URL}\n"
    )
    assert post.attached() == {f"monitor-{run.id}.log": b"Build MES: SUCCESS\n"}
    assert report["notes"] == []


@pytest.mark.requirement("A84")
def test_the_log_of_the_run_goes_with_the_mail_without_any_secret(node: Node, post: Post) -> None:
    node.secrets.put("token", "abcdef123")
    run, steps = a_run(node, mail(body="x", attachments=["log"]))
    logged(node, run).write_text("step 1 used abcdef123\n")
    told(node, run, steps)
    assert post.attached() == {f"monitor-{run.id}.log": "step 1 used ●●●\n".encode()}


def test_a_name_without_value_is_left_empty_and_noted(node: Node, post: Post) -> None:
    report = sent(node, mail(body="a${scenarioNam}b"))
    assert post.text() == "ab\n"
    assert report["notes"] == ["'scenarioNam' has no value and was left empty. Did you mean scenarioName?"]


def test_jinja_knows_the_same_names_and_notes_the_same_gap(node: Node, post: Post) -> None:
    body = "{{ scenarioName }} {{ stepOutcome_MES_Warn }} {{ nowhere }}{% for s in steps %}{{ s.label }};{% endfor %}"
    report = sent(node, mail(engine="jinja", body=body))
    assert post.text() == "Data drift monitor WARNING Build MES;MES_Warn;Retrain;\n"
    assert report["notes"] == ["'nowhere' has no value and was left empty."]


def test_a_default_is_no_gap_in_either_engine(node: Node, post: Post) -> None:
    assert sent(node, mail(body="${month|default:May}"))["notes"] == []
    assert sent(node, mail(engine="jinja", body="{{ month | default('May') }}"))["notes"] == []
    assert [str(m.get_content()).strip() for m in post.mails] == ["May", "May"]


def test_a_formula_between_the_braces_is_worked_out(node: Node, post: Post) -> None:
    output = '{"rows": [["42", 1]]}'
    sent(
        node, mail(body="${parseJson(stepOutput_the_sql)['rows'][0][0]} rows"), {"stepOutput_the_sql": output}
    )
    assert post.text() == "42 rows\n"


def test_a_value_cannot_smuggle_tags_into_html(node: Node, post: Post) -> None:
    sent(node, mail(body="<p>${who}</p>"), {"who": "<script>alert(1)</script>"})
    sent(node, mail(body="<p>{{ who }}</p>", engine="jinja"), {"who": "<script>alert(1)</script>"})
    pages = [str(m.get_body(("html",)).get_content()) for m in post.mails]  # type: ignore[union-attr]
    assert all("<script>" not in page and "&lt;script&gt;" in page for page in pages)


def test_html_has_its_words_beside_it(node: Node, post: Post) -> None:
    sent(node, mail(body='<h1>Hello</h1><p>See <a href="${scenarioRunURL}">the run</a>.</p>'))
    assert post.text() == f"Hello\n\nSee the run ({RUN_URL}).\n"


def test_the_event_summary_is_a_table_in_html(node: Node, post: Post) -> None:
    sent(node, mail(body="<p>${allEventsSummary}</p>"))
    assert "<table>" in post.html()
    assert "0.592 (&gt; 0.55)" in post.html()


def test_a_template_of_the_project_is_found_by_name(node: Node, post: Post) -> None:
    node.projects.save(
        KEY,
        {"templates/warning.html": "<p>{{ scenarioName }}</p>{{ driftChart }}"},
        author="ann",
        message="t",
    )
    sent(node, mail(template="warning.html", engine="jinja"))
    assert "<p>Data drift monitor</p>" in post.html()
    assert 'src="cid:chart-1"' in post.html()
    assert [p["Content-ID"] for p in post.mail.walk() if p.get_content_type() == "image/png"] == ["<chart-1>"]


def test_a_template_that_is_not_there_names_the_nearest_and_fails_only_the_report(
    node: Node, post: Post
) -> None:
    node.projects.save(KEY, {"templates/warning.html": "x"}, author="ann", message="t")
    [report] = told(node, *a_run(node, mail(template="warnin.html")))
    assert report["state"] == "failed"
    assert "Did you mean warning.html?" in report["why"]
    assert post.mails == []


def test_a_template_reaches_no_further_than_its_values(node: Node, post: Post) -> None:
    [report] = told(
        node, *a_run(node, mail(engine="jinja", body="{{ ''.__class__.__mro__[1].__subclasses__() }}"))
    )
    assert "subclasses" not in str(post.mails)
    assert report["state"] == "failed"


def test_a_broken_template_is_refused_when_it_is_saved() -> None:
    with pytest.raises(InvalidDefinition, match="Line 2 of the template"):
        registry.parse("reporters", mail(engine="jinja", body="a\n{% if %}"))


def test_a_template_that_divides_by_nothing_fails_only_the_report(node: Node, post: Post) -> None:
    [report] = told(node, *a_run(node, mail(engine="jinja", body="{{ 1 / 0 }}")))
    assert report["state"] == "failed"
    assert "ZeroDivisionError" in report["why"]


def test_a_template_without_end_fails_only_the_report(node: Node, post: Post) -> None:
    body = "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"
    [report] = told(node, *a_run(node, mail(engine="jinja", body=body)))
    assert report["state"] == "failed"
    assert "Look at its loops" in report["why"]


# the letter ---------------------------------------------------------------------------------------------------------


def test_without_a_body_the_letter_tells_what_happened(node: Node, post: Post) -> None:
    sent(node, mail())
    assert post.mail["Subject"] == f"[{KEY}] Data drift monitor: WARNING"
    for said in (
        'Check "Data Drift < 0.6" of mes_for_input_drift (Aug 2026) warns:', RUN_URL,
        "0.592; warns above 0.55, fails above 0.6", "SUCCESS  Build MES (2 min 28 s): No prior step failed.",
        "skipped  Retrain: No prior", "Aug 2026   0.592  ████████████████████████  warns ◀ newest",
        "Warns above 0.55, fails above 0.6. The bars begin at 0.5 = no drift.",
    ):  # fmt: skip
        assert said in post.text()


def test_the_letter_shows_the_same_as_a_page_with_the_drift_chart_in_it(node: Node, post: Post) -> None:
    sent(node, mail())
    page = post.html()
    for said in (
        "Data drift monitor",
        "WARNING",
        "warns above 0.55, fails above 0.6",
        "0.592",
        "2 min 28 s",
        RUN_URL,
    ):
        assert said in page
    assert 'src="cid:chart-1"' in page
    [chart] = [p for p in post.mail.walk() if p.get_content_type() == "image/png"]
    assert chart.get_content().startswith(b"\x89PNG\r\n")
    assert "http://" not in page
    assert "<script" not in page
    assert "<link" not in page


def test_a_run_without_evaluations_has_no_chart(node: Node, post: Post) -> None:
    run, steps = a_run(node, mail(), outcome=Outcome.SUCCESS)
    bare = replace(run, definition={**run.definition, "steps": []})
    told(node, bare, steps[:1])
    assert not [p for p in post.mail.walk() if p.get_content_type() == "image/png"]
    assert "One step ran and nothing went wrong." in post.text()


@pytest.mark.requirement("A85")
def test_without_a_base_url_the_mail_says_where_to_set_one_and_the_run_notes_it(tmp_path: Path) -> None:
    node = a_node(tmp_path, base_url="")
    with mail_server() as post:
        settings = {"host": "127.0.0.1", "port": post.port, "encryption": "none", "sender": "p@example.org"}
        connections.define(node, "office", {"type": "smtp", **settings})
        letter = sent(node, mail())
        own = sent(node, mail(body="See ${scenarioRunURL}."))
        jinja = sent(node, mail(body="See {{ scenarioRunURL }}.", engine="jinja"))
        silent = sent(node, mail(body="No link."))
    first, second, third, _ = post.mails
    page, words = first.get_body(("html",)), first.get_body(("plain",))
    assert page is not None
    assert words is not None
    for part in (page, words):
        assert "base_url" in part.get_content()
        assert "PENSTOCK_BASE_URL" in part.get_content()
    for plain in (second, third):
        assert plain.get_content().strip() == "See (no link: an administrator has to set base_url)."
    for report in (letter, own, jinja):
        assert any("base_url in config.yaml" in note for note in report["notes"])
    assert silent["notes"] == []


# people -------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A86")
def test_copies_blind_ones_and_variables_in_recipients(node: Node, post: Post) -> None:
    variables = {"team": ["bob@example.org", "cyd@example.org"], "boss": "dan@example.org"}
    report = sent(
        node, mail(["ann@example.org", "${team}"], cc="${boss}", bcc=["eve@example.org"], body="x"), variables
    )
    assert report["why"] == "sent to 5 recipients"
    assert post.mail["To"] == "ann@example.org, bob@example.org, cyd@example.org"
    assert post.mail["Cc"] == "dan@example.org"
    assert post.mail["Bcc"] is None
    assert len(post.envelopes[0]) == 5


@pytest.mark.parametrize(
    "to",
    [
        "Ann <ann@example.org>, bob@example.org",
        "ann@example.org; bob@example.org",
        '["ann@example.org", "bob@example.org"]',
        ["ann@example.org", "bob@example.org", "ann@example.org"],
        "${people}",
    ],
)
def test_recipients_may_be_written_in_many_ways(node: Node, post: Post, to: Any) -> None:
    sent(node, mail(to, body="x"), {"people": "ann@example.org,bob@example.org"})
    assert post.envelopes == [["ann@example.org", "bob@example.org"]]


@pytest.mark.requirement("A86")
@pytest.mark.parametrize("engine", ["variables", "jinja"])
def test_everybody_may_get_a_mail_of_their_own(node: Node, post: Post, engine: str) -> None:
    people = {"ann@example.org": {"name": "Ann"}, "bob@example.org": {"name": "Bob & Co"}}
    text = "Hello ${mailVariables_name}" if engine == "variables" else "Hello {{ mailVariables_name }}"
    report = sent(node, mail(people, body=text, subject=text, engine=engine))
    assert report["why"] == "sent to 2 recipients"
    assert post.envelopes == [["ann@example.org"], ["bob@example.org"]]
    assert [str(m["Subject"]) for m in post.mails] == ["Hello Ann", "Hello Bob & Co"]
    assert [m.get_content().strip() for m in post.mails] == ["Hello Ann", "Hello Bob & Co"]


@pytest.mark.parametrize("to", ["ann", "ann@example.org bob@example.org", ["@x"], '["ann@"]'])
def test_what_is_no_address_is_refused_when_it_is_saved(to: Any) -> None:
    with pytest.raises(InvalidDefinition, match="is not a mail address"):
        registry.parse("reporters", mail(to))


def test_a_variable_that_holds_no_address_fails_the_report_and_names_it(node: Node, post: Post) -> None:
    [report] = told(node, *a_run(node, mail("${boss}")), {"boss": "nobody"})
    assert report["state"] == "failed"
    assert "'nobody' is not a mail address" in report["why"]


def test_the_usual_subject_is_filled_in_whatever_the_engine_of_the_body(node: Node, post: Post) -> None:
    sent(node, mail(engine="jinja", body="{{ outcome }}"))
    assert post.mail["Subject"] == f"[{KEY}] Data drift monitor: WARNING"
    sent(node, mail(engine="jinja", subject="{{ outcome }} ${outcome}", body="x"))
    assert post.mails[-1]["Subject"] == "WARNING ${outcome}"


def test_nobody_to_write_to_is_told(node: Node, post: Post) -> None:
    [report] = told(node, *a_run(node, mail("${boss}")), {"boss": ""})
    assert "Nobody to write to" in report["why"]


# attachments --------------------------------------------------------------------------------------------------------


@pytest.fixture
def data(node: Node, tmp_path: Path) -> None:
    a_project(node, {"datasets/late": {"type": "managed"}, "folders/papers": {}})
    fill(node, "late", carrier=["<b>UA</b>", "DL"], delay=[12.5, None])
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name)
    folders.put(node, KEY, "papers", [tmp_path / "one.txt", tmp_path / "two.txt"])


@pytest.mark.requirement("A86")
@pytest.mark.usefixtures("data")
def test_one_mail_carries_datasets_tables_files_and_a_page_about_the_evaluation(
    node: Node, post: Post
) -> None:
    wanted = [
        {"dataset": "late"}, {"dataset": "late", "form": "table"}, {"folder": "papers", "file": "one.txt"},
        {"evaluation": STORE},
    ]  # fmt: skip
    report = sent(node, mail(body="<p>See below.</p>", attachments=wanted))
    files = post.attached()
    assert report["notes"] == []
    assert set(files) == {"late.csv", "one.txt", f"{STORE}-m8.html"}
    assert files["late.csv"].decode().splitlines()[0] == "carrier,delay"
    assert files["one.txt"] == b"one.txt"
    assert b"Data Drift" in files[f"{STORE}-m8.html"]
    assert b"<svg" in files[f"{STORE}-m8.html"]
    assert "&lt;b&gt;UA&lt;/b&gt;" in post.html()
    assert "12.5" in post.html()


@pytest.mark.requirement("A86")
def test_a_dashboard_goes_with_the_mail_as_pdf(node: Node, post: Post) -> None:
    from penstock.runtime import dashboards

    words = {"type": "text", "markdown": "Hello"}
    dashboards.save(node, KEY, "d", {"pages": [{"tiles": [words]}]}, author="ann")
    report = sent(node, mail(body="x", attachments=[{"dashboard": "d"}, {"dashboard": "nowhere"}]))
    assert post.attached()["d.pdf"].startswith(b"%PDF")
    assert any("nowhere" in note for note in report["notes"])


@pytest.mark.requirement("D81")
@pytest.mark.usefixtures("data")
def test_the_wiki_goes_with_the_mail_whole_or_an_article_alone(node: Node, post: Post) -> None:
    from penstock.runtime import wiki

    wiki.create(node, KEY, "On call", text="Ask Ann.", author="ann")
    sent(node, mail(body="x", attachments=[{"wiki": "all"}, {"wiki": "on-call", "form": "html"}]))
    files = post.attached()
    assert files[f"{KEY}-wiki.pdf"].startswith(b"%PDF")
    assert b"Ask Ann." in files["on-call.html"]


@pytest.mark.usefixtures("data")
def test_a_table_stands_in_the_letter(node: Node, post: Post) -> None:
    sent(node, mail(attachments=[{"dataset": "late", "form": "table", "rows": 1}]))
    assert "&lt;b&gt;UA&lt;/b&gt;" in post.html()
    assert "DL" not in post.html()


@pytest.mark.usefixtures("data")
def test_all_files_of_a_folder_or_those_that_a_pattern_names(node: Node, post: Post) -> None:
    sent(node, mail(body="x", attachments=[{"folder": "papers"}]))
    sent(node, mail(body="x", attachments=[{"folder": "papers", "file": "${which}*"}]), {"which": "tw"})
    assert [[a.get_filename() for a in m.iter_attachments()] for m in post.mails] == [
        ["one.txt", "two.txt"],
        ["two.txt"],
    ]


@pytest.mark.usefixtures("data")
def test_an_attachment_that_cannot_be_made_is_noted_and_the_mail_goes_without_it(
    node: Node, post: Post
) -> None:
    wanted = [{"folder": "papers", "file": "three.txt"}, {"dataset": "nowhere"}, {"dataset": "late"}]
    report = sent(node, mail(body="x", attachments=wanted))
    assert set(post.attached()) == {"late.csv"}
    assert len(report["notes"]) == 2
    assert "There is no file 'three.txt'" in report["notes"][0]


@pytest.mark.usefixtures("data")
def test_what_is_too_big_is_left_out_and_noted(node: Node, post: Post) -> None:
    report = sent(node, mail(body="x", attachments=[{"folder": "papers"}], most_megabytes=0.00001))
    assert set(post.attached()) == {"one.txt"}
    assert "two.txt" in report["notes"][0]


def test_a_file_keeps_its_bytes_on_the_way_to_the_child() -> None:
    from penstock.core.message import Delivery, Message

    every = bytes(range(256))
    message = Message(attachments=(Attachment(name="x", mime="application/x", content=every),))
    there = Delivery(connection={"type": "smtp"}, timeout=1, messages=(message,))
    assert Delivery.from_json(there.to_json()) == there


# the whole way ------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A83", "A84", "M86")
def test_a_scenario_that_warns_sends_its_mail_with_its_log(node: Node, post: Post) -> None:
    reporter = mail(
        subject='DSS scenario "${scenarioName}" issued a warning.', attachments=["log"],
        when="stepOutcome_MES_Warn == 'WARNING'",
    )  # fmt: skip
    steps = [{"type": "run_checks", "name": "MES_Warn", "items": [STORE]}]
    scenario = {"title": "Data drift monitor", "steps": steps, "reporters": [reporter]}
    node.projects.save(KEY, {"scenarios/monitor.yaml": json.dumps(scenario)}, author="ann", message="Monitor")
    run = scenarios.run_and_wait(node, KEY, "monitor", by="ann")
    assert run.outcome is Outcome.WARNING
    assert [(r["name"], r["state"], r["notes"]) for r in run.reports] == [("Warn", "sent", [])]
    assert post.mail["Subject"] == 'DSS scenario "Data drift monitor" issued a warning.'
    assert f"{BASE}/projects/{KEY}/scenarios/monitor/runs/{run.id}" in post.html()
    assert b"0.592 (> 0.55)" in post.attached()[f"monitor-{run.id}.log"]


@pytest.mark.requirement("A84")
def test_a_mail_of_a_step_after_a_failed_one_says_failed_and_why(node: Node, post: Post) -> None:
    letter = {key: value for key, value in mail().items() if key != "name"}
    steps = [
        {"type": "python", "name": "Look", "code": "raise ValueError('no data came')"},
        {"type": "send_message", "name": "Tell", "run_if": "some prior step failed", "reporter": letter},
    ]
    node.projects.save(KEY, {"scenarios/s.yaml": json.dumps({"steps": steps})}, author="ann", message="S")
    run = scenarios.run_and_wait(node, KEY, "s", by="ann", fail_on="")
    assert run.outcome is Outcome.FAILED
    for body in (post.text(), post.html()):
        assert "RUNNING" not in body
        assert "FAILED" in body
        assert "no data came" in body
    assert "has failed so far" in post.html()
