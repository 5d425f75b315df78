"""`make demo-postgres`, on a twentieth of its rows: eight datasets move into a database and every number stays."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from penstock.app import open_home
from penstock.cli import _postgres_demo
from penstock.sdk.client import Project
from tests.servers import Postgres

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def fewer_rows() -> Any:
    spec = importlib.util.spec_from_file_location("fraud_demo", EXAMPLES / "fraud_demo.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return SimpleNamespace(write=lambda folder: script.write(folder, rows_a_month=400))


@pytest.mark.requirement("A13", "A16")
def test_the_story_gives_the_same_numbers_in_a_database(
    tmp_path: Path, postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    home = open_home(tmp_path / "home", create=True, threads=2)

    def add(key: str) -> Project:
        return home.add_project(EXAMPLES / "fraud", key=key)

    server = _postgres_demo.Server(
        host=postgres.host, user=postgres.user, log=postgres.log, database=postgres.database
    )
    _postgres_demo.run(home, add, fewer_rows(), server)
    said = capsys.readouterr().out
    assert "8 datasets moved to connection warehouse" in said
    found = re.search(r"(\d+) of (\d+) are equal\.", said)
    assert found is not None
    assert found[1] == found[2]
    assert int(found[2]) >= 120, "every metric of both stores is compared"
    assert "Statements that hand rows of a dataset to a client: 0." in said
