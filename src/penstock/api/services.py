"""API services over HTTP: their definitions, keys, test queries and versions; the journals that API nodes send."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, delete, get, post, put
from penstock.core.access import Permission as P

ALL = "/projects/{project}/services"
ONE = ALL + "/{service}"
ENDPOINT = ONE + "/endpoints/{endpoint}"
VERSIONS = ONE + "/versions"
VERSION = VERSIONS + "/{version}"

ROUTES = (
    get("services.listing", ALL, P.READ),
    post("services.create", ALL, P.WRITE, status=201),
    get("services.show", ONE, P.READ),
    put("services.save", ONE, P.WRITE, whole="definition"),
    delete("services.delete", ONE, P.WRITE, answer=Answer.NOTHING),
    post("services.save_endpoint", ONE + "/endpoints", P.WRITE, whole="endpoint"),
    delete("services.delete_endpoint", ENDPOINT, P.WRITE, answer=Answer.NOTHING),
    post("services.create_key", ONE + "/keys", P.WRITE, status=201),
    delete("services.revoke_key", ONE + "/keys/{key}", P.WRITE, answer=Answer.NOTHING),
    put("services.set_access", ONE + "/access", P.WRITE, answer=Answer.NOTHING),
    get("services.document", ONE + "/openapi", P.READ),
    get("services.samples", ENDPOINT + "/samples", P.READ),
    put("service_queries.keep", ENDPOINT + "/test-queries", P.WRITE, whole="queries", answer=Answer.NOTHING),
    post("service_queries.generate", ENDPOINT + "/test-queries", P.WRITE, status=201),
    post("service_queries.run", ONE + "/test-queries/runs", P.WRITE),
    post("service_queries.ask", ENDPOINT + "/answers", P.WRITE),
    get("services.versions", VERSIONS, P.READ),
    post("services.create_version", VERSIONS, P.WRITE, status=201),
    get("services.version", VERSION, P.READ),
    get("services.archive", VERSION + "/archive", P.EXPORT, answer=Answer.FILE, formats=("zip",)),
    delete("services.delete_version", VERSION, P.WRITE, answer=Answer.NOTHING),
    post("service_monitoring.create", ENDPOINT + "/monitoring", P.WRITE, status=201),
    post("api_journal.take", "/journal", P.MANAGE_DEPLOYMENTS, upload=Upload.ROWS),
)
