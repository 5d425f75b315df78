"""Global drift: can a classifier tell current rows from reference rows?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core.drift import (
    DRIFT_DETECTED,
    FEW_ROWS,
    INCONCLUSIVE,
    DriftSettings,
    Handling,
    percent,
    resolve,
)
from penstock.core.drift_report import GlobalDrift
from penstock.ml.columns import natural_handling
from penstock.ml.encoding import Encoded, encode, identical_rows
from penstock.ml.extract import Counts, Floats
from penstock.ml.intervals import more_than_half, wilson
from penstock.ml.naming import naming_columns, one_valued

HELD_OUT = 0.3
LEAST_ROWS = 4
"""Fewer rows a side leave nothing to hold out."""
SMALL = 5_000_000
"""Cells up to which one thread learns fastest."""
BIG_GROUP = 0.01
"""Identical rows that are more than this share of all are not kept together: there they are mere chance."""
EXACT_ADDS = 0.05
"""Exact values worth so much more accuracy than rough ones name the side; otherwise the columns also moved."""


def global_drift(
    reference: pa.Table,
    current: pa.Table,
    roles: Mapping[str, str] | None = None,
    settings: DriftSettings | None = None,
) -> GlobalDrift:
    """The global drift score: accuracy of a domain classifier on held-out rows, with interval and exact test.

    Rows are balanced by a seeded draw of min(rows) from each side; 30 % are held out, identical rows on one side
    of the split; LightGBM learns to tell the sides apart from the drift columns. `roles` are the model's features
    (see `univariate`); without them every column both sides have is used. The same seed gives the same result
    with any number of threads. Never raises for odd columns: without a usable one the score is None, with a reason.
    """
    settings = settings or DriftSettings()
    sizes = GlobalDrift(
        reference_rows=reference.num_rows, current_rows=current.num_rows,
        confidence_level=settings.confidence_level,
    )  # fmt: skip
    each = min(reference.num_rows, current.num_rows)
    if each < LEAST_ROWS:
        return replace(sizes, reason=f"A drift score needs at least {LEAST_ROWS} rows on each side.")
    handling = drift_columns(reference.schema, current.schema, roles, settings)
    random = np.random.default_rng(settings.seed)
    drawn = [_drawn(side.select(list(handling)), each, random) for side in (reference, current)]
    encoded = encode(drawn[0], drawn[1], handling)
    if not encoded.names:
        return replace(sizes, reason="There is no column to tell the sides apart with.")
    return _scored(replace(sizes, drawn_each=each), encoded, settings, random)


def drift_columns(
    reference: pa.Schema, current: pa.Schema, roles: Mapping[str, str] | None, settings: DriftSettings
) -> dict[str, Handling]:
    """Which columns enter the drift model, and how: those on both sides, numerical or categorical, switched on."""
    shared = [name for name in reference.names if name in set(current.names)]
    found = {
        name: resolve(
            settings.column(name),
            role=None if roles is None else roles.get(name, "unused"),
            by_type=natural_handling(reference.field(name).type),
        ).handling
        for name in shared
    }
    return {name: how for name, how in found.items() if how in ("numerical", "categorical")}


def _drawn(side: pa.Table, each: int, random: np.random.Generator) -> pa.Table:
    """A random draw without replacement; a side that is no larger is taken whole."""
    if side.num_rows == each:
        return side
    return side.take(np.sort(random.choice(side.num_rows, each, replace=False)))


def _scored(
    sizes: GlobalDrift, encoded: Encoded, settings: DriftSettings, random: np.random.Generator
) -> GlobalDrift:
    each = sizes.drawn_each
    groups = identical_rows(encoded)
    held_out = _split(groups, random)
    trial = _trial(encoded, held_out, settings)
    level = settings.confidence_level
    low, high = wilson(trial.correct, trial.of, level)
    p = more_than_half(trial.correct, trial.of)
    detected = p <= settings.significance
    naming = naming_columns(encoded, trial.importance.tolist(), seed=settings.seed) if detected else ()
    numbers = bool({*naming} & {n for n, c in zip(encoded.names, encoded.categorical, strict=True) if not c})
    rough = _trial(encoded.coarse(naming), held_out, settings).accuracy if numbers else None
    without = _trial(encoded.without(naming), held_out, settings).accuracy if naming else None
    shares = percent(dict(zip(encoded.names, trial.importance.tolist(), strict=True)))
    result = replace(
        sizes, score=trial.accuracy, lower=low, upper=high, p_value=p, held_out=trial.of, correct=trial.correct,
        verdict=DRIFT_DETECTED if detected else INCONCLUSIVE, columns=encoded.names, importances=shares,
        naming=naming, score_without_naming=without, score_of_rough_naming=rough,
    )  # fmt: skip
    return replace(result, warnings=tuple(_warnings(result, encoded, _shared(groups, each))))


def _split(groups: Counts, random: np.random.Generator) -> Counts:
    """Rows to hold out: 30 %, as many of each side, small groups of identical rows whole.

    Twins on both sides of the split would be read back; an uneven split would make the classifier lean the wrong
    way on held-out rows.
    """
    rows = len(groups)
    many = np.bincount(groups)[groups] > max(2.0, BIG_GROUP * rows)
    _, own = np.unique(np.where(many, rows + np.arange(rows), groups), return_inverse=True)
    current = np.bincount(own, weights=np.arange(rows) >= rows // 2)
    sizes = np.bincount(own)
    mixed = (current > 0) & (current < sizes)
    chosen = _some(np.flatnonzero(mixed), sizes, HELD_OUT * sizes[mixed].sum(), random)
    wanted = max(2, round(HELD_OUT * rows)) - sizes[chosen].sum()
    reference_groups, current_groups = np.flatnonzero(current == 0), np.flatnonzero(current == sizes)
    first = _some(reference_groups, sizes, wanted // 2, random)
    second = _some(current_groups, sizes, wanted - wanted // 2, random)
    return np.flatnonzero(np.isin(own, np.concatenate([chosen, first, second])))


def _some(groups: Counts, sizes: Counts, rows: float, random: np.random.Generator) -> Counts:
    """Groups in random order until they hold so many rows."""
    order = random.permutation(groups)
    return order[sizes[order].cumsum() <= rows]


@dataclass(frozen=True, slots=True)
class _Trial:
    correct: int
    of: int
    importance: Floats

    @property
    def accuracy(self) -> float:
        return self.correct / self.of if self.of else 0.5


def _trial(encoded: Encoded, held_out: Counts, settings: DriftSettings) -> _Trial:
    """Learn on the other rows, count the held-out rows that are told right."""
    rows, features = encoded.features.shape
    is_current = np.arange(rows) >= rows // 2
    if not features:
        return _Trial(int((~is_current[held_out]).sum()), len(held_out), np.zeros(0))
    learned = np.delete(np.arange(rows), held_out)
    booster = _fitted(encoded, learned, is_current, settings)
    guess = booster.predict(encoded.features[held_out], num_threads=_threads(encoded, settings)) >= 0.5
    correct = int((guess == is_current[held_out]).sum())
    return _Trial(correct, len(held_out), np.asarray(booster.feature_importance("gain"), np.float64))


def _threads(encoded: Encoded, settings: DriftSettings) -> int:
    """Small data is learned on one thread: several would mostly wait for each other."""
    return settings.threads if encoded.features.size > SMALL else 1


def _fitted(encoded: Encoded, learned: Counts, is_current: Any, settings: DriftSettings) -> Any:
    import lightgbm

    rows = len(learned)
    data = lightgbm.Dataset(
        encoded.features[learned], is_current[learned].astype(np.float64),
        categorical_feature=np.flatnonzero(encoded.categorical).tolist(),
    )  # fmt: skip
    return lightgbm.train(
        {
            "objective": "binary", "learning_rate": 0.1, "num_leaves": int(np.clip(rows // 350, 7, 31)),
            "min_data_in_leaf": int(np.clip(rows // 40, 2, 20)), "min_data_per_group": 20, "cat_smooth": 5,
            "max_cat_threshold": 64, "seed": settings.seed, "num_threads": _threads(encoded, settings),
            "deterministic": True, "force_row_wise": True, "verbose": -1,
        },
        data, num_boost_round=100,
    )  # fmt: skip


def _shared(groups: Counts, each: int) -> float:
    """Share of current rows that the reference has too; 0 where rows recur within the reference anyway."""
    reference, current = groups[:each], groups[each:]
    if len(np.unique(reference)) < 0.95 * each:
        return 0.0
    return float(np.isin(current, reference).mean())


def _warnings(result: GlobalDrift, encoded: Encoded, shared: float) -> Iterator[str]:
    n = result.drawn_each
    if n < FEW_ROWS:
        yield f"Only {n} rows a side: under {FEW_ROWS} the score is uncertain."
    if shared > 0.05:
        yield (
            f"{100 * shared:.0f} % of the current rows are also in the reference. They look the same on both "
            "sides, so the score says little about the others."
        )
    if result.naming:
        yield _naming_warning(result)
    yield from (
        f"Column '{name}' has one value only in the current rows, and {many:,} in the reference."
        for name, many in one_valued(encoded).items()
    )
    yield from (
        f"Column '{name}' was left out of the drift model: {why}" for name, why in encoded.skipped.items()
    )
    name, share = max(result.importances.items(), key=lambda item: item[1])
    if (result.score or 0) >= 0.95 and share >= 80 and name not in result.naming:
        yield (
            f"Column '{name}' alone tells the sides apart. If it is an identifier or a time, exclude it from the "
            "drift columns."
        )


def _naming_warning(result: GlobalDrift) -> str:
    named = ", ".join(f"'{name}'" for name in result.naming)
    many = len(result.naming) > 1
    them, score, rough = "them" if many else "it", result.score or 0.0, result.score_of_rough_naming
    seen = (
        f"Values of {named}{' together' if many else ''} recur within each side and hardly ever between the two; "
        f"without {them} the score is {result.score_without_naming:.2f}."
    )
    if rough is not None and score - rough < EXACT_ADDS:
        return (
            f"{seen} Rough values tell the sides apart as well ({rough:.2f}), so {'they have' if many else 'it has'} "
            f"truly moved. If {'they' if many else 'it'} only {'say' if many else 'says'} when or where a row comes "
            f"from, exclude {them} from the drift columns."
        )
    exact = f" It takes exact values to tell the sides apart (rough ones: {rough:.2f})." if rough else ""
    return (
        f"{seen}{exact} So {'they name' if many else 'it names'} an hour, a day or a batch rather than showing drift. "
        f"Exclude {them} from the drift columns."
    )
