"""Saved models, their versions, the active one; Algorithm, the base of what can be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.kind import Kind

if TYPE_CHECKING:
    import numpy as np


class Algorithm(Kind):
    """What can be trained. Fields are fixed hyperparameters, or lists/ranges of them to search.

    `estimator(prediction_type, seed, **chosen)` returns a fresh scikit-learn estimator; `space()` says what
    the search may vary: name → list of values, or Range(low, high, log, integer).
    """

    FAMILY: ClassVar[str] = "algorithms"
    LABEL: ClassVar[str] = ""
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass", "regression"})

    def estimator(self, prediction_type: str, *, seed: int, **chosen: Any) -> Any:
        raise NotImplementedError

    def space(self) -> dict[str, Any]:
        return {}


if TYPE_CHECKING:
    Array = np.ndarray
