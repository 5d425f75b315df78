"""Article: a page of the wiki."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.tile import Content, Tile, Words, content

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class ArticleTile(Tile):
    """An article of the project's wiki, as it is now.

    Example:
        type: article
        article: home
    """

    LABEL: ClassVar[str] = "Wiki article"

    article: str = Field(min_length=1, description="Its name: the file in `wiki/` without `.md`.")

    def articles(self) -> list[str]:
        return [self.article]

    def about(self, ctx: TileContext) -> str:
        return self.article.rpartition("/")[2].replace("-", " ").replace("_", " ").capitalize()

    def data(self, ctx: TileContext) -> Content:
        return content(Words(markdown=ctx.article(self.article)))
