"""Text: words in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.tile import Content, Tile, Words, content

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class TextTile(Tile):
    """Words in Markdown: headings, lists, links, tables. `${variables}` are filled in; one without a value stays as
    typed, and `$${name}` prints `${name}`.

    Example:
        type: text
        markdown: |
          ## Is the model still good?
          Data of ${month}. Ask the *MLOps team* when the light is red.
    """

    LABEL: ClassVar[str] = "Text"
    SIZE: ClassVar[tuple[int, int]] = (12, 5)
    TEXT: ClassVar[bool] = True

    markdown: str = Field(min_length=1, description="The words, in Markdown.")

    def about(self, ctx: TileContext) -> str:
        return ""

    def data(self, ctx: TileContext) -> Content:
        return content(Words(markdown=ctx.expand(self.markdown)))
