"""Whether one version of a model is better than another, on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import labels, metric, registry
from penstock.core.errors import NotReady, did_you_mean
from penstock.core.promotion import Candidate, ForecastScores, Promotion
from penstock.core.score import ModelTask, Score

if TYPE_CHECKING:
    from penstock.core.evaluation import Evaluation
    from penstock.core.model import ModelVersion
    from penstock.core.ports import Evaluations, Models

HELD_BACK = "the rows held back from training"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where versions and evaluations are kept."""

    models: Models
    evaluations: Evaluations
    forecasts: Callable[[Path, Path], ForecastScores]
    """How two versions of a forecast are compared: the folders of both, the new one first."""


def score_of(words: str) -> type[Score]:
    """The score behind a name or an id. Raises ValueError with the nearest."""
    code = metric.id_of(words).removeprefix("performance:")
    known = {kind.CODE: kind for kind in _scores()}
    if code not in known:
        raise ValueError(f"There is no score '{words}'.{did_you_mean(words, known)}")
    return known[code]


def _scores() -> list[type[Score]]:
    kinds = [registry.kind("scores", name) for name in registry.names("scores")]
    return [kind for kind in kinds if issubclass(kind, Score)]


def judged(asked: Candidate, kept: Kept) -> Promotion:
    """Compare the candidate with the active version. Raises NotReady when there is no version to promote."""
    model = asked.model
    versions = kept.models.versions(asked.project, model)
    if not versions:
        raise NotReady(f"Model {model} has no version.", hint="Train it first.")
    candidate = kept.models.version(asked.project, model, asked.version or versions[0].id)
    score = score_of(asked.metric or candidate.main_metric or "auc")
    active = kept.models.active(asked.project, model)
    forecasts = candidate.prediction_type == "forecast"
    found = Promotion(
        model=model, candidate=candidate.id, active=active, metric=score.CODE,
        on=f"evaluations in {asked.store}" if asked.store
        else HELD_BACK if forecasts else "the test set",
    )  # fmt: skip
    if not active:
        return replace(found, promoted=True, why=f"No version of {model} was active; {candidate.id} is now.")
    if active == candidate.id:
        return replace(found, why=f"Version {active} of {model} is the active one already.")
    before = kept.models.version(asked.project, model, active)
    if candidate.prediction_type not in score.SERVES:
        return replace(
            found, comparable=False, why=f"Not promoted: {_no_score(score, candidate.prediction_type)}"
        )
    values = (
        _on_evaluations(kept, asked.store, candidate, before, score)
        if asked.store
        else _on_test_set(kept, candidate, before, score)
    )
    return _decided(found, values, score, asked.margin)


def _decided(found: Promotion, values: tuple[float, float] | str, score: type[Score], by: float) -> Promotion:
    if isinstance(values, str):
        return replace(found, comparable=False, why=f"Not promoted: {values}")
    new, old = values
    better = new - old if score.GREATER_IS_BETTER else old - new
    # A margin of nought still asks for something better.
    promoted = better >= by and better > 0
    what = f"{score.LABEL or score.CODE} {new:.4f} against {old:.4f} of the active version on {found.on}"
    why = f"{'Promoted' if promoted else 'Not promoted'}: {what}; better by {better:.4f}, asked for {by:g}."
    return replace(
        found, promoted=promoted, candidate_value=new, active_value=old, difference=better, why=why
    )


def _on_test_set(
    kept: Kept, new: ModelVersion, old: ModelVersion, score: type[Score]
) -> tuple[float, float] | str:
    if (new.prediction_type == "forecast") != (old.prediction_type == "forecast"):
        return "one of the two versions is a forecast, the other is not."
    files = [kept.models.files(v.project, v.model, v.id) for v in (new, old)]
    if new.prediction_type == "forecast":
        both = kept.forecasts(files[0], files[1])
        return both if isinstance(both, str) else _both(*both, score.CODE)
    if new.test_rows != old.test_rows or not same_rows(*files):
        return "the two versions were tested on different rows. Name a store that evaluated both on the same data."
    return _both(new.metrics, old.metrics, score.CODE)


def _on_evaluations(
    kept: Kept, store: str, new: ModelVersion, old: ModelVersion, score: type[Score]
) -> tuple[float, float] | str:
    of_new, of_old = (_newest(kept, store, version) for version in (new, old))
    if of_new is None or of_old is None:
        missing = new if of_new is None else old
        return f"version {missing.id} was never evaluated in {store}."
    if _data(of_new) != _data(of_old):
        return f"the newest evaluations in {store} are of different data."
    return _both(of_new.metrics, of_old.metrics, metric.performance_id(score.CODE))


def _data(of: Evaluation) -> tuple[str, int, str, str]:
    """What an evaluation was made on; of forecasts, from when to when."""
    return of.dataset, of.rows, of.labels.get(labels.JUDGED_FROM, ""), of.labels.get(labels.JUDGED_TO, "")


def _no_score(score: type[Score], task: ModelTask) -> str:
    fit = ", ".join(kind.LABEL for kind in _scores() if task in kind.SERVES)
    return f"{score.LABEL or score.CODE} says nothing of this model ({task}). Choose one of {fit}."


def _newest(kept: Kept, store: str, version: ModelVersion) -> Evaluation | None:
    found = kept.evaluations.list(version.project, store, newest_first=True)
    return next((e for e in found if e.model == version.model and e.version == version.id), None)


def _both(new: Any, old: Any, code: str) -> tuple[float, float] | str:
    if code not in new or code not in old:
        return f"{metric.label(code)} was not computed for both."
    return new[code], old[code]


def same_rows(new: Path, old: Path) -> bool:
    """Whether two versions were tested on the same rows: what they kept of them is equal, predictions left out."""
    import pyarrow.parquet as pq

    files = [folder / "test.parquet" for folder in (new, old)]
    if not all(file.is_file() for file in files):
        return False
    first, second = (pq.read_schema(file).names for file in files)
    shared = [n for n in first if n in second and n != "prediction" and not n.startswith("proba_")]
    tables = [pq.read_table(file, columns=shared) for file in files]
    return bool(shared) and bool(tables[0].equals(tables[1].cast(tables[0].schema)))
