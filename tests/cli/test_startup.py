"""Commands load what they need: who reads definitions waits for no database, who lists jobs for no engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .bank import Bank

ENGINE = {"duckdb", "ibis", "pyarrow", "numpy", "pandas", "sklearn", "lightgbm", "scipy"}
STATE = {"sqlalchemy", "alembic"}
LOADED = """
import sys
from penstock import cli
for command in sys.argv[1:]:
    try:
        cli.main(command.split())
    except SystemExit as ended:
        assert not ended.code
print("\\n" + " ".join(sorted({m.split(".")[0] for m in sys.modules})))
"""


def loaded_by(*commands: str, home: Path) -> set[str]:
    """Top-level modules in memory after these commands in one fresh process."""
    words = [sys.executable, "-c", LOADED, *commands]
    environment = os.environ | {"PENSTOCK_HOME": str(home)}
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=environment)
    return set(done.stdout.splitlines()[-1].split())


def test_reading_definitions_loads_no_database_and_no_engine(bank: Bank) -> None:
    loaded = loaded_by(
        "project list", "dataset list", "recipe show score_it", "variable list", home=bank.home
    )
    assert not loaded & (STATE | ENGINE | {"dulwich"})


def test_reading_the_state_loads_no_engine_and_no_migration(bank: Bank) -> None:
    loaded = loaded_by(
        "job list", "evaluation list mes", "model versions authorized", "flow show", home=bank.home
    )
    assert not loaded & (ENGINE | {"alembic"})


def test_looking_at_scenarios_and_their_runs_loads_no_engine(auto: Bank) -> None:
    auto.ok("scenario", "run", "greet", "--param", "who=Ann")
    commands = ("scenario list", "scenario show greet", "scenario steps greet", "trigger list", "home status")
    loaded = loaded_by(*commands, home=auto.home)
    assert not loaded & (ENGINE | {"alembic", "jinja2", "altair", "apprise"})


def test_a_traceback_is_shown_for_a_bug_and_never_for_our_own_errors(bank: Bank) -> None:
    words = [sys.executable, "-m", "penstock.cli", "dataset", "head", "scorde"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == "There is no dataset 'scorde' in project BANK. Did you mean scored?\n"
