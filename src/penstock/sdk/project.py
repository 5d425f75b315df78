"""Which project, recipe and job this process belongs to."""

from __future__ import annotations

from penstock.sdk.transport import current


class Surroundings:
    """Where the code runs: `project.key`, `project.recipe`, `project.job`."""

    @property
    def key(self) -> str:
        """Key of the project."""
        return current().project

    @property
    def recipe(self) -> str:
        """Name of the recipe."""
        return current().recipe

    @property
    def job(self) -> str:
        """Id of the job."""
        return current().job


project = Surroundings()
