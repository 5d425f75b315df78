from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, InvalidName, NotFound, Unsafe
from penstock.core.package import PackageManifest, check_version, numbered, read_manifest
from penstock.core.service import Access, ApiService, ServiceKey, hashed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FUNCTION = {"type": "python_function", "name": "f", "code": "def f(): return 1"}


@pytest.mark.requirement("D46")
def test_a_key_opens_until_it_is_revoked_or_expires_and_others_still_do() -> None:
    old = ServiceKey(id="a", hash=hashed("one"), expires_at=(NOW + timedelta(days=1)).isoformat())
    access = Access(method="api_keys", keys=(old, ServiceKey(id="b", hash=hashed("two"))))
    assert [access.key_of(secret, NOW) and access.key_of(secret, NOW).id for secret in ("one", "two", "three")] == [
        "a", "b", None,
    ]  # fmt: skip
    assert access.key_of("one", NOW + timedelta(days=2)) is None
    revoked = access.changed(keys=access.keys[1:])
    assert revoked.key_of("one", NOW) is None
    assert revoked.key_of("two", NOW) is not None


def test_two_endpoints_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidDefinition, match="called 'f'"):
        registry.validate(ApiService, {"endpoints": [FUNCTION, FUNCTION]})


def test_an_unknown_endpoint_is_told_with_the_nearest() -> None:
    service = registry.validate(ApiService, {"endpoints": [{**FUNCTION, "name": "risk"}]})
    with pytest.raises(NotFound, match="Did you mean risk"):
        service.endpoint("rsik")


@pytest.mark.parametrize("id", ["", "..", "a/b", "-x", ".x", "a..b", "v" * 81, "a b", "ä"])
def test_ids_that_could_lead_astray_are_refused(id: str) -> None:
    with pytest.raises(InvalidName):
        check_version(id)


def test_a_free_id_is_found_behind_a_base() -> None:
    assert [numbered("v", taken) for taken in (set(), {"v"}, {"v", "v1", "v3"})] == ["v", "v1", "v2"]


def test_a_manifest_survives_json_and_another_format_is_refused() -> None:
    service = registry.validate(ApiService, {"endpoints": [FUNCTION]})
    manifest = PackageManifest(
        service="s", version="v1", project="P", created_at="", endpoints=service.endpoints
    )
    assert read_manifest(manifest.model_dump_json(by_alias=True)) == manifest
    for text in ('{"format": 2}', "[]", "no json", '{"format": 1, "service": "s"}'):
        with pytest.raises(Unsafe):
            read_manifest(text)
