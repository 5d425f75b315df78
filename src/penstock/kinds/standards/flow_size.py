"""FlowSize: the Flow, and each zone of it, stay small enough to be understood."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, ProjectFacts, Severity, Standard


class FlowSize(Standard):
    """The Flow is not too large, and no zone of it is.

    Example:
        type: flow_size
        objects: 200
        in_a_zone: 40
    """

    severity: Severity = Field(default="LOW", description=HOW_BAD)
    objects: int = Field(default=200, ge=1, description="Objects of the whole Flow.")
    in_a_zone: int = Field(default=40, ge=1, description="Objects of one zone; what lies in none is one too.")

    def findings(self, facts: ProjectFacts) -> Iterator[Finding]:
        items, zones = facts.project.own_items, facts.project.zones
        if len(items) > self.objects:
            yield Finding(
                text=f"The Flow has {len(items)} objects; more than {self.objects} are hard to follow."
            )
        sizes = {name: len(zone.items) for name, zone in zones.zones.items()}
        rest = len(items) - sum(sizes.values())
        for name, size in {**sizes, zones.default_title: rest}.items():
            if size > self.in_a_zone:
                yield Finding(
                    text=f"Zone {name} has {size} objects; more than {self.in_a_zone} are hard to follow."
                )
