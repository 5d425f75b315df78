from __future__ import annotations

from datetime import UTC, datetime

from penstock.core import bundle_diff
from penstock.core.bundle import BundleManifest

ARTICLE = b"# Goals\n\n<!-- generated:goals -->\nLate flights.\n<!-- /generated -->\n"
NEWER = BundleManifest(
    format=1, kind="bundle", bundle="v2", project="DEMO", created_at=datetime(2026, 11, 21, tzinfo=UTC)
)


def test_articles_that_are_generated_are_told_apart_from_what_people_changed() -> None:
    after = {
        "flow/recipes/clean.yaml": b"type: sync\n", "wiki/goals.md": ARTICLE, "wiki/models.md": ARTICLE,
        "wiki/ours.md": b"# What we know\n", "wiki/generated.json": b"{}", "wiki/attachments/goals/flow.png": b"\x89",
        "wiki/attachments/ours/photo.png": b"\x89",
    }  # fmt: skip
    found = bundle_diff.compare(None, NEWER, {}, after)
    assert [o.name for o in found.designed] == ["clean", "attachments/ours/photo.png", "ours.md"]
    assert found.generated_told == "2 generated articles of the wiki and 2 files with them"


def test_a_generated_article_that_is_gone_is_generated_all_the_same() -> None:
    found = bundle_diff.compare(None, NEWER, {"wiki/goals.md": ARTICLE}, {})
    assert found.designed == ()
    assert found.generated_told == "1 generated article of the wiki"
    assert bundle_diff.compare(None, NEWER, {}, {}).generated_told == ""
