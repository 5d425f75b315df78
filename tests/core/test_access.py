"""Who may do what: permissions add up and imply each other; refusals say what is missing and who can give it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from penstock.core.access import (
    GLOBAL,
    GRANTABLE,
    NOBODY,
    OF_PROJECTS,
    Authorised,
    Identity,
    People,
    Right,
    Source,
    Visibility,
    authorises,
    check_grant,
    code_in,
    given,
    implied,
    may,
    require,
)
from penstock.core.access import (
    Permission as P,
)
from penstock.core.errors import NotAllowed, NotSignedIn
from penstock.core.scenario import Scenario

EVA = Identity(login="eva", name="Eva", source=Source.SESSION, groups=frozenset({"ops"}))
ROOT = Identity(login="root", source=Source.LOCAL, permissions=frozenset({P.ADMINISTRATOR}))


def people(**more: object) -> People:
    return replace(People(project="BANK"), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("right", "included"),
    [
        (P.WRITE, {P.READ, P.RUN, P.READ_DASHBOARDS, P.WRITE_DASHBOARDS, P.SEE_SCENARIOS}),
        (P.READ, {P.READ_DASHBOARDS, P.SEE_SCENARIOS}),
        (P.RUN, {P.SEE_SCENARIOS}),
        (P.MODERATE_DASHBOARDS, {P.WRITE_DASHBOARDS, P.READ_DASHBOARDS}),
        *((alone, set()) for alone in (P.READ_DASHBOARDS, P.EXPORT, P.EDIT_PERMISSIONS, P.AUTHORISE, P.SHARE)),
    ],
)  # fmt: skip
def test_what_a_right_includes(right: P, included: set[P]) -> None:
    assert implied({right}) == {right, P.DISCOVER} | included


def test_admin_includes_every_right_of_a_project_and_none_of_the_node() -> None:
    assert implied({P.ADMIN}) == OF_PROJECTS
    assert set(GRANTABLE) < OF_PROJECTS
    assert not OF_PROJECTS & set(GLOBAL)
    assert all(permission.meaning.endswith(".") for permission in P)
    assert [p for p in P if p.is_global] == list(GLOBAL)


@pytest.mark.requirement("A99")
def test_rights_of_owner_user_and_groups_add_up() -> None:
    assert given(EVA, people()) & OF_PROJECTS == set()
    held = people(
        users={"eva": frozenset({P.EXPORT})}, groups={"ops": frozenset({P.RUN}), "x": frozenset({P.ADMIN})}
    )
    assert given(EVA, held) & OF_PROJECTS == {P.EXPORT, P.RUN, P.SEE_SCENARIOS, P.DISCOVER}
    assert may(EVA, P.ADMIN, people(owner="eva"))
    assert not may(EVA, P.ADMIN, people(owner=""))


def test_administrators_may_everything_and_nobody_nothing() -> None:
    assert given(ROOT, people()) >= OF_PROJECTS | set(GLOBAL)
    assert given(NOBODY, people(visibility=Visibility.DISCOVERABLE)) == {P.ANYBODY}
    assert given(EVA) == {P.ANYBODY, P.SIGNED_IN}


def test_a_key_of_its_own_has_its_rights_and_nobody_elses() -> None:
    key = Identity(
        login="key:1", source=Source.PROJECT_KEY, key="1", projects={"BANK": frozenset({P.READ})},
        groups=frozenset({"ops"}),
    )  # fmt: skip
    held = people(users={"key:1": frozenset({P.ADMIN})}, groups={"ops": frozenset({P.ADMIN})}, owner="key:1")
    assert may(key, P.READ, held)
    assert not may(key, P.WRITE, held)
    other = replace(held, project="OTHER", visibility=Visibility.DISCOVERABLE)
    assert given(key, other) & OF_PROJECTS == set()
    everywhere = replace(key, source=Source.GLOBAL_KEY, projects={"*": frozenset({P.READ})})
    assert may(everywhere, P.READ, other)


def test_a_refusal_says_what_is_missing_and_who_can_give_it() -> None:
    with pytest.raises(NotAllowed) as refused:
        require(EVA, P.WRITE, people(owner="ann"))
    assert str(refused.value).startswith("Eva lacks the permission “write” in project BANK: Design and build")
    assert refused.value.hint == "ann, the project's owner, can give it."
    assert (refused.value.permission, refused.value.http_status) == ("write", 403)
    with pytest.raises(NotAllowed, match="An administrator can give it, through a group"):
        require(EVA, P.CREATE_PROJECTS)
    with pytest.raises(NotSignedIn) as nobody:
        require(NOBODY, P.SIGNED_IN)
    assert nobody.value.http_status == 401
    require(NOBODY, P.ANYBODY)


@pytest.mark.requirement("A99")
def test_nobody_passes_on_what_they_lack() -> None:
    held = people(users={"eva": frozenset({P.EDIT_PERMISSIONS, P.WRITE})}, owner="ann")
    check_grant(EVA, implied({P.WRITE}), held)
    with pytest.raises(NotAllowed, match="“export datasets”"):
        check_grant(EVA, {P.READ, P.EXPORT}, held)


@pytest.mark.requirement("A96")
def test_what_is_authorised_for_people_with_only_dashboards() -> None:
    listed = (
        Authorised(sort="dataset", name="raw"),
        Authorised(sort="scenario", name="s", rights=(Right.RUN,)),
    )
    assert authorises(listed, "dataset", "raw")
    assert not authorises(listed, "model", "raw")
    assert not authorises(listed, "scenario", "s")
    assert authorises(listed, "scenario", "s", Right.RUN)
    assert authorises(listed, "scenario", "s", Right.DISCOVER)
    assert authorises([Authorised(sort="dataset", name="raw", rights=(Right.WRITE,))], "dataset", "raw")


def test_code_is_told_from_what_only_describes() -> None:
    scenario = Scenario.model_validate(
        {
            "title": "print(1)",
            "steps": [{"type": "python", "code": "print(2)"}, {"type": "sql", "query": "SELECT 1"}],
        }
    )
    assert code_in("scenarios/s.yaml", scenario) == {"print(2)"}
    assert code_in("scenarios/s.yaml", None) == frozenset()
    assert code_in("lib/a.py", "x = 1") == {"x = 1"}
    assert code_in("flow/datasets/a.yaml", "type: managed\n") == frozenset()
    assert code_in("scenarios/s.yaml", '{"steps": [{"type": "python", "code": "x"}]}')
    assert code_in("wiki/home.md", "```\ncode: x\n```") == frozenset()
