"""Writing YAML: new files in one tidy form, and changes to existing ones that touch only the lines that change.

Comments, order, quotes and indentation of everything else stay, to the byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.resolver import implicit_resolvers
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from penstock.core.errors import InvalidDefinition
from penstock.store.yaml import Scalars, parse, plain, same

WIDE = 100
"""A list or a small mapping that fits on one line of this width is written on one."""

Edit = tuple[int, int, list[str]]
"""Lines from … to (without it), and what stands there instead."""


def render(value: Mapping[str, Any]) -> str:
    """A new text: keys in the order given, short lists on one line, long texts as blocks."""
    text = _dump(_styled(value))
    return text if _reads_as(text, _plain(value)) else _dump(_quoted(value))


def update(text: str, value: Mapping[str, Any]) -> str:
    """The same text where only what differs from `value` is written anew. Unchanged values: unchanged bytes."""
    document, wanted = parse(text), _plain(value)
    if same(document.value, wanted):
        return text
    if not _in_block(document.root) or not wanted or "\r" in text:
        return render(value)
    lines = text.split("\n")
    for start, end, replacement in sorted(_mapping_edits(document.root, wanted, lines), reverse=True):
        lines[start:end] = replacement
    changed = "\n".join(lines)
    return changed if _reads_as(changed, wanted) else render(value)


def amended(text: str, values: Mapping[str, Any]) -> str:
    """The same text with these top-level settings; where it is no YAML, only their own lines change."""
    try:
        return update(text, {**parse(text).value, **values})
    except InvalidDefinition:
        for name, value in values.items():
            text = _line_set(text, name, f"{name}: {json.dumps(value, default=str)}")
        return text


def _line_set(text: str, name: str, line: str) -> str:
    found = re.compile(rf"^{re.escape(name)}[ \t]*:.*$", re.MULTILINE)
    if found.search(text):
        return found.sub(lambda _: line, text)
    head = re.match(r"(?:(?:---[ \t]*|#.*|%.*)?\n)*", text)
    end = head.end() if head else 0
    return f"{text[:end]}{line}\n{text[end:]}"


def _reads_as(text: str, wanted: Any) -> bool:
    try:
        return same(parse(text).value, wanted)
    except InvalidDefinition:
        return False


# edits ------------------------------------------------------------------------------------------------------------


def _mapping_edits(node: Any, wanted: Mapping[str, Any], lines: list[str]) -> Iterator[Edit]:
    """What to change so that a block mapping says `wanted`."""
    column, spans = node.value[0][0].start_mark.column, _spans([key for key, _ in node.value], node, lines)
    present = {key.value: (value, span) for (key, value), span in zip(node.value, spans, strict=True)}
    for name, (value, (start, end)) in present.items():
        if name not in wanted:
            yield start, end, []
        elif not same(plain(value), wanted[name]):
            yield from _entry_edits(name, value, wanted[name], (start, end, column), lines)
    after = spans[0][0]
    for name, new in wanted.items():
        if name in present:
            after = present[name][1][1]
        else:
            yield after, after, _indented({name: new}, column, " " * column)


def _entry_edits(
    name: str, old: Node, new: Any, place: tuple[int, int, int], lines: list[str]
) -> Iterator[Edit]:
    start, end, column = place
    if _in_block(old) and old.start_mark.line > start and isinstance(new, dict) and new:
        yield from _mapping_edits(old, new, lines)
    elif _is_block_list(old) and old.start_mark.line > start and isinstance(new, list) and new:
        yield from _list_edits(old, new, lines)
    else:
        written = _indented({name: new}, column, lines[start][:column], on_one_line=_in_flow(old))
        yield start, end, _with_comment(written, old, end - start, lines)


def _list_edits(node: Any, wanted: list[Any], lines: list[str]) -> Iterator[Edit]:
    """What to change so that a block list says `wanted`: items that stay are found, whatever their place."""
    column, spans = _dash_column(node, lines), _spans(node.value, node, lines)
    before = [json.dumps(plain(item), sort_keys=True) for item in node.value]
    after = [json.dumps(item, sort_keys=True) for item in wanted]
    prefix = " " * column
    for what, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        pairs = min(i_end - i, j_end - j)
        for n in range(pairs):
            yield from _item_edits(node.value[i + n], wanted[j + n], (*spans[i + n], column), lines)
        for start, end in spans[i + pairs : i_end]:
            yield start, end, []
        place = spans[i + pairs - 1][1] if i + pairs else spans[0][0]
        added = [line for new in wanted[j + pairs : j_end] for line in _indented([new], column, prefix)]
        if added:
            yield place, place, added


def _item_edits(old: Node, new: Any, place: tuple[int, int, int], lines: list[str]) -> Iterator[Edit]:
    start, end, column = place
    if _in_block(old) and isinstance(new, dict) and old.value[0][0].value in new:
        yield from _mapping_edits(old, new, lines)
    else:
        written = _indented([new], column, lines[start][:column], on_one_line=_in_flow(old))
        yield start, end, _with_comment(written, old, end - start, lines)


def _with_comment(written: list[str], old: Node, height: int, lines: list[str]) -> list[str]:
    """What was written, with the comment that stood behind the old value on its line; a longer value has it at
    its key."""
    last = old.end_mark
    if (
        not (len(written) == 1 or written[0].endswith(":"))
        or height != 1
        or not isinstance(old, (ScalarNode, MappingNode, SequenceNode))
    ):
        return written
    rest = lines[last.line][last.column :].strip() if last.line < len(lines) else ""
    return [f"{written[0]}  {rest}", *written[1:]] if rest.startswith("#") else written


def _spans(starts: list[Any], node: Any, lines: list[str]) -> list[tuple[int, int]]:
    """The lines of each entry, without the blank lines and comments that lead over to the next one."""
    begin = [start.start_mark.line for start in starts]
    column = node.start_mark.column
    ends = [*begin[1:], _end_line(node, lines)]
    return [(a, _trimmed(a, b, column, lines)) for a, b in zip(begin, ends, strict=True)]


def _end_line(node: Any, lines: list[str]) -> int:
    mark = node.end_mark
    return len(lines) if mark.line >= len(lines) else mark.line + (mark.column > node.start_mark.column)


def _trimmed(start: int, end: int, column: int, lines: list[str]) -> int:
    while end > start + 1:
        line = lines[end - 1]
        text = line.lstrip()
        if text and not (text.startswith("#") and len(line) - len(text) <= column):
            break
        end -= 1
    return end


def _dash_column(node: Any, lines: list[str]) -> int:
    return len(lines[node.start_mark.line]) - len(lines[node.start_mark.line].lstrip())


def _in_block(node: Node | None) -> bool:
    """A mapping with one `key: value` on each line, whose keys are simple words."""
    return (
        isinstance(node, MappingNode)
        and not node.flow_style
        and bool(node.value)
        and all(isinstance(key, ScalarNode) for key, _ in node.value)
    )


def _is_block_list(node: Node) -> bool:
    return isinstance(node, SequenceNode) and not node.flow_style and bool(node.value)


def _in_flow(node: Node) -> bool:
    return isinstance(node, (MappingNode, SequenceNode)) and bool(node.flow_style)


def _indented(value: Any, column: int, prefix: str, *, on_one_line: bool = False) -> list[str]:
    """The lines of a value, moved right; the first keeps what stands before it (a dash of a list)."""
    styled = _styled(value)
    inner = next(iter(styled.values())) if isinstance(value, dict) else styled[0]
    if on_one_line and isinstance(inner, CommentedMap):
        inner.fa.set_flow_style()
    lines = _dump(styled).rstrip("\n").split("\n")
    if isinstance(value, list):
        lines = [line[2:] for line in lines]
    return [prefix + lines[0], *(" " * column + line if line else "" for line in lines[1:])]


# rendering --------------------------------------------------------------------------------------------------------


class _Texts(RoundTripRepresenter):
    """Texts that any YAML program reads as texts: `'no'`, `'1_000'`; null as a word."""


def _represent_text(representer: Any, text: str) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    if _is_block_text(text):
        return "|"
    if not text.isprintable() or text.startswith("?"):
        return '"'
    return "'" if _looks_like_more(text) else None


def _represent_null(representer: Any, _: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


_Texts.add_representer(str, _represent_text)
_Texts.add_representer(type(None), _represent_null)


def _is_block_text(text: str) -> bool:
    """Several lines that a block shows faithfully."""
    body = text.removesuffix("\n")
    return (
        "\n" in body
        and not body.startswith((" ", "\n", "\t"))
        and not body.endswith("\n")
        and all(line == line.rstrip() and (line.isprintable() or not line) for line in body.split("\n"))
    )


def _looks_like_more(text: str) -> bool:
    """A text that an older YAML program would read as a number, a truth or nothing."""
    return any(
        first in text[:1] and shape.match(text)
        for _, tag, shape, firsts in implicit_resolvers
        if not tag.endswith("timestamp")
        for first in firsts
    )


def _styled(value: Any, *, inside_list: bool = False) -> Any:
    """The value with its short lists, and the short mappings in lists, set on one line."""
    if isinstance(value, Mapping):
        mapping = CommentedMap({str(k): _styled(v) for k, v in value.items()})
        if inside_list and _fits(list(value.values()), value):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, (list, tuple)):
        items = CommentedSeq([_styled(item, inside_list=True) for item in value])
        if _fits(value, value):
            items.fa.set_flow_style()
        return items
    return value


def _fits(parts: Any, whole: Any) -> bool:
    scalars = all(part is None or isinstance(part, (str, int, float)) for part in parts)
    return (
        scalars
        and len(json.dumps(whole, default=str, ensure_ascii=False)) <= WIDE
        and "\\n" not in str(parts)
    )


def _quoted(value: Any) -> Any:
    """The value with every text in double quotes: ugly, and always right."""
    if isinstance(value, Mapping):
        return {DoubleQuotedScalarString(k): _quoted(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_quoted(item) for item in value]
    return DoubleQuotedScalarString(value) if isinstance(value, str) else value


def _dump(value: Any) -> str:
    yaml = YAML(typ="rt", pure=True)
    yaml.Resolver, yaml.Representer = Scalars, _Texts
    yaml.width = 1 << 20
    yaml.allow_unicode, yaml.default_flow_style = True, False
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(value, out)
    return out.getvalue()


def _plain(value: Any) -> Any:
    """Only what YAML holds, in a given order: texts, numbers, truths, nothing, lists, mappings with text keys."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
