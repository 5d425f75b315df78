"""The reference pages, written from the code: one page a family, one section a kind."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from penstock.core import registry
from penstock.core.kind import Definition, Described, documentation
from penstock.core.names import Points


def pages() -> dict[str, str]:
    """File name → Markdown, for every family and for the definitions that are not kinds."""
    written = {f"{family}.md": family_page(family) for family in registry.FAMILIES}
    return {"index.md": _index(written), "objects.md": objects_page(), **written}


def family_page(family: str) -> str:
    """Every kind of a family: what it does, an example, its settings."""
    intro = inspect.getdoc(registry.base(family)) or ""
    kinds = {n: registry.kind(family, n) for n in registry.names(family) if "." not in n}
    parts = [f"# {family.capitalize()}", intro.split("\n\n")[0]]
    parts.append(" · ".join(f"[{name}](#{name})" for name in kinds))
    parts += [section(name, cls) for name, cls in kinds.items()]
    return "\n\n".join(parts) + "\n"


def objects_page() -> str:
    """The definitions that are files of their own without a `type:`."""
    from penstock.core.evaluation import EvaluationStore
    from penstock.core.folder import Folder
    from penstock.core.model import SavedModel
    from penstock.core.project import ProjectSettings, Zones

    files: dict[str, type[Definition]] = {
        "project.yaml": ProjectSettings,
        "flow/zones.yaml": Zones,
        "flow/folders/NAME.yaml": Folder,
        "flow/models/NAME.yaml": SavedModel,
        "flow/evaluations/NAME.yaml": EvaluationStore,
    }
    sections = [section(f"`{file}`", cls) for file, cls in files.items()]
    inner = [section(c.__name__, c) for c in _nested(files.values())]
    parts = ["# Objects", "Files of a project that need no `type:`.", *sections, "# Parts of them", *inner]
    return "\n\n".join(parts) + "\n"


def _index(written: Iterable[str]) -> str:
    lines = [f"- [{name.removesuffix('.md')}]({name})" for name in ("objects.md", *written)]
    return "# Reference\n\nWritten from the code by `make docs`; do not edit.\n\n" + "\n".join(lines) + "\n"


def section(title: str, cls: type[BaseModel]) -> str:
    prose, example = documentation(cls)
    parts = [f"## {title}", prose]
    if example:
        parts.append(f"```yaml\n{example}\n```")
    parts.append(_settings(cls))
    return "\n\n".join(part for part in parts if part)


def _settings(cls: type[BaseModel]) -> str:
    own = {n: f for n, f in cls.model_fields.items() if n not in Described.MEANINGLESS}
    if not own:
        return ""
    rows = [f"| `{f.alias or n}` | {_type(f)} | {_default(f)} | {f.description or ''} |" for n, f in own.items()]
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
            return f"{mark.side} {' or '.join(t.replace('_', ' ') for t in mark.types)}"
    return _words(info.annotation)


_PLAIN = {str: "text", int: "whole number", float: "number", bool: "yes or no", type(None): "", Any: "anything"}


def _words(annotation: Any) -> str:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        points = [m for m in inner[1:] if isinstance(m, Points)]
        return f"{points[0].side} {' or '.join(points[0].types)}" if points else _words(inner[0])
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(w for w in map(_words, inner) if w)
    if origin in (tuple, list):
        return f"list of {_words(inner[0])}"
    if origin is dict:
        return f"{_words(inner[0])} → {_words(inner[1])}"
    return getattr(annotation, "__name__", str(annotation)).replace("_", " ")


def _nested(classes: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for cls in classes:
        for info in cls.model_fields.values():
            for model in _models_in(info.annotation):
                if model.__name__ not in found and "FAMILY" not in vars(model):
                    found[model.__name__] = model
                    found |= {m.__name__: m for m in _nested([model])}
    return list(found.values())


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for inner in get_args(annotation) for m in _models_in(inner)]
