"""The state database: quick to open, many processes at once, never ahead of the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from penstock.core.errors import Refused
from penstock.store.database import Database, head
from penstock.store.tables import metadata

CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from penstock.core.job import BuildMode, Job
from penstock.core.metric import MetricValue, ObjectKey
from penstock.store.database import Database
from penstock.store.metrics import SqlMetrics
from penstock.store.runs import SqlRuns

home, me = Path(sys.argv[1]), sys.argv[2]
database = Database(home)
runs, metrics, now = SqlRuns(database, home / "logs"), SqlMetrics(database), datetime.now(UTC)
runs.add_job(Job(id=me, project="P", mode=BuildMode.REQUIRED, targets=(), initiator="i", created_at=now))
key = ObjectKey(project="P", type="dataset", name="d")
won = 0
for n in range(40):
    metrics.add_values([MetricValue(key=key, metric_id="m", data_type="BIGINT", value=str(n), computed_at=now)])
    runs.heartbeat(me, now)
    metrics.last(key)
    won += not runs.claim("P", [f"item{n}"], me)
print(won)
"""


def children(home: Path, program: str, count: int) -> list[str]:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(home), f"p{n}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(count)
    ]  # fmt: skip
    ended = [child.communicate() for child in started]
    assert [errors for _, errors in ended] == [""] * count
    return [output.strip() for output, _ in ended]


def test_processes_that_open_and_write_at_once_wait_for_each_other_and_each_item_has_one_claimer(
    tmp_path: Path,
) -> None:
    won = children(tmp_path, CHILD, 4)
    assert sum(map(int, won)) == 40
    database = Database(tmp_path)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM metric_values")).scalar() == 160
        assert connection.execute(text("SELECT count(*) FROM latest_values")).scalar() == 1
    database.close()


def test_opening_what_is_up_to_date_loads_no_migrations(tmp_path: Path) -> None:
    Database(tmp_path).close()
    program = "import sys; from pathlib import Path; from penstock.store.database import Database\n"
    program += "Database(Path(sys.argv[1])); print('alembic' in sys.modules)"
    assert children(tmp_path, program, 1) == ["False"]


def test_the_migrations_lead_to_the_tables_of_today(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        indexes = {i["name"] for t in metadata.tables for i in inspect(connection).get_indexes(t)}
    assert indexes == {index.name for table in metadata.tables.values() for index in table.indexes}
    assert database.revision == head()
    database.close()


def test_a_state_from_a_newer_program_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(Refused, match="newer Penstock"):
        Database(tmp_path)


def test_what_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path)

    def fail_halfway() -> None:
        with database.write() as connection:
            connection.execute(text("INSERT INTO claims (project, item, job) VALUES ('P', 'a', 'j')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM claims")).scalar() == 0
    database.close()


def test_an_address_serves_as_well_as_a_home(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/elsewhere/state.db")
    assert database.revision == head()
    assert (tmp_path / "elsewhere" / "state.db").exists()
    database.close()


def test_every_type_of_every_table_exists_on_postgresql_too() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex, CreateTable

    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        assert all(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
    sequence = metadata.tables["evaluations"].c.seq
    assert sequence.type.compile(dialect=dialect) == "BIGINT"


HOLD = """
import sys, time
from pathlib import Path
from penstock.store.database import Database
with Database(Path(sys.argv[1])).write():
    print("writing", flush=True)
    time.sleep(600)
"""


def test_a_writer_that_is_killed_in_the_middle_gives_its_turn_to_the_next(tmp_path: Path) -> None:
    database = Database(tmp_path)
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        writer.kill()
        with database.write() as connection:
            connection.execute(text("CREATE TABLE mine (x)"))
    with database.read() as connection:
        assert "mine" in inspect(connection).get_table_names()
