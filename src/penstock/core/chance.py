"""Chance without dice: a number per row from its position and the seed, the same on every engine and run.

A multiply-and-shift mixer of 31 bits, each step of which can be undone, turns a row's number into a permutation of
0 .. 2^31-1: no two rows share a number, and plain integer arithmetic needs nothing that engines do differently.
"""

from __future__ import annotations

from typing import Any

SPAN = 2**31
_MASK = SPAN - 1
_STEPS = ((0x2C1B3C6D, 15), (0x297A2D39, 13), (0x5851F42D, 16), (0x1B873593, 15))


def mixed(number: Any, seed: int) -> Any:
    """A whole number, or an Ibis column of them, as a scattered one below SPAN."""
    value = (number + scattered(seed)) & _MASK
    for factor, shift in _STEPS:
        value = (value * factor) & _MASK
        value = value ^ (value >> shift)
    return value


def scattered(seed: int) -> int:
    """The seed itself, mixed, so that neighbouring seeds begin far apart."""
    value = (seed * 0x9E3779B1 + 0x7F4A7C15) & _MASK
    for factor, shift in _STEPS:
        value = (value * factor) & _MASK
        value ^= value >> shift
    return value
