"""Deployed: the project runs somewhere, by itself."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found


def test_a_project_that_is_nowhere_is_found() -> None:
    assert found("deployed", facts()) == ["The project is deployed nowhere."]


def test_a_deployment_where_nothing_starts_is_found() -> None:
    assert found("deployed", facts(deployments={"prod": []})) == [
        "No deployment has a scenario that starts by itself: prod."
    ]
    assert found("deployed", facts(deployments={"prod": [], "test": ["daily"]})) == []
