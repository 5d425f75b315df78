"""Penstock's real-time node: opens versions of API services and answers queries, nothing else."""

from __future__ import annotations

__version__ = "0.1.0"
