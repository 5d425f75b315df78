"""The audit log: who, what, when, from where, how it ended; never a secret."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.core.access import Identity, Source
from penstock.core.errors import NotFound, NotSignedIn
from penstock.core.node import Node
from penstock.runtime import audit, caller, datasets, jobs, keys, people, projects, sessions, users
from penstock.store.audit import FileAudit
from penstock.testing import a_node, a_project, fill

from .clocks import Held


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return replace(a_node(tmp_path), clock=Held())


def types(node: Node) -> list[str]:
    return [str(record["msgType"]) for record in audit.latest(node)]


@pytest.mark.requirement("A100")
def test_a_line_says_who_did_what_to_which_object_when_and_from_where(node: Node, tmp_path: Path) -> None:
    with caller.calling() as asking:
        asking.who = Identity(login="eva", source=Source.SESSION, address="10.0.0.1")
        audit.note(
            node, "dataset-export", project="BANK", object="dataset:cards", duration=0.25, format="csv"
        )
    line = (tmp_path / "home/audit/audit.jsonl").read_text()
    assert json.loads(line) == {
        "timestamp": "2026-03-01T12:00:00.000Z", "msgType": "dataset-export", "user": "eva", "source": "session",
        "address": "10.0.0.1", "project": "BANK", "object": "dataset:cards", "result": "ok", "duration": 0.25,
        "format": "csv",
    }  # fmt: skip
    assert line.endswith("}\n")


def test_people_permissions_and_keys_leave_lines(node: Node) -> None:
    users.add(node, "eva", password="correct horse")
    projects.create(node, "BANK", author="ann")
    people.grant(node, "BANK", ["read"], user="eva", by="ann")
    made = keys.create_for_project(node, "BANK", ["read"], by="ann")
    keys.revoke(node, made.key.id, by="ann")
    sessions.sign_out(node, sessions.sign_in(node, "eva", "correct horse"))
    with pytest.raises(NotSignedIn):
        sessions.sign_in(node, "eva", "wrong guess")
    users.disable(node, "eva")
    assert types(node) == [
        "user-disable", "login", "logout", "login", "api-key-revoke", "api-key-create", "project-permissions-change",
        "project-create", "user-create",
    ]  # fmt: skip
    failed = audit.latest(node, msg_type="login")[0]
    assert (failed["user"], failed["result"]) == ("eva", "not-signed-in")
    change = audit.latest(node, msg_type="project-permissions-change")[0]
    assert (change["object"], change["permissions"], change["project"]) == ("user:eva", ["read"], "BANK")


def test_no_secret_gets_into_it(node: Node, tmp_path: Path) -> None:
    node.secrets.put("smtp", "hunter2hunter2")
    users.add(node, "eva", password="correct horse")
    made = keys.create_personal(node, by="eva")
    link = sessions.invite(node, "eva")
    session = sessions.sign_in(node, "eva", "correct horse")
    audit.note(node, "test", text="hunter2hunter2 it is", password="correct horse", some=["hunter2hunter2"])
    written = (tmp_path / "home/audit/audit.jsonl").read_text()
    for secret in ("hunter2", "correct horse", made.secret, link.secret, session):
        assert secret not in written
    assert audit.latest(node)[0]["text"] == "●●● it is"


def test_builds_reads_and_exports_leave_lines(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {
        "datasets/raw": {"type": "managed"}, "datasets/out": {"type": "managed"},
        "recipes/copy": {"type": "sync", "input": "raw", "output": "out"},
    })  # fmt: skip
    fill(node, "raw", n=[1, 2])
    jobs.build(node, "DEMO", ["out"], initiator="eva")
    datasets.export(node, "DEMO", "out", tmp_path / "out.csv")
    with caller.calling() as asking:
        asking.who = users.local(node)
        datasets.head(node, "DEMO", "out", 1)
    datasets.head(node, "DEMO", "out", 1)
    read, export, done, start = audit.latest(node)
    assert [r["msgType"] for r in (start, done)] == ["flow-job-start", "flow-job-done"]
    assert (start["user"], start["targets"], done["result"]) == ("eva", ["out"], "DONE")
    assert done["object"] == start["object"]
    assert (export["msgType"], export["object"], export["format"]) == ("dataset-export", "dataset:out", "csv")
    assert (read["msgType"], read["rows"]) == ("dataset-read-data-sample", 1)


def test_what_fails_is_told_with_its_reason(node: Node) -> None:
    with pytest.raises(NotFound), audit.noted(node, "project-export-download", project="NONE"):
        raise NotFound("project", "NONE")
    with audit.noted(node, "project-export-download", project="BANK") as facts:
        facts["commit"] = "abc"
    fine, failed = audit.latest(node)
    assert (fine["result"], fine["commit"]) == ("ok", "abc")
    assert (failed["result"], failed["error"]) == ("not-found", "There is no project 'NONE'.")


def test_events_are_found_by_type_user_project_text_and_time(node: Node) -> None:
    audit.note(node, "a", by="eva", project="P", object="dataset:cards")
    node.clock.passes(timedelta(hours=1))  # type: ignore[attr-defined]
    audit.note(node, "b", by="bob", project="Q", object="dataset:rates")
    assert len(audit.latest(node)) == 2
    assert [r["user"] for r in audit.latest(node, user="eva")] == ["eva"]
    assert [r["msgType"] for r in audit.latest(node, project="Q")] == ["b"]
    assert [r["msgType"] for r in audit.latest(node, text="CARDS")] == ["a"]
    assert [r["msgType"] for r in audit.latest(node, since=node.clock.now())] == ["b"]
    assert [r["msgType"] for r in audit.latest(node, limit=1)] == ["b"]


def test_files_turn_over_when_full_and_only_so_many_are_kept(tmp_path: Path) -> None:
    log = FileAudit(tmp_path, largest=200, kept=3)
    for n in range(60):
        log.add({"n": n, "text": "x" * 20})
    assert [path.name for path in log.files()] == ["audit.jsonl", "audit.1.jsonl", "audit.2.jsonl"]
    assert all(path.stat().st_size <= 200 for path in log.files())
    numbers = [record["n"] for record in log.newest_first()]
    assert numbers == list(range(59, 59 - len(numbers), -1))
    assert log.files()[0].stat().st_mode & 0o077 == 0


def test_a_line_cut_short_by_a_crash_hides_no_other(tmp_path: Path) -> None:
    log = FileAudit(tmp_path)
    log.add({"n": 1})
    with (tmp_path / "audit/audit.jsonl").open("a") as file:
        file.write('{"n": 2, "te\n')
    log.add({"n": "ü" * 70_000})
    assert [record["n"] for record in log.newest_first()] == ["ü" * 70_000, 1]
