"""Processes killed at any moment. `PENSTOCK_KILLS=10` kills ten times as often as every day's suite does."""

from __future__ import annotations

import os


def kills(usual: int) -> int:
    """How often a test kills: so often as in every day's suite, times `PENSTOCK_KILLS`."""
    return int(usual * float(os.environ.get("PENSTOCK_KILLS", "1")))
