"""A score of the project's own."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import InvalidDefinition
from penstock.core.score import Guess
from penstock.kinds.scores.custom_score import CustomScore

from .given import BINARY, binary, multiclass


def value(code: str, guess: Guess | None = None) -> float | None:
    return CustomScore(name="ours", code=code).score(BINARY, guess or binary())


@pytest.mark.requirement("M26")
def test_it_returns_what_the_code_returns() -> None:
    assert value("def score(truth, prediction):\n    return 0.42") == 0.42


def test_it_is_given_labels_not_codes() -> None:
    code = "def score(prediction):\n    return float(set(prediction.tolist()) <= {'a', 'b', 'c'})"
    assert value(code, multiclass()) == 1.0


def test_it_may_look_at_the_reference() -> None:
    table = pa.table({"x": [1, 2, 3]})
    guess = Guess(BINARY, None, None, (0, 1), reference=table)
    assert value("def score(reference):\n    return reference.num_rows", guess) == 3


def test_no_number_is_no_value() -> None:
    assert value("def score(truth):\n    return float('nan')") is None


def test_code_without_the_function_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match=r"no function score"):
        value("x = 1")


def test_proba_and_weights_are_there() -> None:
    guess = binary(np.ones(len(BINARY)))
    assert value("def score(proba, weights):\n    return proba.shape[1] + weights.mean()", guess) == 3.0
