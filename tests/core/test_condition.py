"""Conditions: true runs, false and null do not, anything else is an error."""

from __future__ import annotations

import pytest

from penstock.core.condition import holds
from penstock.core.errors import InvalidExpression, UndefinedVariable
from penstock.core.formula import Formula


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("stepOutcome_MES_Warn == 'WARNING'", True),
        ("stepOutcome_MES_Warn == 'FAILED' || outcome == 'SUCCESS'", False),
        ("stepOutcome_MES_Warn == 'WARNING' or outcome == 'SUCCESS'", True),
        ("variables['stepOutcome_Step #2'] == 'FAILED'", True),
        ("variables['never set'] == 'FAILED'", False),
        ("toNumber(rows) > 1000", False),
        ("missing_value > 3", False),
    ],
)
def test_a_condition_holds_only_when_it_is_true(text: str, answer: bool) -> None:
    names = {"stepOutcome_MES_Warn": "WARNING", "outcome": "WARNING", "stepOutcome_Step #2": "FAILED",
             "rows": "12", "missing_value": None}  # fmt: skip
    assert holds(Formula(text), names) is answer


def test_an_unknown_name_is_an_error_and_not_silence() -> None:
    with pytest.raises(UndefinedVariable):
        holds(Formula("stepOutcome_Nope == 'WARNING'"), {})


def test_an_answer_that_is_neither_true_nor_false_is_an_error() -> None:
    with pytest.raises(InvalidExpression, match="neither true nor false"):
        holds(Formula("1 + 1"), {})


@pytest.mark.requirement("A63")
def test_a_word_that_is_no_outcome_is_an_error_and_not_silence() -> None:
    names = {"outcome": "FAILED", "wanted": "FAIL"}
    for text in ("outcome == 'FAIL'", "outcome != '${wanted}'", "variables['outcome'] == 'FAIL'"):
        with pytest.raises(InvalidExpression, match=r"'FAIL' is no outcome.*Did you mean FAILED"):
            holds(Formula(text), names)
    assert holds(Formula("outcome == '${wanted}ED'"), names)


@pytest.mark.requirement("A63")
@pytest.mark.parametrize(
    "text",
    [
        "stepOutput_ck['auk'] < 0.7",
        "stepOutput_ck.auk == 1",
        "toNumber(outcome) < 0.7",
        "1/0 > 1 and outcome == 'FAILED'",
    ],
)
def test_a_comparison_with_what_does_not_compute_is_an_error_and_not_silence(text: str) -> None:
    with pytest.raises(InvalidExpression, match=r"cannot be judged: .* has no value"):
        holds(Formula(text), {"stepOutput_ck": {"auc": 0.5}, "outcome": "FAILED"})


def test_a_key_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(InvalidExpression, match="Did you mean auc"):
        holds(Formula("stepOutput_ck['auk'] < 0.7"), {"stepOutput_ck": {"auc": 0.5}})


@pytest.mark.parametrize(
    "text",
    [
        "stepOutput_ck['auk'] == null",
        "coalesce(stepOutput_ck['auk'], 0) < 0.7",
        "isNull(stepOutput_ck['auk'])",
    ],
)
def test_asking_whether_something_is_missing_is_allowed(text: str) -> None:
    assert holds(Formula(text), {"stepOutput_ck": {"auc": 0.5}})


@pytest.mark.requirement("A63")
def test_what_stands_behind_a_guard_that_decides_is_not_judged() -> None:
    names = {"outcome": "FAILED", "stepOutput_a": {}}
    assert not holds(Formula("outcome == 'SUCCESS' && stepOutput_a['auc'] < 0.7"), names)
    assert holds(Formula("outcome == 'FAILED' || stepOutput_a['auc'] < 0.7"), names)
    with pytest.raises(InvalidExpression, match="cannot be judged"):
        holds(Formula("outcome == 'FAILED' && stepOutput_a['auc'] < 0.7"), names)


def test_elements_of_an_array_are_judged_one_by_one() -> None:
    names = {"found": [{"a": 1, "b": 2}, {"a": 1}]}
    assert holds(Formula("length(filter(found, x, x.a == 1 && x.b == 2)) == 1"), names)
