"""Markdown as safe HTML: rendered, then everything that could run is taken out."""

from __future__ import annotations

from markupsafe import Markup

from penstock.drawing import clean, marks


def markdown(text: str) -> Markup:
    """What somebody wrote in Markdown, as HTML that nothing can hide in. Raw HTML is shown as it was typed."""
    return safe(marks.html(text))


def article(text: str) -> Markup:
    """The same for an article, in which raw HTML counts, as far as nothing in it can run."""
    return safe(marks.html(text, raw=True))


def safe(html: str) -> Markup:
    """HTML without scripts, handlers, styles and addresses that run."""
    return Markup(clean.clean(html))
