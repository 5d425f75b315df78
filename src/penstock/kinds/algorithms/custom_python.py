"""An estimator that the project's own Python code makes."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from penstock.core.algorithm import Algorithm
from penstock.core.errors import Invalid, InvalidDefinition


class CustomPython(Algorithm):
    """Trains the scikit-learn estimator that your function `estimator(prediction_type, seed)` returns.

    The code runs where the model is trained, never where it is only opened: a version keeps fitted numbers, not
    code. So the estimator must be built of scikit-learn's own classes; a class of yours cannot be kept.

    Example:
        type: custom_python
        name: Gradient boosting
        code: |
          from sklearn.ensemble import GradientBoostingClassifier

          def estimator(prediction_type, seed):
              return GradientBoostingClassifier(random_state=seed)
    """

    LABEL: ClassVar[str] = "Custom Python"

    name: str = Field(default="", description="Shown as the algorithm's name.")
    code: str = Field(default="", description="Python with a function `estimator(prediction_type, seed)`.")
    file: str = Field(
        default="", description="Instead of code: a file of the project library, such as fraud/ours.py."
    )

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        make = self._function()
        made = make(prediction_type, seed)
        if not hasattr(made, "fit") or not hasattr(made, "predict"):
            raise InvalidDefinition(
                f"estimator() of {self._place()} returned {type(made).__name__}, which cannot fit and predict.",
                field="code",
                hint="Return a scikit-learn classifier or regressor.",
            )
        return made

    def _function(self) -> Any:
        if not self.code:
            raise Invalid(
                f"The code of {self._place()} was not read before training.",
                hint="Give code, or a file that exists.",
            )
        space: dict[str, Any] = {"__name__": "penstock_custom_algorithm"}
        exec(compile(self.code, self._place(), "exec"), space)  # the project's own code, where it trains
        if not callable(space.get("estimator")):
            raise InvalidDefinition(
                f"{self._place()} has no function estimator(prediction_type, seed).", field="code"
            )
        return space["estimator"]

    def _place(self) -> str:
        return self.file or "the custom algorithm"
