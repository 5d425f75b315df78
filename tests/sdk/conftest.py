"""The trained project of the command line's tests serves the client's too."""

from tests.cli.conftest import auto, automat_once, bank, made_once, own

__all__ = ["auto", "automat_once", "bank", "made_once", "own"]
