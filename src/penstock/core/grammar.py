"""Text to tree, for the expression language. No text is ever run; size and depth are bounded."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from penstock.core import registry
from penstock.core.errors import InvalidExpression, KindMissing
from penstock.core.expression import (
    Bound,
    Call,
    Column,
    Each,
    Expression,
    Literal,
    Placeholder,
    Variable,
    function,
    function_name,
)
from penstock.core.spelling import COMPARISON, RESERVED, SIGNS, UNARY, is_identifier

MAX_LENGTH = 10_000
MAX_DEPTH = 60
CONSTANTS = {"true": True, "false": False, "null": None}
_NOT = 3
_UNESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_READERS = {"val": None, "strval": "to_string", "numval": "to_number"}
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<column>`[^`]+`)
    |(?P<name>(?:[A-Za-z_]|(?=\$\{)\$\{[^}]*\})(?:\w|\$\{[^}]*\})*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!()\[\],.])""",
    re.VERBOSE | re.DOTALL,
)
_HINTS = {"=": " Write == to compare.", "&": " Write && for and.", "|": " Write || for or."}


@dataclass(frozen=True, slots=True)
class Token:
    sort: str
    text: str
    position: int


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Text → tree. Raises InvalidExpression naming the character, and the nearest function."""
    if len(text) > MAX_LENGTH:
        raise InvalidExpression(
            f"A formula may have {MAX_LENGTH:,} characters; this one has {len(text):,}.", text=text
        )
    tree = _Parser(text).whole()
    if _depth(tree) > MAX_DEPTH:
        raise InvalidExpression(
            f"This formula is nested more than {MAX_DEPTH} levels deep.",
            text=text,
            hint="Split it into several columns; isIn(x, …) replaces long chains of ==.",
        )
    return tree


class _Parser:
    """Precedence climbing over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.next = text, _tokens(text), 0
        self.bound: list[str] = []
        self.level = 0

    def whole(self) -> Expression:
        if self.token.sort == "end":
            raise self.error("The formula is empty.")
        tree = self.expression(0)
        if self.token.sort != "end":
            raise self.error(f"'{self.token.text}' is not expected here.")
        return tree

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        token = self.token
        self.next += 1
        return token

    def at(self, *words: str) -> bool:
        return self.token.text in words and self.token.sort in ("sign", "name")

    def expect(self, word: str, why: str) -> Token:
        if not self.at(word):
            found = f"'{self.token.text}'" if self.token.sort != "end" else "the end"
            raise self.error(f"'{word}' is missing {why}; found {found}.")
        return self.take()

    def error(self, message: str, token: Token | None = None, *, hint: str = "") -> InvalidExpression:
        position = (token or self.token).position
        return InvalidExpression(
            f"Character {position + 1}: {message}", text=self.text, position=position, hint=hint
        )

    def expression(self, strength: int) -> Expression:
        self.level += 1
        if self.level > MAX_DEPTH:
            raise self.error(f"This formula is nested more than {MAX_DEPTH} levels deep.")
        left = self.unary(strength)
        while self.token.text in SIGNS and self.token.sort != "text" and SIGNS[self.token.text][1] > strength:
            sign = self.take()
            name, own = SIGNS[sign.text]
            left = _compared(name, left, self.expression(own), sign.position)
            if own == COMPARISON and self.token.text in SIGNS and SIGNS[self.token.text][1] == own:
                raise self.error("Comparisons do not chain; join two of them with &&.")
        self.level -= 1
        return left

    def unary(self, strength: int) -> Expression:
        if self.at("not"):
            sign = self.take()
            if strength > _NOT:
                raise self.error("'not' needs parentheses here; or write !.", sign)
            return Call("opposite", (self.expression(_NOT),), sign.position)
        if self.at("-", "!", "+"):
            sign = self.take()
            return _signed(sign, self.expression(UNARY - 1))
        return self.postfix()

    def postfix(self) -> Expression:
        value = self.primary()
        while self.at(".", "["):
            sign = self.take()
            value = self.member(value) if sign.text == "." else self.item(value, sign)
        return value

    def item(self, value: Expression, sign: Token) -> Expression:
        index = self.expression(0)
        self.expect("]", "after [")
        return Call("item", (value, index), sign.position)

    def member(self, value: Expression) -> Expression:
        name = self.take()
        if name.sort != "name" or "$" in name.text:
            raise self.error("A name is missing after the dot.", name)
        if self.at("("):
            return self.call(name, value)
        return Call("field", (value, Literal(name.text)), name.position)

    def primary(self) -> Expression:
        token = self.take()
        if token.sort == "number":
            return Literal(self.number(token))
        if token.sort == "text":
            return Literal(_unquoted(token.text))
        if token.sort == "column":
            return Column(token.text[1:-1], token.position)
        if token.sort == "name":
            return self.named(token)
        if token.text == "(":
            inner = self.expression(0)
            self.expect(")", "to close the bracket")
            return inner
        if token.text == "[":
            return Call("array", self.arguments("]"), token.position)
        if token.sort == "end":
            raise self.error("A value is missing here.", token)
        raise self.error(f"'{token.text}' is not expected here.", token)

    def number(self, token: Token) -> int | float:
        if re.match(r"0\d", token.text):
            raise self.error("A number does not start with 0.", token, hint="Dates and codes go in quotes.")
        value = int(token.text) if token.text.isdigit() else float(token.text)
        if abs(value) > 2**63 - 1 if isinstance(value, int) else not math.isfinite(value):
            raise self.error(f"{token.text} is too large a number.", token)
        return value

    def named(self, token: Token) -> Expression:
        if "${" in token.text:
            return Placeholder(token.text, token.position)
        if token.text in CONSTANTS:
            return Literal(CONSTANTS[token.text])
        if token.text == "variables":
            return self.variable()
        if token.text in RESERVED:
            raise self.error(f"'{token.text}' is not expected here.", token)
        if self.at("("):
            return self.call(token)
        if self.of_plugin(token):
            self.take()
            return self.call(Token("name", f"{token.text}.{self.take().text}", token.position))
        return Bound(token.text) if token.text in self.bound else Column(token.text, token.position)

    def of_plugin(self, token: Token) -> bool:
        after = self.tokens[self.next : self.next + 3]
        return [t.text for t in after[::2]] == [".", "("] and (
            f"{token.text}.{after[1].text}" in registry.names("functions")
        )

    def variable(self) -> Expression:
        if self.at("."):
            self.take()
            return Variable(self.take().text)
        self.expect("[", "after variables")
        name = self.take()
        if name.sort != "text":
            raise self.error('A name in quotes is missing: variables["x"].', name)
        self.expect("]", "after the name of the variable")
        return Variable(_unquoted(name.text))

    def call(self, name: Token, *before: Expression) -> Expression:
        self.expect("(", "")
        if name.text in _READERS and not before:
            return self.read(name)
        word = self.known(name)
        if function(word).BINDS:
            return self.each(word, name, *before)
        arguments = (*before, *self.arguments(")"))
        self.check_count(word, name, len(arguments))
        self.check_constants(word, name, arguments)
        return Call(word, arguments, name.position)

    def known(self, name: Token) -> str:
        try:
            return function_name(name.text)
        except KindMissing as missing:
            raise self.error(missing.message, name) from missing

    def read(self, name: Token) -> Expression:
        column = self.take()
        if column.sort != "text":
            raise self.error(f'{name.text} needs the name of a column in quotes: {name.text}("x").', column)
        self.expect(")", "after the name of the column")
        value, reader = Column(_unquoted(column.text), column.position), _READERS[name.text]
        return Call(reader, (value,), name.position) if reader else value

    def each(self, word: str, name: Token, *before: Expression) -> Expression:
        array = before[0] if before else self.expression(0)
        if not before:
            self.expect(",", "after the array")
        element = self.take()
        if element.sort != "name" or not is_identifier(element.text):
            raise self.error("A name for one element is missing.", element)
        self.expect(",", f"after {element.text}")
        self.bound.append(element.text)
        body = self.expression(0)
        self.bound.pop()
        self.expect(")", f"to close {name.text}(")
        return Each(word, array, element.text, body, name.position)

    def arguments(self, closing: str) -> tuple[Expression, ...]:
        found: list[Expression] = []
        while not self.at(closing):
            found.append(self.expression(0))
            if not self.at(closing):
                self.expect(",", f"or '{closing}'")
        self.take()
        return tuple(found)

    def check_count(self, word: str, name: Token, count: int) -> None:
        least, most = function(word).arity()
        if count < least or (most is not None and count > most):
            wanted = (
                f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
            )
            raise self.error(f"{name.text} takes {wanted} values, here are {count}.", name)

    def check_constants(self, word: str, name: Token, arguments: tuple[Expression, ...]) -> None:
        try:
            function(word).check(*(_constant(a) for a in arguments))
        except InvalidExpression as wrong:
            raise self.error(wrong.message, name, hint=wrong.hint) from wrong


def _constant(argument: Expression) -> object:
    """The value of a constant argument; None for what is not known before it runs."""
    value = argument.value if isinstance(argument, Literal) else None
    return None if isinstance(value, str) and "${" in value else value


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        if match.lastgroup != "space":
            tokens.append(Token(str(match.lastgroup), match.group(), position))
        position = match.end()
    return [*tokens, Token("end", "", len(text))]


def _unreadable(text: str, position: int) -> InvalidExpression:
    character = text[position]
    what = "This text has no closing quote." if character in "'\"`" else f"'{character}' means nothing here."
    return InvalidExpression(
        f"Character {position + 1}: {what}{_HINTS.get(character, '')}", text=text, position=position
    )


def _unquoted(text: str) -> str:
    """Without its quotes; unknown escapes stay as they are, so that '\\d+' is a regular expression."""
    return re.sub(r"\\(.)", lambda m: _UNESCAPED.get(m.group(1), m.group()), text[1:-1], flags=re.DOTALL)


def _compared(name: str, left: Expression, right: Expression, position: int) -> Expression:
    if name in ("equal", "not_equal") and right == Literal(None):
        asked = Call("is_null", (left,), position)
        return asked if name == "equal" else Call("opposite", (asked,), position)
    return Call(name, (left, right), position)


def _signed(sign: Token, value: Expression) -> Expression:
    if sign.text == "!":
        return Call("opposite", (value,), sign.position)
    if sign.text == "+":
        return value
    if isinstance(value, Literal) and type(value.value) in (int, float):
        return Literal(-cast("int | float", value.value))
    return Call("negate", (value,), sign.position)


def _depth(tree: Expression) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting.extend((part, depth + 1) for part in node.parts())
    return deepest
