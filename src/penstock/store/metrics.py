"""Metric values and check results with their history: the Metrics port on SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Delete, Table, Update, delete, update

from penstock.core.check import CheckResult
from penstock.core.metric import MetricValue, ObjectKey
from penstock.store.again import begun_again
from penstock.store.database import Database
from penstock.store.histories import History
from penstock.store.rows import columns_of, from_row, key_of, to_row
from penstock.store.tables import check_results, latest_results, latest_values, metric_values

VALUES = History(metric_values, latest_values, "metric_id")
RESULTS = History(check_results, latest_results, "check_id")


@begun_again
class SqlMetrics:
    """The Metrics port."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add_values(self, values: Sequence[MetricValue]) -> None:
        with self.database.write() as connection:
            VALUES.add(connection, [to_row(value) for value in values])

    def add_results(self, results: Sequence[CheckResult]) -> None:
        with self.database.write() as connection:
            RESULTS.add(connection, [to_row(result) for result in results])

    def last(self, key: ObjectKey) -> dict[str, MetricValue]:
        with self.database.read() as connection:
            return {row["metric_id"]: _value(row) for row in VALUES.last(connection, columns_of(key))}

    def history(self, key: ObjectKey, metric_id: str = "", *, limit: int = 0) -> list[MetricValue]:
        """Oldest first; a limit gives the newest that many, 0 = all."""
        with self.database.read() as connection:
            rows = VALUES.all(connection, columns_of(key), sort=metric_id, limit=limit)
        return [_value(row) for row in rows]

    def last_results(self, key: ObjectKey) -> dict[str, CheckResult]:
        with self.database.read() as connection:
            return {row["check_id"]: _result(row) for row in RESULTS.last(connection, columns_of(key))}

    def results(self, key: ObjectKey, check_id: str = "", *, limit: int = 0) -> list[CheckResult]:
        """Oldest first; a limit gives the newest that many, 0 = all."""
        with self.database.read() as connection:
            rows = RESULTS.all(connection, columns_of(key), sort=check_id, limit=limit)
        return [_result(row) for row in rows]

    def project_values(self, project: str, *, last_only: bool = False) -> list[MetricValue]:
        return [_value(row) for row in self._of_project(VALUES, project, last_only)]

    def project_results(self, project: str, *, last_only: bool = False) -> list[CheckResult]:
        return [_result(row) for row in self._of_project(RESULTS, project, last_only)]

    def forget_evaluations(self, project: str, store: str, ids: Sequence[str]) -> None:
        where = {"project": project, "object_type": "evaluation_store", "object": store}
        with self.database.write() as connection:
            for history in (VALUES, RESULTS):
                history.forget_evaluations(connection, where, list(ids))

    def forget(self, key: ObjectKey) -> None:
        with self.database.write() as connection:
            for history in (VALUES, RESULTS):
                history.forget(connection, key)

    def move(self, project: str, old: str, new: str) -> None:
        """Follow an object that was renamed, with its whole history."""
        self._each_table(project, lambda table: update(table).where(table.c.object == old).values(object=new))

    def delete_project(self, project: str) -> None:
        self._each_table(project, delete)

    def _each_table(self, project: str, statement: Callable[[Table], Update | Delete]) -> None:
        with self.database.write() as connection:
            for table in (metric_values, latest_values, check_results, latest_results):
                connection.execute(statement(table).where(table.c.project == project))

    def _of_project(self, history: History, project: str, last_only: bool) -> list[Mapping[str, Any]]:
        with self.database.read() as connection:
            read = history.last if last_only else history.all
            return read(connection, {"project": project})


def _value(row: Mapping[str, Any]) -> MetricValue:
    return from_row(MetricValue, {**row, "key": key_of(row)})


def _result(row: Mapping[str, Any]) -> CheckResult:
    return from_row(CheckResult, {**row, "key": key_of(row)})
