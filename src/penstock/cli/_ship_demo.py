"""Shipping a demo: its project to an automation node, its model to an API node, and what that one was asked back."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from penstock.cli import deployer, output
from penstock.cli._demo_asking import CONNECTIONS, ask
from penstock.cli._demo_nodes import API, PLACES, SECRET, Nodes
from penstock.cli._demo_telling import build, step
from penstock.core.errors import Failed, NotFound, NotReady
from penstock.core.evaluation import Evaluation
from penstock.core.metric import DATA_DRIFT, DATA_DRIFT_LOWER, DATA_DRIFT_UPPER, DRIFTED_COLUMNS
from penstock.sdk.client import Home, Project
from penstock.sdk.deployer import Sort

ROWS, PREDICTION_PSI = "evaluation:ROWS", "prediction_drift:PSI"
FIRST = "v"
"""Ids of the first bundle and the first version; the next ones are v1, v2 …"""
QUERIES = 3
"""Test queries that travel with every version."""
MONITOR = "data_drift_monitor"
PATIENCE = 180.0
"""Seconds that the journal may take to come back."""


def infrastructures(home: Home, nodes: Nodes) -> None:
    """Where bundles and services of the demo can go."""
    home.deployer.set_infrastructure(
        PLACES,
        {
            "type": "automation_node",
            "stage": "Production",
            "url": nodes.automation.url,
            "key": f"secret:{SECRET}",
        },
    )
    home.deployer.set_infrastructure(
        API, {"type": "local_process", "stage": "Production", "port": nodes.api_port}
    )


def forget(home: Home, key: str, service: str) -> None:
    """Take away what an earlier demo deployed and published of a project; its nodes are gone."""
    deployer = home.deployer
    for made in deployer.deployments():
        if made.published in (key, service):
            deployer.deployment(made.id).delete(ignore=True)
    both: tuple[tuple[Sort, str], ...] = (("project", key), ("service", service))
    for sort, name in both:
        if name in [one.name for one in deployer.published(sort)]:
            deployer.unpublish(name, sort=sort)


def out(home: Home, project: Project, story: Mapping[str, Any]) -> None:
    """A version of the service and a bundle of the project, each published and deployed for the first time."""
    service = story["service"]
    forget(home, project.key, service)
    with step(f"API service {service}: version {FIRST}, published, deployed on a penstock-node"):
        project.service(service).generate_queries(story["endpoint"], story["new"], rows=QUERIES)
        project.service(service).create_version(FIRST, release_notes="The first one")
        home.deployer.publish_service_version(project.key, service, FIRST)
        home.deployer.create_service_deployment(service, FIRST, API).update()
    with step(f"Bundle {FIRST}: made, signed, published, deployed on the automation node"):
        project.bundles.create(FIRST, notes="The first one")
        home.deployer.publish_bundle(project.key, FIRST)
        made = home.deployer.create_deployment(project.key, FIRST, PLACES)
        made.save({**made.settings.to_mapping(), "settings": {"scenarios": {MONITOR: True}}})
        made.update(ignore_warnings=True)


def month_live(home: Home, project: Project, story: Mapping[str, Any], nodes: Nodes) -> None:
    """A month is asked live; a scenario runs on the automation node; the drift of what was asked comes back."""
    answers = _ask(project, story, nodes)
    _there(project, story, nodes)
    _compared(project, _monitored(project, story, answers), story)


def standing(
    home: Home, project: Project, story: Mapping[str, Any], nodes: Nodes, rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What is active where, and what these rows are answered: a line of a table."""
    asked = ask(_address(story, nodes), [_told(row) for row in rows], connections=1)
    positive = sorted(asked.results[0]["probas"])[-1]
    there = {line.id: line for line in home.deployer.monitoring(refresh=True).lines}
    return {
        "bundle there": there[f"{project.key}-on-{PLACES}"].package,
        "version that answers": ", ".join(asked.generations),
        "probabilities of the same rows": "  ".join(f"{r['probas'][positive]:.3f}" for r in asked.results),
    }  # fmt: skip


def again(home: Path, nodes: Nodes) -> str:
    """How studio and nodes are started another day; the API node is started by the studio."""
    command = Path(sys.argv[0])
    return (
        f"  {command} --home {home} serve --port {nodes.studio.port}   later: the studio, and the API node with it\n"
        f"  {command} --home {home / 'nodes' / PLACES} serve --port {nodes.automation.port}   "
        "beside it: the automation node"
    )


def addresses(nodes: Nodes) -> None:
    """Where the nodes beside the studio answer, as long as it serves."""
    from penstock.app import open_node
    from penstock.runtime import sessions

    link = sessions.first_link(open_node(nodes.automation.home))
    output.console().print(
        f"\nThe automation node is at {nodes.automation.url}{link.path if link else ''}\n"
        f"The API node is at {nodes.api_url}/public/api/v1/",
        soft_wrap=True,
    )


def _ask(project: Project, story: Mapping[str, Any], nodes: Nodes) -> int:
    """The rows that were judged in batch, as queries; how many were answered. Raises Failed when one was not."""
    month = story["fails"]
    rows = _judged(project, story["drift"])
    asks = project.service(story["service"]).definition().endpoint(story["endpoint"])
    features = list(asks.test_queries[0].query["features"])
    url = _address(story, nodes)
    with step(
        f"{month} asked live: {rows.num_rows:,} of its rows, a query each, over {CONNECTIONS} connections"
    ):
        asked = ask(url, [_told(row) for row in rows.select(features).to_pylist()])
    if asked.failed:
        raise Failed(f"{asked.failed} of {asked.queries} queries were not answered.")
    positive = sorted(asked.results[0]["probas"])[-1]
    batch = rows[f"proba_{positive}"].to_pylist()
    apart = max(abs(r["probas"][positive] - b) for r, b in zip(asked.results, batch, strict=True))
    output.console().print(
        f"  {asked.queries:,} answers by version {', '.join(asked.generations)}, no failure, "
        f"{asked.queries / asked.seconds:,.0f} a second; p50 {asked.p50:.1f} ms, p95 {asked.p95:.1f} ms.\n"
        f"  {_equality(apart)}"
    )
    return asked.queries


def _equality(apart: float) -> str:
    """How far live and batch are from each other at most."""
    if apart == 0:
        return "Every probability is that of the same row in batch, to the last digit."
    return f"No probability is further than {apart:.1g} from that of the same row in batch."


def _address(story: Mapping[str, Any], nodes: Nodes) -> str:
    return f"{nodes.api_url}/public/api/v1/{story['service']}/{story['endpoint']}/predict"


def _judged(project: Project, store: str) -> Any:
    """The rows that the latest evaluation of a store compared, with their predictions."""
    import pyarrow.parquet as pq

    found = project.evaluation_store(store)
    return pq.read_table(found.sample(_latest(project, store).id))


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a caller sends it: what is not known is left out."""
    return {name: value for name, value in row.items() if value is not None}


def _there(project: Project, story: Mapping[str, Any], nodes: Nodes) -> None:
    """The month evaluated on the automation node, asked over HTTP, beside what was found here."""
    import penstock

    there = penstock.connect(nodes.automation.url, nodes.key).project(project.key)
    with step(f"Scenario {MONITOR} run there on {story['fails']}, asked over HTTP"):
        ran = there.scenario(MONITOR).run(fail_on="")
    here, found = (_latest(p, story["drift"]).metrics[DATA_DRIFT] for p in (project, there))
    same = "the same" if here == found else "not the same"
    output.console().print(
        f"  Outcome: {ran.outcome}. Data Drift there {found:.6f}, here {here:.6f}: {same}."
    )


def _monitored(project: Project, story: Mapping[str, Any], answers: int) -> str:
    """The journal is back, the wizard makes the monitoring zone, Evaluate runs over it; the name of its store."""
    with step("The journal of the API node comes back as a dataset; the wizard makes the monitoring zone"):
        made = project.service(story["service"]).monitor(story["endpoint"])
        _until_back(project, made.log, answers)
    build(project, f"Evaluate over {made.log}", made.store)
    return str(made.store)


def _until_back(project: Project, log: str, answers: int) -> None:
    """Wait until the journal holds every answer. Raises Failed."""
    deadline = time.monotonic() + PATIENCE
    while (there := _count(project, log)) < answers:
        if time.monotonic() > deadline:
            raise Failed(f"Of {answers:,} answers only {there:,} came back within {PATIENCE:.0f} s.")
        time.sleep(0.5)


def _count(project: Project, log: str) -> int:
    try:
        return project.dataset(log).count()
    except NotReady:  # nothing has come yet
        return 0


def _compared(project: Project, live: str, story: Mapping[str, Any]) -> None:
    """The month as production saw it, beside the month as its file says."""
    found = {"live": _latest(project, live), "batch": _latest(project, story["drift"])}
    output.console().print(
        f"\n[bold]{story['fails']}, live and in batch[/bold], beside what the version learned from"
    )
    output.table([_row(name, evaluation) for name, evaluation in found.items()])
    drifts = [evaluation.metrics[DATA_DRIFT] for evaluation in found.values()]
    same = (
        "The same rows give the same drift" if drifts[0] == drifts[1] else "The same rows give another drift"
    )
    output.console().print(f"{same}: {drifts[0]:.6f} live, {drifts[1]:.6f} in batch.")


def overview(home: Home) -> None:
    """What the deployer shows of everything that is out now, and why it knows no more."""
    output.console().print("\n[bold]What is out[/bold], as the deployer sees it")
    statuses = ("deployment", "model", "execution", "data")
    lines = home.deployer.monitoring(refresh=True).lines
    output.table(
        [
            {"deployed": line.id, "version": line.package, **{word: line.statuses[word] for word in statuses}}
            for line in lines
        ]
    )
    output.say(deployer.why_of(lines))


def _row(name: str, evaluation: Evaluation) -> Mapping[str, Any]:
    found = evaluation.metrics
    half = (found[DATA_DRIFT_UPPER] - found[DATA_DRIFT_LOWER]) / 2
    psi = {m.split(":")[1]: v for m, v in found.items() if m.startswith("univariate:") and m.endswith(":psi")}
    worst = sorted(psi, key=lambda column: -psi[column])[:3]
    return {
        "": name, "rows": int(found[ROWS]), "data drift": f"{found[DATA_DRIFT]:.3f} ±{half:.3f}",
        "moved": int(found[DRIFTED_COLUMNS]), "PSI of predictions": f"{found[PREDICTION_PSI]:.3f}",
        "largest PSI": ", ".join(f"{column} {psi[column]:.2f}" for column in worst),
    }  # fmt: skip


def _latest(project: Project, store: str) -> Evaluation:
    found: Evaluation | None = project.evaluation_store(store).latest()
    if found is None:
        raise NotFound("evaluation", "latest", where=store)
    return found
