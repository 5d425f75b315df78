"""`penstock wiki write` and `penstock docs check`: links that lead nowhere are told."""

from __future__ import annotations

import pytest

from .bank import Bank


@pytest.mark.requirement("D76")
def test_a_link_that_leads_nowhere_is_told_on_writing_and_fails_the_check(own: Bank) -> None:
    own.ok("wiki", "generate")
    assert "all true" in own.ok("docs", "check").out
    said = own.ok("wiki", "write", "Notes", "--text", "[rows](dataset:gone) and [all](dataset:may)")
    assert said.out.strip() == "notes"
    assert said.err.strip() == "Article notes: its link to dataset:gone leads nowhere."
    checked = own.run("docs", "check", "--json")
    assert checked.code == 1
    assert checked.json == [{"article": "notes", "what": "its link to dataset:gone leads nowhere"}]
