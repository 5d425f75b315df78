"""Tree to text, for the expression language: one normal form, with the fewest brackets that keep the meaning."""

from __future__ import annotations

import re
from typing import cast

from penstock.core.expression import Bound, Call, Column, Each, Expression, Literal, Placeholder, Variable

RESERVED = frozenset({"true", "false", "null", "and", "or", "not", "variables"})
SIGNS = {
    "||": ("either", 1), "or": ("either", 1), "&&": ("both", 2), "and": ("both", 2),
    "==": ("equal", 4), "!=": ("not_equal", 4), "<": ("less", 4), "<=": ("less_or_equal", 4),
    ">": ("greater", 4), ">=": ("greater_or_equal", 4),
    "+": ("add", 5), "-": ("subtract", 5), "*": ("multiply", 6), "/": ("divide", 6), "%": ("modulo", 6),
}  # fmt: skip
"""Sign → the function it stands for, and how tightly it binds."""

COMPARISON, UNARY, POSTFIX = 4, 7, 8
_SIGN_OF = {name: (sign, strength) for sign, (name, strength) in reversed(SIGNS.items())}
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def is_identifier(name: str) -> bool:
    """Can this column be written without `val("…")`?"""
    return re.fullmatch(r"[A-Za-z_]\w*", name) is not None and name not in RESERVED


def quoted(text: str) -> str:
    """A text as the language writes it, in single quotes."""
    return "'" + "".join(_ESCAPES.get(c, c) for c in text) + "'"


def written(node: Expression, strength: int = 0, bound: frozenset[str] = frozenset()) -> str:
    """The text of a tree; `bound` are names that columns must not be confused with."""
    text, own = _written(node, bound)
    return f"({text})" if own < strength else text


def _written(node: Expression, bound: frozenset[str]) -> tuple[str, int]:
    """The text of a node and how tightly it holds together."""
    if isinstance(node, Call):
        return _written_call(node, bound)
    if isinstance(node, Each):
        body = written(node.body, 0, bound | {node.bound})
        return f"{node.function}({written(node.array, 0, bound)}, {node.bound}, {body})", POSTFIX
    if isinstance(node, Column):
        plain = is_identifier(node.name) and node.name not in bound
        return (node.name if plain else f"val({quoted(node.name)})"), POSTFIX
    if isinstance(node, Variable):
        return f"variables[{quoted(node.name)}]", POSTFIX
    if isinstance(node, Placeholder):
        return node.text, POSTFIX
    return _written_literal(node) if isinstance(node, Literal) else (cast("Bound", node).name, POSTFIX)


def _written_literal(node: Literal) -> tuple[str, int]:
    if isinstance(node.value, str):
        return quoted(node.value), POSTFIX
    if node.value is None or isinstance(node.value, bool):
        return {None: "null", True: "true", False: "false"}[node.value], POSTFIX
    text = repr(node.value)
    return text, UNARY if text.startswith("-") else POSTFIX


def _written_call(node: Call, bound: frozenset[str]) -> tuple[str, int]:
    name, given = node.function, node.arguments
    if name in _SIGN_OF and len(given) == 2 and not (name.endswith("equal") and given[1] == Literal(None)):
        return _written_sign(node, bound)
    if name in ("negate", "opposite") and not isinstance(given[0], Literal):
        return ("-" if name == "negate" else "!") + written(given[0], POSTFIX, bound), UNARY
    if name == "array":
        return f"[{', '.join(written(a, 0, bound) for a in given)}]", POSTFIX
    if name == "item":
        return f"{written(given[0], POSTFIX, bound)}[{written(given[1], 0, bound)}]", POSTFIX
    return f"{name}({', '.join(written(a, 0, bound) for a in given)})", POSTFIX


def _written_sign(node: Call, bound: frozenset[str]) -> tuple[str, int]:
    sign, strength = _SIGN_OF[node.function]
    left = strength + 1 if strength == COMPARISON else strength
    first, second = node.arguments
    return f"{written(first, left, bound)} {sign} {written(second, strength + 1, bound)}", strength
