"""Calls: which scenarios a scenario runs, and the circle that would make one wait for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from penstock.core.names import project_beside, references
from penstock.core.scenario import Scenario

Called = tuple[str, str]
"""Project and scenario."""
Path = tuple[str | int, ...]


def calls(scenario: Scenario, project: str) -> list[tuple[Path, Called]]:
    """Where a step runs a scenario, and which. Steps that are off run none; names with `${…}` are known only then."""
    return [
        (r.path, (project_beside(scenario, r.path) or project, r.name))
        for r in references(scenario)
        if r.types == ("scenario",) and r.path[0] == "steps" and scenario.steps[int(r.path[1])].enabled
        and "${" not in r.name
    ]  # fmt: skip


def circle(start: Called, first: Called, called_by: Callable[[Called], Iterable[Called]]) -> list[Called]:
    """The shortest way from `start` over `first` back to `start`, both ends told; empty when there is none."""
    waiting, seen = [[start, first]], {first}
    while waiting:
        way = waiting.pop(0)
        if way[-1] == start:
            return way
        for following in called_by(way[-1]):
            if following not in seen:
                seen.add(following)
                waiting.append([*way, following])
    return []


def told(way: Sequence[Called]) -> str:
    """What is wrong with a circle, in a sentence that names the chain."""
    projects = {project for project, _ in way}
    chain = " → ".join(name if len(projects) == 1 else f"{project}.{name}" for project, name in way)
    if len(way) == 2:
        return "A scenario cannot run itself: the step would wait for its own end."
    return f"This step would wait for itself: {chain}. Take the step that closes the circle away."
