"""Markdown as this studio reads it: tables, maths, emoji, mentions, tasks. One parser for pages, files and paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from penstock.core.wiki import anchor
from penstock.drawing import maths
from penstock.drawing.emoji import EMOJI

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_SIGN = re.compile(r":(?P<emoji>[a-z0-9_+-]+):|(?<![\w./@])@(?P<login>[A-Za-z][\w.-]*\w)")


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading of a text, with what it is called in an address."""

    level: int
    anchor: str
    words: str


@cache
def parser(*, html: bool = False) -> MarkdownIt:
    """With `html`, raw HTML passes: only for whoever cleans what comes out."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.tasklists import tasklists_plugin

    made = MarkdownIt("commonmark", {"html": html, "linkify": False}).enable(["table", "strikethrough"])
    made.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    made.use(tasklists_plugin)
    made.core.ruler.push("signs", _signs)
    made.core.ruler.push("anchors", _anchors)
    made.add_render_rule("mention", lambda self, tokens, i, o, e: _mention(tokens[i].content))
    for name, display in (("math_inline", False), ("math_inline_double", True), ("math_block", True)):
        made.add_render_rule(name, _math_rule(display))
    return made


def html(text: str, *, raw: bool = False) -> str:
    """A text as HTML that nobody has cleaned yet."""
    return str(parser(html=raw).render(text or ""))


def headings(text: str) -> list[Heading]:
    """The headings of a text in order; those inside code are none."""
    tokens = parser(html=True).parse(text or "")
    return [
        Heading(int(token.tag[1]), str(token.attrs["id"]), _letters(tokens[at + 1]))
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]


def _math_rule(display: bool) -> Any:
    def rule(self: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
        return maths.mathml(tokens[at].content, display=display)

    return rule


def _mention(login: str) -> str:
    return f'<span class="mention">@{login}</span>'


def _signs(state: Any) -> None:
    """Short words for emoji become them, people that are named become mentions, fences of maths become formulas."""
    for token in state.tokens:
        if token.type == "fence" and token.info.strip() == "math":
            token.type = "math_block"
        if token.children:
            token.children = [made for child in token.children for made in _signed(child)]


def _signed(child: Token) -> Iterator[Token]:
    from markdown_it.token import Token

    if child.type == "math_inline" and re.fullmatch(r"`.*`", child.content, re.DOTALL):
        child.content = child.content[1:-1]
    if child.type != "text":
        yield child
        return
    at = 0
    for found in _SIGN.finditer(child.content):
        said = EMOJI.get(found["emoji"] or "")
        if found["login"] is None and said is None:
            continue
        yield Token("text", "", 0, content=child.content[at : found.start()])
        is_mention = found["login"] is not None
        yield Token("mention" if is_mention else "text", "", 0, content=found["login"] or said or "")
        at = found.end()
    yield Token("text", "", 0, content=child.content[at:])


def _anchors(state: Any) -> None:
    taken: set[str] = set()
    for at, token in enumerate(state.tokens):
        if token.type == "heading_open":
            base = anchor(_letters(state.tokens[at + 1]))
            name = next(
                n for n in (base, *(f"{base}-{i}" for i in range(2, len(taken) + 3))) if n not in taken
            )
            taken.add(name)
            token.attrSet("id", name)


def _letters(inline: Token) -> str:
    return "".join(
        f"@{child.content}" if child.type == "mention" else child.content
        for child in inline.children or []
        if child.type not in ("html_inline", "image")
    )
