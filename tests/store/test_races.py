"""Several at once at the same thing: on SQLite by turns, on PostgreSQL really."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from penstock.core.errors import ActiveVersion, Conflict, NotFound
from penstock.core.evaluation import Evaluation
from penstock.core.metric import MetricValue, ObjectKey
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun
from penstock.store import again, scenario_runs
from penstock.store.again import begun_again
from penstock.store.blobs import DiskBlobs
from penstock.store.database import Database
from penstock.store.evaluations import SqlEvaluations
from penstock.store.metrics import SqlMetrics
from penstock.store.models import SqlModels
from penstock.store.scenario_runs import SqlScenarioRuns
from penstock.store.tables import active_versions, claims, model_versions

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=60)
THREADS, ROUNDS = 4, 15


def together(*acts: Callable[[], Any]) -> None:
    """Do all of them at the same moment; whatever one raises is raised here."""
    raised: list[BaseException] = []
    gate = threading.Barrier(len(acts))

    def attempt(act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001  it is raised below
            raised.append(error)

    threads = [threading.Thread(target=attempt, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def test_nobody_waits_in_line_behind_a_run_that_has_ended(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = SqlScenarioRuns(database, tmp_path)

    def ask(id: str) -> None:
        run = ScenarioRun(
            id=id, project="P", scenario="s", definition={}, state=RunState.QUEUED, asked_at=NOW, asked_by="eva",
            run_as="eva",
        )  # fmt: skip
        runs.ask(run, on_conflict="queue one")

    ask("first")
    first = runs.claim("me", NOW, LEASE)
    assert first is not None
    ended = replace(first, state=RunState.DONE, outcome=Outcome.SUCCESS, ended_at=NOW)
    ending = threading.Thread(target=lambda: runs.save(ended, owner="me"))
    row = scenario_runs._row

    def meanwhile(run: ScenarioRun) -> dict[str, Any]:
        """The first run ends just when the second one has seen it and lines up behind it."""
        if run.id == "second" and ending.ident is None:
            ending.start()
            ending.join(0.3)
        return row(run)

    monkeypatch.setattr(scenario_runs, "_row", meanwhile)
    ask("second")
    ending.join()
    second = runs.claim("me", NOW, LEASE)
    assert second is not None, "it waits, and nobody may take it"
    assert second.id == "second"


def test_an_evaluation_written_by_several_at_once_is_one(database: Database, tmp_path: Path) -> None:
    store = SqlEvaluations(database, DiskBlobs(tmp_path))

    def save(id: str, n: int) -> None:
        found = Evaluation(project="P", store="s", id=id, name=f"n{n}", created_at=NOW, prediction_type=None)
        store.save(found, detail={"n": n}, sample=None)

    for round in range(ROUNDS):
        together(*(lambda r=round, n=n: save(f"e{r}", n) for n in range(THREADS)))  # type: ignore[misc]
        kept = store.get("P", "s", f"e{round}")
        assert f"n{store.detail(kept)['n']}" == kept.name
    assert store.count("P", "s") == ROUNDS


def test_the_active_version_is_always_one_that_is_there(database: Database, tmp_path: Path) -> None:
    models = SqlModels(database, DiskBlobs(tmp_path))

    def attempt(verb: Callable[..., Any], *words: str, **more: str) -> None:
        try:
            verb(*words, **more)
        except (NotFound, ActiveVersion):
            return

    for n in range(ROUNDS):
        old, new = f"old{n}", f"new{n}"
        with database.write() as connection:
            row = {"project": "P", "model": "m", "facts": {}, "files": ""}
            connection.execute(insert(model_versions), [row | {"id": old}, row | {"id": new}])
        models.activate("P", "m", old, by="eva")
        together(
            lambda new=new: attempt(models.activate, "P", "m", new, by="eva"),  # type: ignore[misc]
            lambda new=new: attempt(models.delete, "P", "m", new),  # type: ignore[misc]
        )
        with database.read() as connection:
            active = connection.execute(select(active_versions.c.version)).scalar_one()
            there = connection.execute(select(model_versions.c.id)).scalars().all()
        assert active in there


def test_values_of_the_same_metrics_written_by_several_at_once_never_wait_in_a_circle(
    database: Database,
) -> None:
    metrics, key = SqlMetrics(database), ObjectKey(project="P", type="dataset", name="d")

    def add(n: int) -> None:
        for round in range(ROUNDS):
            names = [f"m{i}" for i in range(20)][:: -1 if n % 2 else 1]
            metrics.add_values(
                [
                    MetricValue(
                        key=key, metric_id=name, data_type="BIGINT", value=f"{n}",
                        computed_at=NOW + timedelta(seconds=round),
                    )
                    for name in names
                ]
            )  # fmt: skip

    together(*(lambda n=n: add(n) for n in range(THREADS)))  # type: ignore[misc]
    assert len(metrics.history(key)) == THREADS * ROUNDS * 20
    assert {value.computed_at for value in metrics.last(key).values()} == {
        NOW + timedelta(seconds=ROUNDS - 1)
    }


@begun_again
class Circle:
    """A port whose verb changes two rows in the order it is told."""

    def __init__(self, database: Database) -> None:
        self.database, self.attempts = database, 0

    def change(self, first: str, second: str, gate: threading.Barrier | None) -> None:
        self.attempts += 1
        with self.database.write() as connection:
            for item in (first, second):
                this = update(claims).where(claims.c.item == item)
                connection.execute(this.values(job=f"{first}{second}"))
                if gate and not gate.broken and item == first:
                    try:
                        gate.wait(0.5)
                    except threading.BrokenBarrierError:
                        continue


def test_two_who_wait_for_each_other_both_end_well(database: Database) -> None:
    port = Circle(database)
    with database.write() as connection:
        connection.execute(insert(claims), [{"project": "P", "item": i, "job": ""} for i in "ab"])
    gate = threading.Barrier(2)
    together(lambda: port.change("a", "b", gate), lambda: port.change("b", "a", gate))
    with database.read() as connection:
        (job,) = set(connection.execute(select(claims.c.job)).scalars())
    assert job in ("ab", "ba")
    assert port.attempts == (3 if database.on_server else 2)


def test_who_is_always_in_the_way_is_told_so_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "PATIENCE", 0.05)

    def collide() -> None:
        raise again.Collision("Others changed it.")

    with pytest.raises(Conflict, match="Others changed it") as raised:
        again.patiently(collide)
    assert raised.value.code == "conflict"
