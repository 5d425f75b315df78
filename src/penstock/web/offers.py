"""Offers: what pickers of a form suggest: objects of the project, columns, metrics, people. Looked up when asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.errors import PenstockError
from penstock.core.folder import Folder
from penstock.core.metric import id_of
from penstock.core.project import ITEMS, Project
from penstock.runtime import connections, environments, metrics, projects
from penstock.web import shapes

if TYPE_CHECKING:
    from penstock.runtime.metrics import Available
    from penstock.web.asking import Ask
    from penstock.web.shapes import Line


class Offers:
    """What one form may offer."""

    def __init__(
        self, ask: Ask, cls: type[BaseModel], values: Mapping[str, Any], more: Mapping[str, Iterable[str]],
        item: str = "",
    ) -> None:  # fmt: skip
        self._ask, self._cls, self._values = ask, cls, values
        self.item = item or str(values.get("item") or "")
        """The object the form is about, where it is about one: its columns and metrics are offered."""
        self._more = {k: list(v) for k, v in more.items()}
        self.used: dict[str, list[str]] = {}
        """Lists that some field of the form refers to: id → words. They stand once at the end of the form."""

    def list_id(self, line: Line) -> str:
        """The id of the list of suggestions for a field; empty when there is nothing to suggest."""
        id = f"offer-{'-'.join(line.sorts) or line.widget}{'-read' * line.is_closed}"
        if id not in self.used:
            words = self.words(line)
            if not words:
                return ""
            self.used[id] = words
        return id

    def words(self, line: Line) -> list[str]:
        """What may be chosen."""
        if line.widget == "object":
            named = [name for sort in line.sorts for name in self._objects.get(sort, [])]
            return [*named, *(self._foreign(line.sorts) if line.is_closed else ())]
        if line.widget in self._objects:
            return self._objects[line.widget]
        found = {"column": "columns", "metric": "metrics"}.get(line.widget, line.widget)
        if found in self._more:
            return self._more[found]
        return self._columns if line.widget == "column" else self._others(line)

    @cached_property
    def metrics(self) -> list[Available]:
        """The metrics of the object, with their last values."""
        known = self._project is not None and self.item in self._project.items
        return metrics.available(self._ask.node, self._ask.project, self.item) if known else []

    @property
    def needs_item(self) -> bool:
        """Whether the form asks for an object, and nobody has chosen it yet."""
        return "item" in self._cls.model_fields and not self.item

    def metric(self, text: str) -> str:
        """The id of the metric that somebody wrote by its name or its id; empty when the object has none such."""
        known = [m.id for m in self.metrics]
        id = id_of(text, known) if text else ""
        return id if id in known else ""

    def kinds(self, family: str) -> list[tuple[str, str]]:
        """(type, words) of every kind of a family, those of plugins last."""
        labels = {name: getattr(registry.kind(family, name), "LABEL", "") for name in registry.names(family)}
        found = [(name, label or shapes.humane_name(name)) for name, label in labels.items()]
        return sorted(found, key=lambda pair: ("." in pair[0], pair[1].lower()))

    @cached_property
    def _project(self) -> Project | None:
        try:
            return projects.show(self._ask.node, self._ask.project) if self._ask.project else None
        except PenstockError:
            return None

    @cached_property
    def _objects(self) -> dict[str, list[str]]:
        p = self._project
        if p is None:
            return {}
        return {
            "dataset": sorted(p.datasets), "folder": sorted(p.folders), "model": sorted(p.models),
            "evaluation_store": sorted(p.evaluation_stores), "store": sorted(p.evaluation_stores),
            "scenario": sorted(p.scenarios), "recipe": sorted(p.recipes), "zone": list(p.zones.zones),
        }  # fmt: skip

    def _foreign(self, sorts: Iterable[str]) -> list[str]:
        """What other projects share with this one, for fields that read."""
        p = self._project
        return [name for name in p.foreign if p.item_type(name) in sorts] if p else []

    @cached_property
    def _columns(self) -> list[str]:
        """The columns of what the definition reads, or of the dataset that it is."""
        p = self._project
        own = [str(c.get("name", "")) for c in self._values.get("columns", ()) if isinstance(c, Mapping)]
        if p is None:
            return own
        there = {**p.datasets, **p.foreign}
        words = (self.item, *_texts(self._values))
        named = [word for word in words if word in there and p.item_type(word) == "dataset"]
        return list(dict.fromkeys([*own, *(c.name for name in named for c in p.dataset(name).columns)]))

    def groups(self, line: Line) -> list[tuple[str, list[tuple[str, str]]]]:
        """What a picker offers, under headings: (value, words); what other projects share stands with its sort."""
        if line.widget == "column":
            return [("Columns", [(name, name) for name in self.words(line)])]
        found = [(_SORTS.get(sort, sort), [(n, n) for n in self._named(sort)]) for sort in line.sorts]
        if len(line.sorts) >= len(ITEMS):
            zones = [(f"zone:{zone}", zone) for zone in self._objects.get("zone", ())]
            found += [("A whole zone", zones), ("Everything", [("*", "All ends of the Flow")])]
        return [(title, named) for title, named in found if named]

    def _named(self, sort: str) -> list[str]:
        return [*self._objects.get(sort, []), *self._foreign((sort,))]

    @cached_property
    def may_connect(self) -> bool:
        """Whether whoever looks may set up the channel that is missing."""
        return self._ask.may(Permission.MANAGE_CONNECTIONS)

    def _others(self, line: Line) -> list[str]:
        node = self._ask.node
        match line.widget:
            case "channel":
                return connections.channels(node, *line.sorts)
            case "connection" if line.is_picked:
                return connections.for_endpoints(node, self._ask.me.login)
            case "connection":
                is_files = issubclass(self._cls, Folder) or self._values.get("type") == "files"
                return connections.of_sort(node, "files" if is_files else "data")
            case "environment":
                return environments.names(node)
            case "user":
                return [user.login for user in node.users.all()]
            case "group":
                return [group.name for group in node.users.groups()]
        return []


_SORTS = {
    "dataset": "Datasets", "folder": "Folders", "model": "Models", "evaluation_store": "Evaluation stores",
    "scenario": "Scenarios",
}  # fmt: skip


def _texts(value: Any) -> Iterable[str]:
    """Every text inside plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
