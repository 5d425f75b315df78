"""Generated documentation: its parts in articles, what each stands on, and when it is no longer true. Pure.

An article holds parts between `<!-- generated:NAME -->` and `<!-- /generated -->`, questions to people between
`<!-- question:NAME -->` and `<!-- /question -->`, and whatever people write around them, which is never touched.
`wiki/generated.json` keeps what every part stands on: objects with their version, their hash, and a hash of each of
their fields, so that a later look says what changed without writing anything anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from penstock.core import wiki

STANDING_FILE = "wiki/generated.json"
OPEN = "> **To be answered:**"
_PART = re.compile(
    r"<!-- (?P<sort>generated|question):(?P<name>[^\s>]+) -->\n(?P<body>.*?)\n?<!-- /(?P=sort) -->", re.DOTALL
)
LINKED = frozenset(
    {
        "dataset",
        "folder",
        "model",
        "evaluation_store",
        "recipe",
        "scenario",
        "dashboard",
        "comparison",
        "service",
    }
)
"""Sorts of objects that a part stands on as soon as it has a link to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """An object as it was."""

    version: str = ""
    hash: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field → hash of its value: what says what changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStanding:
    """A generated part: the hash of its text, and the objects it stands on, as `sort:name`."""

    text: str
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the generated parts of a wiki stand on."""

    commit: str = ""
    made_at: str = ""
    articles: Mapping[str, Mapping[str, PartStanding]] = field(default_factory=dict)
    """Article → part → what it stands on."""
    objects: Mapping[str, Stamp] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An object that is not what it was."""

    object: str
    what: str
    """`columns, description`, `is gone`, `version v2 → v3`."""

    def __str__(self) -> str:
        return f"{self.object.rstrip(':')}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleState:
    """How a generated article stands."""

    article: str
    title: str
    changes: tuple[Change, ...] = ()
    """It is stale because of them."""
    missing: tuple[str, ...] = ()
    """Parts that should be in it and are not; the article itself when `all`."""
    outdated: tuple[str, ...] = ()
    """Parts that would say something else now, though nothing that they name is another."""
    edited: tuple[str, ...] = ()
    """Parts that somebody changed by hand: the next refresh writes over it."""
    questions: tuple[str, ...] = ()
    """Questions that nobody has answered."""
    dead: tuple[str, ...] = ()
    """Links that lead nowhere, each with its target: `dataset:flights`."""

    @property
    def is_true(self) -> bool:
        """Whether everything generated in it is there and holds. A link that leads nowhere makes nothing untrue."""
        return not (self.changes or self.missing or self.outdated or self.edited)

    @property
    def is_good(self) -> bool:
        """Whether it is true, and every link leads somewhere."""
        return self.is_true and not self.dead

    @property
    def why(self) -> str:
        """Why it is not good: `dataset:flights: columns; part schema is missing`."""
        missing = ["it is missing" if name == "all" else f"part {name} is missing" for name in self.missing]
        outdated = [f"part {name} would say something else now" for name in self.outdated]
        edited = [f"part {name} was edited by hand" for name in self.edited]
        dead = [f"its link to {target} leads nowhere" for target in self.dead]
        return "; ".join([*map(str, self.changes), *missing, *outdated, *edited, *dead])


def short_hash(value: Any) -> str:
    """Twelve letters that change with a value."""
    told = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def stamp(fields: Mapping[str, Any], version: str = "") -> Stamp:
    """An object by its fields."""
    hashes = {name: short_hash(value)[:6] for name, value in fields.items()}
    return Stamp(version=version, hash=short_hash(dict(fields)), fields=hashes)


def change(object: str, then: Stamp, now: Stamp | None) -> Change | None:
    """What became of an object; None while it is the same."""
    if now is None:
        return Change(object=object, what="is gone")
    if then.hash == now.hash and then.version == now.version:
        return None
    names = sorted(
        name for name in {*then.fields, *now.fields} if then.fields.get(name) != now.fields.get(name)
    )
    told = [f"version {then.version or '–'} → {now.version or '–'}"] if then.version != now.version else []
    return Change(object=object, what=", ".join([*told, *names]) or "changed")


def linked_objects(text: str, project: str) -> tuple[str, ...]:
    """The objects of a project that a text has links to, as `sort:name`, each once."""
    found = [
        f"{link.sort}:{link.name}"
        for link in wiki.links(text)
        if link.sort in LINKED and link.project in ("", project)
    ]
    return tuple(dict.fromkeys(found))


# parts in texts ------------------------------------------------------------------------------------------------------


def parts(text: str, sort: str = "generated") -> dict[str, str]:
    """Name → text of each part."""
    return {m["name"]: m["body"] for m in _PART.finditer(text) if m["sort"] == sort}


def marked(name: str, body: str, sort: str = "generated") -> str:
    """A part with its markers; what it says can end none."""
    safe = body.strip("\n").replace("<!--", "&lt;!--")
    return f"<!-- {sort}:{name} -->\n{safe}\n<!-- /{sort} -->"


def question(name: str, text: str, hint: str = "") -> str:
    """A question to a person, with its markers."""
    told = f" *{hint}*" if hint else ""
    return marked(name, f"**{text}**\n\n{OPEN} write the answer in place of this line.{told}", "question")


def open_questions(text: str) -> dict[str, str]:
    """Name → question, of those that nobody has answered."""
    asked = parts(text, "question")
    return {name: body.partition("\n")[0].strip("* ") for name, body in asked.items() if OPEN in body}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part as it should be now: a generated one, or a question."""

    name: str
    text: str
    """With markers."""
    sort: str = "generated"


def refreshed(text: str, wanted: Iterable[Piece]) -> str:
    """An article with its generated parts anew. Answers, and what people wrote around parts, stay as they are; a part
    that is wanted no more goes, also a question that nobody answered; a new one comes behind the part before it."""
    order = list(wanted)
    new = {(piece.sort, piece.name): piece for piece in order}
    seen: set[tuple[str, str]] = set()

    def one(match: re.Match[str]) -> str:
        key = (match["sort"], match["name"])
        piece = new.get(key)
        is_answered = match["sort"] == "question" and OPEN not in match["body"]
        if is_answered:
            seen.add(key)
            return match[0]
        if piece is None or key in seen:
            return ""
        seen.add(key)
        return piece.text

    made = re.sub(r"\n{3,}", "\n\n", _PART.sub(one, text)).strip("\n") + "\n"
    before = ""
    for piece in order:
        if (piece.sort, piece.name) not in seen:
            made = _inserted(made, piece.text, before)
        before = f"<!-- {piece.sort}:{piece.name} -->"
    return made


def human(text: str) -> str:
    """What people wrote: an article without generated parts, open questions and its first heading."""

    def one(match: re.Match[str]) -> str:
        return match["body"] if match["sort"] == "question" and OPEN not in match["body"] else ""

    rest = _PART.sub(one, text).strip()
    return re.sub(r"^# .*\n?", "", rest, count=1).strip()


def _inserted(text: str, part: str, before: str) -> str:
    """A part behind the one before it, or at the end."""
    at = text.find(before) if before else -1
    if at < 0:
        return f"{text.rstrip(chr(10))}\n\n{part}\n"
    end = re.compile(r"<!-- /(?:generated|question) -->").search(text, at)
    place = end.end() if end else len(text)
    return f"{text[:place]}\n\n{part}{text[place:]}"


# the file ------------------------------------------------------------------------------------------------------------


def written(standing: Standing) -> str:
    """What parts stand on, as the file says it."""
    told = {
        "format": 1, "commit": standing.commit, "made_at": standing.made_at,
        "articles": {
            name: {part: {"text": one.text, "on": list(one.on)} for part, one in parts.items()}
            for name, parts in standing.articles.items()
        },
        "objects": {
            name: {"version": one.version, "hash": one.hash, "fields": dict(one.fields)}
            for name, one in sorted(standing.objects.items())
        },
    }  # fmt: skip
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def read(text: str) -> Standing:
    """The file as values; empty for one that says nothing we know."""
    try:
        told = json.loads(text)
        return Standing(
            commit=told["commit"], made_at=told["made_at"],
            articles={
                name: {part: PartStanding(text=one["text"], on=tuple(one["on"])) for part, one in parts.items()}
                for name, parts in told["articles"].items()
            },
            objects={
                name: Stamp(version=one["version"], hash=one["hash"], fields=one["fields"])
                for name, one in told["objects"].items()
            },
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        return Standing()
