"""Flows on paper: legible, in parts where one page has no room, each object told where it goes on."""

from __future__ import annotations

import re

import pytest

from penstock.core.document import Document, Heading, PageBreak, Picture, Svg, Table, plain
from penstock.core.picture import Picture as FlowPicture
from penstock.drawing.sheets import LETTERS, LYING, NATURAL, UPRIGHT, laid
from penstock.drawing.writers import pdf, word
from tests.drawing.flows import random_flow


def _parts(picture: FlowPicture) -> list[str]:
    """The drawings of the parts."""
    blocks = laid(Picture(drawn=picture, caption="The Flow of X.")).blocks
    return [
        b.drawn.text for b in blocks
        if isinstance(b, Picture) and isinstance(b.drawn, Svg) and ", part " in b.caption
    ]  # fmt: skip


def _nodes(svg: str) -> dict[str, tuple[bool, str]]:
    """Id → whether it is only a likeness of what stands elsewhere, and the words below it about that."""
    found = {}
    for look, id, inner in re.findall(r'<g class="node ([^"]*)"[^>]*?data-id="([^"]*)"(.*?)</text>', svg):
        note = re.search(r'font-weight="600">([^<]*)<', inner)
        found[id] = ("ghost" in look, note[1] if note else "")
    return found


def test_a_small_flow_stays_one_picture_on_a_page_that_stands() -> None:
    made = laid(Picture(drawn=random_flow(4, 1), caption="Small."))
    assert (len(made.blocks), made.lying) == (1, False)


@pytest.mark.requirement("D88")
@pytest.mark.parametrize("zones", [0, 4])
def test_every_node_of_a_large_flow_stands_in_one_part_and_likenesses_name_it(zones: int) -> None:
    picture = random_flow(150, 5, zones=zones)
    parts = [_nodes(svg) for svg in _parts(picture)]
    assert len(parts) > 3
    home = {id: n for n, part in enumerate(parts, 1) for id, (is_ghost, _) in part.items() if not is_ghost}
    own = [id for part in parts for id, (is_ghost, _) in part.items() if not is_ghost]
    assert sorted(own) == sorted(node.id for node in picture.nodes)
    ghosts = [(id, note) for part in parts for id, (is_ghost, note) in part.items() if is_ghost]
    assert ghosts
    assert {note for _, note in ghosts} <= {f"part {n}" for n in range(1, len(parts) + 1)}
    assert all(note == f"part {home[id]}" for id, note in ghosts)


@pytest.mark.requirement("D88")
def test_letters_of_parts_are_large_enough_to_be_read() -> None:
    blocks = laid(Picture(drawn=random_flow(150, 5, zones=3), caption="The Flow of X.")).blocks
    assert "zones" in getattr(blocks[0], "caption", "")
    listed = next(b for b in blocks if isinstance(b, Table))
    assert [plain(row[0]) for row in listed.rows] == [str(n) for n in range(1, len(listed.rows) + 1)]
    for block in blocks[2:]:
        assert isinstance(block, Picture)
        assert isinstance(block.drawn, Svg)
        width = float(re.findall(r'viewBox="0 0 ([\d.]+)', block.drawn.text)[0])
        assert block.width * LYING.width / width * LETTERS >= 5.99
    assert UPRIGHT.width < LYING.width
    assert NATURAL * LETTERS < 9


def test_large_flows_lie_on_their_side_in_word_and_pdf_with_their_heading_and_no_empty_page() -> None:
    from io import BytesIO

    import docx
    from pypdf import PdfReader

    flow = Picture(drawn=random_flow(90, 5, zones=3), caption="The Flow of X.")
    blocks = (Heading("First"), PageBreak(), Heading("The Flow"), flow, PageBreak(), Heading("Last"))
    document = Document(title="X", kind="Flow document", blocks=blocks)
    pages = PdfReader(BytesIO(pdf.write(document))).pages
    lying = [float(p.mediabox.width) > float(p.mediabox.height) for p in pages]
    texts = [p.extract_text() for p in pages]
    assert "The Flow" in texts[lying.index(True)]
    assert "Last" in texts[-1]
    assert (lying[-1], lying[2]) == (False, False)
    assert all(len(text) > 40 for text in texts[3:-1])
    sections = docx.Document(BytesIO(word.write(document))).sections
    assert [int(s.page_width or 0) > int(s.page_height or 0) for s in sections] == [False, True, False]
