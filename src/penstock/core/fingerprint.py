"""Fingerprints: what of a recipe and of its inputs decides the result, and sentences about what changed in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from penstock.core import variables as variable
from penstock.core.dataset import Dataset, Observed
from penstock.core.kind import Described, Kind
from penstock.core.model import SavedModel
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.project import Item, Project

Path = tuple[str | int, ...]

_FOR_PEOPLE = frozenset({"description", "comment"})
"""Fields of nested definitions that only people read: they never make anything stale."""
_NOT_THE_RESULT = frozenset({"activation", "rebuild", "version_name", "version_labels"})
"""Fields of a model that say what happens to a new version, not how it is trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a recipe is made of: each part as text, and one hash over all of them."""

    hash: str
    parts: Mapping[str, str]


def of_recipe(project: Project, name: str, values: Mapping[str, Any]) -> Fingerprint:
    """The fingerprint of a recipe: settings, body, the resolved variables it uses, library, design of its models."""
    recipe = project.recipe(name)
    body = getattr(recipe, "body", "") if recipe.BODY else ""
    parts = {"settings": canonical(_without(meaningful(recipe), {"body"} if recipe.BODY else set()))}
    if body:
        parts["body"] = digest(body)
    designs = {m: _design(project.models[m]) for m in recipe.writes if m in project.models}
    if designs:
        parts["designs"] = canonical(designs)
    if project.settings.variables_in_fingerprint:
        used = variables_used(recipe, body, designs, values)
        if used:
            parts["variables"] = canonical({n: values[n] for n in sorted(used)})
    if project.library_hash and project.settings.library_in_fingerprint and _runs_code(recipe, parts):
        parts["library"] = project.library_hash
    return Fingerprint(hash=digest(canonical(parts)), parts=parts)


def of_input(item: Item) -> str:
    """The settings of an input that decide what is read, as text; empty when none of them matter."""
    if isinstance(item, Dataset):
        ignored = set(Dataset.model_fields) - (set() if item.MANAGED or item.LIVE else {"columns"})
        ignored |= {"columns"} if item.MANAGED or item.LIVE else set()
    else:
        ignored = set(Observed.model_fields) | set(type(item).model_fields) - {"path"}
    found = _without(meaningful(item), ignored)
    return canonical(found) if found and set(found) != {"type"} else ""


def variables_used(
    recipe: Recipe, body: str, designs: Mapping[str, Any], values: Mapping[str, Any]
) -> set[str]:
    """Names of variables with a value that a recipe uses: `${x}` in settings and body, `variables["x"]` in code,
    and those that the values of these use in turn."""
    texts = [body, canonical(designs)]
    found = {n for text in texts for n in variable.names_in(text)} | set(variable.used(recipe))
    if recipe.CATEGORY == "code":
        found |= {n for n in values if re.search(rf"""(?<!\w)["']{re.escape(n)}["']""", body)}
    known = found & set(values)
    waiting = list(known)
    while waiting:
        inner = variable.names_in(canonical(values[waiting.pop()]))
        fresh = (set(inner) & set(values)) - known
        known |= fresh
        waiting.extend(fresh)
    return known


def meaningful(value: Any) -> Any:
    """A definition as plain values: no defaults, and nothing that only people read."""
    if isinstance(value, BaseModel):
        fields = {n: meaningful(v) for n, v in _decisive(value)}
        return {"type": value.kind_name(), **fields} if isinstance(value, Kind) else fields
    if isinstance(value, Mapping):
        return {str(k): meaningful(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [meaningful(v) for v in value]
    return value


def canonical(value: Any) -> str:
    """Equal values, equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def digest(text: str) -> str:
    """sha256 of a text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Sentences about what differs between the parts of two fingerprints of one recipe."""
    if not before:
        return ["its recipe changed"]
    found: list[str] = []
    if before.get("settings") != after.get("settings"):
        found.append(
            f"its recipe changed: {listed(_differing(before.get('settings'), after.get('settings')))}"
        )
    if before.get("body") != after.get("body"):
        found.append("its code changed")
    if before.get("designs") != after.get("designs"):
        found.append(
            f"the design changed: {listed(_differing(before.get('designs'), after.get('designs'), 1))}"
        )
    found += variable_changes(before.get("variables", "{}"), after.get("variables", "{}"))
    if before.get("library") != after.get("library"):
        found.append("the project library changed")
    return found


def variable_changes(before: str, after: str) -> list[str]:
    """`variable start_date changed from 2017-01-01 to 2017-04-01`, one for each that differs."""
    old, new = json.loads(before), json.loads(after)
    return [
        f"variable {name} changed from {_shown(old[name])} to {_shown(new[name])}"
        for name in sorted(old.keys() & new.keys())
        if old[name] != new[name]
    ]


def listed(words: Sequence[str], *, most: int = 3) -> str:
    """`a, b, c and 2 more`."""
    head = ", ".join(words[:most])
    return f"{head} and {len(words) - most} more" if len(words) > most else head


def setting_names(before: str, after: str) -> list[str]:
    """The settings that differ between two canonical texts, in words: `formula in step 2`."""
    return _differing(before, after)


def _decisive(value: BaseModel) -> Iterator[tuple[str, Any]]:
    hidden = Described.MEANINGLESS if isinstance(value, Described) else _FOR_PEOPLE
    for name, info in type(value).model_fields.items():
        inner = getattr(value, name)
        if name in hidden or name == "comment":
            continue
        if info.is_required() or inner != info.get_default(call_default_factory=True):
            yield name, inner


def _runs_code(recipe: Recipe, parts: Mapping[str, str]) -> bool:
    """Whether people's Python runs in it, which may import the project library: as a body, a step, an algorithm."""
    text = parts["settings"] + parts.get("designs", "")
    return recipe.CATEGORY == "code" or re.search(r'"type": "(custom_)?python"', text) is not None


def _design(model: SavedModel) -> Any:
    return _without(meaningful(model), set(Observed.model_fields) | _NOT_THE_RESULT)


def _without(fields: Mapping[str, Any], hidden: set[str] | frozenset[str]) -> dict[str, Any]:
    return {n: v for n, v in fields.items() if n not in hidden}


def _differing(before: str | None, after: str | None, skip: int = 0) -> list[str]:
    paths = _paths(json.loads(before or "{}"), json.loads(after or "{}"))
    return list(dict.fromkeys(_words(path[skip:]) + extra for path, extra in paths)) or ["settings"]


def _paths(before: Any, after: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where two nests of plain values differ, as deep as both have the same shape."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and before.get("type") == after.get("type"):
        for key in dict.fromkeys((*before, *after)):
            yield from _paths(before.get(key), after.get(key), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) == len(after):
            for index, (old, new) in enumerate(zip(before, after, strict=True)):
                yield from _paths(old, new, (*path, index))
        else:
            more = len(after) - len(before)
            yield path, f" ({abs(more)} {'added' if more > 0 else 'removed'})"
    else:
        yield path, ""


def _words(path: Path) -> str:
    """(`steps`, 1, `formula`) → `formula in step 2`."""
    names: list[str] = []
    for part in path:
        if isinstance(part, int) and names:
            names[-1] = f"{names[-1].removesuffix('s').replace('_', ' ')} {part + 1}"
        else:
            names.append(str(part).replace("_", " "))
    if not names:
        return "settings"
    leaf, around = names[-1], names[:-1]
    return f"{leaf} in {' of '.join(reversed(around))}" if around else leaf


def _shown(value: Any) -> str:
    text = variable.text_of(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
