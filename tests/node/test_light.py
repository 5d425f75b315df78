"""The node is a small program."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sqlalchemy", "duckdb", "ibis", "pandas", "sklearn", "fastapi", "jinja2", "typer", "optuna")


@pytest.mark.parametrize(
    "module", ["penstock_node", "penstock_node.process", "penstock_node.cli", "penstock_node.crowd"]
)
def test_importing_it_loads_neither_the_studio_nor_pandas(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
