"""Standards: one that breaks is an error of its own; severities have an order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from penstock.core.standard import Finding, ProjectFacts, Standard, judged, library, worse_than
from tests.kinds.standards.given import facts


class Broken(Standard):
    """One that breaks while it looks."""

    def findings(self, facts: ProjectFacts) -> Iterator[Finding]:
        yield Finding(text=f"{1 / len(facts.articles)} of them.")

    @classmethod
    def kind_name(cls) -> str:
        return "broken"


@pytest.mark.requirement("D96")
def test_one_that_breaks_is_an_error_and_no_finding() -> None:
    result = judged(Broken(), facts())
    assert (result.state, result.severity, result.text) == (
        "error", "SUCCESS", "ZeroDivisionError: division by zero",
    )  # fmt: skip
    assert judged(Broken(), facts(articles={"a": ""})).state == "review"


def test_every_kind_is_in_the_library_under_its_own_name() -> None:
    assert [one.key for one in library()] == [one.kind_name() for one in library()]


@pytest.mark.parametrize(("accepted", "left"), [("SUCCESS", 3), ("LOW", 2), ("HIGH", 1), ("CRITICAL", 0)])
def test_only_what_is_worse_is_left(accepted: str, left: int) -> None:
    results = [{"severity": word} for word in ("SUCCESS", "LOW", "HIGH", "CRITICAL")]
    assert len(worse_than(accepted, results)) == left
