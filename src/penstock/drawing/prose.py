"""Prose: Markdown as a tree of plain values, for whoever sets it in type."""

from __future__ import annotations

from typing import Any

Leaf = dict[str, Any]
"""`of` says what it is; `parts` what is in it, `text` its letters, `to` where a link leads, `level` of a heading."""


def tree(markdown: str) -> list[Leaf]:
    """The blocks of a text. Raw HTML is shown as it is typed; pictures become their words."""
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return [_leaf(node) for node in SyntaxTreeNode(parser.parse(markdown)).children]


def _leaf(node: Any) -> Leaf:
    match node.type:
        case "text" | "code_inline" | "html_inline" | "html_block":
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
            return {"of": "text", "text": node.content}
        case "heading":
            return {"of": "heading", "level": int(node.tag[1]), "parts": _parts(node)}
        case "link":
            return {"of": "link", "to": str(node.attrs.get("href", "")), "parts": _parts(node)}
        case "ordered_list":
            start = node.attrs.get("start", 1)
            return {"of": "numbers", "start": int(start), "parts": _parts(node)}
    return {"of": _NAMES.get(node.type, "parts"), "parts": _parts(node)}


_NAMES = {
    "paragraph": "paragraph", "em": "emphasis", "strong": "strong", "s": "struck", "bullet_list": "list",
    "list_item": "item", "blockquote": "quote", "table": "table", "thead": "head", "tbody": "body", "tr": "row",
    "th": "cell", "td": "cell",
}  # fmt: skip


def _parts(node: Any) -> list[Leaf]:
    return [_leaf(child) for child in node.children]
