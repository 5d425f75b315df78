"""What may change in a project that came with a bundle."""

from __future__ import annotations

import pytest

from penstock.core import shipped
from penstock.core.scenario import Scenario

CAME = {"scenarios/nightly.yaml": "x", "flow/recipes/copy.yaml": "y", "project.yaml": "z"}
NIGHTLY = Scenario(title="Nightly")


@pytest.mark.parametrize(
    ("file", "before", "after", "may"),
    [
        ("scenarios/own.yaml", None, NIGHTLY, True),
        ("scenarios/own.yaml", NIGHTLY, None, True),
        ("scenarios/nightly.yaml", NIGHTLY, NIGHTLY.changed(active=True), True),
        ("scenarios/nightly.yaml", NIGHTLY, NIGHTLY.changed(run_as="op"), True),
        ("scenarios/nightly.yaml", NIGHTLY, NIGHTLY.changed(title="Daily"), False),
        ("scenarios/nightly.yaml", NIGHTLY, None, False),
        ("scenarios/nightly.yaml", NIGHTLY, "title: Nightly\n", False),
        ("flow/recipes/copy.yaml", None, "type: sync\n", False),
        ("flow/recipes/new.yaml", None, "type: sync\n", False),
        ("wiki/home.md", None, "# New\n", False),
        ("project.yaml", None, "title: T\n", False),
    ],
)
def test_only_scenarios_of_this_node_and_switches_change(
    file: str, before: object, after: object, may: bool
) -> None:
    assert shipped.may_change(file, before, after, CAME) is may
