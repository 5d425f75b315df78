"""Image: a picture from a folder of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from penstock.core.errors import Invalid
from penstock.core.names import Points, check_name
from penstock.core.tile import Content, Image, Tile, content

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext

MIMES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
MOST_BYTES = 10_000_000


class ImageTile(Tile):
    """A picture out of a managed folder: PNG, JPEG, GIF or WebP.

    Example:
        type: image
        folder: pictures
        file: logo.png
        words: The logo of the airline
    """

    LABEL: ClassVar[str] = "Image"
    TEXT: ClassVar[bool] = True

    folder: Annotated[str, AfterValidator(check_name), Points("other", ("folder",))] = Field(
        description="The folder."
    )
    file: str = Field(min_length=1, description="Path of the picture in the folder.")
    words: str = Field(default="", description="What it shows, for those who cannot see it.")
    fit: Literal["contain", "cover"] = Field(default="contain", description="All of it, or all of the tile.")

    def about(self, ctx: TileContext) -> str:
        return ""

    def data(self, ctx: TileContext) -> Content:
        file = ctx.expand(self.file)
        mime = MIMES.get(file.rpartition(".")[2].lower())
        if mime is None:
            raise Invalid(f"{file} is no picture we show.", hint=f"Use {', '.join(MIMES)}.")
        found = ctx.file(self.folder, file)
        if len(found) > MOST_BYTES:
            raise Invalid(f"{file} has {len(found):,} bytes; 10 MB is the most.", hint="Make it smaller.")
        return content(Image(mime=mime, content=found, words=self.words or file, fit=self.fit))
