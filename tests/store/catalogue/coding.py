"""A recipe with code."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from penstock.core.names import InputDataset, OutputDataset
from penstock.core.recipe import Recipe


class Coding(Recipe):
    """Runs code."""

    BODY: ClassVar[str] = "py"
    CATEGORY: ClassVar[str] = "code"

    inputs: tuple[InputDataset, ...] = Field(default=(), description="From.")
    outputs: tuple[OutputDataset, ...] = Field(default=(), description="To.")
    body: str = Field(description="The code.")
