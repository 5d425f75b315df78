"""Markdown as safe HTML: rendered, then everything that could run is taken out."""

from __future__ import annotations

from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title"}, "code": {"class"}, "th": {"align"}, "td": {"align"},
    "ol": {"start"}, "h1": {"id"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "input": {"type", "checked", "disabled"},
}  # fmt: skip


def markdown(text: str) -> Markup:
    """What somebody wrote in Markdown, as HTML that nothing can hide in."""
    return safe(_parser().render(text or ""))


def safe(html: str) -> Markup:
    """HTML without scripts, handlers, styles and addresses that run."""
    cleaned = nh3.clean(
        html, attributes={k: set(v) for k, v in ATTRIBUTES.items()}, tags=nh3.ALLOWED_TAGS | {"input"},
        url_schemes={"http", "https", "mailto"},
    )  # fmt: skip
    return Markup(cleaned)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
