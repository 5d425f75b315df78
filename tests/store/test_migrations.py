"""A state written by an earlier Penstock opens in this one, with everything in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from penstock.core.job import BuildMode, Job
from penstock.core.scenario import RunState, ScenarioRun
from penstock.core.user import User
from penstock.store import database as database_module
from penstock.store.database import MIGRATIONS, Database, head
from penstock.store.runs import SqlRuns
from penstock.store.scenario_runs import SqlScenarioRuns
from penstock.store.tables import metadata
from penstock.store.users import SqlUsers

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_database_of_revision(number: str, place: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database as the Penstock of that day left it."""

    def only_so_far(database: Database) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with database.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, number)

    with monkeypatch.context() as then:
        then.setattr("penstock.store.migrations.upgrade", only_so_far)
        then.setattr(database_module, "head", lambda: number)
        return Database(place)


def test_a_state_of_the_first_revision_keeps_its_jobs_and_can_run_scenarios(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = a_database_of_revision("0001", place, monkeypatch)
    assert old.revision == "0001"
    job = Job(id="j", project="P", mode=BuildMode.REQUIRED, targets=("a",), initiator="eva", created_at=NOW)
    SqlRuns(old, tmp_path / "logs").add_job(job)
    old.close()

    now = Database(place)
    assert now.revision == head() >= "0002"
    assert SqlRuns(now, tmp_path / "logs").jobs() == [job]
    run = ScenarioRun(
        id="r", project="P", scenario="s", definition={}, state=RunState.QUEUED, asked_at=NOW, asked_by="eva",
        run_as="eva",
    )  # fmt: skip
    runs = SqlScenarioRuns(now, tmp_path / "logs")
    assert runs.ask(run) == run
    assert runs.runs() == [run]
    now.close()


def test_a_state_of_the_second_revision_keeps_its_runs_and_can_hold_users(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = a_database_of_revision("0002", place, monkeypatch)
    run = ScenarioRun(
        id="r", project="P", scenario="s", definition={}, state=RunState.QUEUED, asked_at=NOW, asked_by="eva",
        run_as="eva",
    )  # fmt: skip
    SqlScenarioRuns(old, tmp_path / "logs").ask(run)
    old.close()

    now = Database(place)
    assert now.revision == head() >= "0003"
    assert SqlScenarioRuns(now, tmp_path / "logs").runs() == [run]
    users = SqlUsers(now)
    users.add(User(login="eva", created_at=NOW))
    assert [user.login for user in users.all()] == ["eva"]
    now.close()


def test_the_migrations_make_the_tables_that_are_described(place: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    now = Database(place)
    with now.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    now.close()
