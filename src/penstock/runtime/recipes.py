"""Recipes: begin one from a selection, make it with the outputs that are not there yet, as one commit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast, get_args

from penstock.core import registry, zone
from penstock.core.errors import Conflict, Invalid
from penstock.core.evaluation import EvaluationStore
from penstock.core.flow import Flow
from penstock.core.folder import Folder
from penstock.core.kind import Definition, documentation
from penstock.core.names import ItemType, Points, check_name, points_of
from penstock.core.project import Project, file_of
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.node import Node

ZONES = "flow/zones.yaml"
GROUPS = ("visual", "code", "ml")
ENDINGS: Mapping[str, str] = {
    "sync": "copy", "prepare": "prepared", "filter": "filtered", "join": "joined", "group": "by_group",
    "window": "windows", "split": "part", "stack": "stacked", "distinct": "distinct", "sort": "sorted", "top": "top",
    "pivot": "pivoted", "score": "scored", "evaluate": "evaluations", "standalone_evaluate": "evaluations",
}  # fmt: skip
"""Recipe kind → what the name of its output ends in, when one is proposed."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of recipe somebody may choose."""

    type: str
    category: str
    sentence: str


def kinds() -> list[Offer]:
    """Every kind of recipe, the visual ones first; those of plugins stand with their category."""
    found = [_offer(name) for name in registry.names("recipes")]
    return sorted(
        found, key=lambda o: (GROUPS.index(o.category) if o.category in GROUPS else 9, o.type.split(".")[-1])
    )


def draft(
    node: Node, project: str, type: str, inputs: Sequence[str] = (), *, model: str = ""
) -> dict[str, Any]:  # fmt: skip
    """What is filled in when somebody begins a recipe: what they selected as inputs, or the only object there is
    of a sort; the model it trains, proposed names of outputs."""
    loaded = node.projects.load(project)
    kind, waiting = registry.kind("recipes", type), [n for n in inputs if n in loaded.items]
    values: dict[str, Any] = {"type": type}
    for name, inner, points in _parts(kind):
        values[name] = [{inner: i} for i in waiting if loaded.item_type(i) in points.types]
    for name, points, is_many in _pointers(kind):
        fitting = [i for i in waiting if loaded.item_type(i) in points.types]
        if points.side == "input" and fitting:
            values[name] = fitting if is_many else fitting[0]
            waiting = [i for i in waiting if i not in (fitting if is_many else fitting[:1])]
        elif points.side == "input" and kind.model_fields[name].is_required():
            only = [i for i in loaded.items if loaded.item_type(i) in points.types]
            values |= {name: only if is_many else only[0]} if len(only) == 1 else {}
        if points.side == "output" and _is_main(kind, name):
            proposed = model if points.types == ("model",) else _free(loaded, _proposal(type, inputs))
            values |= {name: [proposed] if is_many else proposed} if proposed else {}
    return {**values, **_started(loaded, values)}


def create(
    node: Node, project: str, name: str, values: Mapping[str, Any], *, author: str, into: str = ""
) -> Recipe:  # fmt: skip
    """A new recipe. Outputs it names that are not there yet are made with it: managed datasets, folders, stores.

    All of it lies in zone `into`, or in the zone of its first input. Raises InvalidDefinition naming the field,
    Conflict when a recipe of that name is there.
    """
    loaded = node.projects.load(project)
    if check_name(name) in loaded.recipes:
        raise Conflict(f"There is a recipe '{name}' already.", hint="Choose another name.")
    made = registry.parse("recipes", values)
    assert isinstance(made, Recipe)
    new = {file_of(what, item): definition for what, item, definition in _missing(loaded, made)}
    files: dict[str, Definition] = {**new, file_of("recipe", name): made}
    after = _with(loaded, name, made)
    placed = zone.move(after, [name], into or _zone_of_inputs(after, made)) if made.writes else None
    if placed is not None and placed != loaded.zones:
        loaded.check_files(ZONES)
        files[ZONES] = placed
    node.projects.save(project, dict(files), author=author, message=f"Create recipe {name}")
    return made


def change(
    node: Node, project: str, name: str, values: Mapping[str, Any], *, author: str, base: str = ""
) -> Recipe:  # fmt: skip
    """Save a recipe's settings; outputs it names anew are made with it. Raises SaveConflict, with the difference,
    when somebody else saved since `base` was read, InvalidDefinition naming the field."""
    loaded = node.projects.load(project)
    loaded.recipe(name)
    made = registry.parse("recipes", values)
    assert isinstance(made, Recipe)
    new = {file_of(what, item): definition for what, item, definition in _missing(loaded, made)}
    file = file_of("recipe", name)
    node.projects.save(
        project,
        {**new, file: made},
        author=author,
        message=f"Change recipe {name}",
        base={file: base} if base else None,
    )
    return made


def proposed_name(node: Node, project: str, type: str, inputs: Sequence[str]) -> str:
    """A free name for a recipe: `score_new_flights`."""
    return free_name(node, project, "_".join([type.rsplit(".", 1)[-1], *inputs[:1]]))


def free_name(node: Node, project: str, wanted: str) -> str:
    """The name itself, or with a number when there is a recipe of that name."""
    taken = node.projects.load(project).recipes
    return wanted if wanted not in taken else _numbered(wanted, taken)


def _offer(name: str) -> Offer:
    kind = registry.kind("recipes", name)
    category = getattr(kind, "CATEGORY", "visual")
    said = " ".join(documentation(kind)[0].split("\n\n")[0].split())
    return Offer(name, category, re.split(r"(?<=\.) (?=[A-Z])", said)[0])


def _started(project: Project, values: Mapping[str, Any]) -> dict[str, Any]:
    """The body to begin with, of a recipe that has one and whose settings are complete."""
    try:
        made = registry.parse("recipes", values)
    except Invalid:
        return {}
    assert isinstance(made, Recipe)
    types = {**dict.fromkeys(made.writes, "dataset"), **{n: project.item_type(n) for n in made.reads}}
    text = made.starter(cast("Mapping[str, ItemType]", types))
    return {"body": text} if text else {}


def _pointers(kind: type[Definition]) -> Iterator[tuple[str, Points, bool]]:
    """Fields that name objects: (field, what they may name, several)."""
    for name, info in kind.model_fields.items():
        points = points_of(info)
        if points is not None:
            yield name, points, "tuple" in str(info.annotation)


def _parts(kind: type[Definition]) -> Iterator[tuple[str, str, Points]]:
    """Fields with one part an input, such as those of a join: (field, the field in it that names the input)."""
    for name, info in kind.model_fields.items():
        parts = [a for a in get_args(info.annotation) if isinstance(a, type) and issubclass(a, Definition)]
        inside = [(n, p) for part in parts[:1] for n, p, _ in _pointers(part) if p.side == "input"]
        if inside:
            yield name, *inside[0]


def _is_main(kind: type[Definition], name: str) -> bool:
    """Whether an output is proposed: one that is needed, and the store of an evaluation."""
    return kind.model_fields[name].is_required() or name == "store"


def _proposal(type: str, inputs: Sequence[str]) -> str:
    """`flights_prepared`; without an input `prepared`; what ends so already gets no second such end."""
    ending = ENDINGS.get(type, "made")
    first = inputs[0].rpartition(".")[2] if inputs else ""
    if not first or first == ending:
        return ending
    return first if first.endswith(f"_{ending}") else f"{first}_{ending}"


def _free(project: Project, wanted: str) -> str:
    return wanted if wanted not in project.items else _numbered(wanted, project.items)


def _numbered(wanted: str, taken: Mapping[str, object]) -> str:
    return next(f"{wanted}_{n}" for n in range(2, len(taken) + 3) if f"{wanted}_{n}" not in taken)


def _missing(project: Project, recipe: Recipe) -> Iterator[tuple[str, str, Definition]]:
    """Outputs that are not there yet: (sort, name, definition)."""
    for reference in recipe.references():
        if reference.side != "output" or reference.name in project.items:
            continue
        match reference.types[0]:
            case "dataset":
                yield "dataset", reference.name, registry.parse("datasets", {"type": "managed"})
            case "folder":
                yield "folder", reference.name, Folder()
            case "evaluation_store":
                yield "evaluation_store", reference.name, EvaluationStore()
            case "model":
                raise Invalid(
                    f"There is no model '{reference.name}' to train.",
                    hint="Design it first: Models, New model.",
                )


def _with(project: Project, name: str, recipe: Recipe) -> Flow:
    """The Flow as it will be."""
    several: dict[str, dict[str, Definition]] = {}
    for sort, item, definition in _missing(project, recipe):
        several.setdefault(f"{sort}s", {})[item] = definition
    grown: dict[str, Any] = {field: {**getattr(project, field), **new} for field, new in several.items()}
    return Flow.of(replace(project, recipes={**project.recipes, name: recipe}, **grown))


def _zone_of_inputs(flow: Flow, recipe: Recipe) -> str:
    first = next((i for i in recipe.reads if i in flow.project.items), "")
    return zone.zone_of(flow, first) if first else zone.DEFAULT
