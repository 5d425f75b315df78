"""Names of tables: no two projects share one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.core.errors import Invalid
from penstock.core.naming import LONGEST, NamingRules, TableName, table_of


def named(
    dataset: str = "flights", *, rules: NamingRules | None = None, project: str = "DEMO", **said: str
) -> TableName:
    return table_of(rules or NamingRules(), dataset, values={"projectKey": project, "env": "test"}, **said)


def test_a_table_is_called_after_its_project_and_dataset() -> None:
    assert named() == TableName(table="DEMO_flights")
    assert str(named(schema="analytics")) == "analytics.DEMO_flights"


@pytest.mark.requirement("A15")
def test_two_projects_never_get_one_table_by_default() -> None:
    assert named(project="DEMO") != named(project="DEMO_COPY")


def test_rules_may_put_the_project_into_the_schema() -> None:
    rules = NamingRules(db_schema="${projectKey}", table="${dataset}_${env}")
    assert named(rules=rules) == TableName(table="flights_test", schema="DEMO")


@pytest.mark.requirement("A15")
@pytest.mark.parametrize("words", [{"table": "${dataset}"}, {"table": "${projectKey}"}, {"table": "fixed"}])
def test_rules_under_which_two_would_share_a_table_are_refused(words: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="must contain"):
        NamingRules(**words)


def test_long_names_stay_apart_though_databases_cut_them() -> None:
    one, other = named("x" * 99 + "1"), named("x" * 99 + "2")
    assert one != other
    assert len(one.table) == LONGEST


@pytest.mark.parametrize("table", ["y" * 64, 'a"b', "a;b"])
def test_a_name_said_by_hand_that_a_database_would_not_keep_is_refused(table: str) -> None:
    with pytest.raises(Invalid, match="flights"):
        named(table=table)
