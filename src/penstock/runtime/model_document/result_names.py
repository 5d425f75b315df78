"""`result.*`: how training went, and how good the version is on its test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penstock.core import document
from penstock.core.design import OptimisedThreshold
from penstock.core.document import Block, Column, Picture, Table, facts, table
from penstock.core.placeholders import Said, Say
from penstock.core.tile import Axis, Plot
from penstock.runtime import performance
from penstock.runtime.model_document.subject import Subject
from penstock.runtime.model_document.wording import sentence, share, yes

MOST_TRIALS = 30
DEPENDENCES = 3
"""Features whose partial dependence the default document draws."""
CLASSES = 6
"""Classes whose density is drawn, at most."""


def names(s: Subject) -> dict[str, Say]:
    """Everything under `result.` that needs no argument."""
    v = s.version
    linear = s.detail.get("coefficients") or {}
    return {
        "result.chosen_algorithm.name": lambda: v.algorithm,
        "result.train_set.sample_rows_count.value": lambda: f"{v.train_rows:,}",
        "result.test_set.sample_rows_count.value": lambda: f"{v.test_rows:,}",
        "result.test_metrics.value": lambda: main_value(s),
        "result.target_value.positive_class.value": lambda: s.positive,
        "result.target_value.negative_class.value": lambda: v.classes[0] if s.positive else "",
        "result.threshold_metric.name": lambda: _threshold_metric(s),
        "result.classification_threshold.current.value": lambda: threshold(s),
        "result.classification_threshold.optimal.value": lambda: _optimal(s),
        "result.chosen_algorithm_details.table": lambda: details(s),
        "result.chosen_algorithm_details.image": lambda: details(s),
        "result.decision_trees.status": lambda: "No",
        "result.decision_trees.image": lambda: None,
        "result.regression_coefficients.status": lambda: yes(linear),
        "result.regression_coefficients.image": lambda: coefficients(s),
        "result.regression_coefficients.plot": lambda: coefficients(s),
        "result.feature_importance.status": lambda: yes(importance(s)),
        "result.feature_importance.plot": lambda: importance(s),
        "result.absolute_importance.status": lambda: yes(shapley(s)),
        "result.absolute_importance.plot": lambda: shapley(s),
        "result.permutation_importance.status": lambda: yes(permutation(s)),
        "result.permutation_importance.plot": lambda: permutation(s),
        "result.feature_effects.plot": lambda: shapley(s),
        "result.feature_dependence.plots": lambda: dependences(s),
        "result.individual_explanations.status": lambda: yes(s.report.is_explained),
        "result.individual_explanations.image": lambda: explanations(s),
        "result.individual_explanations.text": lambda: EXPLAINED if s.report.is_explained else None,
        "result.subpopulations.table": lambda: subpopulations(s),
        "result.hyperparameter_search.status": lambda: yes(len(s.detail.get("trials") or ()) > 1),
        "result.hyperparameter_search.table": lambda: trials(s),
        "result.hyperparameter_search.plot": lambda: trials_plot(s),
        "result.confusion_matrix.image": lambda: confusion(s),
        "result.confusion_matrix.table": lambda: confusion_table(s),
        "result.confusion_matrix_metrics.plot": lambda: cut_table(s),
        "result.confusion_matrix_metrics.table": lambda: cut_table(s),
        "result.confusion_matrix_metrics.text": lambda: cut_text(s),
        "result.cost_matrix.image": lambda: costs(s),
        "result.cost_matrix.table": lambda: costs(s),
        "result.cost_matrix.text": lambda: costs_text(s),
        "result.decision_chart.plot": lambda: decision(s),
        "result.decision_chart.text": lambda: DECISION if s.performance.cuts else None,
        "result.lift_curve.plot": lambda: s.curve("gain", "Cumulative gain"),
        "result.lift_by_tenth.plot": lambda: s.curve("lift", "Lift of each tenth of the rows"),
        "result.lift_curve.text": lambda: LIFT if s.performance.curves.get("lift") else None,
        "result.roc_curve.plot": lambda: s.curve("roc", "ROC curve"),
        "result.roc_curve.text": lambda: ROC if s.curve("roc", "") else None,
        "result.pr_curve.plot": lambda: s.curve("precision-recall", "Precision and recall"),
        "result.pr_curve.text": lambda: PR if s.curve("precision-recall", "") else None,
        "result.calibration.plot": lambda: s.curve("calibration", "Calibration"),
        "result.calibration.text": lambda: CALIBRATION if s.curve("calibration", "") else None,
        "result.density_chart.plot": lambda: densities(s),
        "result.density_chart.text": lambda: DENSITY if s.curve("density", "") else None,
        "result.error_distribution.plot": lambda: s.curve("errors", "Distribution of the error"),
        "result.error_distribution.text": lambda: ERRORS if s.curve("errors", "") else None,
        "result.error_distribution.table": lambda: error_table(s),
        "result.scatter.plot": lambda: s.curve("scatter", "Predicted over true values"),
        "result.scatter.text": lambda: SCATTER if s.curve("scatter", "") else None,
        "result.detailed_metrics.table": lambda: metrics(s),
        "result.ml_assertions.table": lambda: None,
        "result.ml_assertions.status": lambda: "No",
        "result.ml_overrides.definition.table": lambda: None,
        "result.ml_overrides.metrics.table": lambda: None,
        "result.ml_overrides.status": lambda: "No",
        "result.timings.table": lambda: timings(s),
        "result.diagnostics.table": lambda: diagnostics(s),
        "result.diagnostics.status": lambda: yes(v.diagnostics),
        "result.full_log.link": lambda: f"Job {v.job}" if v.job else None,
        "result.training_date.name": lambda: f"{v.created_at:%Y-%m-%d %H:%M} UTC",
        "result.leaderboard.image": lambda: leaderboard(s),
        "result.leaderboard.table": lambda: leaderboard(s),
    }


EXPLAINED = (
    "The two rows of the test set with the highest and the two with the lowest prediction, each with the features "
    "that made it so. Blue pushes the prediction up, orange down."
)
DECISION = "Every score over every threshold; the one in use and the one of the best F1 are marked."
LIFT = "Rows sorted by probability, the most probable first: how fast the positives are found."
ROC = (
    "The further the curve bends to the top left, the better positives and negatives are told apart; the diagonal is "
    "guessing."
)
PR = "How much precision is left when more of the positives are to be found."
CALIBRATION = "On the diagonal, a predicted 30 % happens in 30 of 100 cases."
DENSITY = "The less the two areas overlap, the better the classes are told apart."
ERRORS = "Prediction minus truth: right of zero the model said too much, left of it too little."
SCATTER = "On the diagonal the prediction is the truth. Up to 1,000 rows of the test set are drawn."


def main_value(s: Subject) -> str | None:
    return document.number(s.main.value) if s.main and s.main.value is not None else None


def threshold(s: Subject) -> str | None:
    return document.number(s.version.threshold) if s.version.threshold is not None else None


def _threshold_metric(s: Subject) -> str | None:
    asked = s.design.threshold if s.design else None
    return sentence(asked.optimise) if isinstance(asked, OptimisedThreshold) else None


def _optimal(s: Subject) -> str | None:
    scored = [c for c in s.performance.cuts if c.get("f1") is not None]
    return document.number(max(scored, key=lambda c: c["f1"])["threshold"]) if scored else None


def details(s: Subject) -> Table:
    v = s.version
    return facts([
        ("Algorithm", v.algorithm), ("Features", v.features if s.forecast is None else None),
        ("Columns of the matrix", len(s.detail.get("matrix_columns") or ()) if s.forecast is None else None),
        ("Train rows", v.train_rows), ("Test rows", v.test_rows),
        ("Trained", f"{v.created_at:%Y-%m-%d %H:%M} UTC"), ("By", v.created_by), ("Scores with", v.scoring),
    ], caption=f"{v.algorithm} in short")  # fmt: skip


def metrics(s: Subject) -> Table | None:
    """Every score, the main one standing out, with what it means."""
    if not s.scores or s.performance.reason:
        return None
    rows = []
    for score in s.scores:
        value = document.number(score.value) if score.value is not None else f"– {score.reason}".strip()
        spread = f" ± {document.number(score.spread)}" if score.spread else ""
        rows.append((score.label, value + spread, score.about))
    columns = (Column("Metric", width=0.24), Column("Value", "right", 0.16), Column("Meaning", width=0.6))
    strong = frozenset(n for n, score in enumerate(s.scores) if score.main)
    said = f"Scores on {s.performance.rows:,} rows of {s.performance.measured_on}"
    return Table(columns=columns, rows=tuple(rows), caption=said, strong=strong)


def leaderboard(s: Subject) -> Table | None:
    """The versions of the model beside each other."""
    versions = s.node.models.versions(s.project.key, s.name)
    codes = list(dict.fromkeys([s.version.main_metric, *s.version.metrics]))[:3]
    codes = [code for code in codes if code]
    if not versions:
        return None
    from penstock.core import metric

    titles = ["Version", "Algorithm", "Trained", *(metric.label(metric.performance_id(c)) for c in codes)]
    active = s.node.models.active(s.project.key, s.name)
    rows = [
        (
            v.name + (" (active)" if v.id == active else ""),
            v.algorithm,
            v.created_at,
            *(v.metrics.get(c) for c in codes),
        )
        for v in versions[:15]
    ]
    strong = frozenset(n for n, v in enumerate(versions[:15]) if v.id == s.version.id)
    return table(titles, rows, caption="Versions of the model; this one stands out", strong=strong)


def coefficients(s: Subject) -> Picture | None:
    weights = {k: w[-1] for k, w in (s.detail.get("coefficients") or {}).items() if w}
    if not weights:
        return None
    return s.chart(
        "bars", {"weights": weights, "title": "Coefficients"}, "Coefficients on the rescaled columns"
    )


def shapley(s: Subject) -> Picture | None:
    return _weights(s, "shapley", "Shapley importance: how much a feature moves predictions, on average")


def permutation(s: Subject) -> Picture | None:
    return _weights(
        s, "permutation", "Permutation importance: the loss of the main metric when a feature is shuffled"
    )


def importance(s: Subject) -> Picture | None:
    return shapley(s) or permutation(s)


def _weights(s: Subject, sort: str, caption: str) -> Picture | None:
    weights = s.report.importances.get(sort)
    if not weights:
        return None
    largest = dict(sorted(weights.items(), key=lambda w: -abs(w[1]))[:20])
    return s.chart("bars", {"weights": largest, "title": sort}, caption)


def dependence(s: Subject, feature: str) -> Picture:
    """How the prediction moves with one feature. Raises NotFound for one the model does not have."""
    found = s.dependence(feature)
    facts_of = {"found": found, "classes": s.version.classes}
    return s.chart("dependence", facts_of, f"Partial dependence on {feature}", width=0.8)


def dependences(s: Subject) -> tuple[Block, ...] | None:
    if not s.report.is_explained:
        return None
    return tuple(dependence(s, f) for f in s.report.ranked[:DEPENDENCES]) or None


def explanations(s: Subject) -> tuple[Block, ...] | None:
    if not s.report.is_explained:
        return None
    found = s.explanations()
    made = [
        _explained(s, example, words)
        for side, words in (("highest", "high"), ("lowest", "low")) for example in found[side]
    ]  # fmt: skip
    return tuple(made) or None


def _explained(s: Subject, example: Mapping[str, Any], words: str) -> Picture:
    influences = list(example.get("influences") or ())[:8]
    cells = example.get("cells") or {}
    said = [(f"{name} = {document.plain(document.cell(cells.get(name)))}", w) for name, w in influences]
    predicted = _predicted(example)
    caption = f"A {words} prediction{predicted}: what moved it"
    return s.chart("influences", {"found": said, "title": "Influences"}, caption, width=0.75)


def _predicted(example: Mapping[str, Any]) -> str:
    for key in ("probability", "prediction", "value"):
        value = example.get(key)
        if isinstance(value, (int, float)):
            return f" of {document.number(float(value), 3)}"
    return ""


def subpopulations(s: Subject) -> Table | None:
    """How the model does on the values of its most important feature."""
    if not s.report.is_explained or s.kind == "multiclass" or not s.report.ranked:
        return None
    column = s.report.ranked[0]
    found = s.subpopulations(column)
    shown = [score for score in s.scores if score.value is not None][:4]
    codes = [score.id.partition(":")[2] for score in shown]
    groups = [found["everyone"], *found["groups"]]
    rows = [
        (g["name"], g["rows"], g["actual"], g["predicted"], *(g["performance"].get(c) for c in codes))
        for g in groups
    ]
    of = "rate" if s.kind == "binary" else "mean"
    titles = [column, "Rows", f"True {of}", f"Predicted {of}", *(score.label for score in shown)]
    caption = f"Performance on parts of the test set, by {column} (a sample of {groups[0]['rows']:,} rows)"
    return table(titles, rows, caption=caption, strong=frozenset({0}))


def trials(s: Subject) -> Table | None:
    tried = sorted(
        s.detail.get("trials") or (), key=lambda t: (t.get("score") is None, -(t.get("score") or 0))
    )
    if not tried:
        return None
    rows = [
        (t["algorithm"], _chosen(t), t.get("score"), f"{t.get('seconds') or 0:.1f} s")
        for t in tried[:MOST_TRIALS]
    ]  # fmt: skip
    more = f", the best {MOST_TRIALS} of {len(tried)}" if len(tried) > MOST_TRIALS else ""
    return table(["Algorithm", "Settings", "Score", "Took"], rows, caption=f"Candidates of the search{more}")


def _chosen(trial: Mapping[str, Any]) -> str:
    return (
        ", ".join(f"{k} {document.plain(document.cell(v))}" for k, v in (trial.get("values") or {}).items())
        or "Defaults"
    )


def trials_plot(s: Subject) -> Picture | None:
    tried = [t for t in s.detail.get("trials") or () if t.get("score") is not None]
    if len(tried) < 3:
        return None
    rows = tuple({"n": n, "score": t["score"], "of": t["algorithm"]} for n, t in enumerate(tried, 1))
    plot = Plot(
        mark="point", rows=rows, x=Axis(field="n", title="Candidate", sort="number"),
        y=Axis(field="score", title="Score", sort="number"), color=Axis(field="of", title="Algorithm"),
        words="Score of each candidate",
    )  # fmt: skip
    return Picture(
        drawn=plot, caption="Score of each candidate of the search", width=0.8, name=f"{s.name}-search"
    )


def confusion(s: Subject) -> Picture | None:
    matrix: Sequence[Sequence[float]] = s.performance.curves.get("confusion") or ()
    classes = s.version.classes
    if not matrix or len(classes) > 20:
        return None
    rows = tuple(
        {"truth": classes[i], "said": classes[j], "value": round(count)}
        for i, row in enumerate(matrix) for j, count in enumerate(row)
    )  # fmt: skip
    plot = Plot(
        mark="cells", rows=rows, x=Axis(field="said", title="Predicted", order=classes),
        y=Axis(field="truth", title="True class", order=classes), words="Confusion matrix",
    )  # fmt: skip
    at = f" at a threshold of {threshold(s)}" if threshold(s) else ""
    return Picture(
        drawn=plot, caption=f"Confusion matrix{at}, in rows", width=0.6, name=f"{s.name}-confusion"
    )


def confusion_table(s: Subject) -> Table | None:
    matrix: Sequence[Sequence[float]] = s.performance.curves.get("confusion") or ()
    classes = s.version.classes
    if not matrix:
        return None
    rows = [(f"true {classes[i]}", *(round(c) for c in row)) for i, row in enumerate(matrix)]
    return table(["", *(f"predicted {c}" for c in classes)], rows, caption="Confusion matrix, in rows")


def cut_table(s: Subject) -> Table | None:
    if not s.performance.cuts:
        return None
    at = performance.cut(s.performance)
    return facts([
        ("Threshold", document.number(at.threshold)), ("Accuracy", at.accuracy), ("Precision", at.precision),
        ("Recall", at.recall), ("F1", at.f1), ("Average gain of a row", at.gain),
    ], caption="At the threshold in use")  # fmt: skip


def cut_text(s: Subject) -> str | None:
    """What the confusion matrix means, in a sentence with its numbers."""
    if not s.performance.cuts:
        return None
    at = performance.cut(s.performance)
    alarms, real = at.tp + at.fp, at.tp + at.fn
    if not alarms or not real:
        return None
    return (
        f"From a probability of {document.number(at.threshold)} on, a row is predicted {s.positive}. On the test set "
        f"that finds {at.tp:,.0f} of {real:,.0f} rows that truly are ({share(at.tp / real)}), and of "
        f"{alarms:,.0f} rows predicted {s.positive}, {at.tp:,.0f} truly are ({share(at.tp / alarms)})."
    )


def costs(s: Subject) -> Table | None:
    if not s.performance.cuts:
        return None
    c = s.performance.costs
    rows = [
        ("True positive", c.tp),
        ("False positive", c.fp),
        ("True negative", c.tn),
        ("False negative", c.fn),
    ]
    return table(["A row that is a", "Gains"], rows, caption="Cost matrix: what one row of each sort gains")


def costs_text(s: Subject) -> str | None:
    if not s.performance.cuts:
        return None
    at = performance.cut(s.performance)
    gain = f", {document.number(at.gain)} a row" if at.gain is not None else ""
    return f"At the threshold in use the test set gains {document.number(at.total_gain)} in all{gain}."


def decision(s: Subject) -> Picture | None:
    cuts = s.performance.cuts
    if not cuts:
        return None
    given = {"points": cuts, "threshold": s.version.threshold}
    return s.chart("decision", given, "Scores over the threshold", width=0.9)


def densities(s: Subject) -> tuple[Block, ...] | Picture | None:
    curves = s.performance.curves.get("by_class") or {}
    having = [name for name, drawn in curves.items() if drawn.get("density")]
    made = tuple(
        s.chart(
            "density", {"sets": s.sets, "at": n}, f"Density of the predicted probability of {name}", width=0.8
        )
        for n, name in enumerate(having[:CLASSES])
    )
    return made[0] if len(made) == 1 else made or None


def error_table(s: Subject) -> Table | None:
    found = s.performance.curves.get("errors")
    if not found:
        return None
    total = sum(found["counts"]) or 1
    rows = [
        (f"{document.number(low)} to {document.number(high)}", count, share(count / total))
        for low, high, count in zip(found["edges"], found["edges"][1:], found["counts"], strict=False)
    ]
    return table(["Prediction minus truth", "Rows", "Share"], rows, caption="Distribution of the error")


def timings(s: Subject) -> Table | None:
    found = s.detail.get("timing") or {}
    rows = [(sentence(part), f"{seconds:.2f} s") for part, seconds in found.items()]
    columns = (Column("Part", width=0.5), Column("Took", "right", 0.5))
    return Table(columns=columns, rows=tuple(rows), caption="Time of the training") if rows else None


def diagnostics(s: Subject, category: str = "") -> Table | None:
    found = [d for d in s.version.diagnostics if not category or d.get("type", "").startswith(category)]
    if not found:
        return None
    rows = [(sentence(d.get("type", "")), d.get("message", "")) for d in found]
    columns = (Column("Of", width=0.28), Column("What was found", width=0.72))
    return Table(columns=columns, rows=tuple(rows), caption="Diagnostics")


def answers(s: Subject) -> dict[str, Any]:
    """Names with an argument."""

    def of_metric(code: str) -> Said:
        found = next((x for x in s.scores if x.id.partition(":")[2] == code), None)
        return document.number(found.value) if found else None

    return {
        "result.feature_dependence.plot": lambda feature: dependence(s, feature),
        "result.diagnostics.table": lambda category: diagnostics(s, category),
        "result.metric.value": of_metric,
    }
