"""A state written by an earlier Penstock opens in this one, with everything in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from penstock.core.evaluation import Evaluation
from penstock.core.job import BuildMode, Job
from penstock.core.scenario import RunState, ScenarioRun
from penstock.core.user import User
from penstock.store import migrations
from penstock.store.blobs import DiskBlobs
from penstock.store.database import Database
from penstock.store.evaluations import SqlEvaluations
from penstock.store.rows import to_json
from penstock.store.runs import SqlRuns
from penstock.store.scenario_runs import SqlScenarioRuns
from penstock.store.tables import metadata
from penstock.store.users import SqlUsers

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BEFORE_0005 = sa.table(
    "evaluations",
    *(sa.column(name) for name in ("project", "store", "id", "detail", "sample")),
    sa.column("facts", sa.JSON),
)


def a_database_of_revision(number: str, place: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database as the Penstock of that day left it."""

    def only_so_far(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrations.HERE))
        config.attributes["connection"] = connection
        command.upgrade(config, number)

    with monkeypatch.context() as then:
        then.setattr(migrations, "upgrade", only_so_far)
        then.setattr(migrations, "head", lambda: number)
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
    assert now.revision == migrations.head() >= "0002"
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
    assert now.revision == migrations.head() >= "0003"
    assert SqlScenarioRuns(now, tmp_path / "logs").runs() == [run]
    users = SqlUsers(now)
    users.add(User(login="eva", created_at=NOW))
    assert [user.login for user in users.all()] == ["eva"]
    now.close()


def test_evaluations_of_the_fourth_revision_are_found_by_when_they_were_made(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = a_database_of_revision("0004", place, monkeypatch)
    made = [an_evaluation(id, at) for id, at in (("e1", NOW), ("e2", NOW + DAY), ("e3", NOW - DAY))]
    with old.write() as connection:
        for one in made:
            row = {
                "project": "P",
                "store": "s",
                "id": one.id,
                "facts": to_json(one),
                "detail": "",
                "sample": "",
            }
            connection.execute(BEFORE_0005.insert(), row)
    old.close()

    now = Database(place)
    assert now.revision == migrations.head() >= "0005"
    evaluations = SqlEvaluations(now, DiskBlobs(tmp_path))
    assert evaluations.list("P", "s") == made
    assert evaluations.latest("P", "s") == made[1]
    now.close()


def an_evaluation(id: str, at: datetime) -> Evaluation:
    return Evaluation(project="P", store="s", id=id, name=id, created_at=at, prediction_type="binary")


def test_the_migrations_make_the_tables_that_are_described(place: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    now = Database(place)
    with now.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    now.close()
