"""Glyphs: the small drawings inside nodes and the signs of states, as SVG path data on a square of 24 by 24."""

from __future__ import annotations

from penstock.core.picture import FlowNode, RecipeNode, State

GLYPHS: dict[str, str] = {
    # items
    "dataset": "M4 6h16v12H4z M4 10.5h16 M9.5 10.5v7.5 M14.8 10.5v7.5",
    "files": "M6 3.5h8l4 4v13H6z M14 3.5v4h4 M9 12.5h6 M9 16h6",
    "upload": "M4.5 15v4.5h15V15 M12 15.5V4.5 M7.8 8.5L12 4.3l4.2 4.2",
    "inline": "M4 6h16v12H4z M4 11h9 M9.5 6v12 M15 16l5.5-5.5",
    "metrics": "M4 19.5h16 M6.5 16v-4 M11 16V6.5 M15.5 16v-6 M19.5 16V9",
    "checks": "M5 6.5l1.6 1.6L9.5 5 M12.5 6.5H20 M5 13l1.6 1.6 2.9-3.1 M12.5 13H20 M12.5 19H20",
    "server_files": "M4 5h16v5.5H4z M4 13.5h16V19H4z M7.2 7.8h.1 M7.2 16.3h.1 M12 7.8h5 M12 16.3h5",
    "folder": "M4 8.5h16V18H4z",
    "model": "M12 4.5l1.9 5.6 5.6 1.9-5.6 1.9L12 19.5l-1.9-5.6L4.5 12l5.6-1.9z",
    "evaluation_store": "M4.5 4.5v15h15 M8 15l3.2-4 3 2.2 4.3-6.2",
    # recipes
    "visual": "M5 7h14 M5 12h14 M5 17h14 M9 5v4 M15 10v4 M8 15v4",
    "code": "M9 7l-5 5 5 5 M15 7l5 5-5 5",
    "ml": "M12 4.5l1.9 5.6 5.6 1.9-5.6 1.9L12 19.5l-1.9-5.6L4.5 12l5.6-1.9z",
    "plugin": "M9 4v4 M15 4v4 M6.5 8h11v4a5.5 5.5 0 0 1-11 0z M12 17.5V21",
    "sync": "M4.5 12a7.5 7.5 0 0 1 13-5l2 2 M19.5 4.5V9H15 M19.5 12a7.5 7.5 0 0 1-13 5l-2-2 M4.5 19.5V15H9",
    "prepare": "M5 19L14.5 9.5 M16.5 3.5v5 M14 6h5 M19.5 11v4 M17.5 13h4 M8.5 4.5v4 M6.5 6.5h4",
    "join": "M9 6.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z M15 6.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z",
    "group": "M4.5 4.5h6v6h-6z M13.5 4.5h6v6h-6z M4.5 13.5h6v6h-6z M13.5 13.5h6v6h-6z",
    "window": "M4 5h16v14H4z M4 9.5h16 M8.5 9.5V19 M15.5 9.5V19",
    "split": "M4 12h6l5-6h5 M10 12l5 6h5 M17.5 3.5L20 6l-2.5 2.5 M17.5 15.5L20 18l-2.5 2.5",
    "filter": "M4 5h16l-6 7.5V19l-4-2v-4.5z",
    "stack": "M4 8.5L12 4.5l8 4-8 4z M4 12.5l8 4 8-4 M4 16l8 4 8-4",
    "distinct": "M12 4.5l7 4v7l-7 4-7-4v-7z M9 12l2.2 2.2L15.2 10",
    "sort": "M7.5 5v14 M4.5 16l3 3 3-3 M13 6.5h3 M13 11.5h5 M13 16.5h7",
    "top": "M5 19.5h14 M8 16V9.5 M12 16V5 M16 16v-3.5 M5 19.5",
    "pivot": "M4.5 4.5h5v5h-5z M12.5 4.5h7v5h-7z M4.5 12.5h5v7h-5z M19 13.5a5.5 5.5 0 0 1-5.5 5.5 M15.5 17l-2 2 2 2",
    "python": "M9 7l-5 5 5 5 M15 7l5 5-5 5",
    "sql": "M5 6.5c0-1.6 3-2.5 7-2.5s7 .9 7 2.5-3 2.5-7 2.5-7-.9-7-2.5z M5 6.5v11c0 1.6 3 2.5 7 2.5s7-.9 7-2.5v-11 "
    "M5 12c0 1.6 3 2.5 7 2.5s7-.9 7-2.5",
    "train": "M12 3.5l9 4.5-9 4.5L3 8z M7 10.5v4.7c1.4 1.5 3 2.2 5 2.2s3.6-.7 5-2.2v-4.7 M21 8v6",
    "score": "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16z M12 8.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7z M12 12h.1",
    "evaluate": "M4.5 17a8 8 0 1 1 15 0 M12 15.5l4-5.5 M12 15.5h.1 M7 17h.1 M17 17h.1",
    "standalone_evaluate": "M4.5 17a8 8 0 1 1 15 0 M12 15.5V9 M12 15.5h.1 M9 20h6",
}

SIGNS: dict[State, str] = {
    "success": "M6.5 12.5l3.6 3.6 7.4-8",
    "warning": "M12 5.5v8 M12 18h.1",
    "failed": "M7 7l10 10 M17 7L7 17",
    "aborted": "M12 4.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15z M7 7l10 10",
    "running": "M12 4.5a7.5 7.5 0 1 1-7.5 7.5",
    "stale": "M18.5 12a6.5 6.5 0 1 1-2-4.7 M18.8 4.2v4.4h-4.4",
}


def glyph_of(node: FlowNode) -> str:
    """The name of a node's glyph: of its kind, else of its category or type."""
    if node.kind in GLYPHS:
        return node.kind
    if isinstance(node, RecipeNode):
        return "plugin" if "." in node.kind else node.category if node.category in GLYPHS else "visual"
    return node.type


def look_of(node: FlowNode) -> str:
    """The word for its shape and colour: dataset, folder, model, store, visual, code, ml or plugin."""
    if isinstance(node, RecipeNode):
        is_ours = node.category in ("visual", "code", "ml") and "." not in node.kind
        return node.category if is_ours else "plugin"
    return "store" if node.type == "evaluation_store" else node.type
