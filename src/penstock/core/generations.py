"""Which generation of a service answers a query: one, or several by chance, and shadows that answer unheard; pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Container, Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from penstock.core.errors import Invalid, NotFound
from penstock.core.kind import Definition

SUM_WITHIN = 1e-6


class GenerationShare(Definition):
    """A generation and the share of the queries that it answers."""

    generation: str = Field(
        min_length=1, description="Id of a version.", json_schema_extra={"widget": "generation"}
    )
    proba: float = Field(default=1.0, ge=0, le=1, description="Share of the queries, from 0 to 1.")


class GenerationMapping(Definition):
    """Which versions of a service answer. Shares add up to 1.

    Example:
        entries: [{generation: v2, proba: 0.7}, {generation: v3, proba: 0.3}]
        strategy: hash
    """

    entries: tuple[GenerationShare, ...] = Field(min_length=1, description="What answers, and how often.")
    strategy: Literal["random", "hash"] = Field(
        default="random", description="hash: the same dispatch key always gets the same version."
    )
    shadow: tuple[str, ...] = Field(
        default=(),
        description="Versions that answer every query too, into the journal only.",
        json_schema_extra={"widget": "generation"},
    )

    @model_validator(mode="after")
    def _adds_up(self) -> GenerationMapping:
        total = math.fsum(entry.proba for entry in self.entries)
        if abs(total - 1.0) > SUM_WITHIN:
            raise ValueError(f"The shares must add up to 1; they add up to {total:g}.")
        names = [entry.generation for entry in self.entries]
        twice = next((name for n, name in enumerate(names) if name in names[:n]), "")
        if twice:
            raise ValueError(f"Version '{twice}' stands here twice.")
        return self

    @property
    def generations(self) -> tuple[str, ...]:
        """Everything that must be loaded: what answers, then shadows."""
        answering = tuple(entry.generation for entry in self.entries)
        return (*answering, *(name for name in self.shadow if name not in answering))

    @property
    def told(self) -> str:
        """For people: `v2`, or `v2 (70 %) + v3 (30 %), shadow v4`."""
        several = len(self.entries) > 1
        answering = (
            f"{e.generation} ({e.proba * 100:g} %)" if several else e.generation for e in self.entries
        )
        return ", shadow ".join([" + ".join(answering), *self.shadow])

    def chosen(self, draw: float, *, key: str = "", forced: str = "", able: Container[str] = ()) -> str:
        """The generation that answers. `draw` is a random number in [0, 1); with a dispatch key and `hash` it is
        taken from the key. Where not all can answer, those that are `able` share the queries among them.
        Raises NotFound for a forced generation that is not mapped."""
        if forced:
            return self._forced(forced)
        if key and self.strategy == "hash":
            draw = share_of(key)
        entries = [entry for entry in self.entries if entry.proba > 0]
        sharing = [entry for entry in entries if entry.generation in able] or entries
        draw *= math.fsum(entry.proba for entry in sharing) if len(sharing) < len(entries) else 1.0
        passed = 0.0
        for entry in sharing:
            passed += entry.proba
            if draw < passed:
                return entry.generation
        return sharing[-1].generation

    def _forced(self, name: str) -> str:
        if name not in self.generations:
            raise NotFound("generation", name, among=self.generations)
        return name

    def to_json(self) -> dict[str, Any]:
        """As the admin API of a node speaks of it."""
        entries = [{"generation": e.generation, "proba": e.proba} for e in self.entries]
        words: dict[str, Any] = {"dispatchStrategy": self.strategy.upper(), "shadow": list(self.shadow)}
        if len(entries) == 1:
            return {"mode": "SINGLE_GENERATION", "generation": self.entries[0].generation, **words}
        return {"mode": "MULTIPLE_GENERATIONS", "entries": entries, **words}


def share_of(key: str) -> float:
    """A key as a number in [0, 1), always the same one."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big") / 2**56


def single(generation: str) -> GenerationMapping:
    """One generation answers everything."""
    return GenerationMapping(entries=(GenerationShare(generation=generation),))


def read_mapping(body: Mapping[str, Any]) -> GenerationMapping:
    """`{"mode": "SINGLE_GENERATION", "generation": "v2"}` or `{"entries": [{"generation", "proba"}…]}` with
    `dispatchStrategy` and `shadow`. Raises Invalid."""
    from penstock.core import registry

    entries = body.get("entries")
    if entries is None:
        if not isinstance(body.get("generation"), str):
            raise Invalid("A mapping needs `entries` or a `generation`.")
        entries = [{"generation": body["generation"], "proba": 1.0}]
    strategy = str(body.get("dispatchStrategy") or "random").lower()
    shadow = body.get("shadow") or ()
    fields = {"entries": entries, "strategy": strategy, "shadow": shadow}
    return registry.validate(GenerationMapping, fields)


def together(names: Iterable[str]) -> GenerationMapping:
    """Several generations in equal shares."""
    listed = list(names)
    share = 1.0 / len(listed)
    return GenerationMapping(entries=tuple(GenerationShare(generation=n, proba=share) for n in listed))
