"""Discussions over HTTP, and from a program on another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.testing import KEY
from tests.api.stage import a_stage

pytestmark = pytest.mark.both_states
ALL = f"/api/v1/projects/{KEY}/discussions"


@pytest.mark.requirement("D94")
def test_one_is_begun_answered_changed_and_closed_from_elsewhere(tmp_path: Path) -> None:
    ann = a_stage(tmp_path).ann
    begun = ann.post(ALL, json={"object": "project:", "topic": "Wind", "text": "It moved."}).json()
    one = f"{ALL}/{begun['id']}"
    said = ann.post(f"{one}/replies", json={"text": "Since May."}).json()["replies"][-1]
    changed = ann.put(f"{one}/replies/{said['id']}", json={"text": "Since June."})
    assert changed.status_code == 200, changed.text
    assert ann.get(one).json()["replies"][-1]["text"] == "Since June."
    assert ann.put(f"{one}/closed", json={"closed": True}).json()["closed"] is True


@pytest.mark.parametrize("id", ["nothing", "1.5", "9" * 30])
def test_what_is_no_number_of_one_is_not_found(tmp_path: Path, id: str) -> None:
    assert a_stage(tmp_path).ann.get(f"{ALL}/{id}").status_code == 404
