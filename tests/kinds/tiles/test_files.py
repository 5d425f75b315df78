"""Tiles out of folders and the wiki: image, web_app, article."""

from __future__ import annotations

from penstock.core.tile import Frame, Image, Words
from penstock.runtime import folders
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world, part, told


def put(node, tmp_path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    folders.put(node, KEY, "pictures", [tmp_path / name])


def test_a_picture_is_shown_and_what_is_none_is_told(tmp_path):
    node = a_world(tmp_path)
    put(node, tmp_path, "logo.png", b"\x89PNG")
    found = part(node, {"type": "image", "folder": "pictures", "file": "logo.png"})
    assert isinstance(found, Image)
    assert (found.mime, found.content, found.words) == ("image/png", b"\x89PNG", "logo.png")
    assert "no picture" in told(node, {"type": "image", "folder": "pictures", "file": "logo.svg"}).says
    assert "logo.png" in told(node, {"type": "image", "folder": "pictures", "file": "log.png"}).says
    assert "leads out" in told(node, {"type": "image", "folder": "pictures", "file": "../../state.png"}).says


def test_a_page_of_a_folder_is_embedded(tmp_path):
    node = a_world(tmp_path)
    assert "index.html" in told(node, {"type": "web_app", "folder": "pictures"}).says
    put(node, tmp_path, "index.html", b"<p>hello</p>")
    assert isinstance(part(node, {"type": "web_app", "folder": "pictures"}), Frame)


def test_an_article_is_shown_as_it_is_now(tmp_path):
    node = a_world(tmp_path)
    node.projects.save(KEY, {"wiki/home.md": "# Hello\n"}, author="ann", message="Write")
    found = part(node, {"type": "article", "article": "home"})
    assert isinstance(found, Words)
    assert found.markdown == "# Hello\n"
    assert "hom" in told(node, {"type": "article", "article": "hom"}).says
