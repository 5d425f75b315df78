"""The Flow over HTTP: its graph, and what an item is made from."""

from __future__ import annotations

from penstock.api.route import Answer, Upload, get, post
from penstock.core.access import Permission as P

FLOW = "/projects/{project}/flow"

ROUTES = (
    get("flow.show", FLOW, P.READ),
    get(
        "flow_documents.write", FLOW + "-document", P.READ, answer=Answer.FILE, formats=("docx", "pdf", "md")
    ),
    post("flow_documents.make", FLOW + "-documents", P.READ, status=201, upload=Upload.FILES),
    get("flow.upstream", FLOW + "/{item}/upstream", P.READ),
    get("placing.show", "/projects/{project}/recipes/{recipe}/engines", P.READ),
    get("relocating.choices", "/storage-connections", P.SIGNED_IN),
    get("flow.downstream", FLOW + "/{item}/downstream", P.READ),
)
