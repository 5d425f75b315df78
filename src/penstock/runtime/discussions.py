"""Discussions about the objects of a project, and notices for those who were meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core import discussion as rules
from penstock.core.access import Permission
from penstock.core.discussion import SORTS, Discussion, Notice, Reply
from penstock.core.errors import Invalid, NotAllowed, NotFound, PenstockError
from penstock.runtime import audit, people, users

if TYPE_CHECKING:
    from penstock.core.node import Node

TOPIC = 200
"""Characters of a topic."""


def listing(node: Node, project: str, object: str = "") -> list[Discussion]:
    """Discussions of a project, or of one of its objects (`dataset:flights`): open ones first, the liveliest first."""
    node.projects.path(project)
    return node.discussions.discussions(project, object)


def show(node: Node, project: str, id: int) -> Discussion:
    """One discussion with all that was said. Raises NotFound."""
    return node.discussions.discussion(project, id)


def begin(node: Node, project: str, object: str, topic: str, text: str, *, author: str) -> Discussion:
    """Begin one about an object. People named with @login are told. Raises NotFound with the nearest, Invalid."""
    check_object(node, project, object)
    words = rules.check_text(topic, "A topic")
    if len(words) > TOPIC:
        raise Invalid(f"A topic has {TOPIC} characters at most; say the rest in the text.")
    made = Discussion(id=0, project=project, object=object, topic=words, by=author, at=node.clock.now())
    begun = node.discussions.begin(made, rules.check_text(text))
    audit.note(node, "discussion-begin", project=project, object=object, by=author)
    _tell(node, begun, text, author)
    return begun


def reply(node: Node, project: str, id: int, text: str, *, author: str) -> Discussion:
    """Say something more; a closed discussion is open again. People named with @login are told."""
    there = show(node, project, id)
    said = node.discussions.reply(there, author, rules.check_text(text), node.clock.now())
    _tell(node, said, text, author)
    return close(node, project, id, closed=False, author=author) if there.closed else said


def change(node: Node, project: str, id: int, reply: int, text: str, *, author: str) -> Discussion:
    """Change what one said oneself; what it said before stays to be seen. Raises NotAllowed, NotFound."""
    there = show(node, project, id)
    said = next((one for one in there.replies if one.id == reply), None)
    if said is None:
        raise NotFound("reply", str(reply), where=f"discussion {id}")
    if said.author != author:
        raise NotAllowed("Only whoever said it can change it.")
    words = rules.check_text(text)
    if words == said.text:
        return there
    changed = node.discussions.change(there, said, words, node.clock.now())
    _tell(node, changed, words, author, before=said)
    return changed


def close(node: Node, project: str, id: int, *, closed: bool = True, author: str) -> Discussion:
    """Say that a discussion has come to its end, or that it has not."""
    changed = node.discussions.close(show(node, project, id), closed=closed)
    what = "discussion-close" if closed else "discussion-open"
    audit.note(node, what, project=project, object=changed.object, by=author)
    return changed


def notices(node: Node, login: str) -> list[Notice]:
    """Where somebody was meant, newest first."""
    return node.discussions.notices(login)


def unseen(node: Node, login: str) -> int:
    """How many of them somebody has not looked at."""
    return node.discussions.unseen(login)


def see(node: Node, login: str) -> None:
    """Somebody has looked at their notices."""
    node.discussions.see(login)


def unreached(node: Node, project: str, text: str, *, author: str) -> list[str]:
    """Words behind an @ that tell nobody: no login, or one that may not read the project."""
    known = [u.login for u in node.users.all() if u.enabled and _may_read(node, u.login, project)]
    there = {login.casefold() for login in (*known, author)}
    return [word for word in rules.named(text) if word not in there]


def check_object(node: Node, project: str, object: str) -> None:
    """Raise NotFound, with the nearest name, for an object that the project does not have."""
    sort, _, name = object.partition(":")
    loaded = node.projects.load(project)
    if sort not in SORTS:
        raise NotFound("sort of object", sort, among=SORTS)
    if sort == "project":
        return
    there = list(node.projects.texts(project, "wiki") if sort == "article" else getattr(loaded, f"{sort}s"))
    if name not in there:
        raise NotFound(sort.replace("_", " "), name, among=there, where=f"project {project}")


def _tell(node: Node, said: Discussion, text: str, author: str, before: Reply | None = None) -> None:
    """Notices for those who are meant, may read the project, and were not told by the same words before."""
    known = [user.login for user in node.users.all() if user.enabled]
    told = set(rules.mentioned(before.text, known)) if before else set()
    meant = [login for login in rules.mentioned(text, known) if login != author and login not in told]
    at = node.clock.now()
    node.discussions.notify(
        Notice(
            id=0, login=login, project=said.project, object=said.object, discussion=said.id, by=author,
            text=rules.excerpt(text), at=at,
        )
        for login in meant if _may_read(node, login, said.project)
    )  # fmt: skip


def _may_read(node: Node, login: str, project: str) -> bool:
    try:
        return people.may(node, users.identity(node, login), Permission.READ, project)
    except PenstockError:
        return False
