"""Column lineage over HTTP: where columns come from and go, what people know of it, words for columns without any."""

from __future__ import annotations

from penstock.api.route import get, post, put
from penstock.core.access import Permission as P

DATASET = "/projects/{project}/datasets/{dataset}"
COLUMN = DATASET + "/columns/{column}/lineage"
PROPOSED = "/projects/{project}/proposed-descriptions"

ROUTES = (
    get("lineage.of_column", COLUMN, P.READ),
    put("lineage.tell", COLUMN, P.WRITE),
    get("lineage.of_dataset", DATASET + "/lineage", P.READ),
    put("lineage.trust", DATASET + "/lineage", P.WRITE),
    get("lineage.proposals", PROPOSED, P.READ),
    post("lineage.accept", PROPOSED, P.WRITE),
)
