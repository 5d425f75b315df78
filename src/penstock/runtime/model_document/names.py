"""Every name a template of a model document may hold."""

from __future__ import annotations

from penstock.core.placeholders import Names
from penstock.runtime.model_document import (
    around_names,
    design_names,
    fairness_names,
    forecast_names,
    result_names,
)
from penstock.runtime.model_document.subject import Subject

SPELLINGS = {"training_and_validation_strategy": "training_and_testing_strategy"}
"""Both are written; they mean the same."""


def names(s: Subject) -> Names:
    """The names of a version. Nothing is computed before a template asks."""
    says = {
        **design_names.names(s), **result_names.names(s), **around_names.names(s), **fairness_names.names(s),
        **forecast_names.names(s),
    }  # fmt: skip
    return Names(says=says, answers=result_names.answers(s), other_spellings=SPELLINGS)
