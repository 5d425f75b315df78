"""WikiWritten: the wiki speaks of the objects of the project."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core import wiki
from penstock.core.standard import Finding, ProjectFacts, Standard


class WikiWritten(Standard):
    """The wiki has articles, and enough of them link to objects of the project.

    Example:
        type: wiki_written
        minimum: 3
    """

    minimum: int = Field(default=1, ge=1, description="Articles that must link to an object, at least.")

    def findings(self, facts: ProjectFacts) -> Iterator[Finding]:
        if not facts.articles:
            yield Finding(text="The wiki has no article.")
            return
        linking = [name for name, text in facts.articles.items() if _speaks_of_objects(text)]
        if len(linking) < self.minimum:
            said = f"{len(linking)} of {len(facts.articles)} articles link to an object of the project"
            yield Finding(text=f"{said}; it should be {self.minimum} at least.")


def _speaks_of_objects(text: str) -> bool:
    return any(link.sort not in ("article", "attachment") for link in wiki.links(text))
