"""Code environments of bundles: a version for each, built where they run, kept for the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.runtime import environments
from penstock.testing import rows
from tests.wheels import a_wheel, only

from .conftest import Pair

CODE = (
    "from penstock import Dataset; import pst_colour; Dataset('out').write([{'version': pst_colour.VERSION}])"
)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheelhouse"
    for version in ("1.0", "2.0"):
        a_wheel(folder, "pst_colour", version)
    return folder


def define(pair: Pair, wheels: Path, version: str) -> str:
    """An environment of this test alone, on the design node; returns its name."""
    name = f"colours-{pair.key.lower()}"
    wanted = {"packages": [f"pst_colour=={version}"], "options": only(wheels)}
    environments.define(pair.here, name, wanted, by="ann")
    return name


def messages(report: Any) -> dict[str, str]:
    return {m.code: m.severity for m in report.messages}


def version_there(pair: Pair, bundle: str) -> list[dict[str, Any]]:
    pair.activate(bundle)
    pair.automation.home.project(pair.key).build("out", mode="only")
    return rows(pair.there, "out", key=pair.key)


@pytest.mark.slow
@pytest.mark.requirement("D09", "D25", "D26", "D27")
def test_each_bundle_runs_with_its_own_version_and_a_rollback_with_the_older_one(
    pair: Pair, wheels: Path
) -> None:
    name = define(pair, wheels, "1.0")
    recipe = {"type": "python", "outputs": ["out"], "body": CODE, "code_environment": name}
    pair.project({"datasets/out": {"type": "managed"}, "recipes/who": recipe})
    pair.ship("v1", content={"wheelhouse": True})
    define(pair, wheels, "2.0")
    pair.ship("v2")
    changed = {(p.environment, p.package): (p.before, p.after) for p in pair.bundles.compare("v2").packages}
    assert changed == {(name, "pst_colour"): ("1.0", "2.0")}
    report = pair.incoming.check(pair.key, "v1")
    assert messages(report)["ERR_CODEENV_MISSING_ENV"] == "INFO"
    report = pair.incoming.activate(pair.key, "v1", {"environment_mode": "FAIL_IF_MISS"})
    assert not report.activated
    assert messages(report)["ERR_CODEENV_MISSING_ENV"] == "ERROR"
    report = pair.incoming.preload(pair.key, "v1")
    assert messages(report) == {"INFO_CODEENV_BUILT": "INFO"}
    assert version_there(pair, "v1") == [{"version": "1.0"}]
    assert version_there(pair, "v2") == [{"version": "2.0"}], (
        "INSTALL_IF_MISS is what an activation does unasked"
    )
    assert version_there(pair, "v1") == [{"version": "1.0"}]
    kept = {v.requested: v.bundles for v in pair.there.environments.versions(name)}
    assert kept == {("pst_colour==1.0",): (f"{pair.key}/v1",), ("pst_colour==2.0",): (f"{pair.key}/v2",)}
