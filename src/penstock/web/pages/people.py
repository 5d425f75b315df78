"""Permissions of a project: who has which rights, who owns it, what people with only dashboards may see."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import GRANTABLE, Permission
from penstock.core.errors import Invalid, PenstockError
from penstock.runtime import holders, people, sharing
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
ONE = "/projects/{project}/permissions"


@routes.get(ONE, Permission.READ)
def show(ask: Ask) -> Response:
    return _shown(ask)


@routes.post(ONE, Permission.EDIT_PERMISSIONS)
def grant(ask: Ask) -> Response:
    sort, _, name = ask.word("holder").partition(":")
    table = holders.table(ask.node, ask.project)
    there = next((one.given for one in table.holders if (one.sort, one.name) == (sort, name)), ())
    ask.check_seen(f"What {name} may do", {"rights": there})
    held = {"user": name} if sort == "user" else {"group": name} if sort == "group" else {}
    try:
        people.grant(ask.node, ask.project, ask.words("rights"), by=ask.me.login, **held)
    except PenstockError as error:
        return _shown(ask, wrong=advice.told(error))
    given = ", ".join(ask.words("rights"))
    return ask.to(ask.url("permissions"), f"{name} may: {given or 'nothing here any more'}.")


@routes.post(ONE + "/owner", Permission.ADMIN)
def hand_over(ask: Ask) -> Response:
    ask.check_seen("The owner", {"owner": people.of(ask.node, ask.project).owner})
    people.set_owner(ask.node, ask.project, ask.word("owner"), by=ask.me.login)
    ask.flash(f"{ask.word('owner')} owns the project now.")
    still = people.may(ask.node, ask.me, Permission.READ, ask.project)
    return ask.to(ask.url("permissions") if still else "/")


@routes.post(ONE + "/visibility", Permission.EDIT_PERMISSIONS)
def set_visibility(ask: Ask) -> Response:
    ask.check_seen("Who may know of it", {"visibility": people.of(ask.node, ask.project).visibility})
    people.set_visibility(ask.node, ask.project, ask.word("visibility"), by=ask.me.login)
    return ask.to(ask.url("permissions"), "Saved.")


@routes.get(ONE + "/authorised", Permission.READ)
def authorised(ask: Ask) -> Response:
    return ask.page(
        "people/authorised.html", listed=people.authorised(ask.node, ask.project),
        objects=holders.authorisable(ask.node, ask.project),
    )  # fmt: skip


@routes.post(ONE + "/authorised", Permission.AUTHORISE)
def authorise(ask: Ask) -> Response:
    sort, _, name = ask.word("object").partition(":")
    rights = ask.words("rights") or ["READ"]
    people.authorise(ask.node, ask.project, sort, name, rights, by=ask.me.login)
    return ask.to(ask.url("permissions", "authorised"), f"{name} is shown to people with only dashboards.")


@routes.post(ONE + "/authorised/{sort}/{name}/withdraw", Permission.AUTHORISE)
def withdraw(ask: Ask, sort: str, name: str) -> Response:
    people.authorise(ask.node, ask.project, sort, name, (), by=ask.me.login)
    return ask.to(ask.url("permissions", "authorised"), f"{name} is not authorised any more.")


@routes.get(ONE + "/shared", Permission.READ)
def shared(ask: Ask) -> Response:
    found = sharing.shown(ask.node, ask.project)
    chosen = next((tuple(one.read_by) for one in found if one.name == ask.word("object")), ())
    return ask.page(
        "people/shared.html", shown=found, received=sharing.received(ask.node, ask.project), chosen=chosen,
        objects=sharing.shareable(ask.node, ask.project), projects=sharing.targets(ask.node, ask.project, who=ask.me),
    )  # fmt: skip


@routes.post(ONE + "/shared", Permission.SHARE)
def share(ask: Ask) -> Response:
    name = ask.word("object")
    if not ask.words("projects"):
        raise Invalid("Choose the projects that read it.")
    sharing.share(ask.node, ask.project, name, ask.words("projects"), by=ask.me.login)
    return ask.to(
        ask.url("permissions", "shared"), f"{ask.project}.{name} stands in the Flow of these projects now."
    )


@routes.post(ONE + "/shared/{name}/stop", Permission.SHARE)
def stop_sharing(ask: Ask, name: str) -> Response:
    sharing.share(ask.node, ask.project, name, (), by=ask.me.login)
    return ask.to(ask.url("permissions", "shared"), f"{name} is not shared any more.")


def _shown(ask: Ask, *, wrong: str = "") -> Response:
    return ask.page(
        "people/people.html", status=422 if wrong else 200, wrong=wrong, rights=GRANTABLE,
        table=holders.table(ask.node, ask.project),
    )  # fmt: skip
