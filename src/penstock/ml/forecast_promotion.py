"""Whether one version of a forecast is better than another: both on the rows held back from training the new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from penstock.core import registry
from penstock.core.errors import Invalid
from penstock.core.forecasting import ForecastDesign
from penstock.core.promotion import ForecastScores
from penstock.core.score import Ahead
from penstock.ml import backtest, forecast_file, judged_rows, later_rows
from penstock.ml.judged_rows import One, Place

ALIKE = ("target", "time", "series", "step", "horizon", "season_steps")


def scores(new: Path, old: Path) -> ForecastScores:
    """Scores of both folders on the same forecasts, or a sentence why there are none.

    The candidate says what it said in training, before it learned the rows held back. So does the active version
    where it was judged on the same rows; on rows that came after those it learned it is asked now. What it has
    learned already is left out on both sides.
    """
    designs = [registry.validate(ForecastDesign, forecast_file.read_manifest(f).design) for f in (new, old)]
    odd = next((word for word in ALIKE if getattr(designs[0], word) != getattr(designs[1], word)), "")
    if odd:
        return f"the two versions forecast different things: their {odd.removesuffix('_steps')} differs."
    candidate = judged_rows.kept(new, designs[0])
    if not candidate:
        return "the version does not hold what it was judged on. Train it again, or name a store that evaluated both."
    pairs = _pairs(candidate, judged_rows.kept(old, designs[1]), _asked_now(new, old))
    if not pairs:
        return (
            "the active version has learned the rows that were held back. Name a store that evaluated both."
        )
    naive = judged_rows.naive(new)
    sides: list[list[One]] = [list(side) for side in zip(*pairs.values(), strict=True)]
    return (
        _scored(sides[0], list(pairs), naive, designs[0].quantiles),
        _scored(sides[1], list(pairs), naive, designs[1].quantiles),
    )


def _asked_now(new: Path, old: Path) -> Mapping[Place, One]:
    """What the active version says of the candidate's rows that came after its own; nothing where there are none."""
    try:
        return judged_rows.each(
            later_rows.judged(forecast_file.load(old), judged_rows.held(new), where="the rows held back").test
        )
    except Invalid:
        return {}


def _pairs(
    candidate: Mapping[Place, One], before: Mapping[Place, One], now: Mapping[Place, One]
) -> dict[Place, tuple[One, One]]:
    found = {}
    for place, one in candidate.items():
        other = next(
            (o for o in (before.get(place), now.get(place)) if o and _same(o.truth, one.truth)), None
        )
        if other is not None:
            found[place] = (one, other)
    return found


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-9, atol=0))


def _scored(
    side: Sequence[One], places: Sequence[Place], naive: Mapping[Place, float], levels: tuple[float, ...]
) -> Mapping[str, float]:
    keys = sorted({key for key, _ in places})
    errors = {key: naive[key, origin] for key, origin in places}
    whose = np.array([keys.index(key) for key, _ in places])
    truth, said = np.stack([one.truth for one in side]), np.stack([one.said for one in side])
    there = [one.quantiles for one in side if one.quantiles is not None]
    quantiles = np.concatenate(there) if len(there) == len(side) else None
    found = backtest.scores(truth, said, Ahead(
        np.repeat(whose, truth.shape[1]), np.array([errors[key] for key in keys]), quantiles, levels
    ))  # fmt: skip
    return {code: value for code, value in found.items() if value is not None}
