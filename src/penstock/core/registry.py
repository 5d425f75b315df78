"""The one discovery of kinds: a folder listing, ours and plugins' alike. Nothing is imported until it is named."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from penstock.core import complaints
from penstock.core.errors import InvalidDefinition, KindMissing, PenstockError
from penstock.core.kind import Kind

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

Model = TypeVar("Model", bound=BaseModel)
Found = TypeVar("Found")

FAMILIES: dict[str, str] = {
    "recipes": "penstock.core.recipe:Recipe",
    "processors": "penstock.core.prepare:Processor",
    "functions": "penstock.core.prepare:Function",
    "datasets": "penstock.core.dataset:Dataset",
    "formats": "penstock.core.dataset:Format",
    "samplings": "penstock.core.sampling:Sampling",
    "algorithms": "penstock.core.algorithm:Algorithm",
    "forecasters": "penstock.core.forecasting:Forecaster",
    "scores": "penstock.core.score:Score",
    "distances": "penstock.core.evaluation:Distance",
    "probes": "penstock.core.metric:Probe",
    "checks": "penstock.core.check:Check",
    "rules": "penstock.core.rule:Rule",
    "steps": "penstock.core.scenario:Step",
    "triggers": "penstock.core.trigger:Trigger",
    "reporters": "penstock.core.reporter:Reporter",
    "tiles": "penstock.core.tile:Tile",
    "connections": "penstock.core.connection:Connection",
    "infrastructures": "penstock.core.deployment:Infrastructure",
    "endpoints": "penstock.core.service:Endpoint",
    "standards": "penstock.core.standard:Standard",
}
"""Family → the base class its kinds extend. The word is the folder in `kinds/`."""


_remembered: list[_lru_cache_wrapper[Any]] = []


def remembered(function: Callable[..., Found]) -> _lru_cache_wrapper[Found]:
    """What a function found out about kinds is kept until `refresh`."""
    kept = cache(function)
    _remembered.append(kept)
    return kept


def base(family: str) -> type[Kind]:
    """The base class of a family."""
    module, _, name = FAMILIES[family].partition(":")
    return cast("type[Kind]", getattr(importlib.import_module(module), name))


@remembered
def names(family: str) -> dict[str, str]:
    """Every kind of a family → its module, without importing any: {"group": "penstock.kinds.recipes.group", …}."""
    if family not in FAMILIES:
        raise KindMissing("family of kinds", family, among=FAMILIES)
    found = _listed(f"penstock.kinds.{family}")
    for plugin in _plugins():
        found |= {f"{plugin.name}.{k}": m for k, m in _listed(f"{plugin.value}.{family}").items()}
    return found


@remembered
def _plugins() -> tuple[EntryPoint, ...]:
    """The packages that bring kinds of their own; looking through what is installed takes a while."""
    return tuple(sorted(entry_points(group="penstock.plugins")))


def refresh() -> None:
    """Look anew which plugins there are: one was installed, changed or taken away."""
    importlib.invalidate_caches()
    for kept in _remembered:
        kept.cache_clear()


def kind(family: str, name: str) -> type[Kind]:
    """The class behind `type: name`. Raises KindMissing with the nearest word, or the plugin that is missing."""
    known = names(family)
    if name not in known:
        plugin, dot, _ = name.partition(".")
        if dot and plugin not in {p.name for p in _plugins()}:
            raise KindMissing(
                f"{_singular(family)} kind", name, where=f"this node: plugin {plugin} is not installed"
            )
        raise KindMissing(f"{_singular(family)} kind", name, among=known)
    return _only_kind(known[name], base(family))


def parse(family: str, definition: Mapping[str, Any]) -> Kind:
    """A mapping with `type:` → the kind, validated. Raises InvalidDefinition naming the field."""
    fields = dict(definition)
    chosen = fields.pop("type", None)
    if not isinstance(chosen, str):
        words = ", ".join(names(family))
        raise InvalidDefinition(f"A {_singular(family)} must say its type: one of {words}.", field="type")
    try:
        found = kind(family, chosen)
    except KindMissing as missing:
        raise InvalidDefinition(missing.message, field="type") from missing
    return validate(found, fields)


def validate(cls: type[Model], fields: Mapping[str, Any]) -> Model:
    """A mapping → a definition. Raises InvalidDefinition for a broken field, with the nearest word and all others
    in `also`."""
    try:
        return cls.model_validate(dict(fields))
    except ValidationError as error:
        first, *others = complaints.all_of(cls, fields, error)
        first.also = tuple(others)
        raise first from error


def name_of(cls: type[Kind]) -> str:
    """The word after `type:` that leads to this class."""
    for family in FAMILIES:
        for name, module in names(family).items():
            if module == cls.__module__:
                return name
    raise KindMissing("kind", cls.__name__)


def _listed(package: str) -> dict[str, str]:
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return {}
    if spec is None or spec.submodule_search_locations is None:
        return {}
    modules = pkgutil.iter_modules(spec.submodule_search_locations)
    return {m.name: f"{package}.{m.name}" for m in modules if not m.name.startswith("_")}


@remembered
def _only_kind(module: str, base_class: type[Kind]) -> type[Kind]:
    loaded = importlib.import_module(module)
    own = [
        c
        for n, c in vars(loaded).items()
        if inspect.isclass(c)
        and issubclass(c, base_class)
        and c.__module__ == module
        and not n.startswith("_")
    ]
    if len(own) != 1:
        raise PenstockError(
            f"{module} must hold exactly one public {base_class.__name__}; it has {len(own)}."
        )
    return own[0]


def _singular(family: str) -> str:
    return family[:-1]
