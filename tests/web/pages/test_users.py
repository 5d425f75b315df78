"""Pages of users, groups, keys, permissions and the audit log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock.core.access import Permission
from penstock.core.node import Node
from penstock.http import who
from penstock.runtime import audit, keys, people, sessions, users
from penstock.testing import KEY, a_node, a_project
from tests.web.browser import Browser, a_browser

HERE = f"/projects/{KEY}/permissions"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, {"datasets/raw": {"type": "managed"}})
    return made


@pytest.fixture
def ann(node: Node) -> Browser:
    return a_browser(node)


def test_a_user_is_made_and_the_link_shown_once_lets_them_in(node: Node, ann: Browser) -> None:
    users.save_group(node, "readers")
    made = ann.post("/admin/users/new", {"login": "eva", "name": "Eva <b>x</b>", "groups": "readers"})
    link = re.search(r"http://testserver(/welcome/[\w-]+)", made.html)
    assert link is not None
    assert "Eva &lt;b&gt;x&lt;/b&gt;" in made.html
    assert link[1] not in ann.get("/admin/users/eva").html
    newcomer = Browser(node)
    newcomer.post(link[1], {"password": "correct horse", "again": "correct horse"})
    assert [s.login for s in sessions.mine(node, "eva")] == ["eva"]
    assert users.show(node, "eva").groups == ("readers",)


def test_a_login_that_is_taken_is_told_and_what_was_typed_stays(node: Node, ann: Browser) -> None:
    again = ann.post("/admin/users/new", {"login": "ANN", "name": "Another"}, status=422)
    assert "There is a user &#39;ann&#39; already" in again.html
    assert again.form_values("/admin/users/new")["name"] == "Another"


def test_disabling_somebody_logs_them_out(node: Node, ann: Browser) -> None:
    eva = a_browser(node, login="eva", rights=("read",))
    eva.get(f"/projects/{KEY}")
    ann.post("/admin/users/eva/disable")
    assert "/login" in eva.get(f"/projects/{KEY}", status=303).location
    assert "disabled" in ann.get("/admin/users").text
    ann.post("/admin/users/eva/enable")
    assert users.show(node, "eva").enabled


def test_the_last_administrator_cannot_be_taken_away(node: Node, ann: Browser) -> None:
    told = ann.post("/admin/users/ann", {"name": "Ann"}, status=422)
    assert "ann is the last administrator" in told.text.replace("Ann is", "ann is")
    ann.post("/admin/users/ann/disable", status=403)


def test_groups_are_made_changed_and_deleted(node: Node, ann: Browser) -> None:
    assert "No group yet" in ann.get("/admin/groups").text
    ann.post("/admin/groups", {"name": "ops", "permissions": ["manage connections", "write code"]})
    users.add(node, "eva", groups=["ops"])
    assert "eva" in ann.get("/admin/groups/ops").text
    ann.post("/admin/groups/ops", {"description": "Keeps it running", "permissions": "write code"})
    assert node.users.group("ops").permissions == (Permission.WRITE_CODE,)
    ann.post("/admin/groups/ops/delete")
    assert users.show(node, "eva").groups == ()
    assert "no name for a group" in ann.post("/admin/groups", {"name": "<x>"}, status=422).text


@pytest.mark.requirement("A100")
def test_my_key_is_shown_on_one_page_only_and_revoked(node: Node) -> None:
    eva = a_browser(node, login="eva", rights=("read",))
    made = eva.post("/me/keys", {"label": "laptop", "days": "30"})
    secret = re.search(r"pk_\w{8}_[\w-]{40,}", made.html)
    assert secret is not None
    assert made.headers["cache-control"] == "no-store"
    assert keys.identify(node, secret[0]).login == "eva"
    listed = eva.get("/me/keys")
    assert secret[0] not in listed.html
    assert "laptop" in listed.text
    (key,) = keys.mine(node, by="eva")
    other = a_browser(node, login="bob", rights=("read",))
    other.post(f"/me/keys/{key.id}/revoke", status=403)
    eva.post(f"/me/keys/{key.id}/revoke")
    assert keys.mine(node, by="eva") == []


def test_project_and_global_keys_have_rights_of_their_own(node: Node, ann: Browser) -> None:
    assert "could do nothing" in ann.post(f"{HERE}/keys", {"label": "x"}, status=422).text
    ann.post(f"{HERE}/keys", {"label": "nightly", "rights": ["read", "run scenarios"], "days": "0"})
    ann.post("/admin/keys", {"label": "monitor", "projects": "*", "rights": "read"})
    shown = ann.get("/admin/keys")
    assert shown.has("nightly", "monitor", "every project:")
    (key,) = keys.of_project(node, KEY)
    ann.post(f"{HERE}/keys/{key.id}/revoke")
    assert keys.of_project(node, KEY) == []


def test_rights_are_given_changed_and_taken(node: Node, ann: Browser) -> None:
    users.save_group(node, "readers")
    users.add(node, "eva", name="Eva Lind")
    assert "Nobody but the owner" in ann.get(HERE).text
    ann.post(HERE, {"holder": "user:eva", "rights": ["write", "export datasets"]})
    shown = ann.get(HERE)
    assert shown.has("Eva Lind", "and with it: read, run scenarios")
    ann.post(HERE, {"holder": "group:readers", "rights": "read"})
    ann.post(HERE, {"holder": "user:eva"})
    assert node.users.people(KEY).users == {}
    assert node.users.people(KEY).groups == {"readers": frozenset({Permission.READ})}
    ann.post(f"{HERE}/visibility", {"visibility": "discoverable"})
    ann.post(f"{HERE}/owner", {"owner": "eva"})
    assert node.users.people(KEY).owner == "eva"


@pytest.mark.requirement("A99")
def test_nobody_gives_a_right_they_lack(node: Node) -> None:
    users.add(node, "bob")
    eva = a_browser(node, login="eva", rights=("read", "edit permissions"))
    shown = eva.get(HERE)
    assert "You lack it yourself" in shown.text
    told = eva.post(HERE, {"holder": "user:bob", "rights": ["write"]}, status=422)
    assert "nobody passes on a right they lack" in told.text
    eva.post(HERE, {"holder": "user:bob", "rights": ["read"]})
    a_browser(node, login="reader", rights=("read",)).post(HERE, {"holder": "user:bob"}, status=403)


@pytest.mark.requirement("A96")
def test_objects_are_authorised_and_withdrawn(node: Node, ann: Browser) -> None:
    assert "Nothing is authorised" in ann.get(f"{HERE}/authorised").text
    ann.post(f"{HERE}/authorised", {"object": "dataset:raw", "rights": "READ"})
    assert [a.name for a in people.authorised(node, KEY)] == ["raw"]
    reader = a_browser(node, login="eva", rights=("read",))
    assert "Withdraw" not in reader.get(f"{HERE}/authorised").text
    ann.post(f"{HERE}/authorised/dataset/raw/withdraw")
    assert people.authorised(node, KEY) == ()


def test_the_audit_log_is_searched_and_taken_away(node: Node, ann: Browser) -> None:
    users.add(node, "eva")
    audit.note(
        node, "dataset-export", by="<b>mallory</b>", project=KEY, object="dataset:raw", result="not-allowed"
    )
    shown = ann.get("/admin/audit")
    assert shown.has("user-create", "&lt;b&gt;mallory&lt;/b&gt;", "not-allowed", "/admin/audit/live")
    found = ann.get("/admin/audit?type=dataset-export")
    assert "user-create" not in found.html
    assert "/admin/audit/live" not in found.html
    assert ann.get("/admin/audit?text=nowhere").has("Nothing that fits")
    assert ann.get("/admin/audit?since=2099-01-01").has("Nothing that fits")
    ann.get("/admin/audit?since=yesterday", status=422)
    lines = ann.get("/admin/audit/events.jsonl?user=%3Cb%3Emallory%3C/b%3E").html.splitlines()
    assert len(lines) == 1


def test_only_administrators_see_any_of_it(node: Node) -> None:
    eva = a_browser(node, login="eva", rights=("admin",))
    for page in ("users", "users/eva", "groups", "keys", "audit"):
        eva.get(f"/admin/{page}", status=403)
    eva.get(HERE)
    assert eva.client.cookies[who.COOKIE]
