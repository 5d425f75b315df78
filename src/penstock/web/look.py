"""Look: the templates with everything they may call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from penstock.core.errors import PenstockError
from penstock.core.wiki import Entry, walked
from penstock.web import advice, humane, marked, signs

HERE = Path(__file__).parent
BUILT = HERE / "static" / "built"


TOLD = frozenset({"error", "why", "why_not", "problem", "message", "hint", "reason", "not_clearable"})
"""Attributes that say what went wrong, or why something is not so."""


class Advised(Environment):
    """Templates in which what went wrong names pages of the studio wherever it is shown, never a command."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        found = super().getattr(obj, attribute)
        return advised(found) if attribute in TOLD else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        found = super().getitem(obj, argument)
        return advised(found) if isinstance(argument, str) and argument in TOLD else found


def flat(tree: tuple[Entry, ...]) -> list[tuple[int, Entry]]:
    """The articles of a wiki in order, each with how deep it stands."""
    return list(walked(tree))


def advised(text: Any) -> Any:
    """A text with the pages of the studio in the place of commands; anything else as it is."""
    return advice.of(text) if isinstance(text, str) and not isinstance(text, Markup) else text


class Look:
    """Renders templates. Macros of `templates/ui/*.html` are all there as `ui.<name>`, without an import."""

    def __init__(self, templates: Path = HERE / "templates") -> None:
        loader = ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(HERE.parent)])
        self.jinja = Advised(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
            auto_reload=False,
        )  # fmt: skip
        self._of_page: Built | None = None
        self.jinja.filters |= {
            **humane.FILTERS,
            "markdown": marked.markdown,
            "article": marked.article,
            "flat": flat,
            "json": embedded,
            "advised": advised,
        }
        self.jinja.globals |= {
            "asset": self.asset, "icon": self.icon, "signs": signs, "ui": Macros(self.jinja, templates / "ui"),
        }  # fmt: skip

    def render(self, template: str, **data: Any) -> str:
        """A template with what it is given. A name that is missing is an error, never an empty text."""
        self._of_page = _built(_stamp())
        return self.jinja.get_template(template).render(**data)

    def asset(self, name: str) -> str:
        """The address of a built file: `asset("frame.js")`."""
        return f"/static/built/{self._ready.files[name]}"

    def icon(self, name: str, classes: str = "", label: str = "") -> Markup:
        """One of the icons named in `frame/icons.txt`; decorative unless it has a label."""
        return _icon(self._ready, name, classes, label)

    @property
    def _ready(self) -> Built:
        return self._of_page or _built(_stamp())


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """What `ops/assets.py` made."""

    files: Mapping[str, str]
    """`frame.js` → its name with the hash."""
    icons: frozenset[str]


def _stamp() -> int:
    """When the files were built; a page sees new ones without a restart."""
    try:
        return (BUILT / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError as error:
        raise PenstockError("The studio's pages are not built.", hint="Run: python ops/assets.py") from error


@lru_cache(maxsize=1)
def _built(stamp: int) -> Built:
    read = json.loads((BUILT / "manifest.json").read_text())
    return Built(read["files"], frozenset(read["icons"]))


@lru_cache(maxsize=4096)
def _icon(built: Built, name: str, classes: str, label: str) -> Markup:
    if name not in built.icons:
        raise LookupError(f"There is no icon '{name}': add it to web/frame/icons.txt and run ops/assets.py.")
    heard = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    form = '<svg class="icon {}" {}><use href="/static/built/{}#{}"/></svg>'
    return Markup(form).format(classes, heard, built.files["icons.svg"], name.replace(":", "-"))


class Macros:
    """`ui.badge(…)`: the macro of that name in whichever file of `templates/ui` has it."""

    def __init__(self, jinja: Environment, folder: Path) -> None:
        self._jinja, self._folder = jinja, folder
        self._known: dict[str, Any] = {}

    @cached_property
    def _files(self) -> list[str]:
        return sorted(f"ui/{f.name}" for f in self._folder.glob("*.html") if not f.name.startswith("_"))

    def __getattr__(self, name: str) -> Any:
        if name not in self._known or self._jinja.auto_reload:
            self._known[name] = self._macro(name)
        return self._known[name]

    def _macro(self, name: str) -> Any:
        for file in self._files:
            found = getattr(self._jinja.get_template(file).module, name, None)
            if found is not None:
                return found
        raise AttributeError(f"No file of templates/ui has a macro '{name}'.")


def embedded(value: Any) -> Markup:
    """JSON to stand inside `<script type="application/json">` or an attribute, where nothing can end it early."""
    text = json.dumps(value, default=str, separators=(",", ":"))
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")):
        text = text.replace(sign, code)
    return Markup(text)
