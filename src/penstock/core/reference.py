"""The reference pages, written from the code: one page a family, one section a kind."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from penstock.core import gap, registry
from penstock.core.kind import Definition, Described, Kind, documentation
from penstock.core.names import Points


def pages() -> dict[str, str]:
    """File name → Markdown, for every family that has kinds and for the definitions that are not kinds."""
    families = {f: list(own) for f in registry.FAMILIES if (own := _own_names(f))}
    written = {f"{family}.md": family_page(family) for family in families}
    fixed = {"objects.md": objects_page(), "config.md": config_page(), "engines.md": gap.page()}
    return {"index.md": _index(families), **fixed, **written}


def family_page(family: str) -> str:
    """Every kind of a family: what it does, an example, its settings; what all of them share is said once."""
    base = registry.base(family)
    kinds = {n: registry.kind(family, n) for n in _own_names(family)}
    shared = {n: f for n, f in base.model_fields.items() if n not in Described.MEANINGLESS}
    parts = [f"# {family.capitalize()}", documentation(base)[0].split("\n\n")[0]]
    if not any(cls.model_fields for cls in kinds.values()):
        return "\n\n".join([*parts, _list(kinds)]) + "\n"
    parts.append(" · ".join(f"[{name}](#{name})" for name in kinds))
    if shared:
        parts += ["## Settings of all of them", _settings(shared)]
    if issubclass(base, Described):
        parts.append("And what [every object](objects.md#every-object) may say about itself.")
    parts += [section(name, cls, without=shared) for name, cls in kinds.items()]
    return "\n\n".join([*parts, *_parts([base, *kinds.values()])]) + "\n"


def objects_page() -> str:
    """The definitions that are files of their own without a `type:`, and what every object has."""
    from penstock.core.dashboard import Dashboard
    from penstock.core.dataset import Observed
    from penstock.core.evaluation import EvaluationStore
    from penstock.core.folder import Folder
    from penstock.core.lineage import Lineage
    from penstock.core.model import SavedModel
    from penstock.core.project import ProjectSettings, Zones
    from penstock.core.saved_comparison import SavedComparison
    from penstock.core.scenario import Scenario
    from penstock.core.service import ApiService

    files: dict[str, type[Definition]] = {
        "project.yaml": ProjectSettings,
        "flow/zones.yaml": Zones,
        "flow/lineage.yaml": Lineage,
        "flow/folders/NAME.yaml": Folder,
        "flow/models/NAME.yaml": SavedModel,
        "flow/evaluations/NAME.yaml": EvaluationStore,
        "scenarios/NAME.yaml": Scenario,
        "dashboards/NAME.yaml": Dashboard,
        "comparisons/NAME.yaml": SavedComparison,
        "services/NAME.yaml": ApiService,
    }
    every = Observed.model_fields
    sections = [section(f"`{file}`", cls, without=every) for file, cls in files.items()]
    parts = ["# Objects", "Files of a project that need no `type:`.", "## Every object", _settings(every)]
    return "\n\n".join([*parts, *sections, *_parts(files.values())]) + "\n"


def config_page() -> str:
    """The settings of a home."""
    from penstock.core.config import Config

    fields = {n: f for n, f in Config.model_fields.items() if n != "home"}
    return "\n\n".join(["# Settings of a home", _CONFIG, _settings(fields), *_parts([Config])]) + "\n"


def section(title: str, cls: type[BaseModel], *, without: Iterable[str] = ()) -> str:
    """One kind or part: what it does, its example, its settings but those told elsewhere."""
    prose, example = documentation(cls)
    left_out = {*without, *Described.MEANINGLESS}
    own = {n: f for n, f in cls.model_fields.items() if n not in left_out}
    yaml = f"```yaml\n{example}\n```" if example else ""
    return "\n\n".join(part for part in (f"## {title}", prose, yaml, _settings(own)) if part)


_CONFIG = """A home is the folder with everything of a node: `--home`, `PENSTOCK_HOME`, or `~/.penstock`. The
file `config.yaml` in it holds its settings; none of them is needed. A setting that is a text, a number or yes/no may
come from the environment too, as `PENSTOCK_` and its name in capitals (`PENSTOCK_THREADS=2`), and wins over the file
there. The key that seals secrets is no setting: `PENSTOCK_SECRET_KEY` gives it, otherwise it lies in the home.

```yaml
# ~/.penstock/config.yaml
server_roots: [/srv/exports, /data/shared]
limits: {activities: 3}
wait_for_object: 60
```

A dataset or connection may read files of the server only below the home and below `server_roots`: whoever may edit a
project must not thereby read the whole machine."""


def _list(kinds: Mapping[str, type[BaseModel]]) -> str:
    """Kinds without any setting: a line each."""
    rows = [f"| `{name}` | {' '.join(documentation(cls)[0].split())} |" for name, cls in kinds.items()]
    return "\n".join(["| name | what it does |", "|---|---|", *rows])


def _own_names(family: str) -> list[str]:
    """The kinds that come with Penstock; those of plugins carry a dot."""
    return [name for name in registry.names(family) if "." not in name]


def _index(families: Mapping[str, Sequence[str]]) -> str:
    rows = [
        f"| [{f}]({f}.md) | {', '.join(f'[{n}]({f}.md#{n})' for n in names)} |"
        for f, names in families.items()
    ]
    told = "Written from the code by `make docs`; do not edit. [Formulas](formulas.md) are written by hand."
    sorts = "projects, zones, folders, models, evaluation stores, scenarios, dashboards, comparisons, API services"
    objects = f"| [objects](objects.md) | {sorts} |"
    commands = "| [commands](commands.md) | the command line |"
    python = "| [python](python.md) | `penstock.open()`: everything from Python |"
    settings = "| [config](config.md) | settings of a home: `config.yaml` and the environment |"
    engines = "| [engines](engines.md) | what is the same on DuckDB, PostgreSQL and Spark, and what is not |"
    fixed = [objects, commands, python, settings, engines]
    table = "\n".join(["| page | what is in it |", "|---|---|", *fixed, *rows])
    return f"# Reference\n\n{told}\n\n{table}\n"


def _parts(classes: Iterable[type[BaseModel]]) -> list[str]:
    """The definitions that settings hold, each as a section of the page."""
    inner = _nested(classes)
    return ["# Parts", *(section(f"Part: {cls.__name__}", cls) for cls in inner)] if inner else []


def _settings(fields: Mapping[str, FieldInfo]) -> str:
    if not fields:
        return ""
    rows = [
        f"| `{f.alias or n}` | {_type(f)} | {_default(f)} | {f.description or ''} |"
        for n, f in fields.items()
    ]
    return "\n".join(["| setting | value | default | meaning |", "|---|---|---|---|", *rows])


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "needed"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or value is None or value == "" or value == () or value == {}:
        return ""
    if isinstance(value, Definition):
        mapping = value.to_mapping()
        return f"`{mapping}`" if mapping else ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(info: FieldInfo) -> str:
    for mark in info.metadata:
        if isinstance(mark, Points):
            return _pointed(mark)
    return _words(info.annotation)


def _pointed(mark: Points) -> str:
    """The name of a dataset, folder or model."""
    *most, last = [t.replace("_", " ") for t in mark.types]
    return f"name of a {', '.join(most)} or {last}" if most else f"name of a {last}"


_PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "yes or no",
    Path: "path",
    type(None): "",
    Any: "anything",
}


def _words(annotation: Any) -> str:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        points = [m for m in inner[1:] if isinstance(m, Points)]
        return _pointed(points[0]) if points else _words(inner[0])
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(w for w in map(_words, inner) if w)
    if origin in (tuple, list):
        return f"list of {_words(inner[0])}"
    if origin is dict:
        return f"{_words(inner[0])} → {_words(inner[1])}"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return _link(annotation)
    return getattr(annotation, "__name__", str(annotation)).replace("_", " ")


def _link(cls: type[BaseModel]) -> str:
    """A kind leads to the page of its family, anything else to its section on this one."""
    if issubclass(cls, Kind):
        return f"[{cls.__name__}]({cls.FAMILY}.md)" if cls.FAMILY else "a kind"
    return f"[{cls.__name__}](#part-{cls.__name__.lower()})"


def _nested(classes: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    """The definitions inside definitions, each once; a filter may hold filters."""
    found: dict[str, type[BaseModel]] = {}
    waiting = list(classes)
    while waiting:
        for info in waiting.pop(0).model_fields.values():
            fresh = [
                m for m in _models_in(info.annotation) if m.__name__ not in found and not issubclass(m, Kind)
            ]
            found |= {m.__name__: m for m in fresh}
            waiting += fresh
    return list(found.values())


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for inner in get_args(annotation) for m in _models_in(inner)]
