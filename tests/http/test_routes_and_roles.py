"""Every route × every role: who lacks its permission is refused, who has it is not, and no route has none.

Roles that lack the permission knock at every address. Those that have it open every page and resource that only shows
something; what changes something is sent over REST with a session but without its form token, so that it is refused
for that reason, and nothing is changed. Pages that change something have tests of their own.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.api import table
from penstock.api.route import PREFIX
from penstock.core.access import GLOBAL, OF_PROJECTS, Permission, given
from penstock.core.job import BuildMode, Job, JobState
from penstock.core.node import Node
from penstock.core.scenario import RunState, ScenarioRun
from penstock.http import who
from penstock.runtime import keys, people, sessions, users
from penstock.server import make
from penstock.testing import KEY, a_node, a_project
from penstock.web import routes as pages

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

pytestmark = pytest.mark.timeout(30)
JSON = {"accept": "application/json"}
ROLES: dict[str, tuple[str, ...]] = {
    "stranger": (), "dashboards": ("read dashboards",), "tiles": ("write dashboards",), "runner": ("run scenarios",),
    "reader": ("read",), "exporter": ("read", "export datasets"), "writer": ("write",),
    "granter": ("edit permissions",), "admin": ("admin",),
}  # fmt: skip
"""Somebody with only these rights in the project."""
JOB, RUN = "build_raw", "2026-03-01-12-00-00-000"
"""Ended ones of the project; REST reaches them without naming it."""
CODERS = ("create projects", "write code", "manage connections")


@dataclass(frozen=True)
class Door:
    """One address of the server."""

    method: str
    path: str
    permission: Permission
    rest: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def endless(self) -> bool:
        """Whether its answer goes on until the browser leaves."""
        return "live" in self.path.split("/")

    @property
    def url(self) -> str:
        """With words that lead nowhere, but for the project."""
        words = {"project": KEY, **({"job": JOB, "run": RUN} if self.rest else {})}
        return re.sub(r"\{(\w+)(:\w+)?\}", lambda word: words.get(word[1], "nothing"), self.path)


REST = [Door(r.method, PREFIX + r.path, r.permission, True) for r in table.routes().values()]
PAGES = [Door(r.method, r.path, r.permission, False) for r in pages.every()]
DOORS = [*REST, *PAGES]


class Everybody:
    """A node, and a session of somebody in each role."""

    def __init__(self, folder: Path) -> None:
        self.node = a_node(folder)
        a_project(self.node, {"datasets/raw": {"type": "managed"}})
        _done(self.node)
        users.save_group(self.node, "coders", permissions=CODERS)
        users.add(self.node, "coder", groups=["coders"])
        users.add(self.node, "administrator", admin=True)
        for role, rights in ROLES.items():
            users.add(self.node, role)
            people.grant(self.node, KEY, rights, user=role, by="ann")
        self.secrets = {
            role: sessions.open_session(self.node, role) for role in (*ROLES, "coder", "administrator")
        }
        key = keys.create_for_project(self.node, KEY, ["read"], by="ann")
        self.key, self.keys_login = key.secret, f"key:{key.key.id}"
        self.client = TestClient(make(self.node, worker=False), follow_redirects=False)

        told = self.node.users.people(KEY)
        logins = {**{role: role for role in self.secrets}, "key": self.keys_login}
        self.rights = {r: given(users.identity(self.node, login), told) for r, login in logins.items()}

    def strongest_without(self, permission: Permission) -> list[str]:
        """Who lacks it though nobody who lacks it may more."""
        lacking = {role: held for role, held in self.rights.items() if permission not in held}
        return [role for role, held in lacking.items() if not any(held < other for other in lacking.values())]

    def weakest_with(self, permission: Permission) -> list[str]:
        """Who has it though nobody who has it may less."""
        having = {role: held for role, held in self.rights.items() if permission in held}
        return [role for role, held in having.items() if not any(other < held for other in having.values())]

    def knock(self, door: Door, role: str = "") -> Any:
        headers = {**JSON, **({"authorization": f"Bearer {self.key}"} if role == "key" else {})}
        secret = self.secrets.get(role, "")
        if secret:
            headers["cookie"] = f"{who.COOKIE}={secret}"
            if not door.rest:
                headers[who.FORM_HEADER] = sessions.form_token(secret)
        return self.client.request(door.method, door.url, headers=headers)


def _done(node: Node) -> None:
    """A job and a run of a scenario that have ended."""
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    node.runs.add_job(Job(
        id=JOB, project=KEY, mode=BuildMode.REQUIRED, targets=("raw",), initiator="ann", created_at=at,
        state=JobState.DONE, ended_at=at,
    ))  # fmt: skip
    node.scenario_runs.save(ScenarioRun(
        id=RUN, project=KEY, scenario="s", definition={}, state=RunState.CANCELLED, asked_at=at, asked_by="ann",
        run_as="ann", ended_at=at,
    ))  # fmt: skip


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    made = Everybody(tmp_path_factory.mktemp("roles"))
    with made.client:
        yield made


def is_refused(answer: Any) -> bool:
    """Whether somebody lacks a permission, or may not even know of the project."""
    if answer.status_code in (302, 303, 307):
        return "/login" in answer.headers["location"]
    if answer.status_code in (401, 403):
        return not re.search("was not made for your session|link is good no more", answer.text)
    hidden = (f"no project '{KEY}'", f"no job '{JOB}'", f"no run '{RUN}'")
    return answer.status_code == 404 and any(words in answer.text for words in hidden)


def test_every_route_names_a_permission_of_the_right_sort() -> None:
    for door in DOORS:
        assert isinstance(door.permission, Permission), door
        if "{project}" not in door.path and door.permission in OF_PROJECTS:
            assert re.search(r"\{(job|run)\}", door.path), f"{door}: in which project?"
        if "{project}" in door.path:
            assert door.permission in {*OF_PROJECTS, *GLOBAL}, f"{door}: a right in the project is needed"
    assert len(REST) > 100
    assert len(PAGES) > 5


def test_what_anybody_may_reach_is_a_short_list() -> None:
    opened = {str(door) for door in DOORS if door.permission is Permission.ANYBODY}
    assert opened <= {
        "GET /login", "POST /login", "POST /logout", "GET /welcome/{secret}", "POST /welcome/{secret}",
        "GET /login/oidc", "GET /login/oidc/back", "POST /me/theme",
    }, opened  # fmt: skip


def test_every_mounted_address_is_in_the_tables(everybody: Everybody) -> None:
    """Nothing is served beside the tables but health, files of the studio and the description of REST."""
    known = {door.url for door in DOORS}
    beside = {"/healthz", "/readyz", f"{PREFIX}/openapi.json", f"{PREFIX}/docs", PREFIX}
    assert not known & beside
    for path in beside:
        assert everybody.client.get(path).status_code == 200


@pytest.mark.parametrize("door", [d for d in DOORS if d.permission is not Permission.ANYBODY], ids=str)
def test_nobody_passes_without_showing_who_they_are(everybody: Everybody, door: Door) -> None:
    answer = everybody.knock(door)
    assert is_refused(answer), (answer.status_code, answer.text[:200])


@pytest.mark.requirement("A99")
@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_role_is_let_in_exactly_where_its_permissions_say(everybody: Everybody, door: Door) -> None:
    refused = everybody.strongest_without(door.permission)
    changes = door.method not in who.SAFE
    having = [] if door.endless else everybody.weakest_with(door.permission)
    let_in = [role for role in having if not changes or (door.rest and role != "key")]
    for role in (*refused, *let_in):
        answer = everybody.knock(door, role)
        told = f"{role}: {answer.status_code} {answer.text[:300]}"
        assert is_refused(answer) is (role in refused), told
        assert answer.status_code < 500, told
