"""Connections as files of the home."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.errors import InvalidDefinition, InvalidName, NotFound
from penstock.store.connections import FileConnections


def smtp(**settings: object) -> Connection:
    made = registry.parse("connections", {"type": "smtp", "host": "mail.example.org", **settings})
    assert isinstance(made, Connection)
    return made


def test_a_connection_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    store = FileConnections(tmp_path)
    store.save("office", smtp(login="penstock", password="secret:smtp"))
    assert FileConnections(tmp_path).names() == ["office"]
    assert store.get("office") == smtp(login="penstock", password="secret:smtp")


def test_a_comment_survives_a_save(tmp_path: Path) -> None:
    store = FileConnections(tmp_path)
    store.save("office", smtp())
    file = tmp_path / "connections/office.yaml"
    file.write_text("# of the IT department\n" + file.read_text())
    store.save("office", smtp(port=2525))
    assert file.read_text().startswith("# of the IT department")
    assert "2525" in file.read_text()


def test_a_password_in_the_clear_is_refused_with_what_to_write(tmp_path: Path) -> None:
    file = tmp_path / "connections/office.yaml"
    file.parent.mkdir()
    file.write_text("type: smtp\nhost: mail.example.org\npassword: hunter22\n")
    with pytest.raises(
        InvalidDefinition, match=r"office\.yaml:3: password.*penstock channel secret put"
    ) as refused:
        FileConnections(tmp_path).get("office")
    assert "hunter22" not in str(refused.value)


def test_an_unknown_connection_names_the_nearest(tmp_path: Path) -> None:
    store = FileConnections(tmp_path)
    store.save("office", smtp())
    with pytest.raises(NotFound, match="Did you mean office"):
        store.get("ofice")


def test_a_deleted_connection_is_gone(tmp_path: Path) -> None:
    store = FileConnections(tmp_path)
    store.save("office", smtp())
    store.delete("office")
    assert store.names() == []


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidName):
        FileConnections(tmp_path).save("../office", smtp())
