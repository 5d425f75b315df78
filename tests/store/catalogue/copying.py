"""A visual recipe."""

from __future__ import annotations

from pydantic import Field

from penstock.core.kind import Definition
from penstock.core.names import InputDataset, InputModel, OutputDataset
from penstock.core.recipe import Recipe


class Part(Definition):
    """One more input."""

    dataset: InputDataset = Field(description="Which.")
    factor: float = Field(default=1.0, description="How much of it.")
    label: str = Field(default="", description="What it is called.")


class Copying(Recipe):
    """Copies."""

    input: InputDataset = Field(description="From.")
    output: OutputDataset = Field(description="To.")
    more: tuple[Part, ...] = Field(default=(), description="Further inputs.")
    by_role: dict[str, InputDataset] = Field(default_factory=dict, description="Inputs by role.")
    model: InputModel | None = Field(default=None, description="With.")
