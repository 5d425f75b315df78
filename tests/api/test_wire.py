"""Every verb has a route, every route a verb, and both ends agree on what travels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import penstock
from penstock.api import cases, remote, table, wire
from penstock.api.cases import case
from penstock.api.route import Answer, Upload
from penstock.core.access import GLOBAL, OF_PROJECTS, OPEN, Permission
from penstock.core.errors import NotFound

PACKAGE = Path(penstock.__file__).parent
ROUTES = sorted(table.routes().values(), key=lambda route: route.verb)
AUTHORS = frozenset({"author", "by", "initiator", "login"})


def verbs_of_the_sdk() -> set[str]:
    """Every use case the Python API and the command line ask for."""
    sources = [
        p.read_text(encoding="utf-8") for room in ("sdk", "cli") for p in (PACKAGE / room).glob("*.py")
    ]
    return {verb for text in sources for verb in re.findall(r'call\(\s*"([a-z_]+\.[a-z_0-9]+)"', text)}


@pytest.mark.parametrize("verb", sorted(verbs_of_the_sdk()))
def test_every_verb_of_the_python_api_can_be_asked_for_over_http(verb):
    assert verb in table.routes() or verb in remote.INSTEAD, f"Add a route for {verb} to api/<noun>.py."


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.verb)
def test_every_route_leads_to_a_use_case_and_its_path_names_arguments_of_it(route):
    known = {a.wire for a in case(route.verb).arguments}
    assert set(wire.WORD.findall(route.path)) <= known
    assert not route.whole or route.whole in known


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.verb)
def test_every_type_that_travels_can_be_written_and_read(route):
    asked = case(route.verb)
    for argument in wire.travelling(route, asked):
        cases.adapter(argument.type).json_schema()
    if route.answer is Answer.JSON:
        cases.adapter(wire.sent_type(asked)).json_schema(mode="serialization")


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.verb)
def test_who_asks_never_travels(route):
    sent = {a.name for a in wire.travelling(route, case(route.verb))}
    assert not sent & (AUTHORS - ({"login"} if not route.signed else set()))


def test_no_two_routes_share_a_method_and_path():
    seen = [(r.method, re.sub("{.*?}", "{}", r.path)) for r in ROUTES]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.verb)
def test_a_permission_of_projects_guards_what_names_a_project_and_no_other(route):
    words = set(wire.WORD.findall(route.path))
    in_project = bool(words & {"project", "job", "run"})
    if route.permission in OF_PROJECTS:
        assert in_project, "There is no project to hold this permission in."
    else:
        assert route.permission in {*GLOBAL, *OPEN}


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method == "GET"], ids=lambda r: r.verb)
def test_looking_takes_no_permission_to_change(route):
    assert route.permission not in (Permission.WRITE, Permission.RUN)
    assert route.answer is not Answer.NOTHING or route.verb.endswith("check_known")


def test_only_what_makes_or_begins_something_takes_files():
    assert {r.method for r in ROUTES if r.upload in (Upload.FILES, Upload.FOLDER)} == {"POST"}


def test_an_unknown_verb_is_told_with_the_nearest():
    with pytest.raises(NotFound, match=r"jobs\.start"):
        table.route("jobs.stat")


def test_a_program_that_connects_loads_no_server_and_no_engine():
    import subprocess
    import sys

    heavy = ("fastapi", "starlette", "uvicorn", "ibis", "duckdb", "pyarrow", "sqlalchemy", "sklearn")
    code = f"import sys, penstock; penstock.connect; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
