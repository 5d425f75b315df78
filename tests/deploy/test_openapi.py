"""The documents of services and of our own REST, judged by a validator of the specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV31SpecValidator

from penstock.api.site import site
from penstock.core import registry
from penstock.core.kind import documentation
from penstock.core.package import PackageManifest, PackedFeature, PackedModel
from penstock.core.service import Access
from penstock.deploy import openapi
from penstock.testing import a_node

KEYED = Access(method="api_keys")
MODEL = PackedModel(
    model="late", version="v1", full_id="S-DEMO-late-v1", prediction_type="binary",
    target="late", classes=("no", "yes"), features=tuple(
        PackedFeature(name=f"is {type}", type=type)
        for type in ("integer", "number", "boolean", "text", "instant")
    ),
)  # fmt: skip
WITHOUT_PARAMETERS = {
    "type": "python_function", "name": "now", "code": "import time\ndef now():\n    return time.time()\n",
}  # fmt: skip


def documented(*endpoints: dict[str, Any]) -> dict[str, Any]:
    made = tuple(registry.parse("endpoints", endpoint) for endpoint in endpoints)
    return openapi.document(
        PackageManifest(
            service="flights", version="v1", project="DEMO", created_at="2026-01-01T00:00:00Z",
            endpoints=made, access=KEYED, models={e.name: MODEL for e in made if e.MODEL},
        )
    )  # fmt: skip


def an_example(kind: str) -> dict[str, Any]:
    """The endpoint of a kind's own documentation."""
    found: dict[str, Any] = yaml.safe_load(documentation(registry.kind("endpoints", kind))[1])
    return {"name": f"an_{kind}", **found}


@pytest.mark.requirement("D59")
@pytest.mark.parametrize("kind", registry.names("endpoints"))
def test_the_document_of_every_kind_of_endpoint_is_valid_swagger(kind: str) -> None:
    found = documented(an_example(kind))
    assert len(found["paths"]) >= len(registry.kind("endpoints", kind).VERBS)
    OpenAPIV2SpecValidator(found).validate()


@pytest.mark.requirement("D59")
def test_a_function_without_parameters_and_many_endpoints_are_valid_swagger() -> None:
    found = documented(WITHOUT_PARAMETERS, *(an_example(kind) for kind in registry.names("endpoints")))
    OpenAPIV2SpecValidator(found).validate()


@pytest.mark.slow
def test_the_document_of_our_rest_is_valid_openapi(tmp_path: Path) -> None:
    OpenAPIV31SpecValidator(site(a_node(tmp_path)).openapi()).validate()
