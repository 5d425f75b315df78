"""What use cases check of their caller by themselves, whichever door was used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import ConnectionNotAllowed, NotAllowed, NotFound
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.runtime import (
    audit,
    caller,
    connections,
    datasets,
    jobs,
    people,
    projects,
    scenarios,
    users,
    variables,
)
from penstock.testing import KEY, a_node, a_project, fill

STEPS = {"steps": [{"type": "define_variables", "values": {"x": 1}}]}
FLOW = {
    "datasets/raw": {"type": "managed"}, "datasets/out": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "out"},
}  # fmt: skip
PYTHON = {"type": "python", "name": "c", "code": "def process(): 0"}
CODE = {"type": "python", "inputs": ["raw"], "outputs": ["out"], "body": "print(1)\n"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, FLOW)
    fill(made, "raw", n=[1])
    scenarios.save(made, KEY, "free", STEPS, author="ann")
    scenarios.save(made, KEY, "robot", {**STEPS, "run_as": "ann"}, author="ann")
    return made


@contextmanager
def asked_by(node: Node, login: str, *rights: str) -> Iterator[None]:
    """Somebody with these rights in the project asks over HTTP."""
    if node.users.find(login) is None:
        users.add(node, login)
    if rights:
        people.grant(node, KEY, rights, user=login, by="ann")
    with caller.calling() as asking:
        asking.who = users.identity(node, login)
        yield


@pytest.mark.requirement("A70")
def test_with_only_run_scenarios_one_runs_what_says_as_whom_it_runs_and_nothing_else(node: Node) -> None:
    with asked_by(node, "bob", "run scenarios"):
        run = scenarios.start(node, KEY, "robot", by="bob")
        assert (run.asked_by, run.run_as) == ("bob", "ann")
        with pytest.raises(NotAllowed, match="free does not"):
            scenarios.start(node, KEY, "free", by="bob")
        with pytest.raises(NotAllowed, match="“write” in project DEMO"):
            projects.define(node, KEY, "dataset", "more", {"type": "managed"}, author="bob")
    assert scenarios.wait(node, run.id).outcome is Outcome.SUCCESS
    with asked_by(node, "cleo", "write"):
        assert scenarios.start(node, KEY, "free", by="cleo").run_as == "ann"


@pytest.mark.requirement("A70")
def test_readers_see_runs_and_jobs_and_stop_none(node: Node) -> None:
    run = scenarios.start(node, KEY, "free")
    job = jobs.build(node, KEY, ["out"])
    with asked_by(node, "bob", "read"):
        assert scenarios.show(node, run.id).id == run.id
        assert jobs.show(node, job.id).id == job.id
        for stop in (
            lambda: scenarios.abort(node, run.id),
            lambda: scenarios.abort_current(node, KEY, "free"),
        ):
            with pytest.raises(NotAllowed, match="run scenarios"):
                stop()
        for stop in (lambda: jobs.abort(node, job.id), lambda: jobs.start_again(node, job.id)):
            with pytest.raises(NotAllowed, match="write"):
                stop()
    assert not scenarios.show(node, run.id).state.final
    with asked_by(node, "cleo", "run scenarios"):
        assert scenarios.abort(node, run.id)


def test_nobody_reaches_runs_and_jobs_of_projects_they_do_not_know(node: Node) -> None:
    run, job = scenarios.start(node, KEY, "free"), jobs.build(node, KEY, ["out"])
    looks: list[Callable[[], Any]] = [
        lambda: scenarios.show(node, run.id), lambda: scenarios.log(node, run.id), lambda: jobs.show(node, job.id),
        lambda: jobs.activities(node, job.id), lambda: scenarios.steps(node, run.id),
    ]  # fmt: skip
    with asked_by(node, "eve"):
        for look in looks:
            with pytest.raises(NotFound):
                look()


@pytest.mark.requirement("A97")
def test_the_audit_names_who_clicked_and_the_run_whom_it_runs_as(node: Node) -> None:
    with asked_by(node, "bob", "run scenarios"):
        scenarios.start(node, KEY, "robot", by="bob")
    record = audit.latest(node, msg_type="scenario-run")[0]
    assert (record["user"], record["run_as"], record["object"]) == ("bob", "ann", "scenario:robot")


def test_reading_data_is_not_yet_taking_it_away(node: Node, tmp_path: Path) -> None:
    with asked_by(node, "bob", "read"):
        assert datasets.head(node, KEY, "raw").rows == ({"n": 1},)
        with pytest.raises(NotAllowed, match="export datasets"):
            datasets.export(node, KEY, "raw", tmp_path / "raw.csv")
    assert not (tmp_path / "raw.csv").exists()
    with asked_by(node, "cleo", "export datasets"):
        assert datasets.export(node, KEY, "raw", tmp_path / "raw.csv").exists()


@pytest.mark.requirement("A99")
def test_whoever_lacks_write_changes_no_definition_by_any_use_case(node: Node) -> None:
    changes: list[Callable[[], Any]] = [
        lambda: projects.remove(node, KEY, "recipe", "copy", author="bob"),
        lambda: projects.rename(node, KEY, "raw", "rare", author="bob"),
        lambda: projects.revert(node, KEY, "HEAD", author="bob"),
        lambda: variables.assign(node, KEY, {"x": 1}, author="bob"),
        lambda: scenarios.switch(node, KEY, "free", True, author="bob"),
        lambda: datasets.describe(node, KEY, "raw", [{"name": "n"}], author="bob"),
        lambda: projects.delete(node, KEY),
        lambda: projects.create(node, "MINE", author="bob"),
    ]  # fmt: skip
    with asked_by(node, "bob", "read", "write dashboards", "run scenarios"):
        for change in changes:
            with pytest.raises(NotAllowed):
                change()
    assert len(node.projects.load(KEY).recipes) == 1


def test_only_people_who_may_write_code_bring_code(node: Node) -> None:
    with asked_by(node, "bob", "write"):
        for what, name, definition in (
            ("recipe", "copy", CODE),
            ("scenario", "s", {"steps": [{"type": "python", "code": "print(1)"}]}),
            ("dataset", "raw", {"type": "managed", "checks": [PYTHON]}),
        ):  # fmt: skip
            with pytest.raises(NotAllowed, match="write code"):
                projects.define(node, KEY, what, name, definition, author="bob")
        with pytest.raises(NotAllowed, match="write code"):
            node.projects.save(KEY, {"lib/x.py": "print(1)"}, author="bob", message="m")
        projects.define(node, KEY, "dataset", "raw", {"type": "managed", "title": "Raw"}, author="bob")
    users.save_group(node, "coders", permissions=["write code"])
    users.change(node, "bob", groups=["coders"])
    with asked_by(node, "bob"):
        projects.define(node, KEY, "recipe", "copy", CODE, author="bob")
    users.change(node, "bob", groups=[])
    with asked_by(node, "bob"):
        projects.define(node, KEY, "recipe", "copy", {**CODE, "title": "Copies"}, author="bob")
        with pytest.raises(NotAllowed, match="write code"):
            projects.define(node, KEY, "recipe", "copy", {**CODE, "body": "print(2)\n"}, author="bob")


def test_the_list_of_authorised_objects_has_keepers_of_its_own(node: Node) -> None:
    with asked_by(node, "bob", "write"), pytest.raises(NotAllowed, match="authorise objects"):
        people.authorise(node, KEY, "dataset", "raw", by="bob")
    settings = node.projects.load(KEY).settings
    changed = settings.changed(authorised=[{"sort": "dataset", "name": "raw"}])
    with asked_by(node, "bob"), pytest.raises(NotAllowed, match="authorise objects"):
        node.projects.save(KEY, {"project.yaml": changed}, author="bob", message="m")
    with asked_by(node, "cleo", "read", "authorise objects"):
        people.authorise(node, KEY, "dataset", "raw", by="cleo")
        with pytest.raises(NotAllowed, match="“write”"):
            node.projects.save(KEY, {"project.yaml": changed.changed(title="T")}, author="cleo", message="m")


def test_an_authorised_scenario_is_run_from_a_dashboard(node: Node) -> None:
    people.authorise(node, KEY, "scenario", "robot", ["RUN"], by="ann")
    people.authorise(node, KEY, "scenario", "free", ["READ"], by="ann")
    with asked_by(node, "bob", "read dashboards"):
        assert scenarios.start(node, KEY, "robot", by="bob").asked_by == "bob"
        with pytest.raises(NotAllowed, match="not authorised"):
            scenarios.start(node, KEY, "free", by="bob")


TABLE: dict[str, Any] = {"type": "sql_table", "connection": "warehouse", "table": "sales"}
PROBE = {"type": "sql", "name": "mine", "query": "SELECT count(*) AS n FROM secrets"}


def test_only_who_may_use_a_connection_makes_datasets_on_it_or_sends_sql_to_it(node: Node) -> None:
    words = {"type": "postgresql", "host": "h", "database": "d", "user": "u", "allowed": ["cleo"]}
    connections.define(node, "warehouse", words)
    with asked_by(node, "bob", "write"):
        with pytest.raises(ConnectionNotAllowed, match="bob may not use connection"):
            projects.define(node, KEY, "dataset", "sales", TABLE, author="bob")
        with pytest.raises(ConnectionNotAllowed, match="bob may not use connection"):
            node.projects.save(
                KEY, {"flow/datasets/sales.yaml": "{type: sql_table, connection: warehouse, table: x}"},
                author="bob", message="Text",
            )  # fmt: skip
        asks = {"type": "sql", "connection": "warehouse", "query": "SELECT 1"}
        with pytest.raises(ConnectionNotAllowed, match="bob may not use connection"):
            scenarios.save(node, KEY, "s", {"steps": [asks]}, author="bob")
    with asked_by(node, "cleo", "write"):
        projects.define(node, KEY, "dataset", "sales", TABLE, author="cleo")
    with asked_by(node, "bob", "write"):
        described = {**TABLE, "short_description": "Sales"}
        projects.define(node, KEY, "dataset", "sales", described, author="bob")
        with pytest.raises(ConnectionNotAllowed, match="bob may not use connection"):
            projects.define(node, KEY, "dataset", "sales", {**TABLE, "probes": [PROBE]}, author="bob")
