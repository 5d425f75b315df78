"""Prediction: a saved model that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.names import InputModel
from penstock.core.package import JSON_TYPES
from penstock.core.service import Endpoint, Lookup
from penstock.kinds.endpoints._predicting import Explanations, Predictions

if TYPE_CHECKING:
    from penstock.core.package import EndpointContext


class Prediction(Endpoint):
    """Answers with the predictions of a saved model: classes with probabilities, or numbers.

    A version of the service keeps the version of the model that is active when it is made. Enrichment completes a query
    before it is predicted: what the query itself says wins over what is looked up.

    Example:
        type: prediction
        name: predict_fraud
        model: authorized
        enrichment:
          - dataset: cards
            keys: [{column: card_id}]
            columns: [{column: fico_score}]
    """

    VERBS: ClassVar[tuple[str, ...]] = ("predict", "predict-multi")
    GET_VERBS: ClassVar[tuple[str, ...]] = ("predict-simple",)
    EVENT: ClassVar[str] = "prediction-query"
    MODEL: ClassVar[bool] = True
    MAIN: ClassVar[tuple[str, ...]] = ("name", "model", "enrichment")

    model: InputModel = Field(
        description="The saved model; its active version is frozen into each version of the service."
    )
    enrichment: tuple[Lookup, ...] = Field(
        default=(), description="Features that are looked up by a key of the query."
    )
    probabilities: bool = Field(
        default=True, description="Classification: answer with the probability of each class."
    )
    percentile: bool = Field(
        default=True,
        description="Binary: say where the probability stands among those of the test rows, in percent.",
    )
    explanations: Explanations = Field(default=Explanations(), description="Influence of features.")
    return_enriched: bool = Field(default=False, description="Answer with the completed features too.")
    log_enriched: bool = Field(default=False, description="Keep the completed features in the journal too.")

    def lookups(self) -> Sequence[Lookup]:
        return self.enrichment

    def open(self, ctx: EndpointContext) -> Predictions:
        from penstock.kinds.endpoints import _finding
        from penstock.ml import live

        finders = [_finding.opened(lookup, ctx) for lookup in self.enrichment]
        return Predictions(self, live.open(ctx.model_files()), finders)

    def operations(self, model: Mapping[str, Any] | None) -> dict[str, Any]:
        features = _features(model or {})
        record = {
            "type": "object",
            "properties": {"features": features, "context": {"type": "object"}},
            "required": ["features"],
        }
        result = _result(model or {}, self)
        many = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": record}},
            "required": ["items"],
        }
        results = {"type": "object", "properties": {"results": {"type": "array", "items": result}}}
        one = {"type": "object", "properties": {"result": result}}
        return {
            "predict": {"request": record, "answer": one},
            "predict-simple": {"request": features, "answer": one},
            "predict-multi": {"request": many, "answer": results},
        }


def _features(model: Mapping[str, Any]) -> dict[str, Any]:
    listed = model.get("features") or ()
    return {"type": "object", "properties": {f["name"]: {"type": JSON_TYPES[f["type"]]} for f in listed}}


def _result(model: Mapping[str, Any], endpoint: Prediction) -> dict[str, Any]:
    classes = model.get("classes") or ()
    found: dict[str, Any] = {
        "prediction": {"type": "string" if classes else "number"},
        "ignored": {"type": "boolean"},
    }
    if classes and endpoint.probabilities:
        found["probas"] = {"type": "object", "properties": {name: {"type": "number"} for name in classes}}
    if len(classes) == 2 and endpoint.percentile:
        found["probaPercentile"] = {"type": "integer"}
    return {"type": "object", "properties": found}
