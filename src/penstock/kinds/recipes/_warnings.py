"""What looks wrong in an evaluation: warnings in the log of the job and in the evaluation, never failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.core.counting import counted

if TYPE_CHECKING:
    import numpy as np

    from penstock.kinds.recipes._custom_metrics import Measured
    from penstock.kinds.recipes._drifting import Drift
    from penstock.kinds.recipes._reports import Performance
    from penstock.kinds.recipes._subject import Subject
    from penstock.ml.task import Guessed, Judged, Task

FEW_ROWS = 1_000
DIFFERENT_TARGET = 0.05


def of(
    subject: Subject,
    found: tuple[Guessed | None, Judged | None],
    performance: Performance,
    rest: tuple[Drift, Measured],
) -> list[dict[str, str]]:
    """{"type": …, "group": …, "message": …} each, the gravest sort first."""
    drift, custom = rest
    guess, judged = found
    return [
        *_sanity(subject, judged),
        *_model(subject, guess, judged, performance),
        *(_warning("drift", "drift", text) for text in drift.warnings),
        *(
            _warning("calculation_failed", "modelling_parameters", f"Calculation of {name} failed: {why}")
            for name, why in custom.failures.items()
        ),
    ]


def _sanity(subject: Subject, judged: Judged | None) -> Iterator[dict[str, str]]:
    rows = subject.rows.count
    if rows < FEW_ROWS:
        were = "was" if rows == 1 else "were"
        message = f"Only {counted(rows, 'row')} {were} evaluated; below {FEW_ROWS:,} results are shaky."
        yield _warning("evaluation_set_too_small", "dataset_sanity", message)
    if judged is None:
        return
    if judged.unknown:
        words = ", ".join(f"'{word}' ({counted(rows, 'row')})" for word, rows in judged.unknown.items())
        message = f"Target values that are none of the classes, left out of the metrics: {words}."
        yield _warning("unknown_target_values", "dataset_sanity", message)
    yield from _other_target(subject, judged)


def _other_target(subject: Subject, judged: Judged) -> Iterator[dict[str, str]]:
    """The target of the evaluated rows against the reference's: chi-square or Kolmogorov-Smirnov, p < 0.05."""
    from penstock.ml import diagnostics

    before = subject.reference.truth if subject.reference else None
    task = subject.task
    if before is None or task is None or not len(judged.truth):
        return
    facts = diagnostics.Facts(
        prediction_type=task.prediction_type, classes=task.classes, train_target=_known(before, task),
        test_target=judged.truth,
    )  # fmt: skip
    for each in diagnostics.different_target(facts):
        yield {
            **each.as_mapping(),
            "message": each.message.replace("test and train rows", "these rows and the reference"),
        }


def _known(truth: np.ndarray, task: Task) -> np.ndarray:
    import numpy as np

    return truth[truth >= 0] if task.classifies else truth[~np.isnan(truth)]


def _model(
    subject: Subject, guess: Guessed | None, judged: Judged | None, performance: Performance
) -> Iterator[dict[str, str]]:
    from penstock.ml import diagnostics

    task = subject.task
    if task is None or guess is None:
        return
    facts = diagnostics.Facts(
        prediction_type=task.prediction_type, classes=task.classes, metrics=performance.scores,
        predicted=(judged.guess.label if judged else guess.label[guess.known]) if task.classifies else None,
        truth=judged.truth if judged else None, test_target=judged.truth if judged else None,
    )  # fmt: skip
    rules = (
        diagnostics.missing_classes, diagnostics.too_good, diagnostics.no_better_than_dummy,
        diagnostics.low_r2, diagnostics.same_class,
    )  # fmt: skip
    for rule in rules:
        for each in rule(facts):
            yield {**each.as_mapping(), "message": _of_rows(each.message)}


def _of_rows(message: str) -> str:
    """The rules speak of test rows; here they are the evaluated ones."""
    return message.replace("No test row", "No row").replace(" test rows", " rows")


def _warning(type: str, group: str, message: str) -> dict[str, str]:
    return {"type": type, "group": group, "message": message}
