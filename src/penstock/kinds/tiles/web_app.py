"""Web app: a page of your own, embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, Field

from penstock.core.names import Points, check_name
from penstock.core.tile import Content, Frame, Tile, content

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class WebAppTile(Tile):
    """A page of HTML, CSS and JavaScript out of a managed folder, embedded in the tile. It runs in a sandbox of its
    own: it sees neither the studio nor the viewer's session. Filters of the page reach it as a message.

    Example:
        type: web_app
        folder: simulator
        file: index.html
    """

    LABEL: ClassVar[str] = "Web app"
    SIZE: ClassVar[tuple[int, int]] = (18, 14)

    folder: Annotated[str, AfterValidator(check_name), Points("other", ("folder",))] = Field(
        description="The folder with its files."
    )
    file: str = Field(default="index.html", min_length=1, description="The page to open first.")

    def about(self, ctx: TileContext) -> str:
        return self.folder

    def data(self, ctx: TileContext) -> Content:
        ctx.file(self.folder, self.file)
        return content(Frame(folder=self.folder, file=self.file, words=self.title or self.folder))
