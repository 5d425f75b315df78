"""Jobs, activities and what builds remember: the Runs port on SQL, with log files beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from penstock.core.errors import Conflict, NotFound
from penstock.core.job import Activity, BuildRecord, Job, JobState
from penstock.core.names import check_project_key
from penstock.store.again import begun_again
from penstock.store.database import Database, upsert
from penstock.store.rows import from_row, to_row
from penstock.store.tables import activities, build_records, claims, jobs

FINAL = [state.value for state in JobState if state.final]
JOB_LOG = "_job.log"
_ENDED = select(jobs.c.id).where(jobs.c.id == claims.c.job, jobs.c.state.in_(FINAL)).exists()


@begun_again
class SqlRuns:
    """The Runs port. Each verb is one short transaction; several processes may use it at once."""

    def __init__(self, database: Database, logs: Path) -> None:
        """`logs` is the folder under which each project keeps `<job>/<recipe>.log`."""
        self.database, self.logs = database, logs
        self._project_of = cache(self._read_project)

    def add_job(self, job: Job, activities: Sequence[Activity] = ()) -> None:
        try:
            with self.database.write() as connection:
                connection.execute(insert(jobs), to_row(job) | {"abort_requested": False})
                _save(connection, activities)
        except IntegrityError as error:
            raise Conflict(f"There is a job '{job.id}' already.") from error

    def update_job(self, job: Job) -> None:
        """Write what changed. A heartbeat or a request to stop that came meanwhile stays."""
        row = to_row(job)
        if job.heartbeat_at is None:
            del row["heartbeat_at"]
        with self.database.write() as connection:
            if not connection.execute(update(jobs).where(jobs.c.id == job.id), row).rowcount:
                raise NotFound("job", job.id)

    def save_activity(self, activity: Activity) -> None:
        with self.database.write() as connection:
            _save(connection, [activity])

    def job(self, id: str) -> Job:
        with self.database.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == id)).mappings().first()
        if row is None:
            raise NotFound("job", id)
        return from_row(Job, dict(row))

    def jobs(self, project: str = "", *, state: str = "", limit: int = 50, offset: int = 0) -> list[Job]:
        """Newest first; a limit of 0 = all."""
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
        query = query.where(jobs.c.project == project) if project else query
        query = query.where(jobs.c.state == state) if state else query
        return self._facts(Job, query.limit(limit or None).offset(offset or None))

    def count(self) -> int:
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(jobs)).scalar_one()

    def activities(self, job: str) -> list[Activity]:
        query = select(activities).where(activities.c.job == job)
        return self._facts(Activity, query.order_by(activities.c.position, activities.c.recipe))

    def heartbeat(self, job: str, at: datetime) -> None:
        with self.database.write() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job), {"heartbeat_at": at})

    def request_abort(self, job: str) -> bool:
        """Ask a job to stop; False when it had ended already. Raises NotFound for an unknown one."""
        self._project_of(job)
        running = (jobs.c.id == job) & jobs.c.state.not_in(FINAL)
        with self.database.write() as connection:
            return bool(connection.execute(update(jobs).where(running), {"abort_requested": True}).rowcount)

    def abort_requested(self, job: str) -> bool:
        with self.database.read() as connection:
            return bool(connection.execute(select(jobs.c.abort_requested).where(jobs.c.id == job)).scalar())

    def claim(self, project: str, items: Sequence[str], job: str) -> dict[str, str]:
        """Mark items as being built by a job, all or none. Returns {} on success, else item → blocking job.

        What a job that has ended forgot to release blocks nobody.
        """
        wanted = sorted(set(items))
        try:
            with self.database.write() as connection:
                _release_ended(connection, project)
                held = _held(connection, project, wanted)
                blocked = {item: holder for item, holder in held.items() if holder != job}
                free = [{"project": project, "item": i, "job": job} for i in wanted if i not in held]
                if free and not blocked:
                    connection.execute(insert(claims), free)
                return blocked
        except IntegrityError:  # another process took one between our look and our insert
            return self.claim(project, items, job)

    def release(self, job: str) -> None:
        with self.database.write() as connection:
            connection.execute(delete(claims).where(claims.c.job == job))

    def held(self, project: str) -> dict[str, str]:
        query = select(claims.c.item, claims.c.job).where(claims.c.project == project, ~_ENDED)
        with self.database.read() as connection:
            return dict(connection.execute(query).all())

    def holders(self) -> list[str]:
        with self.database.read() as connection:
            return list(connection.execute(select(claims.c.job).distinct()).scalars())

    def orphans(self, alive: Callable[[str], bool]) -> list[Job]:
        unfinished = self._facts(
            Job, select(jobs).where(jobs.c.state.not_in(FINAL)).order_by(jobs.c.created_at)
        )
        return [job for job in unfinished if not alive(job.owner)]

    def build_record(self, project: str, item: str) -> BuildRecord | None:
        query = select(build_records).where(build_records.c.project == project, build_records.c.item == item)
        return next(iter(self._facts(BuildRecord, query)), None)

    def build_records(self, project: str) -> dict[str, BuildRecord]:
        found = self._facts(BuildRecord, select(build_records).where(build_records.c.project == project))
        return {record.item: record for record in found}

    def save_build_records(self, records: Sequence[BuildRecord]) -> None:
        with self.database.write() as connection:
            upsert(connection, build_records, [to_row(record) for record in records])

    def forget_build(self, project: str, item: str) -> None:
        this = (build_records.c.project == project) & (build_records.c.item == item)
        with self.database.write() as connection:
            connection.execute(delete(build_records).where(this))

    def move(self, project: str, old: str, new: str) -> None:
        """Follow an object that was renamed. What was built from it is out of date then, and says why."""
        this = (build_records.c.project == project) & (build_records.c.item == old)
        with self.database.write() as connection:
            connection.execute(update(build_records).where(this), {"item": new})

    def delete_project(self, project: str) -> None:
        with self.database.write() as connection:
            for table in (jobs, claims, build_records):
                connection.execute(delete(table).where(table.c.project == project))
        self._project_of.cache_clear()
        shutil.rmtree(self.logs / check_project_key(project), ignore_errors=True)

    def log_path(self, job: str, recipe: str = "") -> Path:
        folder = self.logs / self._project_of(job) / job
        folder.mkdir(parents=True, exist_ok=True)
        return folder / (f"{recipe}.log" if recipe else JOB_LOG)

    def prune_logs(self, *, now: datetime, kept: int, days: int) -> int:
        """Drop the logs of ended jobs older than `days`, and all but the newest `kept` of each project.

        The jobs themselves stay in the list. Returns how many jobs lost their logs.
        """
        return sum(self._prune(folder, now - timedelta(days=days), kept) for folder in _folders(self.logs))

    def prune_jobs(self, *, now: datetime, kept: int, days: int) -> int:
        """Drop ended jobs with their logs: those older than `days`, and all but the newest `kept` of each project.

        What builds remember stays: nothing becomes out of date by it.
        """
        rank = func.row_number().over(
            partition_by=jobs.c.project, order_by=[jobs.c.created_at.desc(), jobs.c.id.desc()]
        )
        query = select(jobs.c.id, jobs.c.project, jobs.c.created_at, rank.label("rank"))
        ended = query.where(jobs.c.state.in_(FINAL)).subquery()
        beyond = or_(ended.c.rank > kept, ended.c.created_at < now - timedelta(days=days))
        with self.database.read() as connection:
            doomed = connection.execute(select(ended.c.id, ended.c.project).where(beyond)).all()
        for job, _ in doomed:
            with self.database.write() as connection:  # short ones: a build waits for nobody who tidies up
                connection.execute(delete(jobs).where(jobs.c.id == job))
        for job, project in doomed:
            shutil.rmtree(self.logs / project / job, ignore_errors=True)
        return len(doomed)

    def _prune(self, project: Path, oldest: datetime, kept: int) -> int:
        known = {job.id: job for job in self.jobs(project.name, limit=0)}
        ended = sorted(
            (job for folder in _folders(project) if (job := known.get(folder.name)) and job.state.final),
            key=lambda job: job.created_at, reverse=True,
        )  # fmt: skip
        doomed = [job for index, job in enumerate(ended) if index >= kept or job.created_at < oldest]
        for job in doomed:
            shutil.rmtree(project / job.id, ignore_errors=True)
        return len(doomed)

    def _read_project(self, job: str) -> str:
        return self.job(job).project

    def _facts(self, kind: type[Any], query: Any) -> list[Any]:
        with self.database.read() as connection:
            return [from_row(kind, dict(row)) for row in connection.execute(query).mappings()]


def _save(connection: Connection, found: Sequence[Activity]) -> None:
    upsert(connection, activities, [to_row(activity) for activity in found])


def _held(connection: Connection, project: str, items: list[str]) -> dict[str, str]:
    query = select(claims.c.item, claims.c.job).where(claims.c.project == project)
    wanted = set(items)
    return {item: job for item, job in connection.execute(query) if item in wanted}


def _release_ended(connection: Connection, project: str) -> None:
    connection.execute(delete(claims).where(claims.c.project == project, _ENDED))


def _folders(folder: Path) -> list[Path]:
    return [p for p in folder.iterdir() if p.is_dir()] if folder.exists() else []
