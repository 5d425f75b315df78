"""Code environments and plugins from the command line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from .bank import Bank

EXAMPLE = Path(__file__).parents[2] / "plugins" / "example"


@pytest.mark.requirement("D69")
def test_an_environment_is_made_shown_exported_and_deleted(own: Bank, tmp_path: Path) -> None:
    assert own.ok("environment", "list").out.startswith("None yet")
    said = own.ok("environment", "create", "bare", "--description", "Nothing in it")
    assert "bare is ready: Python 3." in said.out
    [row] = own.ok("environment", "list", "--json").json
    assert (row["name"], row["state"], row["packages"]) == ("bare", "ready", 0)
    shown = own.ok("environment", "show", "bare", "--json").json
    assert shown["requested"] == []
    assert any(line.startswith("pandas==") for line in shown["base"])
    own.ok("environment", "export", "bare", str(tmp_path))
    with zipfile.ZipFile(tmp_path / "bare.zip") as opened:
        assert opened.read("requirements.txt") == b""
    assert "0 packages are installed" in own.ok("environment", "log", "bare").out
    assert "Nothing uses it" in own.ok("environment", "usages", "bare").out
    own.ok("environment", "delete", "bare")
    assert "no code environment 'bare'" in own.run("environment", "show", "bare").err


def test_plugins_are_listed_with_where_they_are_installed(empty: Bank) -> None:
    [row] = empty.ok("plugin", "list", "--json").json
    assert (row["name"], row["installed"], row["kinds"]) == ("example", "beside Penstock", 2)
    assert empty.ok("plugin", "show", "example", "--json").json["kinds"]["checks"] == ["example.even"]
    said = empty.run("plugin", "install", str(EXAMPLE / "README.md"))
    assert said.code != 0
