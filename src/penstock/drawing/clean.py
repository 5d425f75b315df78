"""HTML without scripts, handlers, styles and addresses that run."""

from __future__ import annotations

import nh3

from penstock.drawing.maths import TAGS

ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height"}, "code": {"class"}, "th": {"align"},
    "td": {"align"}, "ol": {"start"}, "h1": {"id"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"},
    "h6": {"id"}, "input": {"type", "checked", "disabled"}, "math": {"display"}, "mo": {"stretchy", "fence"},
    "mtd": {"columnalign"}, "details": {"open"},
}  # fmt: skip
CLASSES = {"span": {"mention"}, "ul": {"contains-task-list"}, "li": {"task-list-item"}}


def clean(html: str, *, schemes: frozenset[str] = frozenset()) -> str:
    """Only tags, attributes and addresses that are known to do no harm."""
    return nh3.clean(
        html, attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        tags=nh3.ALLOWED_TAGS | {"input", "details", "summary"} | TAGS,
        allowed_classes={tag: set(names) for tag, names in CLASSES.items()},
        url_schemes={"http", "https", "mailto", *schemes},
    )  # fmt: skip


def letters(html: str) -> str:
    """The text of HTML alone."""
    from html import unescape

    return unescape(nh3.clean(html, tags=set()))
