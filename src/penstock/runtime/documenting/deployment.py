"""Deployment: infrastructure, API services, bundles, version control."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from penstock.core.bundle import BundleManifest
from penstock.core.document import Block, Bullets, Code, Heading, Paragraph, facts, line, table
from penstock.core.service import ApiService, Endpoint
from penstock.runtime.documenting import plain
from penstock.runtime.documenting.material import Material, Page, ask, in_code, part, to

NAME = "deployment"
TITLE = "Deployment"
LAST = 10
"""Saves and updates listed."""


def pages(m: Material) -> list[Page]:
    """The infrastructure; the API deployer with an article for each service; bundles; version control."""
    return [
        _infrastructure(m),
        _api(m),
        *(_service(m, name, one) for name, one in m.project.services.items()),
        _bundles(m),
        _versions(m),
    ]


def _used(m: Material) -> tuple[str, ...]:
    return (
        "deployments:",
        *(f"deployment:{id}" for id in m.deployments),
        *(f"service_deployment:{id}" for id in m.service_deployments),
        *(f"infrastructure:{name}" for name in m.infrastructures),
    )


def _infrastructure(m: Material) -> Page:
    nodes = [
        [name, plain.kind(one), one.stage, one.CARRIES, ", ".join(one.public_urls()) or "", _remapped(one)]
        for name, one in m.infrastructures.items()
    ]
    made = [
        [id, "project", one.infrastructure, f"bundle {one.bundle}", one.target, one.enabled, _remaps(m, one)]
        for id, one in m.deployments.items()
    ] + [
        [id, "service", one.infrastructure, f"version {one.package}", one.service, one.enabled, "–"]
        for id, one in m.service_deployments.items()
    ]
    here = facts([("Design node", m.node.config.base_url or "this one"), ("Project", to("project", m.key))])
    rows = [
        [
            one.deployment,
            one.kind,
            _brought(m, id, one.package),
            str(one.state),
            one.started_at,
            one.requested_by,
        ]
        for id in (*m.deployments, *m.service_deployments)
        for one in m.node.deployer.updates(id, limit=LAST)
    ]
    used = _used(m)
    updates = tuple(f"updates:{id}" for id in (*m.deployments, *m.service_deployments))
    return Page(
        name=NAME,
        title=TITLE,
        blocks=(
            part(
                "infrastructure",
                here,
                Heading("Infrastructure", 1),
                table(
                    ["Infrastructure", "Sort", "Stage", "Carries", "Addresses", "Connections"], nodes,
                    empty="The deployer knows no infrastructure yet.",
                ),
                on=used,
            ),
            part(
                "deployments",
                Heading("What is deployed", 1),
                table(
                    ["Deployment", "Of a", "Infrastructure", "What", "There it is", "On", "Connections there"], made,
                    empty="Nothing of this project is deployed yet.",
                ),
                on=used,
            ),
            part(
                "updates",
                Heading("Updates", 1),
                table(["Deployment", "Update", "Brought", "State", "At", "By"], rows, empty="There was no update yet."),
                on=("deployments:", *updates),
            ),
            part("sections", Paragraph(line(_SECTIONS))),
        ),
    )  # fmt: skip


_SECTIONS = (
    "More of it: the [API deployer](article:api-deployer), the [project bundles](article:project-bundles), the "
    "[version control](article:project-version-control); how models are watched stands in "
    "[ML modeling](article:ml-modeling), what differs from here in [Data sources](article:data-sources)."
)


def _brought(m: Material, deployment: str, package: str) -> str:
    """`bundle v1`, `version v1`: names may be as short as `v`."""
    return f"{'bundle' if deployment in m.deployments else 'version'} {package}" if package else ""


def _remapped(infrastructure: Any) -> str:
    return _arrows(getattr(infrastructure, "connections", {}) or {})


def _remaps(m: Material, deployment: Any) -> str:
    from penstock.core.deployment import effective

    infrastructure = m.infrastructures.get(deployment.infrastructure)
    return _arrows(effective(deployment, getattr(infrastructure, "connections", {}) or {}))


def _arrows(mapping: Any) -> str:
    return ", ".join(f"{here} → {there}" for here, there in sorted(mapping.items())) or "as here"


def _api(m: Material) -> Page:
    rows = [
        [to("service", name), len(one.endpoints), len(m.service_versions(name)), several_deployments(m, name)]
        for name, one in m.project.services.items()
    ]
    shown = table(
        ["API service", "Endpoints", "Versions", "Deployed as"], rows, empty="The project has no API service."
    )
    on = ("names:service", *_used(m), *(f"service_versions:{name}" for name in m.project.services))
    return Page(
        name="api-deployer", title="API deployer", parent=NAME,
        blocks=(
            part("services", shown, on=on), part("process", Heading("How a service is deployed", 1), _PROCESS),
            part("see-also", Paragraph(line(_SEE_ALSO))),
        ),
    )  # fmt: skip


_SEE_ALSO = "How the models behind it are watched: [ML modeling](article:ml-modeling)."
_PROCESS = Bullets(
    (
        "A version of the service is made here: model files, data it looks things up in, code. It never changes again.",
        "The version is published to the deployer.",
        "A deployment brings it to the API nodes of an infrastructure; two versions may share the queries.",
        "Test queries are asked before and after; going back is an update to the version before.",
        "What was asked and answered comes back as a dataset, and is evaluated as any other.",
    ),
    numbered=True,
)


def several_deployments(m: Material, service: str) -> str:
    """Where a service is deployed, in words."""
    found = [
        f"{id} on {one.infrastructure}"
        for id, one in m.service_deployments.items()
        if one.published == service
    ]
    return ", ".join(found) or "nowhere"


def _service(m: Material, name: str, service: ApiService) -> Page:
    on = (f"service_versions:{name}",)
    told = facts(
        [
            ("API service", to("service", name)),
            ("Title", service.title),
            ("What it is for", service.short_description),
            ("OpenAPI document", "served at /swagger" if service.openapi else "not served"),
        ]
    )
    blocks: list[Block] = [
        part("service", told),
        part("endpoints", Heading("Endpoints", 1), *_endpoints(m, name, service), on=_used(m)),
        part("queries", Heading("Test queries", 1), *_queries(service)),
        part("enrichment", Heading("Query enrichment", 1), *_lookups(m, service)),
        part("security", Heading("Security", 1), *_security(m, name, service), on=_used(m)),
        part("history", Heading("Versions", 1), _history(m, name), on=on),
    ]
    if not service.description:
        blocks.append(
            ask("How are services and versions of them named?", "A rule that everybody can follow.")
        )
    return Page(
        name=f"service-{name}",
        about=f"service:{name}",
        title=f"API service: {name}",
        parent="api-deployer",
        blocks=tuple(blocks),
    )


def urls(m: Material, service: str) -> list[tuple[str, str]]:
    """Deployment → address of each of its nodes, up to the name of the service there."""
    return [
        (id, f"{url}/public/api/v1/{one.service}")
        for id, one in m.service_deployments.items()
        if one.published == service and one.infrastructure in m.infrastructures
        for url in m.infrastructures[one.infrastructure].public_urls()
    ]


def _endpoints(m: Material, name: str, service: ApiService) -> list[Block]:
    rows = [
        [
            one.name,
            plain.kind(one),
            to("model", model)
            if (model := str(getattr(one, "model", "") or "")) in m.project.models
            else model or "",
            one.description or "",
        ]
        for one in service.endpoints
    ]
    found = urls(m, name)
    asked = [
        [id, line(f"`{url}/{one.name}/{verb}`")]
        for id, url in found
        for one in service.endpoints
        for verb in (one.VERBS or one.GET_VERBS)[:1]
    ]
    there = table(["Deployment", "Address"], asked, empty="It is deployed nowhere, so it has no address yet.")
    usual = [
        line(f"`/public/api/v1/{name}/{one.name}/{verb}`")
        for one in service.endpoints
        for verb in _verbs(one)
    ]
    return [
        table(["Endpoint", "Sort", "Model", "What it answers"], rows, empty="It has no endpoint yet."),
        Paragraph("Below the address of a node:"), Bullets(tuple(usual) or ("nothing yet",)), there,
    ]  # fmt: skip


def _verbs(endpoint: Endpoint) -> Sequence[str]:
    return (*endpoint.VERBS, *endpoint.GET_VERBS)


def _queries(service: ApiService) -> list[Block]:
    blocks: list[Block] = []
    for endpoint in service.endpoints:
        for place, query in enumerate(endpoint.test_queries, 1):
            told = json.dumps(query.query, indent=2, ensure_ascii=False)
            blocks += [Paragraph(f"{endpoint.name}: {query.name or f'Query {place}'}"), Code(told, "json")]
    return blocks or [Paragraph("There are none yet.")]


def _lookups(m: Material, service: ApiService) -> list[Block]:
    rows = [
        [
            endpoint.name,
            to("dataset", lookup.dataset) if lookup.dataset in m.project.datasets else lookup.dataset,
            lookup.mode,
            ", ".join(f"{k.column} = {k.field or k.column}" for k in lookup.keys),
            ", ".join(c.name or c.column for c in lookup.columns) or "every other column",
        ]
        for endpoint in service.endpoints
        for lookup in endpoint.lookups()
    ]
    titles = ["Endpoint", "Dataset", "Rows", "Found by", "Adds"]
    return [table(titles, rows, empty="No endpoint looks anything up.")]


def _security(m: Material, name: str, service: ApiService) -> list[Block]:
    method = (
        "everybody who reaches the node" if service.access.method == "public" else "whoever shows an API key"
    )
    own = facts([("Who may ask", method), ("Keys of the service", len(service.access.keys))])
    rows = [
        [id, one.access.method, len(one.access.keys)]
        for id, one in m.service_deployments.items()
        if one.published == name
    ]
    return [own, *([table(["Deployment", "Who may ask", "Keys of its own"], rows)] if rows else [])]


def _history(m: Material, name: str) -> Any:
    rows = [
        [
            in_code(one.version),
            one.created_at[:16].replace("T", " "),
            one.created_by,
            ", ".join(_model_told(m, id) for id in one.models.values()),
            one.release_notes,
        ]
        for one in m.service_versions(name)
    ]
    return table(["Version", "Made", "By", "Models", "Release notes"], rows, empty="No version was made yet.")


def _model_told(m: Material, full_id: str) -> str:
    """`late_arrival LightGBM - v2`; the id when the version is no longer kept, or lies in another project."""
    named = {v.full_id: f"{model} {v.name}" for model in m.project.models for v in m.versions(model)}
    return named.get(full_id, full_id)


def _bundles(m: Material) -> Page:
    rows = [
        [in_code(one.bundle), one.created_at, one.created_by, one.commit[:10], one.notes or ""]
        for one in m.bundles
    ]
    shown = table(["Bundle", "Made", "By", "Commit", "Release notes"], rows, empty="No bundle was made yet.")
    changes: list[Block] = []
    for newer, older in zip_longest(m.bundles, m.bundles[1:]):
        changes += [Heading(f"Bundle {newer.bundle}", 2), *_change(m, newer, older)]
    return Page(
        name="project-bundles", title="Project bundles", parent=NAME,
        blocks=(
            part("bundles", shown, on=("bundles:",)),
            ask("How are bundles named?", _NAMING),
            part("differences", Heading("What each brought", 1), *(changes or [_NONE]), on=("bundles:",)),
        ),
    )  # fmt: skip


_NONE = Paragraph("There is nothing to compare yet.")
_NAMING = "Short, telling, and good for the next one too. Best as a rule one can check."


def _change(m: Material, newer: BundleManifest, older: BundleManifest | None) -> list[Block]:
    """Objects, models, packages and saves between a bundle and the one before it."""
    if older is None:
        counted = ", ".join(
            f"{len(names)} {sort.replace('_', ' ')}{'s' if len(names) != 1 else ''}"
            for sort, names in newer.objects.items()
        )
        return [Paragraph(f"The first one that is here: {counted}.")]
    before, now = m.files_at(older.commit), m.files_at(newer.commit)
    files = sorted(f for f in {*before, *now} if before.get(f) != now.get(f) and not f.startswith("wiki/"))
    pairs = [
        ("Files that changed", ", ".join(files) or "none"),
        ("Models", ", ".join(_models(older, newer)) or "the same versions"),
        ("Code environment", _packages(older, newer) or "the same"),
        ("Saves", len(newer.commits)),
    ]
    saves = tuple(
        f"{c.time:%Y-%m-%d %H:%M} {c.author.split(' <')[0]}: {c.message}" for c in newer.commits[:LAST]
    )
    return [facts(pairs), *([Bullets(saves)] if saves else [])]


def _models(older: BundleManifest, newer: BundleManifest) -> list[str]:
    names = sorted({*older.models, *newer.models})
    told = []
    for name in names:
        then, now = older.models.get(name), newer.models.get(name)
        if (then.active if then else "") != (now.active if now else ""):
            told.append(
                f"{name} {(then.active if then else '') or 'none'} → {(now.active if now else '') or 'none'}"
            )
    return told


def _packages(older: BundleManifest, newer: BundleManifest) -> str:
    then = {p for e in older.environments for p in e.actual}
    now = {p for e in newer.environments for p in e.actual}
    gone, come = sorted(then - now), sorted(now - then)
    told = [f"without {', '.join(gone)}"] if gone else []
    return "; ".join([*told, *([f"with {', '.join(come)}"] if come else [])])


def _versions(m: Material) -> Page:
    """What git says. Its last saves are those at the moment of writing: the save of this article is the next."""
    saves = [one for one in m.node.projects.history(m.key, limit=60) if not _is_wiki(one.files)][:LAST]
    rows = [[one.id[:10], one.time, one.author.split(" <")[0], one.message.splitlines()[0]] for one in saves]
    last = rows[0] if rows else None
    told = facts(
        [
            ("Kept in", "git, one repository for the project; every save is a commit"),
            ("Last change when this was written", f"{last[0]}, by {last[2]}: {last[3]}" if last else None),
            ("At", last[1] if last else None),
        ]
    )
    return Page(
        name="project-version-control", title="Project version control", parent=NAME,
        blocks=(part("git", told, table(["Commit", "At", "By", "What"], rows, empty="Nothing was saved yet.")),),
    )  # fmt: skip


def _is_wiki(files: Sequence[str]) -> bool:
    return bool(files) and all(file.startswith("wiki/") for file in files)
