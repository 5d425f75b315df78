"""`config.*`, `deployment.*`, `monitoring.*`: who asked when, where the version is used, and who watches it."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from penstock.core import document, metric
from penstock.core.bounds import Bound
from penstock.core.document import Column, Picture, Span, Table, facts, table
from penstock.core.tile import Axis, Plot
from penstock.runtime import checks, status
from penstock.runtime.model_document.wording import listed, yes
from penstock.runtime.subject import key_of

if TYPE_CHECKING:
    from penstock.core.evaluation import Evaluation
    from penstock.core.model import ModelVersion
    from penstock.core.placeholders import Say
    from penstock.core.scenario import Scenario
    from penstock.core.service import Endpoint
    from penstock.runtime.model_document.subject import Subject
    from penstock.runtime.performance import Scored

LAST = 20
"""Evaluations that are looked at of each store."""


def names(s: Subject) -> dict[str, Say]:
    """Everything around the version."""
    return {
        "config.author.name": lambda: _author(s),
        "config.author.email": lambda: _mail(s),
        "config.environment.name": lambda: f"Python {s.detail.get('python') or platform.python_version()}",
        "config.dss.version": lambda: "Penstock " + version("penstock"),
        "config.penstock.version": lambda: "Penstock " + version("penstock"),
        "config.is_saved_model.value": lambda: "Yes",
        "config.generation_date.name": lambda: f"{s.node.clock.now():%Y-%m-%d %H:%M} UTC",
        "config.project.link": lambda: f"{s.project.settings.title or s.project.key} ({s.project.key})",
        "config.project.name": lambda: s.project.settings.title or s.project.key,
        "config.output_file.name": lambda: s.file,
        "model.name": lambda: s.title,
        "model.description": lambda: s.model.short_description,
        "version.name": lambda: s.version.name,
        "version.id": lambda: s.version.full_id,
        "version.fingerprint": lambda: s.version.fingerprint,
        "version.status": lambda: yes(s.report.is_active),
        "deployment.implementation.table": lambda: implementation(s),
        "deployment.version_control.table": lambda: version_control(s),
        "deployment.packages.table": lambda: packages(s),
        "deployment.bundles.table": lambda: bundles(s),
        "deployment.bundles.status": lambda: yes(bundles(s)),
        "deployment.endpoints.table": lambda: endpoints(s),
        "deployment.endpoints.status": lambda: yes(endpoints(s)),
        "deployment.deployments.table": lambda: deployments(s),
        "deployment.deployments.status": lambda: yes(deployments(s)),
        "monitoring.stores.table": lambda: stores(s),
        "monitoring.status": lambda: yes(stores(s)),
        "monitoring.checks.table": lambda: demands(s),
        "monitoring.last_evaluation.table": lambda: last_evaluation(s),
        "monitoring.history.plot": lambda: history(s),
        "monitoring.schedule.text": lambda: schedule(s),
    }


def _author(s: Subject) -> str:
    found = s.node.users.find(s.by) if s.by else None
    return found.shown if found else s.by or s.version.created_by or "Penstock"


def _mail(s: Subject) -> str:
    found = s.node.users.find(s.by) if s.by else None
    return found.email if found else ""


def implementation(s: Subject) -> Table:
    v = s.version
    return facts([
        ("Version", f"{v.name} ({v.full_id})"), ("Active", s.report.is_active), ("Origin", v.origin),
        ("Scores with", v.scoring), ("Backend", "Penstock, in memory"), ("Code environment", _python(s)),
        ("Trained by", v.created_by), ("Trained", f"{v.created_at:%Y-%m-%d %H:%M} UTC"), ("Job", v.job),
        ("Files (sha256)", v.fingerprint), ("Penstock", version("penstock")), ("This file", s.file),
    ], caption="Implementation details")  # fmt: skip


def _python(s: Subject) -> str:
    python, packages = s.detail.get("python"), s.detail.get("packages") or {}
    return f"Python {python}, {len(packages)} packages (see the annex)" if python else ""


LEARNING = (
    "scikit-learn",
    "lightgbm",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "onnxruntime",
    "duckdb",
    "penstock",
)


def packages(s: Subject) -> Table | None:
    found = s.detail.get("packages") or {}
    if not found:
        return None
    first = [n for n in LEARNING if n in found]
    rows = [(n, found[n]) for n in [*first, *(n for n in found if n not in first)]]
    third = -(-len(rows) // 3)
    parts = [rows[n * third : (n + 1) * third] for n in range(3)]
    cells = tuple(
        tuple(cell for part in parts for cell in (part[n] if n < len(part) else ("", "")))
        for n in range(third)
    )  # fmt: skip
    columns = tuple(
        Column(title, width=0.18 if title == "Package" else 0.153) for title in ("Package", "Version") * 3
    )
    return Table(columns=columns, rows=cells, caption="Packages of the training")


def version_control(s: Subject) -> Table:
    from penstock.core.project import file_of

    saves = s.node.projects.history(s.project.key, file_of("model", s.name), limit=1)
    head = s.node.projects.history(s.project.key, limit=1)
    changed = f"{saves[0].time:%Y-%m-%d %H:%M} UTC by {_who(saves[0].author)}" if saves else None
    commit = f"{head[0].id[:12]}: {head[0].message[:80]}" if head else None
    versions = s.node.models.versions(s.project.key, s.name)
    return facts([
        ("Project", s.project.key), ("Last commit of the project", commit),
        ("Definition of the model last changed", changed), ("Versions kept", len(versions)),
    ], caption="Version control")  # fmt: skip


def _who(author: str) -> str:
    """The name, without a mail address."""
    return author.partition(" <")[0]


def bundles(s: Subject) -> Table | None:
    ids = s.node.bundles.listed(s.project.key, "made")
    rows = [
        ((Span(id, code=True),), s.node.bundles.path(s.project.key, "made", id).stat().st_size // 1024)
        for id in ids
    ]
    return table(["Bundle", "KB"], rows, caption="Bundles made of the project") if rows else None


def endpoints(s: Subject) -> Table | None:
    """Endpoints that answer with this model, and where they are asked."""
    rows = [
        (f"{service} / {e.name}", e.kind_name(), _address(service, e),
         ", ".join(f"version {x.version}" for x in s.node.packages.versions(s.project.key, service)[:3]) or "none yet")
        for service, made in s.project.services.items()
        for e in made.endpoints if getattr(e, "model", "") == s.name
    ]  # fmt: skip
    titles = ["Service / endpoint", "Type", "Address on the node", "Versions"]
    return table(titles, rows, caption="Endpoints that answer with this model") if rows else None


def _address(service: str, endpoint: Endpoint) -> str:
    verb = endpoint.VERBS[0] if endpoint.VERBS else ""
    return f"POST /public/api/v1/{service}/{endpoint.name}/{verb}"


def deployments(s: Subject) -> Table | None:
    rows = list(_deployed(s))
    titles = ["Deployment", "Infrastructure", "Package", "Enabled"]
    return table(titles, rows, caption="Deployments of the project and its services") if rows else None


def _deployed(s: Subject) -> Iterator[tuple[str, str, str, bool]]:
    deployer = s.node.deployer
    for name in deployer.names("deployment"):
        found = deployer.get("deployment", name)
        if found.published == s.project.key:
            yield name, found.infrastructure, f"bundle {found.package}", found.enabled
    for name in deployer.names("service_deployment"):
        found = deployer.get("service_deployment", name)
        if found.published in s.project.services:
            yield name, found.infrastructure, f"version {found.package}", found.enabled


def stores(s: Subject) -> Table | None:
    rows = []
    for store in status.fed_stores(s.project, s.name):
        last = s.node.evaluations.latest(s.project.key, store)
        judged = status.of_item(s.node, s.project.key, store).verdict
        rows.append((
            store, s.node.evaluations.count(s.project.key, store), last.created_at if last else None,
            _named(s, last.version) if last else None,
            str(judged) if judged else "not checked yet",
        ))  # fmt: skip
    titles = ["Evaluation store", "Evaluations", "Last", "Of version", "Checks"]
    return table(titles, rows, caption="Where the model is watched") if rows else None


def _versions(s: Subject) -> dict[str, ModelVersion]:
    return {v.id: v for v in s.node.models.versions(s.project.key, s.name)}


def _named(s: Subject, version: str) -> str:
    """The name of a version; its id when it is no longer kept."""
    found = _versions(s).get(version)
    return found.name if found else version


def demands(s: Subject) -> Table | None:
    """Every check of the stores that watch the model, with what it said last."""
    rows = []
    for store in status.fed_stores(s.project, s.name):
        last = s.node.metrics.last_results(key_of(s.project, store))
        for demand in checks.demands(s.project, store):
            found = last.get(demand.key)
            rows.append((
                checks.name_of(demand), store, _limits(demand), str(found.verdict) if found else "–",
                found.observed or found.message if found else "not judged yet",
            ))  # fmt: skip
    titles = ["Check", "Store", "Demand", "Verdict", "Observed"]
    return table(titles, rows, caption="Checks that watch the model") if rows else None


_SIGNS = (
    ("minimum", "≥", "ERROR"), ("soft_minimum", "≥", "WARNING"), ("soft_maximum", "≤", "WARNING"),
    ("maximum", "≤", "ERROR"),
)  # fmt: skip


def _limits(demand: object) -> str:
    found = [
        f"{sign} {document.number(bound.value)} else {verdict}"
        for field, sign, verdict in _SIGNS
        if isinstance(bound := getattr(demand, field, None), Bound) and bound.enabled
    ]
    of = getattr(demand, "metric", "")
    named = metric.label(of) if of else ""
    return f"{named} {', '.join(found)}".strip()


def _evaluations(s: Subject) -> list[Evaluation]:
    """The last evaluations of this model, oldest first."""
    found = [
        e
        for store in status.fed_stores(s.project, s.name)
        for e in s.node.evaluations.list(s.project.key, store, limit=LAST, newest_first=True)
        if e.model in (s.name, "")
    ]
    return sorted(found, key=lambda e: e.created_at)


def last_evaluation(s: Subject) -> Table | None:
    """The last evaluation that knew the truth beside what the test set of the version it measured had promised: of this
    version, or, while nothing knows the truth about it, of the one before, which is said."""
    measured = [e for e in _evaluations(s) if any(i.startswith("performance:") for i in e.metrics)]
    if not measured:
        return None
    own = [e for e in measured if e.version == s.version.id]
    last = (own or measured)[-1]
    kept = _versions(s).get(last.version)
    rows: list[tuple[str, float | None, float | None]] = [
        (
            score.label,
            _promised(s, kept, score) if last not in own else score.value,
            last.metrics.get(score.id),
        )
        for score in s.scores
        if score.value is not None and score.id in last.metrics
    ]
    drift = last.metrics.get(metric.DATA_DRIFT)
    rows += [(metric.label(metric.DATA_DRIFT), None, drift)] if drift is not None else []
    when = f"found in {last.name} ({last.dataset}, {last.created_at:%Y-%m-%d})"
    of = _named(s, last.version)
    caption = (
        f"Expected on the test set, and {when}"
        if own
        else f"No evaluation knows the truth about this version yet; of {of}: expected on its test set, and {when}"
    )
    return table(["Metric", "Test set", "Last evaluation"], rows, caption=caption) if rows else None


def _promised(s: Subject, version: ModelVersion | None, score: Scored) -> float | None:
    """What another version had on its own test set."""
    return version.metrics.get(score.id.removeprefix("performance:")) if version else None


def history(s: Subject) -> Picture | None:
    """Data drift and the main metric over the last evaluations, a line for each version they are of."""
    wanted = {metric.DATA_DRIFT: metric.label(metric.DATA_DRIFT)}
    if s.main:
        wanted[s.main.id] = s.main.label
    told = _evaluations(s)
    several = len({e.version for e in told}) > 1
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for e in told:
        of = f", {_named(s, e.version)}" if several else ""
        for id, label in wanted.items():
            if id in e.metrics:
                found[e.name, label + of] = {"n": e.name, "value": e.metrics[id], "of": label + of}
    rows = tuple(found.values())
    if len({row["n"] for row in rows}) < 2:
        return None
    plot = Plot(
        mark="line", rows=rows, x=Axis(field="n", title="", order=tuple(dict.fromkeys(str(r["n"]) for r in rows))),
        y=Axis(field="value", title="", sort="number"), color=Axis(field="of", title=""),
        words="Metrics of the last evaluations",
    )  # fmt: skip
    return Picture(drawn=plot, caption="The last evaluations", name=f"{s.name}-evaluations")


def schedule(s: Subject) -> str | None:
    """Which scenarios build or check the stores that watch the model, when they start, and where they are on."""
    fed = set(status.fed_stores(s.project, s.name))
    said = []
    for name, scenario in s.project.scenarios.items():
        text = scenario.model_dump_json()
        if any(f'"{store}"' in text for store in (*fed, s.name)):
            said.append(f"Scenario {scenario.title or name} {_starts(scenario)}.{_switched_on(s, name)}")
    return " ".join(said) or None


def _starts(scenario: Scenario) -> str:
    on = [t.words for t in scenario.triggers if t.active] if scenario.active else []
    off = [t.words for t in scenario.triggers]
    if on:
        return f"starts by itself: {listed(on)}"
    return f"has a trigger that is off here: {listed(off)}" if off else "is started by hand"


def _switched_on(s: Subject, name: str) -> str:
    """The deployments that switch the triggers of a scenario on."""
    found = []
    for id in s.node.deployer.names("deployment"):
        one = s.node.deployer.get("deployment", id)
        is_on = one.enabled and not one.settings.triggers_off and one.settings.scenarios.get(name)
        if one.published == s.project.key and is_on:
            found.append(id)
    return f" It is on in deployment {listed(found)}." if found else ""
