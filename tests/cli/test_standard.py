"""`penstock standard`: what standards find, and which hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from .bank import Bank


@pytest.mark.requirement("D96")
def test_a_project_is_judged_and_worse_than_accepted_ends_with_1(own: Bank) -> None:
    said = own.ok("standard", "run", "--json").json
    assert {row["state"] for row in said} >= {"review", "success", "not applicable"}
    assert own.run("standard", "run", "--accept", "LOWEST").code == 1
    assert "no severity" in own.run("standard", "run", "--accept", "GREAT").err


def test_which_standards_hold_comes_from_a_file_and_goes_again(own: Bank, tmp_path: Path) -> None:
    (tmp_path / "few.yaml").write_text("standards:\n- {type: flow_size, name: Small, severity: LOW}\n")
    own.ok("standard", "set", str(tmp_path / "few.yaml"))
    assert own.ok("standard", "list", "--json").json == [
        {"standard": "Small", "type": "flow_size", "severity": "LOW"}
    ]
    own.ok("standard", "set")
    assert len(own.ok("standard", "list", "--json").json) > 10
    assert "There is no file" in own.run("standard", "set", "gone.yaml").err
