"""ProjectDescribed: somebody said what the project is for, and who answers for it."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found


def test_a_fresh_project_says_nothing_of_itself() -> None:
    assert found("project_described", facts()) == [
        "The project has no description.", "Its goals are not written down.", "Nobody is named as involved.",
    ]  # fmt: skip


def test_one_that_says_what_it_is_passes() -> None:
    said = {"description": "Late flights.", "goals": "Fewer.", "people": {"ann": "owner"}}
    assert found("project_described", facts(settings=said)) == []
