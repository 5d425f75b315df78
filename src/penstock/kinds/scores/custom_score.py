"""A score that the project's own Python code computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.errors import InvalidDefinition
from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class CustomScore(Score):
    """Calls your function `score(truth, prediction, proba, weights, reference)`; name only the arguments you use.

    truth and prediction are numpy arrays of labels (or numbers), proba has one column per class, reference is an
    Arrow table sampled from the version's test set when the run has one. It returns one number.

    Example:
        type: custom_score
        name: late_cost
        code: |
          def score(truth, prediction):
              return float((truth != prediction).mean() * 12)
    """

    CODE: ClassVar[str] = "customScore"
    LABEL: ClassVar[str] = "Custom score"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass", "regression"})

    name: str = Field(default="customScore", pattern=r"^\w+$", description="Id of the metric.")
    code: str = Field(description="Python with a function `score`.")
    greater_is_better: bool = Field(default=True, description="Off for losses.")

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        import inspect
        import math

        space: dict[str, Any] = {"__name__": "penstock_custom_score"}
        exec(compile(self.code, f"custom score {self.name}", "exec"), space)  # the project's own code
        if not callable(space.get("score")):
            raise InvalidDefinition(f"Custom score {self.name} has no function score(…).", field="code")
        given = _arguments(truth, guess)
        wanted = inspect.signature(space["score"]).parameters
        value = float(space["score"](**{n: v for n, v in given.items() if n in wanted}))
        return value if math.isfinite(value) else None


def _arguments(truth: np.ndarray, guess: Guess) -> dict[str, Any]:
    import numpy as np

    labels = np.asarray(guess.classes) if guess.classes else None
    return {
        "truth": truth if labels is None else labels[truth],
        "prediction": guess.label if labels is None else labels[guess.label],
        "proba": guess.proba,
        "weights": guess.weights,
        "reference": guess.reference,
    }
