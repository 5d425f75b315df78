"""Which connection stands for another, and the four reasons why one cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry, remapping
from penstock.core.connection import Connection
from penstock.core.errors import PenstockError
from penstock.core.project import Project, ProjectSettings
from penstock.core.remapping import Known

SERVER = {"type": "postgresql", "host": "db", "database": "d", "user": "u"}


def a_connection(**settings: Any) -> Connection:
    found = registry.parse("connections", {**SERVER, **settings})
    assert isinstance(found, Connection)
    return found


def a_project(**datasets: dict[str, Any]) -> Project:
    made: Any = {name: registry.parse("datasets", words) for name, words in datasets.items()}
    return Project(key="DEMO", path=Path(), settings=ProjectSettings(), datasets=made)


WRITING = a_project(out={"type": "managed", "connection": "old"})
READING = a_project(seen={"type": "sql_table", "connection": "old", "table": "t"})


def refusal(project: Project, mapping: dict[str, str], **words: Any) -> PenstockError | None:
    found = remapping.problems(remapping.needs(project), mapping, Known(**words))
    return found[0] if found else None


def test_a_project_tells_which_connections_it_reads_and_writes() -> None:
    project = a_project(
        a={"type": "managed", "connection": "x"}, b={"type": "managed"}, c={"type": "managed", "connection": "x"}
    )  # fmt: skip
    assert [(n.name, n.by, n.writes) for n in remapping.needs(project)] == [("x", ("a", "c"), True)]
    assert [(n.name, n.writes) for n in remapping.needs(READING)] == [("old", False)]


@pytest.mark.requirement("A14")
def test_a_missing_connection_blocks_until_another_stands_for_it() -> None:
    known = {"new": a_connection()}
    refused = refusal(WRITING, {}, connections=known)
    assert refused is not None
    assert refused.code == "connection-missing"
    assert str(refused) == (
        "There is no connection 'old'. There is new. out needs old: say which connection stands for it, "
        "such as old=OTHER."
    )
    assert refusal(WRITING, {"old": "new"}, connections=known) is None


@pytest.mark.requirement("A14")
def test_a_connection_of_another_type_is_refused() -> None:
    mail: Any = registry.parse("connections", {"type": "smtp", "host": "mail", "sender": "a@b.c"})
    refused = refusal(WRITING, {"old": "post"}, connections={"post": mail})
    assert refused is not None
    assert refused.code == "connection-wrong-type"
    told = refusal(READING, {"old": "new"}, connections={"new": a_connection()}, types={"old": "mysql"})
    assert told is not None
    assert "it is of type postgresql, and old is mysql" in str(told)


@pytest.mark.requirement("A14", "D23")
def test_a_connection_of_the_same_name_and_another_type_is_refused() -> None:
    told = refusal(READING, {}, connections={"old": a_connection()}, types={"old": "mysql"})
    assert told is not None
    assert told.code == "connection-type-differs"
    assert "Connection old is of type postgresql here, and was mysql" in str(told)
    assert refusal(READING, {}, connections={"old": a_connection()}, types={"old": "postgresql"}) is None


@pytest.mark.requirement("A14")
def test_a_connection_that_the_person_may_not_use_is_refused() -> None:
    known = {"new": a_connection(allowed=["analysts"])}
    refused = refusal(WRITING, {"old": "new"}, connections=known, user="ann")
    assert refused is not None
    assert (refused.code, refused.message) == ("connection-not-allowed", "ann may not use connection new.")
    assert refusal(WRITING, {"old": "new"}, connections=known, user="ann", groups=("analysts",)) is None


@pytest.mark.requirement("A14")
@pytest.mark.parametrize("flag", ["writable", "managed_datasets"])
def test_a_connection_that_keeps_nothing_is_refused_where_the_project_writes(flag: str) -> None:
    known = {"new": a_connection(**{flag: False})}
    refused = refusal(WRITING, {"old": "new"}, connections=known)
    assert refused is not None
    assert refused.code == "connection-not-writable"
    assert refusal(READING, {"old": "new"}, connections=known) is None


def test_a_definition_names_its_new_connection_and_stays_otherwise() -> None:
    dataset = WRITING.datasets["out"]
    assert remapping.remapped(dataset, {"old": "new"}).to_mapping() == {
        "type": "managed",
        "connection": "new",
    }
    assert remapping.remapped(dataset, {"other": "new"}) is dataset
