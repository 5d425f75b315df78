"""An external dataset."""

from __future__ import annotations

from pydantic import Field

from penstock.core.dataset import Dataset


class Outer(Dataset):
    """A dataset whose rows live elsewhere."""

    place: str = Field(default="", description="Where.")
    limit: int = Field(default=0, description="How many.")
