"""What every adapter of the Users and Credentials ports keeps."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from penstock.core.access import People, Permission, Visibility
from penstock.core.errors import Conflict, NotFound
from penstock.core.user import ApiKey, Failures, Group, KeySort, Link, Purpose, Session, User
from penstock.store.credentials import SqlCredentials
from penstock.store.database import Database
from penstock.store.users import SqlUsers

from .stores import NOON, at

READ, WRITE = Permission.READ, Permission.WRITE


def a_user(login: str = "eva", **more: object) -> User:
    return User(**{"login": login, "created_at": NOON, **more})  # type: ignore[arg-type]


def a_key(id: str = "k1", **more: object) -> ApiKey:
    facts = {"sort": KeySort.PROJECT, "project": "P", "projects": {"P": (READ, WRITE)}, "created_by": "eva"}
    return ApiKey(**{"id": id, "created_at": NOON, **facts, **more})  # type: ignore[arg-type]


def test_a_user_comes_back_as_it_was_and_a_login_is_taken_once(database: Database) -> None:
    users = SqlUsers(database)
    eva = a_user(name="Eva", email="e@x", groups=("a", "b"), admin=True)
    users.add(eva)
    assert (users.get("eva"), users.find("bob")) == (eva, None)
    with pytest.raises(Conflict):
        users.add(a_user())
    with pytest.raises(NotFound, match="Did you mean eva"):
        users.get("evaa")
    with pytest.raises(NotFound):
        users.save(a_user("bob"))


def test_saving_a_user_keeps_when_they_were_seen(database: Database) -> None:
    users = SqlUsers(database)
    users.add(a_user())
    users.seen("eva", at(5))
    users.save(a_user(name="Eva", enabled=False))
    assert users.get("eva") == a_user(name="Eva", enabled=False, seen_at=at(5))


def test_a_deleted_group_leaves_members_and_projects(database: Database) -> None:
    users = SqlUsers(database)
    group = Group(name="ops", description="d", permissions=(Permission.WRITE_CODE,))
    users.save_group(group)
    users.save_group(Group(name="other"))
    users.add(a_user(groups=("ops", "other")))
    users.save_people(People(project="P", groups={"ops": frozenset({READ}), "other": frozenset({WRITE})}))
    assert users.group("ops") == group
    users.delete_group("ops")
    assert users.get("eva").groups == ("other",)
    assert users.people("P").groups == {"other": frozenset({WRITE})}
    with pytest.raises(NotFound):
        users.delete_group("ops")


def test_people_of_a_project_are_replaced_as_a_whole(database: Database) -> None:
    users = SqlUsers(database)
    assert users.people("P") == People(project="P")
    told = People(
        project="P", owner="eva", visibility=Visibility.DISCOVERABLE, users={"bob": frozenset({READ, WRITE})},
        groups={"ops": frozenset({READ})},
    )  # fmt: skip
    users.save_people(told)
    users.save_people(People(project="Q", owner="bob"))
    assert users.people("P") == told
    assert users.all_people() == {"P": told, "Q": People(project="Q", owner="bob")}
    users.save_people(People(project="P", owner="bob", users={"x": frozenset()}))
    assert users.people("P") == People(project="P", owner="bob")
    users.delete_project("P")
    assert list(users.all_people()) == ["Q"]


def test_passwords_are_checked_and_kept_as_argon2(database: Database) -> None:
    credentials = SqlCredentials(database)
    assert not credentials.check_password("eva", "")
    credentials.set_password("eva", "one")
    credentials.set_password("eva", "two")
    assert (credentials.check_password("eva", "two"), credentials.check_password("eva", "one")) == (
        True,
        False,
    )
    assert credentials._hash("eva").startswith("$argon2id$")
    credentials.set_password("eva", "")
    assert (credentials.has_password("eva"), credentials.check_password("eva", "")) == (False, False)


def test_sessions_end_one_by_one_and_all_but_one(database: Database) -> None:
    credentials = SqlCredentials(database)
    for id in "abc":
        credentials.add_session(Session(id=id, login="eva", created_at=NOON, seen_at=NOON, expires_at=at(9)))
    credentials.touch_session("a", at(3))
    assert credentials.session("a") == Session(
        id="a", login="eva", created_at=NOON, seen_at=at(3), expires_at=at(9)
    )
    credentials.end_session("b")
    assert credentials.end_sessions("eva", keep="a") == 1
    assert [s.id for s in credentials.sessions("eva")] == ["a"]


def test_a_link_is_taken_by_exactly_one_of_many(database: Database) -> None:
    credentials = SqlCredentials(database)
    link = Link(id="a", login="eva", purpose=Purpose.RESET, created_at=NOON, expires_at=at(9))
    credentials.add_link(
        Link(id="old", login="eva", purpose=Purpose.RESET, created_at=NOON, expires_at=at(9))
    )
    credentials.add_link(link)
    assert (credentials.link("old"), credentials.link("a")) == (None, link)
    taken: list[Link | None] = []
    threads = [threading.Thread(target=lambda: taken.append(credentials.take_link("a"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in taken if one] == [link]


def test_keys_are_found_by_their_hash_and_go_with_their_project(database: Database) -> None:
    credentials = SqlCredentials(database)
    credentials.add_key(a_key(), "hash")
    credentials.add_key(a_key("k2", sort=KeySort.PERSONAL, login="eva", project="", projects={}), "other")
    assert credentials.key_by_hash("hash") == a_key()
    assert credentials.key_by_hash("x") is None
    credentials.use_key("k1", at(1))
    assert credentials.key("k1").used_at == at(1)
    assert [k.id for k in credentials.keys(login="eva")] == ["k2"]
    credentials.delete_project("P")
    assert [k.id for k in credentials.keys(login="")] == ["k2"]
    with pytest.raises(NotFound):
        credentials.delete_key("k1")


def test_failures_are_counted_by_account_and_by_address(database: Database) -> None:
    credentials = SqlCredentials(database)
    for n, (account, address) in enumerate([("eva", "h"), ("eva", "h"), ("eva", "t"), ("bob", "h")]):
        credentials.failed(account, address, at(n))
    counted = credentials.failures("eva", "h", NOON - timedelta(seconds=1))
    assert counted == Failures(here=2, account=3, address=3, last_at=at(3))
    assert credentials.failures("eva", "h", at(0)).here == 1
    assert credentials.failures("eva", "", NOON - timedelta(seconds=1)).address == 0
    credentials.succeeded("eva", "h")
    assert credentials.failures("eva", "h", at(-1)) == Failures(here=0, account=1, address=1, last_at=at(3))


def test_sweeping_drops_what_is_over(database: Database) -> None:
    credentials = SqlCredentials(database)
    for id, ends in (("a", at(5)), ("b", at(50))):
        credentials.add_session(Session(id=id, login="eva", created_at=NOON, seen_at=NOON, expires_at=ends))
        credentials.add_link(Link(id=id, login=id, purpose=Purpose.RESET, created_at=NOON, expires_at=ends))
        credentials.failed(id, id, ends)
    credentials.sweep(at(10), timedelta(milliseconds=2))
    assert [credentials.session("a"), credentials.link("a")] == [None, None]
    assert credentials.session("b")
    assert credentials.failures("a", "", NOON).account == 0
    assert credentials.failures("b", "", NOON).account == 1
