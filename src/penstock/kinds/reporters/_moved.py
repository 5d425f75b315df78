"""What moved most: the drifted columns of the evaluations that a run looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core.errors import PenstockError
from penstock.core.metric import DATA_DRIFT
from penstock.kinds.reporters import _bars

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext
    from penstock.core.drift_report import ColumnDrift, Univariate
    from penstock.core.report import EvaluationView

MOST = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column that drifted."""

    name: str
    effect: str
    """The effect size, 0 to 1."""
    percent: int
    """Length of its bar; 100 for the column that moved most."""
    bar: str
    """The same as letters."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The columns of one evaluation that drifted, the one that moved most first."""

    title: str
    """`What moved in 2013-11: 2 of 11 columns`."""
    columns: tuple[Column, ...]
    foot: str
    """What the bars are, and beside what; how many columns are not shown."""


def moved(ctx: ReportContext) -> list[Moved]:
    """For each evaluation store of the run whose newest evaluation has drifted columns."""
    stores = [course.item for course in ctx.courses() if course.metric_id == DATA_DRIFT]
    return [found for store in stores for found in _of(store, ctx)]


def _of(store: str, ctx: ReportContext) -> Iterator[Moved]:
    try:
        yield from told(ctx.evaluation(store))
    except PenstockError as error:
        ctx.note(f"The columns of {store} could not be read: {error}")


def told(view: EvaluationView) -> Iterator[Moved]:
    """What moved in one evaluation, unless nothing did."""
    univariate = view.drift.univariate if view.drift else None
    if univariate is None or not univariate.drifted:
        return
    drifted = _worst_first(univariate)
    judged = sum(c.verdict is not None for c in univariate.columns)
    longest = _effect(drifted[0]) or 1.0
    yield Moved(
        title=f"What moved in {view.evaluation.name}: {len(drifted)} of {judged} columns",
        columns=tuple(_column(c, longest) for c in drifted[:MOST]),
        foot=_foot(len(drifted[MOST:]), view.compared_with),
    )


def _foot(more: int, compared_with: str) -> str:
    beside = f", beside {compared_with}" if compared_with else ""
    return f"{f'And {more} more. ' if more else ''}Effect size: 0 = as before, 1 = wholly different{beside}."


def _worst_first(univariate: Univariate) -> list[ColumnDrift]:
    return sorted((c for c in univariate.columns if c.drifted), key=_effect, reverse=True)


def _effect(row: ColumnDrift) -> float:
    test = row.test()
    return (test.effect if test else None) or 0.0


def _column(row: ColumnDrift, longest: float) -> Column:
    share = _effect(row) / longest
    return Column(
        name=row.column, effect=f"{_effect(row):.2f}", percent=max(round(100 * share), 1), bar=_bars.bar(share)
    )  # fmt: skip
