"""What the use cases themselves say: their arguments and answers, as types. Both ends of the wire read them here."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter

from penstock.core.use_case import ROOMS, use_case

PACKAGES = ("penstock.core", *ROOMS)
FACTS = ("penstock.ml.promotion",)
"""Modules of values that use cases answer with, and that import no library either."""
AUTHOR = frozenset({"author", "by", "initiator"})
"""Arguments that say who asks: the server fills them in, whatever was sent."""
OURS = frozenset(
    {"node", "watch", "tell", "stop", "options", "run_id", "origin", "scenario_run", "message", "who"}
)
"""Arguments that never travel."""
RENAMED = {"project_key": "project", "labels_": "labels", "sender": "node"}
"""Argument → the word on the wire, where they differ."""
EMPTY = inspect.Parameter.empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument that travels."""

    name: str
    wire: str
    type: Any
    default: Any = EMPTY
    spread: bool = False
    """It is one of the words a use case takes as `**words`."""

    @property
    def needed(self) -> bool:
        """Whether there is no default."""
        return self.default is EMPTY

    @property
    def optional_type(self) -> Any:
        """Its type on the wire: words of `**words` may be left out."""
        return self.type | None if self.spread else self.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A use case as a face sees it."""

    verb: str
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    author: str
    """The argument that says who asks; empty when there is none."""
    answer: Any

    @property
    def about(self) -> str:
        """What its author says of it."""
        return inspect.getdoc(self.function) or ""

    def argument(self, name: str) -> Argument:
        """One argument by its name or its word on the wire."""
        return next(a for a in self.arguments if name in (a.name, a.wire))

    def bind(self, arguments: tuple[Any, ...], settings: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call by name. Raises TypeError as the call itself would."""
        bound = inspect.signature(self.function).bind(None, *arguments, **settings)
        given = dict(bound.arguments)
        words = next((p.name for p in _parameters(self.function) if p.kind is p.VAR_KEYWORD), "")
        return {**given, **given.pop(words, {})}


@cache
def case(verb: str) -> Case:
    """The use case behind a verb. Raises NotFound."""
    complete()
    function = use_case(verb)
    hints = typing.get_type_hints(function, include_extras=True)
    known = _parameters(function)
    author = next((p.name for p in known if p.name in AUTHOR), "")
    found: list[Argument] = []
    for parameter in known:
        if parameter.kind is parameter.VAR_KEYWORD:
            found += _words(hints[parameter.name])
        elif parameter.name not in AUTHOR | OURS or _is_asked_for(parameter):
            found.append(_argument(parameter, hints[parameter.name]))
    answer = hints.get("return", Any)
    return Case(verb=verb, function=function, arguments=tuple(found), author=author, answer=answer)


@cache
def adapter(of: Any) -> TypeAdapter[Any]:
    """What turns values of a type into JSON and back."""
    return TypeAdapter(of)


@cache
def complete() -> None:
    """Give our modules the names they import for type checkers only, so that their annotations can be read."""
    for package in PACKAGES:
        listed = pkgutil.iter_modules(import_module(package).__path__)
        for name in [m.name for m in listed if not m.name.startswith("_")]:
            _complete(import_module(f"{package}.{name}"))


def _complete(module: ModuleType) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    for statement in (s for block in tree.body if _is_for_checkers(block) for s in block.body):  # type: ignore[attr-defined]
        if isinstance(statement, ast.ImportFrom) and _is_light(statement.module or ""):
            source = import_module(str(statement.module))
            names = {alias.asname or alias.name: getattr(source, alias.name) for alias in statement.names}
            for name, value in names.items():
                vars(module).setdefault(name, value)


def _is_for_checkers(block: ast.stmt) -> bool:
    return isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"


def _is_light(module: str) -> bool:
    """Whether importing it costs next to nothing: ours, and the standard library."""
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or module.startswith((*PACKAGES, *FACTS))


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())


def _is_asked_for(parameter: inspect.Parameter) -> bool:
    """The message of a save that people write themselves; elsewhere it is said for them."""
    return parameter.name == "message" and parameter.default is EMPTY


def _argument(parameter: inspect.Parameter, hint: Any) -> Argument:
    name = parameter.name
    return Argument(name=name, wire=RENAMED.get(name, name), type=hint, default=parameter.default)


def _words(hint: Any) -> list[Argument]:
    """The words of `**words: Unpack[Words]`, those left out that never travel."""
    (words,) = typing.get_args(hint)
    hints = typing.get_type_hints(words, include_extras=True)
    return [
        Argument(name=name, wire=name, type=kind, default=None, spread=True)
        for name, kind in hints.items()
        if name not in OURS
    ]
