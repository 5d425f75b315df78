"""Texts with variables: `${…}` or Jinja, plain or HTML. Both know the same names, and a missing one fails neither."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Literal

from penstock.core.errors import FlawAt, Invalid
from penstock.core.reporter import Flaw, Outlook, Path, Reporter, flaws_of, texts

if TYPE_CHECKING:
    from jinja2 import Undefined
    from jinja2.sandbox import SandboxedEnvironment

    from penstock.core.contexts import ReportContext

Engine = Literal["variables", "jinja"]
LONGEST = 5_000_000
"""Characters of a text that a template may write."""
GIVEN = frozenset({"run", "steps", "checks", "variables"})
"""What Jinja templates have besides the variables of the run."""
TROUBLE = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What a person's template may run into besides Jinja's own errors."""


def check(text: str, engine: Engine, *path: str | int) -> str:
    """The text itself. Raises FlawAt its place, with the line, when it is no Jinja template."""
    if engine == "jinja" and (said := _syntax(text)):
        raise FlawAt(said, *path)
    return text


def flaws(path: Path, text: str, engine: Engine, outlook: Outlook) -> Iterator[Flaw]:
    """What is wrong with one text: names without a value, a template that does not parse."""
    if engine == "variables":
        yield from flaws_of(path, text, outlook)
    elif said := _syntax(text):
        yield path, said
    else:
        yield from ((path, said) for name in _names(text) if (said := outlook.unknown(name)))


def flaws_in(reporter: Reporter, fields: Sequence[str], engine: Engine, outlook: Outlook) -> Iterator[Flaw]:
    """What is wrong with the texts of a reporter, of which some fields are in its engine."""
    for path, text in texts(reporter):
        yield from flaws(path, text, engine if path[0] in fields else "variables", outlook)


def _syntax(text: str) -> str:
    """What keeps a text from being a Jinja template; empty when it is one."""
    import jinja2

    try:
        _environment(escape=False).from_string(text)
    except jinja2.TemplateSyntaxError as error:
        return f"Line {error.lineno} of the template: {error.message}"
    return ""


def _names(text: str) -> list[str]:
    """The variables a Jinja template needs: not those it sets, has a default for, or asks whether they are there."""
    from jinja2 import meta, nodes

    environment = _environment(escape=False)
    tree = environment.parse(text)
    careful: set[str] = set()
    for asks in tree.find_all((nodes.Filter, nodes.Test)):
        if asks.name in ("default", "d", "defined", "undefined") and isinstance(asks.node, nodes.Name):
            careful.add(asks.node.name)
    return sorted(meta.find_undeclared_variables(tree) - careful - set(environment.globals) - GIVEN)


def plain(text: str, ctx: ReportContext, engine: Engine = "variables", **more: Any) -> str:
    """A text filled in. `more` are values for this text alone."""
    if engine == "jinja":
        return _jinja(text, ctx, more, escape=False)
    return ctx.expand(text, more={name: str(value) for name, value in more.items()})


def marked_up(text: str, ctx: ReportContext, engine: Engine = "variables", **more: Any) -> str:
    """HTML filled in: values are escaped, except those of `more` that are HTML themselves (`Markup`)."""
    if engine == "jinja":
        return _jinja(text, ctx, more, escape=True)
    return ctx.expand(text, escape=html.escape, more={name: _escaped(value) for name, value in more.items()})


def own(name: str, values: Mapping[str, Any]) -> str:
    """A page of ours beside this file, filled in."""
    from importlib.resources import files

    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    environment = _environment(escape=name.endswith(".html"))
    return environment.from_string(text).render(values)


def as_plain(page: str) -> str:
    """The words of an HTML text, for mail readers without HTML."""
    reader = _Words()
    reader.feed(page)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+", " ", "".join(reader.words))).strip() + "\n"


def looks_like_html(text: str) -> bool:
    """Whether a text begins with a tag."""
    return re.match(r"\s*<(!doctype|html|\w+[^>]*>)", text, re.IGNORECASE) is not None


def _escaped(value: Any) -> str:
    return str(value.__html__()) if hasattr(value, "__html__") else html.escape(str(value))


def _jinja(text: str, ctx: ReportContext, more: Mapping[str, Any], *, escape: bool) -> str:
    import jinja2
    from jinja2 import meta

    environment = _environment(escape=escape, undefined=_noting(ctx))
    names = {"run": ctx.run, "steps": ctx.steps, "checks": ctx.checks(), "variables": ctx.variables}
    try:
        ctx.uses(meta.find_undeclared_variables(environment.parse(text)))
        return _bounded(environment.from_string(text).generate({**names, **ctx.variables, **more}))
    except jinja2.TemplateError as error:
        raise Invalid(f"The template cannot be filled in: {error.message or error}") from error
    except TROUBLE as error:
        raise Invalid(f"The template cannot be filled in: {type(error).__name__}: {error}") from error


def _bounded(pieces: Iterator[str]) -> str:
    """The text, unless it grows without end."""
    written: list[str] = []
    length = 0
    for piece in pieces:
        written.append(piece)
        length += len(piece) + 1
        if length > LONGEST:
            raise Invalid(f"The template writes more than {LONGEST:,} characters.", hint="Look at its loops.")
    return "".join(written)


def _environment(*, escape: bool, undefined: type[Undefined] | None = None) -> SandboxedEnvironment:
    from jinja2 import ChainableUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        autoescape=escape, undefined=undefined or ChainableUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip


def _noting(ctx: ReportContext) -> type[Undefined]:
    """What a missing name is in a template: empty when printed, which is noted then."""
    from jinja2 import ChainableUndefined

    class Missing(ChainableUndefined):
        def __str__(self) -> str:
            ctx.note(f"'{self._undefined_name}' has no value and was left empty.")
            return ""

    return Missing


class _Words(HTMLParser):
    """Collects what people would read."""

    BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol"})
    SILENT = frozenset({"style", "script", "head", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        self._break(tag)
        if tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT
        if tag == "a" and self._link and not "".join(self.words).endswith(self._link):
            self.words.append(f" ({self._link})")
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag in self.BREAKS:
            self.words.append("\n")
        elif tag in ("td", "th"):
            self.words.append("  ")
