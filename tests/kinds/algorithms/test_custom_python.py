"""An estimator from the project's own code."""

from __future__ import annotations

import pytest

from penstock.core.errors import Invalid, InvalidDefinition

from .given import algorithm, fitted, quality

CODE = """
from sklearn.tree import DecisionTreeClassifier
def estimator(prediction_type, seed):
    return DecisionTreeClassifier(max_depth=1, random_state=seed)
"""


def test_it_trains_what_the_code_returns() -> None:
    model = fitted(algorithm("custom_python", code=CODE), seed=7)
    assert model.get_depth() == 1
    assert model.random_state == 7
    assert quality(model) > 0.8


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"code": "x = 1"}, InvalidDefinition, "has no function estimator"),
        (
            {"code": "def estimator(t, seed):\n    return 3"},
            InvalidDefinition,
            "returned int, which cannot fit",
        ),
        ({"file": "fraud/ours.py"}, Invalid, "fraud/ours.py was not read"),
    ],
)
def test_code_that_makes_no_estimator_is_refused(
    settings: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        fitted(algorithm("custom_python", **settings))
