"""An opened prediction endpoint: complete the record, ask the model, say why."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import Field

from penstock.core.errors import AnswerFailed, BadQuery, NotFound
from penstock.core.kind import Definition
from penstock.core.service import Answer, Record

if TYPE_CHECKING:
    from penstock.kinds.endpoints._finding import Finder
    from penstock.ml.live import Answer as Said
    from penstock.ml.live import LivePredictor

MOST_EXPLAINED, MOST_STEPS, LEAST_STEPS = 100, 1000, 25
VERBS = ("predict", "predict-simple", "predict-multi")


class Explanations(Definition):
    """Which features made a prediction what it is; a query may ask for others, or for none."""

    always: bool = Field(
        default=False, description="Explain every prediction, also when the query does not ask."
    )
    method: Literal["shapley", "ice"] = Field(default="shapley", description="How influence is estimated.")
    number: int = Field(default=3, ge=1, le=100, description="Most influential features.")
    steps: int = Field(
        default=100, ge=25, le=1000, description="Shapley: draws; four times more, twice as exact."
    )


class Answering(Protocol):
    """What an endpoint says of its answers."""

    @property
    def probabilities(self) -> bool: ...
    @property
    def percentile(self) -> bool: ...
    @property
    def explanations(self) -> Explanations: ...
    @property
    def return_enriched(self) -> bool: ...
    @property
    def log_enriched(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """How predictions are explained."""

    method: Literal["shapley", "ice"]
    number: int
    steps: int


@dataclass(slots=True)
class Completed:
    """A record on its way: what was asked, what the model is given, and why it is not."""

    asked: Mapping[str, Any]
    context: Mapping[str, Any]
    features: Mapping[str, Any]
    reason: str = ""


class Predictions:
    """A model that answers. Several threads may ask it."""

    def __init__(self, endpoint: Answering, model: LivePredictor, finders: Sequence[Finder]) -> None:
        self._endpoint, self._model, self._finders = endpoint, model, finders
        self._used = frozenset(model.predictor.features)
        self._only_keys = {field for finder in finders for field in finder.fields} - self._used
        self._plain = endpoint.probabilities and endpoint.percentile
        self.blocking = any(finder.lookup.mode == "referenced" for finder in finders)

    def answer(self, verb: str, query: Mapping[str, Any]) -> Answer:
        if verb == "predict":
            return self._single(self._completed(query, alone=True), self._wish(query))
        if verb == "predict-multi":
            return self._several(query)
        if verb == "predict-simple":
            return self._single(self._completed({"features": query}, alone=True), self._wish({}))
        raise NotFound("verb", verb, among=VERBS)

    def close(self) -> None:
        for finder in self._finders:
            finder.close()

    def _single(self, found: Completed, wish: Wish | None) -> Answer:
        began = time.perf_counter_ns()
        result = self._results([found], wish)[0]
        record = self._record(found, result)
        return Answer({"result": result}, (record,), {"prediction": (time.perf_counter_ns() - began) // 1000})

    def _several(self, query: Mapping[str, Any]) -> Answer:
        items = query.get("items")
        if not isinstance(items, list):
            raise BadQuery("Several predictions are asked with `items`: a list of objects with `features`.")
        wish = self._wish(query)
        began = time.perf_counter_ns()
        found = [self._completed(item, alone=False) for item in items]
        completed = time.perf_counter_ns()
        results = self._results(found, wish)
        timing = {
            "enrich": (completed - began) // 1000,
            "prediction": (time.perf_counter_ns() - completed) // 1000,
        }
        records = [self._record(one, result) for one, result in zip(found, results, strict=True)]
        return Answer({"results": results}, records, timing)

    def _completed(self, item: Any, *, alone: bool) -> Completed:
        """What the model is given. A record that says nothing fails a query of its own, and no other."""
        features = item.get("features") if isinstance(item, Mapping) else None
        if not isinstance(features, Mapping):
            if alone:
                raise BadQuery("A prediction is asked with `features`: an object with the values of columns.")
            return Completed({}, {}, {}, "The record has no `features`.")
        context = item.get("context")
        known: Mapping[str, Any] = context if isinstance(context, Mapping) else {}
        if not self._finders:
            return Completed(features, known, features)
        try:
            return self._enriched(features, known)
        except AnswerFailed as failed:
            if alone:
                raise
            return Completed(features, known, features, failed.message)

    def _enriched(self, features: Mapping[str, Any], context: Mapping[str, Any]) -> Completed:
        """With the columns of its lookups that the model uses; the others only serve as keys of later ones."""
        values: dict[str, Any] = {}
        for finder in self._finders:
            found = finder.find({**values, **features})
            if found.reason:
                return Completed(features, context, features, found.reason)
            values.update(found.values)
        added = {name: value for name, value in values.items() if name in self._used}
        own = {name: value for name, value in features.items() if name not in self._only_keys}
        return Completed(features, context, {**added, **own})

    def _results(self, found: Sequence[Completed], wish: Wish | None) -> list[dict[str, Any]]:
        asked = [one.features for one in found if not one.reason]
        said = iter(self._model.many(asked))
        why = iter(self._explained(asked, wish)) if wish else None
        results = []
        for one in found:
            if one.reason:
                results.append({"ignored": True, "ignoreReason": one.reason})
                continue
            results.append(self._told(next(said), next(why) if why else None, one))
        return results

    def _told(self, said: Said, why: dict[str, float] | None, one: Completed) -> dict[str, Any]:
        result = said.as_result()
        if not self._plain:
            hidden = [
                w
                for w, on in (
                    ("probas", self._endpoint.probabilities),
                    ("probaPercentile", self._endpoint.percentile),
                )
                if not on
            ]
            result = {name: value for name, value in result.items() if name not in hidden}
        if why is not None and not said.ignored:
            result["explanations"] = why
        if self._endpoint.return_enriched:
            result["features"] = dict(one.features)
        return result

    def _record(self, one: Completed, result: dict[str, Any]) -> Record:
        enriched = one.features if self._endpoint.log_enriched and self._finders else None
        return Record(one.asked, result, one.context, enriched)

    def _explained(self, records: Sequence[Mapping[str, Any]], wish: Wish) -> list[dict[str, float]]:
        import numpy as np

        from penstock.ml import explain

        if not records:
            return []
        model = self._model.predictor
        rows = [self._model.row(record)[0] for record in records]
        matrix = np.concatenate(rows)
        place = model.predict_matrix(matrix).place
        found = explain.individual(
            model, matrix, place, method=wish.method, most=wish.number, samples=wish.steps
        )
        return [dict(row) for row in found]

    def _wish(self, query: Mapping[str, Any]) -> Wish | None:
        """What the query says about explanations, over what the endpoint does by itself."""
        own, asked = self._endpoint.explanations, query.get("explanations")
        if asked is None:
            return Wish(own.method, own.number, own.steps) if own.always else None
        if not isinstance(asked, Mapping):
            raise BadQuery('`explanations` must be an object such as {"enabled": true}.')
        if not asked.get("enabled", own.always):
            return None
        method = str(asked.get("method", own.method)).lower()
        if method not in ("shapley", "ice"):
            raise BadQuery(f"'{asked['method']}' is no method of explanations: SHAPLEY or ICE.")
        number = _between(asked, "nExplanations", own.number, 1, MOST_EXPLAINED)
        steps = _between(asked, "nMonteCarloSteps", own.steps, LEAST_STEPS, MOST_STEPS)
        return Wish("ice" if method == "ice" else "shapley", number, steps)


def _between(asked: Mapping[str, Any], name: str, otherwise: int, least: int, most: int) -> int:
    value = asked.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadQuery(f"`{name}` must be a whole number from {least} to {most}.")
    return value
