"""FlowSize: the Flow, and each zone of it, stay small enough to be understood."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found

DATASETS = {name: {"type": "managed"} for name in "abcde"}


def test_a_large_flow_and_its_large_zones_are_found() -> None:
    given = facts(datasets=DATASETS, zones={"zones": {"Left": {"items": ["a", "b", "c"]}}})
    assert found("flow_size", given) == []
    assert found("flow_size", given, objects=4) == ["The Flow has 5 objects; more than 4 are hard to follow."]
    assert found("flow_size", given, in_a_zone=2) == [
        "Zone Left has 3 objects; more than 2 are hard to follow."
    ]


def test_what_lies_in_no_zone_is_one_too() -> None:
    assert found("flow_size", facts(datasets=DATASETS), in_a_zone=4) == [
        "Zone Default has 5 objects; more than 4 are hard to follow."
    ]
