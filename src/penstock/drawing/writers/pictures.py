"""Pictures of documents as files: charts, Flows and plots, drawn here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.core.document import Chart, Photo, Picture, Svg
from penstock.core.picture import Picture as FlowPicture
from penstock.core.tile import History, Plot
from penstock.drawing import flow
from penstock.drawing.charts import by_name, histories, plots, theme

PAGE = 630
"""Pixels of the width of the text on a page: 16.6 cm at 96 to the inch."""
SCALE = 2.5
"""Dots of a pixel in pictures of dots."""
HEIGHT = 280
JPEG = b"\xff\xd8"


class Pictures:
    """The pictures of one document: each is drawn once, however many ask for it."""

    def __init__(self) -> None:
        self._drawn: dict[int, tuple[Picture, str]] = {}

    def svg(self, picture: Picture) -> str:
        """A picture as SVG text; empty for a photograph, and for a Flow, which brings its own looks."""
        if id(picture) not in self._drawn:
            self._drawn[id(picture)] = (picture, _svg(picture))
        return self._drawn[id(picture)][1]

    def dots(self, picture: Picture) -> bytes:
        """A picture as PNG, or as the photograph it is."""
        import vl_convert

        if isinstance(picture.drawn, Photo):
            return picture.drawn.content
        if isinstance(picture.drawn, FlowPicture):
            return flow.png(picture.drawn)
        return bytes(vl_convert.svg_to_png(self.svg(picture), scale=SCALE))


def _svg(picture: Picture) -> str:
    import vl_convert

    match picture.drawn:
        case Svg():
            return picture.drawn.text
        case Chart() | Plot() | History():
            return str(vl_convert.vegalite_to_svg(_spec(picture)))
    return ""


def ending(content: bytes) -> str:
    """The ending of a file with these bytes."""
    return "jpg" if content.startswith(JPEG) else "png"


def _spec(picture: Picture) -> dict[str, Any]:
    drawn = picture.drawn
    size = (int(PAGE * picture.width), HEIGHT)
    if isinstance(drawn, Plot):
        return plots.spec(drawn, size=size)
    if isinstance(drawn, History):
        return histories.spec(drawn.course, size=size)
    assert isinstance(drawn, Chart)
    return on_paper(by_name.spec(drawn), size[0])


def _has_rows(spec: Mapping[str, Any]) -> bool:
    """Whether a chart is as high as it has names at its left."""
    return any(
        (layer.get("encoding") or {}).get("y", {}).get("type") == "nominal" for layer in spec.get("layer", ())
    )


def on_paper(spec: dict[str, Any], width: int) -> dict[str, Any]:
    """A specification of a page, as wide as a sheet, in the colours of light ground."""
    light = theme.config("light")
    fit = {"autosize": {"type": "fit-x", "contains": "padding"}, "padding": 4}
    asked = int(spec.get("height", HEIGHT))
    high = max(80, int(asked * 0.8)) if _has_rows(spec) else min(asked, 250)
    return {**spec, **fit, "width": width, "height": high, "config": light | {"background": "white"}}
