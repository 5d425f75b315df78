"""Whom a mail goes to: addresses as text, as a list, as JSON, or with variables of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import getaddresses
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Invalid

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext

People = str | tuple[str, ...] | dict[str, dict[str, Any]]
"""`a@x, b@y` · `[a@x, b@y]` · `{a@x: {name: Ann}}`: the last gets one mail each."""
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address, as it is written in a header, and variables for its mail alone."""

    address: str
    variables: Mapping[str, Any] = field(default_factory=dict)


def check(people: People) -> People:
    """The field itself. Raises ValueError for an address that is none; one with `${` is looked at when sent."""
    for text in [people] if isinstance(people, str) else people:
        if "${" not in text:
            try:
                _from_text(text)
            except Invalid as error:
                raise ValueError(error.message) from error
    return people


def recipients(people: People, ctx: ReportContext) -> list[Recipient]:
    """Everybody in the field, each once, variables filled in. Raises Invalid for an address that is none."""
    found = [one for given in _listed(people) for one in _from(ctx.value(given[0]), given[1])]
    return list({one.address: one for one in found}.values())


def addresses(people: People, ctx: ReportContext) -> tuple[str, ...]:
    return tuple(one.address for one in recipients(people, ctx))


def individual(people: People, found: list[Recipient]) -> bool:
    """Whether everybody gets a mail of their own."""
    return isinstance(people, Mapping) or any(one.variables for one in found)


def _listed(people: People) -> list[tuple[str, Mapping[str, Any]]]:
    if isinstance(people, str):
        return [(people, {})]
    if isinstance(people, Mapping):
        return list(people.items())
    return [(text, {}) for text in people]


def _from(value: Any, variables: Mapping[str, Any]) -> list[Recipient]:
    """What a field, or a variable in it, holds: text, a list, or a mapping."""
    if isinstance(value, Mapping):
        return [r for a, own in value.items() for r in _from(str(a), own if isinstance(own, Mapping) else {})]
    if isinstance(value, list | tuple):
        return [r for item in value for r in _from(item, variables)]
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        return _from(_json(value), variables)
    return [Recipient(address, variables) for address in _from_text(str(value))]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid(f"The recipients are not JSON: {error}.") from error


def _from_text(text: str) -> list[str]:
    """`Ann <ann@x.org>, bob@y.org` as its addresses, names kept."""
    if text.strip()[:1] in ("[", "{"):
        return [r.address for r in _from(_json(text), {})]
    parts = [part.strip() for part in re.split(r"[,;](?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", text) if part.strip()]
    for part in parts:
        (_, address), *more = getaddresses([part])
        if more or not _ADDRESS.fullmatch(address):
            raise Invalid(
                f"'{part}' is not a mail address.", hint="Write name@host, several with commas between."
            )
    return parts
