"""A managed dataset."""

from __future__ import annotations

from typing import ClassVar

from penstock.core.dataset import Dataset


class Inner(Dataset):
    """A dataset that recipes write."""

    MANAGED: ClassVar[bool] = True
