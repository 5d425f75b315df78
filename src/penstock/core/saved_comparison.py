"""Saved comparisons: which versions and evaluations stand side by side, kept under a name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from penstock.core.errors import FlawAt
from penstock.core.kind import Described

Reference = Annotated[str, Field(min_length=3, max_length=300)]


class SavedComparison(Described):
    """Versions and evaluations side by side, opened again by name; their values are read anew each time.

    Example:
        title: The retrained model against the first
        items: [mes_for_ground_truth/2013-10, mes_for_ground_truth/2013-11]
        champion: mes_for_ground_truth/2013-10
    """

    items: tuple[Reference, ...] = Field(
        min_length=1,
        description="`model/version`, `store/evaluation` or full ids, in the order of the columns.",
    )
    champion: str = Field(
        default="", description="The one that the others are compared with; none when empty."
    )
    hidden: tuple[Reference, ...] = Field(default=(), description="Items that are kept and not shown.")

    @field_validator("items")
    @classmethod
    def _once(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        for n, item in enumerate(items):
            if item in items[:n]:
                raise FlawAt(f"'{item}' stands here twice.", n)
        return items

    @model_validator(mode="after")
    def _among_items(self) -> SavedComparison:
        if self.champion and self.champion not in self.items:
            raise FlawAt(f"'{self.champion}' is none of the items.", "champion")
        for n, item in enumerate(self.hidden):
            if item not in self.items:
                raise FlawAt(f"'{item}' is none of the items.", "hidden", n)
        return self

    @property
    def shown(self) -> tuple[str, ...]:
        """The items that are not hidden."""
        return tuple(item for item in self.items if item not in self.hidden)
