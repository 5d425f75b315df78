"""The state database: quick to open, many processes at once, never ahead of the program."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from penstock.core.errors import Invalid, Refused
from penstock.core.user import User
from penstock.store import migrations
from penstock.store.database import Database
from penstock.store.tables import metadata
from penstock.store.users import SqlUsers
from tests.states import penstock_states

NOW = datetime(2026, 3, 1, tzinfo=UTC)

CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from penstock.core.job import BuildMode, Job
from penstock.core.metric import MetricValue, ObjectKey
from penstock.store.database import Database
from penstock.store.metrics import SqlMetrics
from penstock.store.runs import SqlRuns

place, me = sys.argv[1:]
database = Database(place)
runs, metrics, now = SqlRuns(database, Path("logs")), SqlMetrics(database), datetime.now(UTC)
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


def children(place: str, program: str, count: int) -> list[str]:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, place, f"p{n}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(count)
    ]  # fmt: skip
    ended = [child.communicate() for child in started]
    assert [errors for _, errors in ended] == [""] * count
    return [output.strip() for output, _ in ended]


def test_processes_that_open_and_write_at_once_wait_for_each_other_and_each_item_has_one_claimer(
    place: str,
) -> None:
    won = children(place, CHILD, 4)
    assert sum(map(int, won)) == 40
    database = Database(place)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM metric_values")).scalar() == 160
        assert connection.execute(text("SELECT count(*) FROM latest_values")).scalar() == 1
    database.close()


def test_opening_what_is_up_to_date_loads_no_migrations(place: str) -> None:
    Database(place).close()
    program = "import sys; from penstock.store.database import Database\n"
    program += "Database(sys.argv[1]); print('alembic' in sys.modules)"
    assert children(place, program, 1) == ["False"]


def test_the_migrations_lead_to_the_tables_of_today(place: str) -> None:
    database = Database(place)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        found = [i for t in metadata.tables for i in inspect(connection).get_indexes(t)]
    indexes = {index["name"] for index in found if "duplicates_constraint" not in index}
    assert indexes == {index.name for table in metadata.tables.values() for index in table.indexes}
    assert database.revision == migrations.head()
    database.close()


def test_a_state_from_a_newer_program_is_refused(place: str) -> None:
    database = Database(place)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(Refused, match="newer Penstock"):
        Database(place)


def test_what_fails_in_the_middle_leaves_nothing(place: str) -> None:
    database = Database(place)

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
    assert database.revision == migrations.head()
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
from sqlalchemy import text
from penstock.store.database import Database
with Database(sys.argv[1]).write() as connection:
    connection.execute(text("INSERT INTO claims (project, item, job) VALUES ('P', 'a', 'theirs')"))
    print("writing", flush=True)
    time.sleep(600)
"""


def test_a_writer_that_is_killed_in_the_middle_gives_its_turn_to_the_next(place: str) -> None:
    database = Database(place)
    command = [sys.executable, "-c", HOLD, place]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        writer.kill()
        with database.write() as connection:
            connection.execute(text("INSERT INTO claims (project, item, job) VALUES ('P', 'a', 'mine')"))
    with database.read() as connection:
        assert connection.execute(text("SELECT job FROM claims")).scalars().all() == ["mine"]
    database.close()


def test_a_reader_sees_one_state_of_everything(place: str) -> None:
    database, count = Database(place), text("SELECT count(*) FROM claims")
    with database.read() as reading:
        before = reading.execute(count).scalar()
        with database.write() as connection:
            connection.execute(text("INSERT INTO claims (project, item, job) VALUES ('P', 'a', 'j')"))
        assert reading.execute(count).scalar() == before == 0
    with database.read() as reading:
        assert reading.execute(count).scalar() == 1
    database.close()


def test_the_character_nul_becomes_its_picture(database: Database) -> None:
    users = SqlUsers(database)
    users.add(User(login="eva", name="E\0va", groups=("a\0b", "c\\\\u0000"), created_at=NOW))
    eva = users.get("eva")
    assert (eva.name, eva.groups) == ("E␀va", ("a␀b", "c\\\\u0000"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("mysql://a@b/c", "cannot lie in mysql"), ("nonsense://", "cannot"), ("sqlite://", "in memory"),
    ],
)  # fmt: skip
def test_an_address_that_is_none_for_a_state_is_refused(words: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        Database(words)


def test_a_server_without_the_driver_or_without_the_database_is_refused_at_once(
    state_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = penstock_states.address(state_server, "no_such_database")
    with pytest.raises(Refused, match=r'cannot be opened.*"no_such_database" does not exist'):
        Database(url)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Refused, match=r"pip install 'penstock\[postgres\]'"):
        Database(url)
