"""The chart renders to manifests that name only what is there, for its own values and for others."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core.config import Config

from .chart import CHART, rendered, used, values

Manifest = dict[str, Any]
SMALL = {"storage": "1Gi", "cpu": "1", "memory": "1Gi"}
EVERYTHING = values(
    storageClass="fast",
    ingress={
        "enabled": True,
        "className": "nginx",
        "hosts": {"studio.example": "design", "api.example": "api"},
    },
    studios={
        "design": {
            "role": "design",
            "database": "postgresql://p@db/penstock",
            "storage": "1Gi",
            "cpu": "1",
            "memory": "1Gi",
        },
        "deployer": {"role": "deployer", "database": "", **SMALL},
    },
)


@pytest.fixture(params=[values(), EVERYTHING], ids=["as shipped", "everything on"])
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return rendered(request.param)


def of(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [m for m in manifests if m["kind"] == kind]


def test_every_value_is_used_and_every_used_one_is_there() -> None:
    text = "".join(p.read_text() for p in (CHART / "templates").glob("*.yaml"))
    named = {path.removeprefix(".").split(".")[0] for path in used(text)}
    assert named == set(values())


def test_a_value_that_is_missing_is_an_error() -> None:
    broken = values(apis={"api": {"replicas": 1}})
    with pytest.raises(KeyError):
        rendered(broken)


def test_names_are_told_apart(manifests: list[Manifest]) -> None:
    names = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(names) == len(set(names))
    assert {m["apiVersion"] for m in manifests} <= {"v1", "apps/v1", "policy/v1", "networking.k8s.io/v1"}


def test_services_find_their_pods_by_label_and_port(manifests: list[Manifest]) -> None:
    pods = [s["spec"]["template"] for s in of(manifests, "StatefulSet")]
    for service in of(manifests, "Service"):
        selector = service["spec"]["selector"].items()
        found = [p for p in pods if selector <= p["metadata"]["labels"].items()]
        assert len(found) == 1, service["metadata"]["name"]
        ports = {p["name"]: p["containerPort"] for p in found[0]["spec"]["containers"][0]["ports"]}
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"]


def test_sets_have_a_service_labels_that_match_and_a_home_that_stays(manifests: list[Manifest]) -> None:
    services = {s["metadata"]["name"] for s in of(manifests, "Service")}
    for found in of(manifests, "StatefulSet"):
        spec = found["spec"]
        assert spec["serviceName"] in services
        assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
        claims = {c["metadata"]["name"] for c in spec["volumeClaimTemplates"]}
        pod = spec["template"]["spec"]
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            mounts = {(m["name"], m["mountPath"]) for m in container["volumeMounts"]}
            assert mounts == {("home", "/var/lib/penstock")}
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert claims == {"home"}
        assert pod["securityContext"]["runAsNonRoot"] is True


def test_what_a_studio_is_told_are_settings_it_has(manifests: list[Manifest]) -> None:
    settings = {f"PENSTOCK_{name.upper()}" for name in Config.model_fields}
    for found in of(manifests, "StatefulSet"):
        container = found["spec"]["template"]["spec"]["containers"][0]
        told = {e["name"]: e["value"] for e in container.get("env", [])}
        assert set(told) <= settings
        Config(home="/", **{n.removeprefix("PENSTOCK_").lower(): v for n, v in told.items()})


def test_an_ingress_leads_to_services_that_are_there() -> None:
    manifests = rendered(EVERYTHING)
    services = {s["metadata"]["name"] for s in of(manifests, "Service")}
    (ingress,) = of(manifests, "Ingress")
    for rule in ingress["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            assert path["backend"]["service"]["name"] in services
    assert not of(rendered(values()), "Ingress")
