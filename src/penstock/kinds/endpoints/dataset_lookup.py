"""Dataset_lookup: values of a dataset by a key."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.errors import AnswerFailed, BadQuery, NotFound
from penstock.core.service import Answer, Endpoint, Lookup, Record

if TYPE_CHECKING:
    from penstock.core.package import EndpointContext
    from penstock.kinds.endpoints._finding import Finder


class DatasetLookup(Endpoint):
    """Finds a row of one or more datasets by a key: `{"data": {"customer_id": 7}}` gives its other columns.

    Example:
        type: dataset_lookup
        name: customers
        datasets:
          - dataset: customers
            keys: [{column: customer_id}]
            columns: [{column: age}, {column: fico, name: score}]
    """

    VERBS: ClassVar[tuple[str, ...]] = ("lookup", "lookup-multi")
    EVENT: ClassVar[str] = "dataset-lookup-query"
    MAIN: ClassVar[tuple[str, ...]] = ("name", "datasets")

    datasets: tuple[Lookup, ...] = Field(min_length=1, description="What is looked up, and by which key.")

    def lookups(self) -> Sequence[Lookup]:
        return self.datasets

    def open(self, ctx: EndpointContext) -> LookupAnswers:
        from penstock.kinds.endpoints import _finding

        return LookupAnswers([_finding.opened(lookup, ctx) for lookup in self.datasets])

    def operations(self, model: Mapping[str, Any] | None) -> dict[str, Any]:
        keys: dict[str, Any] = {key.source: {} for lookup in self.datasets for key in lookup.keys}
        asked = {"type": "object", "properties": {"data": {"type": "object", "properties": keys}}}
        item = {"type": "object", "properties": {"data": {"type": "object"}}}
        results = {"type": "object", "properties": {"results": {"type": "array", "items": item}}}
        many = {"type": "object", "properties": {"items": {"type": "array", "items": asked}}}
        return {
            "lookup": {"request": asked, "answer": results},
            "lookup-multi": {"request": many, "answer": results},
        }


class LookupAnswers:
    """An opened lookup endpoint."""

    def __init__(self, finders: Sequence[Finder]) -> None:
        self._finders = finders
        self.blocking = any(finder.lookup.mode == "referenced" for finder in finders)

    def answer(self, verb: str, query: Mapping[str, Any]) -> Answer:
        if verb not in DatasetLookup.VERBS:
            raise NotFound("verb", verb, among=DatasetLookup.VERBS)
        began = time.perf_counter_ns()
        many = verb == "lookup-multi"
        records = [self._one(item, alone=not many) for item in (_items(query) if many else [query])]
        body = {"results": [record.result for record in records]}
        return Answer(body, records, {"lookup": (time.perf_counter_ns() - began) // 1000})

    def close(self) -> None:
        for finder in self._finders:
            finder.close()

    def _one(self, item: Any, *, alone: bool) -> Record:
        data = item.get("data") if isinstance(item, Mapping) else None
        if not isinstance(data, Mapping):
            raise BadQuery("A lookup is asked with `data`: an object with its keys.")
        context = item.get("context")
        try:
            result = self._found(data)
        except AnswerFailed as failed:
            if alone:
                raise
            result = {"ignored": True, "ignoreReason": failed.message}
        return Record(data, result, context if isinstance(context, Mapping) else {})

    def _found(self, data: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for finder in self._finders:
            found = finder.find(data)
            if found.reason:
                return {"ignored": True, "ignoreReason": found.reason}
            values.update(found.values)
        return {"data": values}


def _items(query: Mapping[str, Any]) -> Sequence[Any]:
    items = query.get("items")
    if not isinstance(items, list):
        raise BadQuery("Several lookups are asked with `items`: a list of objects with `data`.")
    return items
