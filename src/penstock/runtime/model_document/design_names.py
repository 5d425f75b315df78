"""`design.*` and `dataset.*`: what was decided before the version was trained, from the version's own snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from penstock.core import document, metric
from penstock.core.design import CrossTest, Design, ExplicitSplit, OptimisedThreshold, RandomSplit, TimeSplit
from penstock.core.document import Column, Picture, Table, facts, table
from penstock.core.flow import Flow
from penstock.core.placeholders import Said, Say
from penstock.runtime.documenting import plain_steps
from penstock.runtime.model_document import wording
from penstock.runtime.model_document.subject import TYPES, Subject
from penstock.runtime.model_document.wording import sentence, share, yes


def names(s: Subject) -> dict[str, Say]:
    """Everything under `design.` and `dataset.`"""

    def known(say: Callable[[Design], Said]) -> Say:
        return lambda: say(s.design) if s.design else None

    v = s.version
    return {
        "dataset.prepare_steps.table": lambda: prepare_steps(s),
        "dataset.prepare_steps.status": lambda: yes(prepare_steps(s)),
        "design.mltask.name": lambda: s.title,
        "design.visual_analysis.name": lambda: s.title,
        "design.algorithm.name": lambda: v.algorithm,
        "design.target.name": lambda: v.target,
        "design.features_count.value": lambda: f"{v.features:,}",
        "design.model_type.name": lambda: "Prediction",
        "design.prediction_type.name": lambda: TYPES[v.prediction_type],
        "design.target_proportion.plot": lambda: proportion(s),
        "design.training_and_testing_strategy.table": known(lambda d: split_table(s, d)),
        "design.training_and_testing_strategy.policy.value": known(policy),
        "design.sampling_method.value": known(sampling),
        "design.k_fold_cross_testing.value": known(lambda d: yes(isinstance(d.split, CrossTest))),
        "design.sampling_and_splitting.image": lambda: split_picture(s),
        "design.train_set.image": lambda: facts(_rows(s, "train")),
        "design.test_set.image": lambda: facts(_rows(s, "test")),
        "design.test_metrics.name": lambda: metric.label(metric.performance_id(v.main_metric)),
        "design.input_feature.table": lambda: feature_table(s),
        "design.rejected_feature.table": lambda: rejected_table(s),
        "design.feature_generation_pairwise_linear.value": lambda: "No",
        "design.feature_generation_pairwise_polynomial.value": lambda: "No",
        "design.feature_generation_explicit_pairwise.status": lambda: "No",
        "design.feature_reduction.name": lambda: "None",
        "design.feature_reduction.status": lambda: "No",
        "design.feature_reduction.image": lambda: None,
        "design.chosen_algorithm_search_strategy.table": lambda: chosen_table(s),
        "design.chosen_algorithm_search_strategy.text": lambda: chosen_text(s),
        "design.other_algorithms_search_strategy.table": lambda: others_table(s),
        "design.other_algorithms_search_strategy.status": lambda: yes(others_table(s)),
        "design.hyperparameter_search_strategy.table": known(lambda d: facts(_search(d))),
        "design.hyperparameter_search_strategy.image": known(lambda d: facts(_search(d))),
        "design.cross_validation_strategy.value": known(_validation),
        "design.weighting_strategy.method.name": known(lambda d: sentence(d.weighting)),
        "design.weighting_strategy.variable.name": known(lambda d: d.weight_column or ""),
        "design.weighting_strategy.text": known(weighting),
        "design.calibration_strategy.name": known(
            lambda d: sentence(d.calibration.method) if d.calibration else "None"
        ),
        "design.calibration_strategy.text": known(calibration),
        "design.backend.name": lambda: "Penstock, in memory",
        "design.partitioned_model.status": lambda: "No",
        "design.origin.name": lambda: v.origin,
    }


def sampling(d: Design) -> str:
    """Which rows of the train dataset were looked at."""
    if d.sampling is None:
        return "All rows; of more than 100,000, the first 100,000."
    values = {k: v for k, v in d.sampling.to_mapping().items() if k != "type"}
    said = ", ".join(f"{n.lower()}: {x}" for n, x, _ in wording.settings(values, of=type(d.sampling)))
    name = getattr(d.sampling, "LABEL", "") or sentence(d.sampling.kind_name())
    return f"{name}; {said}" if said else name


def policy(d: Design) -> str:
    """How rows were parted into those to learn from and those to test on."""
    match d.split:
        case RandomSplit():
            kept = " Each class has the same share on both sides." if d.split.stratified else ""
            return f"A random {share(d.split.train)} of the rows train, the others test (seed {d.split.seed}).{kept}"
        case TimeSplit():
            return f"The oldest {share(d.split.train)} of the rows by {d.split.column} train, the newer ones test."
        case CrossTest():
            return (
                f"Cross-test in {d.split.folds} folds: every row tests once, all rows train the final model."
            )
        case ExplicitSplit():
            return "A second dataset tests."
    return ""


def split_table(s: Subject, d: Design) -> Table:
    return facts([
        ("Policy", policy(d)), ("Rows looked at", sampling(d)), ("Train rows", s.version.train_rows),
        ("Test rows", s.version.test_rows), ("Rows dropped", s.detail.get("dropped_rows") or 0),
    ], caption="Training and testing strategy")  # fmt: skip


def split_picture(s: Subject) -> Picture | None:
    weights = {"train": s.version.train_rows, "test": s.version.test_rows}
    if not all(weights.values()):
        return None
    return s.chart(
        "bars",
        {"weights": weights, "title": "Rows"},
        "Rows that train and rows that test",
        width=0.7,
    )


def _rows(s: Subject, side: str) -> list[tuple[str, Any]]:
    v = s.version
    rows = v.train_rows if side == "train" else v.test_rows
    return [
        ("Dataset", v.labels.get(f"{side}Dataset:dataset-name") or v.train_dataset or "Not known"),
        ("Rows", rows),
    ]


def proportion(s: Subject) -> Picture | None:
    """The shares of the classes in the test set."""
    counts = s.performance.by_class
    if not counts or not sum(counts):
        return None
    weights = dict(zip(s.version.classes, counts, strict=True))
    said = ", ".join(f"{n}: {share(c / sum(counts))}" for n, c in weights.items())
    return s.chart(
        "bars", {"weights": weights, "title": s.version.target},
        f"Rows of each class of {s.version.target} in the test set ({said})", width=0.7,
    )  # fmt: skip


def feature_table(s: Subject) -> Table | None:
    """Every feature, what became of it, and how much it weighs."""
    design = (s.written.get("features") or {}) if s.written else {}
    weights = s.report.importances.get("shapley") or s.report.importances.get("permutation") or {}
    if not s.report.features:
        return None
    rows = [
        (
            name,
            sentence(_type(design, name, s)),
            _handling(design.get(name) or {}, _type(design, name, s)),
            weights.get(name),
        )
        for name in s.report.ranked
    ]
    return table(
        ["Feature", "Read as", "Handling", "Importance"], rows, caption="Features, the most important first"
    )


def _type(design: Mapping[str, Any], name: str, s: Subject) -> str:
    handling = (design.get(name) or {}).get("handling") or {}
    if handling.get("type"):
        return str(handling["type"])
    start = s.report.start.get(name)
    return "numeric" if isinstance(start, (int, float)) and not isinstance(start, bool) else "category"


def _handling(feature: Mapping[str, Any], type: str) -> str:
    """What becomes of its cells, defaults too."""
    values = {k: v for k, v in (feature.get("handling") or {}).items() if k != "type"}
    usual = _USUAL.get(type, {})
    said = [words for name, words in usual.items() if name not in values]
    said += [f"{n.lower()}: {x}" for n, x, _ in wording.settings(values)]
    return "; ".join(said) if said else "Default of its type"


_USUAL: Mapping[str, Mapping[str, str]] = {
    "numeric": {
        "missing": "empty cells get the mean of the train rows",
        "rescale": "rescaled to mean 0 and deviation 1",
    },
    "category": {
        "encode": "a column for each value",
        "most": "the 100 most frequent at most",
        "missing": "empty is a value too",
    },
    "datetime": {"parts": "year, month, day, weekday and hour", "missing": "empty cells get the median"},
}
"""What handlings do when nobody said otherwise, as core.design has it."""


def rejected_table(s: Subject) -> Table | None:
    design = s.written.get("features") or {}
    rejected = [name for name, f in design.items() if f.get("role") == "reject"]
    if not rejected:
        return None
    return table(["Column", "Role"], [(name, "Left out") for name in rejected], caption="Columns left out")


def chosen_table(s: Subject) -> Table | None:
    """The hyperparameters of the chosen algorithm."""
    values = s.detail.get("hyperparameters") or {}
    if not values:
        return None
    of = wording.kind_of("algorithms", s.detail.get("winner") or {})
    rows = list(wording.settings(values, of=of))
    columns = (
        Column("Hyperparameter", width=0.28),
        Column("Value", "right", 0.16),
        Column("Meaning", width=0.56),
    )
    return Table(columns=columns, rows=tuple(rows), caption=f"Hyperparameters of {s.version.algorithm}")


def chosen_text(s: Subject) -> str | None:
    of = wording.kind_of("algorithms", s.detail.get("winner") or {})
    return wording.about(of) or None


def others_table(s: Subject) -> Table | None:
    """What was tried besides."""
    tried = [t for t in _trials(s) if t["algorithm"] != s.version.algorithm]
    if not tried:
        return None
    named = list(dict.fromkeys(t["algorithm"] for t in tried))
    rows = [(n, sum(t["algorithm"] == n for t in tried), _best(s, n)) for n in named]
    return table(["Algorithm", "Candidates", "Best score"], rows, caption="Other algorithms that were tried")


def _trials(s: Subject) -> list[Mapping[str, Any]]:
    return list(s.detail.get("trials") or ())


def _best(s: Subject, algorithm: str) -> float | None:
    scores = [t["score"] for t in _trials(s) if t["algorithm"] == algorithm and t.get("score") is not None]
    return max(scores, default=None)


def _search(d: Design) -> list[tuple[str, Any]]:
    x = d.search
    return [
        ("Strategy", sentence(x.strategy)), ("Validation", _validation(d)),
        ("Most candidates", x.iterations), ("Most minutes", x.minutes), ("Seed", str(x.seed)),
        ("Metric", d.metric.LABEL if d.metric else None),
        ("Threshold", threshold(d)),
    ]  # fmt: skip


def threshold(d: Design) -> str | None:
    if d.prediction_type != "binary":
        return None
    if isinstance(d.threshold, OptimisedThreshold):
        words = {"f1": "F1"}.get(d.threshold.optimise) or d.threshold.optimise.replace("_", " ")
        return f"Where {words} is best, on {share(d.threshold.held_out)} of the train rows held out for it"
    return f"Fixed at {document.number(d.threshold)}"


def searched(d: Design) -> str:
    """How candidates were found and judged, in a line."""
    x = d.search
    most = [f"at most {x.iterations:,} candidates of an algorithm"] if x.iterations else []
    most += [f"no new one after {x.minutes:g} minutes"] if x.minutes else []
    return "; ".join([sentence(x.strategy), _validation(d).lower(), *most])


def _validation(d: Design) -> str:
    x = d.search
    return (
        f"{x.folds} folds"
        if x.validation == "k_fold"
        else f"Hold-out: {share(x.train)} of the train rows learn"
    )


def weighting(d: Design) -> str:
    words = {
        "auto": "Classes weigh alike in training, times the weight column if there is one.",
        "none": "All rows weigh alike.",
        "class": "Rows are weighted so that all classes weigh alike.",
        "sample": "Each row weighs what its weight column says.",
        "class_and_sample": "Rows are weighted by class and by the weight column.",
    }
    column = f" The weight column is {d.weight_column}." if d.weight_column else ""
    said = words[d.weighting]
    if d.weighting == "auto" and d.prediction_type == "regression":
        said = "All rows weigh alike, unless there is a weight column."
    return said + column


def calibration(d: Design) -> str:
    if d.calibration is None:
        return "Probabilities are not calibrated after training: they are the model's own."
    held = share(d.calibration.held_out)
    return f"Probabilities are calibrated by the {d.calibration.method} method, on {held} of the train rows."


def prepare_steps(s: Subject) -> Table | None:
    """How the train dataset was made from its sources: each recipe, and under a Prepare recipe its steps."""
    made_by = Flow.of(s.project)
    above = made_by.upstream([s.version.train_dataset]) | {s.version.train_dataset}
    rows: list[tuple[str, ...]] = []
    for name in made_by.order(s.project.recipes):
        recipe = s.project.recipes[name]
        if above.isdisjoint(recipe.writes):
            continue
        about = recipe.short_description or wording.about(type(recipe))
        rows.append((name, sentence(recipe.kind_name()), about))
        rows += [
            ("", f"{n}. {getattr(step, 'LABEL', '') or sentence(step.kind_name())}", _told(step))
            for n, step in enumerate(getattr(recipe, "steps", ()), 1)
            if not step.disabled
        ]
    if not rows:
        return None
    return table(["Recipe", "What", "Of what"], rows, caption=f"How {s.version.train_dataset} is made")


def _told(step: Any) -> str:
    said = plain_steps.said(step.to_mapping())
    return f"{said} – {step.comment}" if step.comment else said
