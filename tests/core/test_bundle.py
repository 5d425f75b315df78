"""Names of bundles, manifests, switches: the rules of core."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from penstock.core import bundle
from penstock.core.bundle import (
    ActivationSettings,
    BundleManifest,
    BundleMessage,
    blocking,
    check_bundle_id,
    next_id,
)
from penstock.core.errors import InvalidName, UnsafeArchive

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.requirement("D03")
@pytest.mark.parametrize(
    "id", ["", ".", "..", "a/b", "a\\b", "a..b", ".a", "a.", "-a", "a b", "é", "v" * 81, "a.lock", "v\n"]
)
def test_an_id_that_could_not_be_a_file_or_a_tag_is_refused(id: str) -> None:
    with pytest.raises(InvalidName):
        check_bundle_id(id)


@pytest.mark.parametrize("id", ["v1", "1", "2026-01-02_first.try", "v" * 80])
def test_plain_ids_are_taken(id: str) -> None:
    assert check_bundle_id(id) == id


@pytest.mark.parametrize(
    ("taken", "expected"),
    [([], "v"), (["v"], "v1"), (["v", "v1"], "v2"), (["v", "v9", "v10"], "v11"), (["v", "vx", "other"], "v1"),
     (["v1"], "v"), (["v", "v3"], "v4")],
)  # fmt: skip
def test_the_next_number_goes_behind_the_base(taken: list[str], expected: str) -> None:
    assert next_id("v", taken) == expected


def _manifest(**fields: object) -> dict[str, object]:
    return {
        "format": 1,
        "kind": "bundle",
        "bundle": "v1",
        "project": "P",
        "created_at": NOW.isoformat(),
        **fields,
    }


def test_a_manifest_keeps_what_it_knows_and_leaves_the_rest() -> None:
    told = bundle.manifest_of(_manifest(future=1, models={"m": {"active": "a", "new": 2}}))
    assert told.models["m"].active == "a"
    assert BundleManifest.model_validate(told.model_dump(mode="json")) == told


@pytest.mark.parametrize(
    "wrong",
    [{"format": 2}, {"kind": "service"}, {"bundle": "../x"}, {"project": "../x"}, {"created_at": "soon"}],
)
def test_a_manifest_that_is_no_bundles_or_too_new_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UnsafeArchive):
        bundle.manifest_of(_manifest(**wrong))


@pytest.mark.requirement("D16", "D17", "A93")
def test_switches_stay_unless_the_settings_say_and_new_ones_are_off() -> None:
    settings = ActivationSettings(scenarios={"forced_on": True, "forced_off": False, "not_there": True})
    names = ["kept_on", "kept_off", "forced_on", "forced_off", "new"]
    before = {"kept_on": True, "kept_off": False, "forced_off": True, "left": True}
    now, remembered = bundle.switched(names, settings, before)
    assert now == {"kept_on": True, "kept_off": False, "forced_on": True, "forced_off": False, "new": False}
    assert remembered == {**before, "forced_on": True, "forced_off": False}


def test_all_triggers_off_forgets_nothing() -> None:
    now, remembered = bundle.switched(["a"], ActivationSettings(triggers_off=True), {"a": True})
    assert (now, remembered) == ({"a": False}, {"a": True})


def test_warnings_block_until_they_are_ignored_and_errors_always() -> None:
    told = [BundleMessage(severity=s, code="C", text=s) for s in ("INFO", "WARNING", "ERROR", "FATAL")]
    assert [m.text for m in blocking(told, ignore_warnings=False)] == ["WARNING", "ERROR", "FATAL"]
    assert [m.text for m in blocking(told, ignore_warnings=True)] == ["ERROR", "FATAL"]
