"""Univariate drift: every column compared on all rows of both sides, exactly, a column at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import cast

import pyarrow.compute as pc

from penstock.core import registry
from penstock.core.drift import DriftSettings, Evidence, Handling, Resolved, judge, resolve
from penstock.core.drift_report import ColumnDrift, DistanceResult, Missing, Univariate
from penstock.core.evaluation import Distance
from penstock.ml.bins import histogram
from penstock.ml.columns import Columns, ColumnSource, columns_of
from penstock.ml.extract import NotComparable
from penstock.ml.intervals import corrected, same_share, share_difference
from penstock.ml.profile import CategoricalProfile, ColumnProfile

Progress = Callable[[int, int, str], None]
"""Called as (columns done, columns in all, name just done). What it raises stops the work between columns."""

TESTS = ("ks", "chi_square")
"""Of these each column has one: its own test."""
NAMED_VALUES = 10
MANY_CATEGORIES = 1_000


def univariate(
    reference: ColumnSource,
    current: ColumnSource,
    roles: Mapping[str, str] | None = None,
    settings: DriftSettings | None = None,
    *,
    progress: Progress | None = None,
) -> Univariate:
    """Compare every column of two sides; uses all rows, and memory for `settings.threads` columns.

    roles     feature → numerical, categorical, text, or any other word for "not used by the model". When given,
              only these columns are looked at and types are never inferred; columns outside are left out unless
              the settings name them. None: every column, by its storage type.
    progress  called after each column; an exception it raises stops the work within a column and comes out here.

    A column that cannot be compared is a row with `handling` ignored and the reason, never an exception.
    """
    settings = settings or DriftSettings()
    sides = columns_of(reference), columns_of(current)
    names = _names(sides, roles, settings)
    rows: list[ColumnDrift] = []
    present = frozenset(sides[0].names), frozenset(sides[1].names)
    for row in _in_order(_Task(*sides, roles, settings, _distances(settings), present), names):
        rows.append(row)
        if progress is not None:
            progress(len(rows), len(names), row.column)
    judged = _judged(rows, settings)
    return Univariate(
        columns=tuple(judged), warnings=tuple(_warnings(judged)), confidence_level=settings.confidence_level
    )


def _names(
    sides: tuple[Columns, Columns], roles: Mapping[str, str] | None, settings: DriftSettings
) -> list[str]:
    known = list(dict.fromkeys((*sides[0].names, *sides[1].names)))
    if roles is None:
        return known
    present = set(known)
    asked = [n for n in settings.columns if n in present and n not in roles]
    return [*roles, *asked]


def _distances(settings: DriftSettings) -> dict[str, Distance]:
    kinds = {name: registry.kind("distances", name) for name in registry.names("distances")}
    wanted = {"bins": settings.bins, "confidence_level": settings.confidence_level}
    return {
        name: cast(Distance, kind(**{k: v for k, v in wanted.items() if k in kind.model_fields}))
        for name, kind in kinds.items()
    }


@dataclass(frozen=True, slots=True)
class _Task:
    reference: Columns
    current: Columns
    roles: Mapping[str, str] | None
    settings: DriftSettings
    distances: Mapping[str, Distance]
    names: tuple[frozenset[str], frozenset[str]]

    @property
    def _sides(self) -> tuple[Columns, Columns]:
        return self.reference, self.current

    def __call__(self, name: str) -> ColumnDrift:
        """One row, not yet judged, because the correction of p-values needs all of them."""
        how = self._resolved(name)
        try:
            if how.handling in ("ignored", "text"):
                raise NotComparable(
                    how.reason or "Texts are compared by their embeddings, not by this analysis."
                )
            reference, current = self._profile(name, how.handling)
        except NotComparable as reason:
            kept: Handling = "text" if how.handling == "text" else "ignored"
            return ColumnDrift(column=name, handling=kept, default_handling=how.default, reason=str(reason))
        return self._compared(name, how, reference, current)

    def _resolved(self, name: str) -> Resolved:
        held = [side for side, names in zip(self._sides, self.names, strict=True) if name in names]
        natural: Handling = held[0].natural(name) if held else "ignored"
        role = None if self.roles is None else self.roles.get(name, "unused")
        return resolve(self.settings.column(name), role=role, by_type=natural)

    def _profile(self, name: str, handling: Handling) -> tuple[ColumnProfile, ColumnProfile]:
        for names, word in zip(self.names, ("reference", "current"), strict=True):
            if name not in names:
                raise NotComparable(f"The {word} data has no column '{name}'.")
        return self.reference.profile(name, handling), self.current.profile(name, handling)

    def _compared(
        self, name: str, how: Resolved, reference: ColumnProfile, current: ColumnProfile
    ) -> ColumnDrift:
        new, count = _new_values(reference, current)
        return ColumnDrift(
            column=name, handling=how.handling, default_handling=how.default,
            reference_rows=reference.rows, current_rows=current.rows,
            distances={
                kind: distance.between(reference, current)
                for kind, distance in self.distances.items()
                if how.handling in distance.SERVES
            },
            missing=_missing(reference, current, self.settings.confidence_level),
            histogram=histogram(reference, current, self.settings.bins) if self.settings.histograms else None,
            new_values=new, new_values_count=count,
        )  # fmt: skip


def _in_order(task: _Task, names: list[str]) -> Iterator[ColumnDrift]:
    """Rows in the order of the names, `threads` columns at a time and never more in memory."""
    threads = task.settings.threads
    if threads == 1 or len(names) < 2:
        yield from map(task, names)
        return
    waiting: deque[Future[ColumnDrift]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="drift")
    try:
        for name in names:
            waiting.append(pool.submit(task, name))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _missing(reference: ColumnProfile, current: ColumnProfile, confidence: float) -> Missing | None:
    a, n, b, m = reference.missing, reference.rows, current.missing, current.rows
    if not n or not m:
        return None
    low, high = share_difference(a, n, b, m, confidence)
    return Missing(
        reference=a / n, current=b / m, difference=b / m - a / n, lower=low, upper=high,
        p_value=same_share(a, n, b, m),
    )  # fmt: skip


def _new_values(reference: ColumnProfile, current: ColumnProfile) -> tuple[tuple[str, ...], int]:
    if not isinstance(reference, CategoricalProfile) or not isinstance(current, CategoricalProfile):
        return (), 0
    fresh = pc.invert(pc.is_in(current.labels, value_set=reference.labels))
    labels, counts = current.labels.filter(fresh), current.counts[fresh.to_numpy(zero_copy_only=False)]
    top = (-counts).argsort(kind="stable")[:NAMED_VALUES]
    return tuple(text[:80] for text in labels.take(top).to_pylist()), len(labels)


def _judged(rows: list[ColumnDrift], settings: DriftSettings) -> list[ColumnDrift]:
    """Corrected over the columns: their own tests together – KS or chi-square, one each –, then any other p-value."""
    others = dict.fromkeys(k for row in rows for k in row.distances if k not in TESTS)
    for kinds in (TESTS, *((kind,) for kind in others)):
        found = [next((k for k in kinds if k in row.distances), "") for row in rows]
        fixed = corrected([_p(row.distances.get(k)) for row, k in zip(rows, found, strict=True)])
        rows = [_with_corrected(row, k, p) for row, k, p in zip(rows, found, fixed, strict=True)]
    gone = corrected([row.missing.p_value if row.missing else None for row in rows])
    rows = [
        replace(row, missing=replace(row.missing, corrected_p=p)) if row.missing else row
        for row, p in zip(rows, gone, strict=True)
    ]
    return [_with_verdict(row, settings) for row in rows]


def _p(result: DistanceResult | None) -> float | None:
    return result.p_value if result else None


def _with_corrected(row: ColumnDrift, kind: str, p: float | None) -> ColumnDrift:
    if p is None:
        return row
    return replace(row, distances={**row.distances, kind: replace(row.distances[kind], corrected_p=p)})


def _with_verdict(row: ColumnDrift, settings: DriftSettings) -> ColumnDrift:
    if row.handling in ("ignored", "text"):
        return row
    verdict, because = judge(_evidence(row), settings)
    return replace(row, verdict=verdict, because=because)


def _evidence(row: ColumnDrift) -> Evidence:
    nothing = DistanceResult()
    test = next((row.distances[k] for k in TESTS if k in row.distances), nothing)
    psi = row.distances.get("psi") or nothing
    missing = row.missing
    reference_gone = round(missing.reference * row.reference_rows) if missing else 0
    current_gone = round(missing.current * row.current_rows) if missing else 0
    return Evidence(
        reference_rows=row.reference_rows, current_rows=row.current_rows,
        reference_size=row.reference_rows - reference_gone, current_size=row.current_rows - current_gone,
        test_p=test.corrected_p, effect=test.effect, psi=psi.value, psi_p=psi.corrected_p,
        missing_p=missing.corrected_p if missing else None,
        missing_difference=missing.difference if missing else None,
    )  # fmt: skip


def _warnings(rows: list[ColumnDrift]) -> Iterator[str]:
    for row in rows:
        if row.new_values_count > MANY_CATEGORIES:
            yield (
                f"Column '{row.column}' has {row.new_values_count:,} categories that the reference never had. "
                "It looks like an identifier: exclude it from the drift columns."
            )
        elif row.new_values_count:
            more = row.new_values_count - len(row.new_values)
            named = ", ".join(f"'{v}'" for v in row.new_values) + (f" and {more} more" if more > 0 else "")
            yield f"Column '{row.column}' has categories that the reference never had: {named}."
        if row.handling == "ignored":
            yield f"Column '{row.column}' was left out: {row.reason}"
