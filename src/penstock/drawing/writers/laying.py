"""How blocks lie on pages: pictures of large Flows become several, on pages that lie on their side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from penstock.core.document import Block, Heading, PageBreak, Picture, flat
from penstock.core.picture import Picture as FlowPicture
from penstock.drawing.sheets import laid


@dataclass(frozen=True, slots=True)
class Lying:
    """Blocks on pages that lie on their side."""

    blocks: tuple[Block, ...]


def on_pages(blocks: Iterable[Block]) -> list[Block | Lying]:
    """Every block, generated ones opened. A heading goes with the picture right below it, and nobody breaks a page
    that ends anyway."""
    found: list[Block | Lying] = []
    for block in flat(blocks):
        if isinstance(block, Picture) and isinstance(block.drawn, FlowPicture):
            made = laid(block)
            found += [Lying((*_headings(found), *made.blocks))] if made.lying else made.blocks
        elif not (isinstance(block, PageBreak) and found and isinstance(found[-1], Lying)):
            found.append(block)
    return found


def _headings(found: list[Block | Lying]) -> list[Heading]:
    """The headings at the end, taken away with the break before them."""
    taken: list[Heading] = []
    while found and isinstance(found[-1], Heading):
        taken.insert(0, found[-1])
        found.pop()
    while found and isinstance(found[-1], PageBreak):
        found.pop()
    return taken
