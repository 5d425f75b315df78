"""Flow: the graph that recipes draw between the objects of a project. Nobody stores it; it is read off the recipes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from penstock.core.errors import InvalidDefinition, did_you_mean
from penstock.core.names import Reference, Sort, owner_of
from penstock.core.project import Project
from penstock.core.recipe import Recipe

Links = Mapping[str, tuple[str, ...]]
_Step = Callable[[str], tuple[str, ...]]

WORDS: dict[Sort, str] = {
    "dataset": "a dataset", "folder": "a folder", "model": "a model", "evaluation_store": "an evaluation store",
    "scenario": "a scenario",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Items and recipes as a graph. Everything here is derived; asking costs no file and no database."""

    project: Project
    reads: Links
    """Recipe → the items it reads, in field order; names that lead nowhere are left out."""
    writes: Links
    """Recipe → the items it writes, in field order."""
    producers: Mapping[str, str]
    """Item → the recipe that writes it; sources have none."""
    consumers: Links
    """Item → the recipes that read it."""
    behind: Links
    """Item → the items it is read from without a recipe (the managed folder of a `files` dataset)."""
    ahead: Links
    """The same edges, the other way."""

    @classmethod
    def of(cls, project: Project) -> Flow:
        """The Flow of a project. Unknown names are left out here; `problems` reports them."""
        items = project.items
        reads = {r: _known(recipe.reads, items) for r, recipe in project.recipes.items()}
        writes = {r: _known(recipe.writes, items) for r, recipe in project.recipes.items()}
        behind = {d: _known(dataset.depends_on(), items) for d, dataset in project.datasets.items()}
        producers: dict[str, str] = {}
        for recipe, outputs in writes.items():
            for item in outputs:
                producers.setdefault(item, recipe)
        return cls(
            project=project, reads=reads, writes=writes, producers=producers,
            consumers=_reversed(reads), behind=behind, ahead=_reversed(behind),
        )  # fmt: skip

    def producer(self, item: str) -> str | None:
        """The recipe that writes an item, or None for a source."""
        return self.producers.get(item)

    def parents(self, item: str) -> tuple[str, ...]:
        """The items an item is made from directly: what its recipe reads, or the folder its files lie in."""
        recipe = self.producers.get(item)
        read = self.reads[recipe] if recipe else ()
        return tuple(dict.fromkeys((*read, *self.behind.get(item, ()))))

    def children(self, item: str) -> tuple[str, ...]:
        """The items made from an item directly."""
        written = [out for recipe in self.consumers.get(item, ()) for out in self.writes[recipe]]
        return tuple(dict.fromkeys((*written, *self.ahead.get(item, ()))))

    def upstream(self, items: Iterable[str]) -> frozenset[str]:
        """Every item that the given ones are made from, however far; the given ones are not among them unless
        one is made from another."""
        return self._reach(items, self.parents)

    def downstream(self, items: Iterable[str]) -> frozenset[str]:
        """Every item that is made from the given ones, however far."""
        return self._reach(items, self.children)

    def sources(self) -> tuple[str, ...]:
        """Items that nothing in this project makes."""
        return tuple(i for i in self.project.items if not self.is_made(i))

    def is_made(self, item: str) -> bool:
        """Whether something in this project makes an item: a recipe, or the folder its files lie in."""
        return item in self.producers or bool(self.behind.get(item))

    def terminals(self, among: Iterable[str] | None = None) -> tuple[str, ...]:
        """Items that nothing is made from; with `among`, those that nothing else among them is made from."""
        inside = set(self.project.items if among is None else among)
        return tuple(
            i for i in self.project.items if i in inside and not inside.intersection(self.children(i))
        )

    def siblings(self, item: str) -> tuple[str, ...]:
        """All outputs of the recipe that writes an item; the item alone when it is a source."""
        recipe = self.producers.get(item)
        return self.writes[recipe] if recipe else (item,)

    def recipes_before(self, recipe: str) -> frozenset[str]:
        """The recipes whose outputs a recipe reads, directly or through a dataset over a folder."""
        return frozenset(
            self.producers[i]
            for read in self.reads[recipe]
            for i in (read, *self.folders_behind(read))
            if i in self.producers
        )

    def folders_behind(self, item: str) -> frozenset[str]:
        """What an item is read from without a recipe, however far."""
        return self._reach([item], lambda i: self.behind.get(i, ()))

    def order(self, recipes: Iterable[str]) -> list[str]:
        """The recipes sorted so that each stands after those it waits for; ties in the project's own order.

        Recipes on a cycle come last; `problems` has said so before anything runs.
        """
        wanted = set(recipes)
        rank = {name: index for index, name in enumerate(self.project.recipes)}
        waits = {r: set(self.recipes_before(r)) & wanted - {r} for r in wanted}
        after: dict[str, list[str]] = {r: [] for r in wanted}
        for recipe, before in waits.items():
            for earlier in before:
                after[earlier].append(recipe)
        ready = [(rank[r], r) for r in wanted if not waits[r]]
        heapq.heapify(ready)
        ordered: list[str] = []
        while ready:
            _, recipe = heapq.heappop(ready)
            ordered.append(recipe)
            for later in after[recipe]:
                waits[later].discard(recipe)
                if not waits[later]:
                    heapq.heappush(ready, (rank[later], later))
        return ordered + sorted(wanted - set(ordered), key=lambda r: rank[r])

    def check_item(self, name: str) -> str:
        """The name itself. Raises NotFound with the nearest, InvalidDefinition when its file could not be read."""
        self.project.item(name)
        return name

    def _reach(self, start: Iterable[str], step: _Step) -> frozenset[str]:
        found: set[str] = set()
        waiting = [n for item in start for n in step(item)]
        while waiting:
            item = waiting.pop()
            if item not in found:
                found.add(item)
                waiting.extend(step(item))
        return frozenset(found)


def problems(project: Project) -> list[InvalidDefinition]:
    """Everything wrong with the graph, each with file and field: unknown names, wrong types, outputs that cannot
    be written, two producers, cycles, zones that name what is not there. Empty when the Flow can be built."""
    return project.without_echoes(
        (*_naming(project), *_references(project), *_writers(project), *_cycles(project), *_zones(project))
    )


def _naming(project: Project) -> Iterator[InvalidDefinition]:
    folders = {
        "datasets": project.datasets, "folders": project.folders,
        "models": project.models, "evaluations": project.evaluation_stores,
    }  # fmt: skip
    seen: dict[str, str] = {}
    for folder, objects in folders.items():
        for name in objects:
            file = f"flow/{folder}/{name}.yaml"
            if name in seen:
                yield InvalidDefinition(
                    f"'{name}' is also the name of {seen[name]}; names are unique.", file=file
                )
            seen.setdefault(name, file)


def _references(project: Project) -> Iterator[InvalidDefinition]:
    items = project.items
    for name, recipe in project.recipes.items():
        if not recipe.writes:
            yield _flaw(name, (), "This recipe writes nothing; give it an output.")
        for message in recipe.flaws():
            yield _flaw(name, (), f"{name}{recipe.BODY}: {message}" if recipe.BODY else message)
        for reference in recipe.references():
            message = _reference_flaw(project, reference, items)
            if message:
                yield _flaw(name, reference.path, message)
    for name, dataset in project.datasets.items():
        for behind in dataset.depends_on():
            if behind not in items:
                message = f"There is no object '{behind}'.{did_you_mean(behind, items)}"
                yield InvalidDefinition(message, file=f"flow/datasets/{name}.yaml")


def _reference_flaw(project: Project, reference: Reference, items: Mapping[str, object]) -> str:
    if reference.name not in items:
        owner = owner_of(reference.name)
        if owner:
            return f"Project {owner} shares no '{reference.name.partition('.')[2]}' with this one."
        return f"There is no object '{reference.name}'.{did_you_mean(reference.name, items)}"
    actual = project.item_type(reference.name)
    if actual not in reference.types:
        wanted = " or ".join(WORDS[t] for t in reference.types)
        return f"'{reference.name}' is {WORDS[actual]}; {wanted} belongs here."
    if reference.side == "output" and actual == "dataset" and not project.datasets[reference.name].MANAGED:
        return (
            f"Dataset '{reference.name}' is external: recipes read it and never write it. "
            "Write to a managed dataset instead."
        )
    return ""


def _writers(project: Project) -> Iterator[InvalidDefinition]:
    writers: dict[str, list[str]] = {}
    for name, recipe in project.recipes.items():
        for item in recipe.writes:
            writers.setdefault(item, []).append(name)
    for item, names in writers.items():
        for name in names if len(names) > 1 else ():
            other = next(n for n in names if n != name)
            message = (
                f"'{item}' is written by recipe {other} too; an object has one producer. Give each its own."
            )
            yield _flaw(name, _path_of(project.recipes[name], item), message)


def _cycles(project: Project) -> Iterator[InvalidDefinition]:
    flow = Flow.of(project)
    try:
        TopologicalSorter({item: flow.parents(item) for item in project.items}).prepare()
    except CycleError as error:
        path = list(error.args[1])
        recipe = next((flow.producers[i] for i in path if i in flow.producers), "")
        yield _flaw(recipe, (), f"The Flow runs in a circle: {' → '.join(path)}. Cut one of these edges.")


def _zones(project: Project) -> Iterator[InvalidDefinition]:
    items, seen = project.items, dict[str, str]()
    for zone, definition in project.zones.zones.items():
        for name in (*definition.items, *definition.shared):
            if name not in items:
                message = f"There is no object '{name}'.{did_you_mean(name, items)}"
                yield InvalidDefinition(message, file="flow/zones.yaml", field=f"zones.{zone}")
        for name in definition.items:
            if name in seen:
                message = f"'{name}' lies in zone '{seen[name]}' already; an object has one zone."
                yield InvalidDefinition(message, file="flow/zones.yaml", field=f"zones.{zone}.items")
            seen.setdefault(name, zone)


def _flaw(recipe: str, path: tuple[str | int, ...], message: str) -> InvalidDefinition:
    return InvalidDefinition(message, file=f"flow/recipes/{recipe}.yaml", field=".".join(map(str, path)))


def _path_of(recipe: Recipe, item: str) -> tuple[str | int, ...]:
    return next(r.path for r in recipe.references() if r.name == item and r.side == "output")


def _known(names: Iterable[str], items: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(n for n in names if n in items)


def _reversed(links: Links) -> Links:
    back: dict[str, list[str]] = {}
    for start, ends in links.items():
        for end in ends:
            back.setdefault(end, []).append(start)
    return {end: tuple(starts) for end, starts in back.items()}
