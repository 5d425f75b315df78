"""Pages of connections: define by form, what is missing, secrets that are never shown."""

from __future__ import annotations

from pathlib import Path

from penstock.runtime import connections
from penstock.testing import a_node, a_project
from tests.servers import Postgres
from tests.web.browser import a_browser

MAIL = {"connection_name": "mail", "type": "smtp", "host": "localhost", "password": "secret:mail_word"}


def test_a_channel_is_made_by_its_form_and_says_which_secret_is_missing(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    browser = a_browser(node)
    assert "No connection yet" in browser.get("/admin/connections").text
    browser.post("/admin/connections/new", MAIL)
    assert connections.listed(node, "mail").missing_secrets == ("mail_word",)
    assert "mail_word" in browser.get("/admin/connections/mail").text


def test_a_sealed_value_is_never_shown(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    browser = a_browser(node)
    browser.post("/admin/secrets", {"name": "mail_word", "value": "tops3cret"})
    page = browser.get("/admin/connections")
    assert "mail_word" in page.text
    assert "tops3cret" not in page.html
    browser.post("/admin/secrets/mail_word/delete")
    assert connections.secrets(node) == []


def test_a_flaw_is_shown_at_its_field_and_nothing_is_saved(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    answer = a_browser(node).post("/admin/connections/new", {**MAIL, "password": "plain"}, status=422)
    assert "A secret is never written here" in answer.text
    assert connections.list_(node) == []


def test_only_who_manages_connections_sees_them(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    a_browser(node, rights=("read",)).get("/admin/connections", status=403)


def test_a_database_is_made_and_tried_by_its_form(tmp_path: Path, postgres: Postgres) -> None:
    node = a_node(tmp_path)
    browser = a_browser(node)
    page = browser.get("/admin/connections/new?type=postgresql")
    assert "Name or address of the server" in page.text
    values = {key: str(value) for key, value in postgres.settings.items()}
    made = {"connection_name": "warehouse", "schema": "public", "writable": "", **values}
    browser.post("/admin/connections/new", made)
    found = connections.show(node, "warehouse")
    assert found.to_mapping()["schema"] == "public"
    answer = browser.post("/admin/connections/warehouse/test")
    assert (
        "It answers: PostgreSQL 18" in browser.get(answer.headers.get("location", "/admin/connections")).text
    )
