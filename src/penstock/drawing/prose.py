"""Prose: Markdown as a tree of plain values, for whoever sets it in type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penstock.drawing import clean, marks, maths

Leaf = dict[str, Any]
"""`of` says what it is; `parts` what is in it, `text` its letters, `to` where a link leads, `level` of a heading."""


def tree(markdown: str, pictures: Mapping[str, str] | None = None, *, raw: bool = False) -> list[Leaf]:
    """The blocks of a text. Raw HTML is shown as it is typed, or with `raw` as its letters; pictures become their
    words, those that are known by their address the file named there."""
    from markdown_it.tree import SyntaxTreeNode

    parsed = SyntaxTreeNode(marks.parser(html=raw).parse(markdown))
    return [_leaf(node, pictures or {}) for node in parsed.children]


def _leaf(node: Any, pictures: Mapping[str, str]) -> Leaf:
    match node.type:
        case "html_inline" | "html_block":
            return _html(node.content)
        case "math_inline" | "math_inline_double" | "math_block":
            return _maths(node)
        case "mention":
            return {"of": "text", "text": f"@{node.content}"}
        case "text" | "code_inline":
            return {"of": "code" if node.type == "code_inline" else "text", "text": node.content}
        case "softbreak":
            return {"of": "text", "text": " "}
        case "hardbreak":
            return {"of": "break"}
        case "fence" | "code_block":
            return {"of": "block", "text": node.content.rstrip("\n")}
        case "hr":
            return {"of": "rule"}
        case "image":
            file = pictures.get(str(node.attrs.get("src", "")))
            return {"of": "image", "file": file} if file else {"of": "text", "text": node.content}
        case "heading":
            return {"of": "heading", "level": int(node.tag[1]), "parts": _parts(node, pictures)}
        case "link":
            return {"of": "link", "to": str(node.attrs.get("href", "")), "parts": _parts(node, pictures)}
        case "ordered_list":
            start = node.attrs.get("start", 1)
            return {"of": "numbers", "start": int(start), "parts": _parts(node, pictures)}
    return {"of": _NAMES.get(node.type, "parts"), "parts": _parts(node, pictures)}


_NAMES = {
    "paragraph": "paragraph", "em": "emphasis", "strong": "strong", "s": "struck", "bullet_list": "list",
    "list_item": "item", "blockquote": "quote", "table": "table", "thead": "head", "tbody": "body", "tr": "row",
    "th": "cell", "td": "cell",
}  # fmt: skip


def _parts(node: Any, pictures: Mapping[str, str]) -> list[Leaf]:
    return [_leaf(child, pictures) for child in node.children]


def _html(typed: str) -> Leaf:
    """Raw HTML, of which only the letters are set; `<hr>` is a rule, a task's box is one."""
    if re.fullmatch(r"\s*<hr\s*/?>\s*", typed):
        return {"of": "rule"}
    if "task-list-item-checkbox" in typed:
        return {"of": "text", "text": "☑" if "checked=" in typed else "☐"}
    return {"of": "text", "text": clean.letters(typed)}


def _maths(node: Any) -> Leaf:
    made = maths.typst(node.content)
    if made is None:
        return {"of": "code", "text": node.content}
    return {"of": "maths", "text": made, "block": node.type != "math_inline"}
