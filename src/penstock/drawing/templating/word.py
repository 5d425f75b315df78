"""Word templates: every paragraph, cell, header and footer of a .docx with its placeholders said."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from penstock.core.document import Block, Paragraph, Picture, Table, plain
from penstock.core.errors import Invalid
from penstock.core.placeholders import Filled, Names, Said, is_text
from penstock.drawing.templating import grammar
from penstock.drawing.templating.grammar import PLACEHOLDER, Branch, TableEnd
from penstock.drawing.templating.scope import Scope
from penstock.drawing.writers import word_looks
from penstock.drawing.writers.word import Writing, fill_table, saved

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MOST = 50 * 2**20
"""Bytes a template may have."""


def fill(template: bytes, names: Names) -> Filled:
    """A template with everything said. Raises Invalid for what is no Word document."""
    made = _opened(template)
    word_looks.lend(made)
    scope = Scope(names)
    for host in _hosts(made):
        _Filling(host).container(host.element, scope)
    return Filled(content=saved(made), warnings=tuple(scope.warnings))


def _opened(template: bytes) -> Any:
    import docx

    if len(template) > MOST:
        raise Invalid("The template is larger than 50 MB.")
    try:
        return docx.Document(io.BytesIO(template))
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise Invalid(
            "The template is no Word document.", hint="Save it as .docx: .doc, .dotx and .odt are not read."
        ) from error


@dataclass(frozen=True, slots=True)
class _Host:
    """Where new paragraphs and tables can be made: the body, a header, a footer."""

    element: Any
    add_paragraph: Callable[..., Any]
    table: Callable[[int, int], Any]
    styles: Any
    add_page_break: Callable[[], Any]

    def add_table(self, rows: int, cols: int) -> Any:
        return self.table(rows, cols)


def _hosts(made: Any) -> Iterator[_Host]:
    yield _Host(
        made.element.body,
        made.add_paragraph,
        lambda r, c: made.add_table(r, c),
        made.styles,
        made.add_page_break,
    )
    seen = set()
    for section in made.sections:
        for part in _edges(section):
            if part._element in seen:
                continue
            seen.add(part._element)
            yield _Host(
                part._element, part.add_paragraph, _tables_in(part), made.styles,
                part.add_paragraph,
            )  # fmt: skip


def _tables_in(part: Any) -> Callable[[int, int], Any]:
    from docx.shared import Cm

    return lambda rows, columns: part.add_table(rows, columns, Cm(16))


def _edges(section: Any) -> Iterator[Any]:
    """Headers and footers that a section has of its own."""
    for name in ("header", "footer"):
        for which in ("", "first_page_", "even_page_"):
            edge = getattr(section, f"{which}{name}")
            if not edge.is_linked_to_previous:
                yield edge


@dataclass(frozen=True, slots=True)
class _Styled:
    """A placeholder with the example of a table below it."""

    first: Any
    name: str
    example: Any


class _Filling:
    """One host on its way."""

    def __init__(self, host: _Host) -> None:
        self.host = host
        self.writing = Writing(host, marks=False, chapters=False)

    def container(self, element: Any, scope: Scope) -> None:
        """Everything inside a body, a cell, a header: said in place."""
        children = [child for child in element if child.tag in (f"{W}p", f"{W}tbl", f"{W}sdt")]
        if not children:
            return
        after = children[-1].getnext()
        tree = grammar.grouped([(line, _steered(line)) for line in _with_examples(children)])
        for told in tree.warnings:
            scope.warn(told)
        kept = [copy.deepcopy(child) for child in children[-1:]] if element.tag == f"{W}tc" else []
        for child in children:
            element.remove(child)
        for said in self._all(tree.parts, scope):
            element.append(said) if after is None else after.addprevious(said)
        if element.tag == f"{W}tc" and (not len(element) or element[-1].tag != f"{W}p"):
            element.append(_emptied(kept[0]))

    def _all(self, parts: Sequence[Any], scope: Scope) -> Iterator[Any]:
        for part in parts:
            if isinstance(part, Branch):
                yield from self._branch(part, scope)
            elif isinstance(part, _Styled):
                yield from self._styled(part, scope)
            else:
                yield from self._one(copy.deepcopy(part), scope)

    def _branch(self, branch: Branch[Any], scope: Scope) -> Iterator[Any]:
        if isinstance(branch.of, grammar.If):
            if scope.holds(branch.of):
                yield from self._all(branch.inside, scope)
            return
        for inner in scope.loop(branch.of):
            yield from self._all(branch.inside, inner)

    def _styled(self, part: _Styled, scope: Scope) -> Iterator[Any]:
        said = scope.said(part.name)
        if isinstance(said, Table) and said.rows:
            yield from self._made(lambda: fill_table(self.host, said, like=part.example))
        else:
            yield from self._blocks(said)

    def _one(self, child: Any, scope: Scope) -> Iterator[Any]:
        if child.tag == f"{W}p":
            yield from self._paragraph(child, scope)
            return
        for cell in child.iter(f"{W}tc", f"{W}sdtContent"):
            if not any(
                up.tag in (f"{W}tc", f"{W}sdtContent") and up is not cell for up in _above(cell, child)
            ):
                self.container(cell, scope)
        yield child

    def _paragraph(self, paragraph: Any, scope: Scope) -> Iterator[Any]:
        text = _text(paragraph)
        if "{{" not in text:
            yield paragraph
            return
        name = grammar.alone(text)
        if isinstance(grammar.control(text), TableEnd):
            scope.warn(f"{{{{{name}}}}} closes no table and was removed.")
            return
        if not name:
            yield self._replaced(paragraph, scope)
            return
        said = scope.said(name)
        if said is None or said == "":
            yield from [_emptied(paragraph)] if _holds_more(paragraph) else []
        elif is_text(said):
            yield self._replaced(paragraph, scope)
        else:
            yield from self._blocks(said)

    def _blocks(self, said: Said) -> Iterator[Any]:
        """What stands alone, as new elements."""
        if said is None:
            return
        blocks: tuple[Block, ...] = _as_blocks(said)
        yield from self._made(lambda: self.writing.all(blocks))

    def _made(self, make: Callable[[], Any]) -> Iterator[Any]:
        """What a verb adds to the host, taken out of it again."""
        before = set(self.host.element)
        make()
        added = [child for child in self.host.element if child not in before]
        for child in added:
            self.host.element.remove(child)
        yield from added

    def _replaced(self, paragraph: Any, scope: Scope) -> Any:
        """A paragraph with every placeholder in it said, each in the looks of its first brace."""
        texts = list(paragraph.iter(f"{W}t"))
        whole = "".join(node.text or "" for node in texts)
        for found in reversed(list(PLACEHOLDER.finditer(whole))):
            said = scope.said(grammar.straight(found[1]))
            _put(texts, found.start(), found.end(), _inline(said, found[1], scope))
        return paragraph


def _as_blocks(said: Said) -> tuple[Block, ...]:
    if isinstance(said, (Table, Picture)):
        return (said,)
    if is_text(said):
        return (Paragraph(said),)
    return said if isinstance(said, tuple) else ()  # type: ignore[return-value]


def _inline(said: Said, name: str, scope: Scope) -> str:
    if said is None:
        return ""
    if is_text(said):
        return plain(said)
    scope.warn(f"{{{{{name}}}}} is no text: it was removed, as it must stand alone on its line.")
    return ""


def _put(texts: Sequence[Any], start: int, end: int, said: str) -> None:
    """Replace letters that may lie in several runs."""
    at, first = 0, True
    for node in texts:
        own = node.text or ""
        low, high = max(start - at, 0), min(end - at, len(own))
        if low < high:
            node.text = own[:low] + (said if first else "") + own[high:]
            node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            first = False
        at += len(own)


def _with_examples(children: Sequence[Any]) -> list[Any]:
    """Children, a placeholder with an example of a table and its end as one."""
    found: list[Any] = []
    n = 0
    while n < len(children):
        example = _example(children, n)
        if example:
            found.append(_Styled(children[n], example[0], example[1]))
            n = example[2]
        else:
            found.append(children[n])
        n += 1
    return found


def _example(children: Sequence[Any], at: int) -> tuple[str, Any, int] | None:
    """Name, example and last place of a block `{{x}} table {{/x}}` that begins at a child."""
    name = grammar.alone(_text(children[at])) if children[at].tag == f"{W}p" else ""
    if not name or name.startswith("/") or grammar.control(f"{{{{{name}}}}}"):
        return None
    example = None
    for n in range(at + 1, min(at + 6, len(children))):
        child = children[n]
        if child.tag == f"{W}tbl":
            example = child
        elif text := _text(child).strip():
            closing = grammar.control(text)
            same = isinstance(closing, TableEnd) and closing.name == name
            return (name, example, n) if same and example is not None else None
    return None


def _steered(line: Any) -> grammar.Control | None:
    if isinstance(line, _Styled) or line.tag != f"{W}p":
        return None
    return grammar.control(_text(line))


def _text(element: Any) -> str:
    return "".join(node.text or "" for node in element.iter(f"{W}t"))


def _above(element: Any, top: Any) -> Iterator[Any]:
    """What an element stands in, up to and without another."""
    up = element.getparent()
    while up is not None and up is not top:
        yield up
        up = up.getparent()


def _holds_more(paragraph: Any) -> bool:
    """Whether a paragraph ends a section: it must stay even when it says nothing."""
    return paragraph.find(f"{W}pPr/{W}sectPr") is not None


def _emptied(paragraph: Any) -> Any:
    for node in paragraph.iter(f"{W}t"):
        node.text = re.sub(r"\{\{.*\}\}", "", node.text or "") if "{{" in (node.text or "") else ""
    return paragraph
