"""The wiki over HTTP, and from a program on another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Invalid
from penstock.testing import KEY
from tests.api.stage import a_stage

WIKI = f"/api/v1/projects/{KEY}/wiki"


@pytest.mark.requirement("D75", "D77", "D79", "D81")
def test_a_program_elsewhere_writes_attaches_finds_and_exports(tmp_path: Path) -> None:
    wiki = a_stage(tmp_path).project.wiki()
    assert wiki.create("Input: Drift", text="About a turbine.") == "input-drift"
    wiki.create("Below", text="text", parent="input-drift")
    file = tmp_path / "a.bin"
    file.write_bytes(bytes(range(256)))
    wiki.attach("input-drift", [file])
    assert wiki.attachment("input-drift", "a.bin") == file.read_bytes()
    assert [hit.name for hit in wiki.search("inputdrift")] == ["input-drift"]
    assert wiki.article("Input: Drift").attachments == ("a.bin",)
    assert wiki.duplicate("below") == "copy-of-below"
    tree = wiki.tree()
    wiki.arrange(tree.changed(home="below"))
    assert wiki.article().name == "below"
    with pytest.raises(Invalid, match="would be lost"):
        wiki.arrange({"tree": []})
    page = wiki.export(tmp_path / "wiki.html")
    assert "About a turbine." in page.read_text(encoding="utf-8")
    assert wiki.export(tmp_path / "one.pdf", article="below").read_bytes().startswith(b"%PDF")


@pytest.mark.requirement("D82")
def test_the_project_wiki_is_generated_checked_and_answered_from_elsewhere(tmp_path: Path) -> None:
    stage = a_stage(tmp_path)
    wiki = stage.project.wiki()
    assert "data-source-raw" in wiki.generate().written
    assert not wiki.check().wrong
    name = wiki.create("Notes", text="[b](dataset:gone)")
    assert [one.dead for one in wiki.check().wrong] == [("dataset:gone",)] == [wiki.article(name).dead]
    wiki.delete(name)
    first = wiki.questions()[0]
    wiki.answer(first.article, first.name, "For the people at the gate.")
    assert first.name not in {q.name for q in wiki.questions() if q.article == first.article}
    stage.node.projects.save(
        KEY, {"flow/datasets/raw.yaml": "type: managed\ntitle: New\n"}, author="ann", message="x"
    )
    assert {one.article: one.why for one in wiki.check().wrong}["data-source-raw"] == "dataset:raw: title"


def test_a_reader_reads_and_writes_nothing(tmp_path: Path) -> None:
    reader = a_stage(tmp_path).somebody("bob", "read")
    assert reader.get(WIKI).status_code == 200
    assert reader.post(f"{WIKI}/articles", json={"title": "Mine"}).status_code == 403
    assert reader.post(f"{WIKI}/generated").status_code == 403
    assert reader.put(f"{WIKI}/questions/a/b", json={"text": "x"}).status_code == 403
