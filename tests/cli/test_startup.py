"""Commands load what they need: who reads definitions waits for no database, who lists jobs for no engine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .bank import Bank

ENGINE = {"duckdb", "ibis", "pyarrow", "numpy", "pandas", "sklearn", "lightgbm", "scipy"}
STATE = {"sqlalchemy", "alembic"}
LOADED = """
import sys
from penstock import cli
try:
    cli.main(sys.argv[1:])
except SystemExit as ended:
    assert not ended.code
print("\\n" + " ".join(sorted({m.split(".")[0] for m in sys.modules})))
"""


def loaded_by(command: str, bank: Bank) -> set[str]:
    words = [sys.executable, "-c", LOADED, *command.split()]
    environment = os.environ | {"PENSTOCK_HOME": str(bank.home)}
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=environment)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", ["project list", "dataset list", "recipe show score_it", "variable list"])
def test_reading_definitions_loads_no_database_and_no_engine(command: str, bank: Bank) -> None:
    assert not loaded_by(command, bank) & (STATE | ENGINE | {"dulwich"})


@pytest.mark.parametrize(
    "command", ["job list", "evaluation list mes", "model versions authorized", "flow show"]
)
def test_reading_the_state_loads_no_engine_and_no_migration(command: str, bank: Bank) -> None:
    assert not loaded_by(command, bank) & (ENGINE | {"alembic"})


def test_a_traceback_is_shown_for_a_bug_and_never_for_our_own_errors(bank: Bank) -> None:
    words = [sys.executable, "-m", "penstock.cli", "dataset", "head", "scorde"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == "There is no dataset 'scorde' in project BANK. Did you mean scored?\n"
