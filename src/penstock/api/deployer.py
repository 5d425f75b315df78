"""The deployer over HTTP: infrastructures, what is published, deployments, updates, monitoring.

Whoever is signed in comes in; who may see, publish or deploy what is said by the infrastructures and published
objects themselves.
"""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post, put
from penstock.core.access import Permission as P

PLACES, PLACE = "/deployer/infrastructures", "/deployer/infrastructures/{name}"
PROJECTS, SERVICES = "/deployer/projects", "/deployer/services"
PUBLISHED = "/deployer/published/{sort}/{name}"
ALL, ONE = "/deployer/deployments", "/deployer/deployments/{deployment}"
UPDATE = "/deployer/updates/{update}"

ROUTES = (
    get("infrastructures.stages", "/deployer/stages", P.SIGNED_IN),
    get("infrastructures.listing", PLACES, P.SIGNED_IN),
    get("infrastructures.show", PLACE, P.SIGNED_IN),
    put("infrastructures.define", PLACE, P.SIGNED_IN, whole="definition"),
    delete("infrastructures.delete", PLACE, P.SIGNED_IN, answer=Answer.NOTHING),
    post("infrastructures.test", PLACE + "/test", P.SIGNED_IN),
    get("publishing.listing", "/deployer/published", P.SIGNED_IN),
    get("publishing.show", PUBLISHED, P.SIGNED_IN),
    put("publishing.change", PUBLISHED, P.SIGNED_IN, whole="definition"),
    delete("publishing.delete", PUBLISHED, P.SIGNED_IN, answer=Answer.NOTHING),
    delete("publishing.delete_package", PUBLISHED + "/{package}", P.SIGNED_IN, answer=Answer.NOTHING),
    post("publishing.receive", "/deployer/archives", P.SIGNED_IN, status=201, upload=Upload.FILES),
    post("publishing.bundle", "/projects/{project}/bundles/{bundle}/publication", P.WRITE, status=201),
    post(
        "publishing.service_version",
        "/projects/{project}/services/{service}/versions/{version}/publication",
        P.WRITE,
        status=201,
    ),
    get("deployments.listing", ALL, P.SIGNED_IN),
    post("deployments.create", ALL, P.SIGNED_IN, status=201),
    post("deployments.create_service", "/deployer/service-deployments", P.SIGNED_IN, status=201),
    get("deployments.show", ONE, P.SIGNED_IN),
    put("deployments.save", ONE + "/settings", P.SIGNED_IN, whole="definition"),
    post("deployments.choose", ONE + "/package", P.SIGNED_IN),
    delete("deployments.delete", ONE, P.SIGNED_IN, answer=Answer.NOTHING),
    get("deployments.history", ONE + "/history", P.SIGNED_IN),
    get("live_queries.listing", ONE + "/queries", P.SIGNED_IN),
    post("live_queries.run", ONE + "/queries/runs", P.SIGNED_IN),
    get("monitoring.status", ONE + "/status", P.SIGNED_IN),
    get("monitoring.course", ONE + "/course", P.SIGNED_IN),
    post("updates.start", ONE + "/updates", P.SIGNED_IN, status=202, repeats=True),
    get("updates.history", ONE + "/updates", P.SIGNED_IN),
    get("updates.last", ONE + "/updates/last", P.SIGNED_IN),
    post("updates.rollback", ONE + "/rollback", P.SIGNED_IN, status=202, repeats=True),
    get("updates.show", UPDATE, P.SIGNED_IN),
    get("updates.log", UPDATE + "/log", P.SIGNED_IN, answer=Answer.PIECES),
    post("updates.abort", UPDATE + "/abort", P.SIGNED_IN),
    get("monitoring.screen", "/deployer/monitoring", P.SIGNED_IN),
    post("monitoring.refresh", "/deployer/monitoring/refresh", P.SIGNED_IN),
    get("observing.deployed", "/projects/{project}/deployed", P.READ),
)
"""`publishing.receive` takes an archive; `deployments.*` what goes where; `updates.*` bring it there."""
