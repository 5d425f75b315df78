"""The trained project of the command line's tests serves the client's too."""

from tests.cli.conftest import bank, made_once, own

__all__ = ["bank", "made_once", "own"]
