"""Settings in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from penstock.core import document, registry
from penstock.core.errors import PenstockError
from penstock.core.kind import Definition, Kind


def sentence(word: str) -> str:
    """`hold_out` → `Hold out`"""
    return word.replace("_", " ").strip()[:1].upper() + word.replace("_", " ").strip()[1:]


def yes(value: object) -> str:
    """What conditions compare: `Yes` or `No`."""
    return "Yes" if value else "No"


def share(value: float) -> str:
    """`0.8` → `80 %`"""
    return f"{value * 100:.3g} %"


def settings(
    values: Mapping[str, Any], *, of: type[Definition] | None = None
) -> Iterable[tuple[str, str, str]]:
    """Name, value and what it means, of settings; those inside settings one after another."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from ((f"{sentence(name)}: {n}", v, m) for n, v, m in settings(value))
        else:
            yield sentence(name), document.plain(document.cell(value)), _meaning(of, name)


def _meaning(of: type[Definition] | None, name: str) -> str:
    found = of.model_fields.get(name) if of else None
    return (found.description or "") if found else ""


def kind_of(family: str, values: Mapping[str, Any]) -> type[Kind] | None:
    """The class behind `type: …`; None for one that is not there any more."""
    try:
        return registry.kind(family, str(values.get("type", "")))
    except PenstockError:
        return None


def about(kind: type[Kind] | None) -> str:
    """The first sentence of what a kind does."""
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split()) if kind else ""


def listed(words: Iterable[str]) -> str:
    """`a, b and c`"""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""
