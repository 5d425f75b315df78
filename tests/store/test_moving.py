"""A state moves to another database, whole or not at all."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from penstock.core.errors import Conflict, Failed
from penstock.core.evaluation import Evaluation
from penstock.core.job import Activity, BuildMode, Job
from penstock.core.metric import MetricValue, ObjectKey
from penstock.core.user import User
from penstock.store import moving
from penstock.store.blobs import DiskBlobs
from penstock.store.database import Database
from penstock.store.evaluations import SqlEvaluations
from penstock.store.metrics import SqlMetrics
from penstock.store.runs import SqlRuns
from penstock.store.tables import metadata
from penstock.store.users import SqlUsers

NOW = datetime(2026, 3, 1, 12, 30, 15, 123_000, tzinfo=UTC)
KEY = ObjectKey(project="P", type="dataset", name="d")


def a_value(n: int) -> MetricValue:
    return MetricValue(key=KEY, metric_id=f"m{n % 3}", data_type="BIGINT", value=str(n), computed_at=NOW)


def filled(place: str, folder: Path) -> Database:
    """A state with something of everything that is difficult: keys that point, numbers that count, texts, JSON."""
    database = Database(place)
    job = Job(id="j", project="P", mode=BuildMode.REQUIRED, targets=("a",), initiator="eva", created_at=NOW)
    SqlRuns(database, folder).add_job(
        job, [Activity(job="j", recipe="r", position=0, outputs=("a",), reason="“x”")]
    )
    SqlUsers(database).add(User(login="eva", name="Éva 🦊", groups=("a\\b", "c"), admin=True, created_at=NOW))
    SqlMetrics(database).add_values([a_value(n) for n in range(2500)])
    evaluation = Evaluation(
        project="P", store="s", id="e", name="n", created_at=NOW, prediction_type="binary",
        metrics={"auc": 0.1 + 0.2, "tiny": 5e-324},
    )  # fmt: skip
    SqlEvaluations(database, DiskBlobs(folder)).save(evaluation, detail={}, sample=None)
    return database


@pytest.fixture
def other(place: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the other sort."""
    return (
        f"sqlite:///{tmp_path}/other.db" if "postgresql" in place else request.getfixturevalue("postgres").url
    )


@pytest.fixture
def old(place: str, tmp_path: Path) -> Database:
    return filled(place, tmp_path)


def counts(database: Database) -> dict[str, int]:
    with database.read() as c:
        return {
            t.name: c.execute(select(func.count()).select_from(t)).scalar_one()
            for t in metadata.sorted_tables
        }


def test_every_row_of_every_table_is_there_and_numbering_goes_on(
    old: Database, other: str, tmp_path: Path
) -> None:
    before, new = counts(old), Database(other)
    moved = moving.move(old, new)
    assert dict(moved.rows) == before == counts(old) == counts(new)
    assert moved.rows["metric_values"] == 2500
    for ports in (lambda d: SqlUsers(d).all(), lambda d: SqlMetrics(d).last(KEY), lambda d: SqlRuns(d, tmp_path).jobs(),
                  lambda d: SqlEvaluations(d, DiskBlobs(tmp_path)).get("P", "s", "e")):  # fmt: skip
        assert ports(old) == ports(new)
    SqlMetrics(new).add_values([a_value(9999)])
    assert len(SqlMetrics(new).history(KEY)) == 2501


def test_a_database_that_holds_a_state_already_is_left_alone(old: Database, other: str) -> None:
    new = Database(other)
    SqlUsers(new).add(User(login="adam", created_at=NOW))
    with pytest.raises(Conflict, match=r"its table users is not empty"):
        moving.move(old, new)
    assert sum(counts(new).values()) == 1


def test_what_is_not_the_same_after_copying_leaves_an_empty_database(old: Database, other: str) -> None:
    new = Database(other)
    trigger = (
        """CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'X'; RETURN NEW; END $$;
        CREATE TRIGGER lose BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION lose()"""
        if new.on_server
        else "CREATE TRIGGER lose AFTER INSERT ON users BEGIN UPDATE users SET name = 'X'; END"
    )
    with new.write() as connection:
        for statement in trigger.split(";\n"):
            connection.execute(text(statement))
    with pytest.raises(Failed, match="Table users is not the same"):
        moving.move(old, new)
    assert set(counts(new).values()) == {0}


def test_who_writes_to_the_old_state_waits_until_it_is_copied(
    old: Database, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = User(login="late", created_at=NOW)
    writer = threading.Thread(target=lambda: SqlUsers(old).add(late))

    def meanwhile(*_: object) -> None:
        if writer.ident is None:
            writer.start()
            writer.join(0.3)

    monkeypatch.setattr(moving, "_count_on", meanwhile)
    moved = moving.move(old, Database(other))
    writer.join()
    assert (moved.rows["users"], counts(old)["users"]) == (1, 2)
