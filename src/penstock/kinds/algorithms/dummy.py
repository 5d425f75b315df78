"""The baseline that looks at no feature."""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.algorithm import Algorithm


class Dummy(Algorithm):
    """Always answers with the class shares, or the mean, of the train rows: what any model must beat.

    Example:
        type: dummy
    """

    LABEL: ClassVar[str] = "Baseline"
    EXPENSIVE_TO_EXPLAIN: ClassVar[bool] = True

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        from sklearn import dummy

        if prediction_type == "regression":
            return dummy.DummyRegressor(strategy="mean")
        return dummy.DummyClassifier(strategy="prior")
