"""Naming: what the tables of managed datasets are called in a database, so that no two projects share one. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, model_validator

from penstock.core.errors import Invalid
from penstock.core.kind import Definition
from penstock.core.variables import expand_text, names_in

LONGEST = 63
"""Characters of a table's name that every database keeps."""
PROJECT_KEY = "projectKey"
DATASET = "dataset"


class NamingRules(Definition):
    """What the tables of managed datasets are called where a dataset does not say it itself."""

    db_schema: str = Field(
        default="",
        alias="schema",
        description="Schema of new tables, such as `${projectKey}`; that of the connection when empty.",
    )
    table: str = Field(
        default="${projectKey}_${dataset}",
        description="Name of new tables. `${projectKey}` must be in it, or in the schema; `${dataset}` must be in it.",
    )

    model_config = {"populate_by_name": True}

    @model_validator(mode="after")
    def _projects_stay_apart(self) -> NamingRules:
        if DATASET not in names_in(self.table):
            raise ValueError("table must contain ${dataset}: two datasets would be written to one table.")
        if PROJECT_KEY not in {*names_in(self.table), *names_in(self.db_schema)}:
            raise ValueError(
                "table or schema must contain ${projectKey}: two projects would write to one table, "
                "and the copy of a project would overwrite the tables of the first."
            )
        return self


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table of a database; without a schema it lies in the database's own."""

    table: str
    schema: str = ""

    def __str__(self) -> str:
        """`analytics.flights`"""
        return f"{self.schema}.{self.table}" if self.schema else self.table


def table_of(
    rules: NamingRules, dataset: str, *, values: Mapping[str, Any], schema: str = "", table: str = ""
) -> TableName:
    """The table of a managed dataset: what its definition says (`schema`, `table`), else by the rules.

    `values` are the variables of the project. Raises Invalid for a name that a database would cut.
    """
    known = {**values, DATASET: dataset}
    where = f"the table name of dataset {dataset}"
    name = expand_text(table or rules.table, known, where=where)
    chosen = expand_text(schema or rules.db_schema, known, where=where)
    return TableName(
        table=_short(name, by_hand=bool(table), dataset=dataset), schema=_checked(chosen, dataset)
    )


def _short(name: str, *, by_hand: bool, dataset: str) -> str:
    """The name itself; a longer one from the rules ends in a mark of its own, so that no two become one."""
    if len(name.encode()) <= LONGEST or by_hand:
        return _checked(name, dataset, needed=True)
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    kept = name.encode()[: LONGEST - 9].decode(errors="ignore")
    return _checked(f"{kept}_{mark}", dataset, needed=True)


def _checked(name: str, dataset: str, *, needed: bool = False) -> str:
    if (needed and not name) or (name and not re.fullmatch(r"[^\"'`;%\\\x00-\x1f]{1,200}", name)):
        raise Invalid(f"'{name}' is no name for the table of dataset {dataset} or for its schema.")
    if len(name.encode()) > LONGEST:
        raise Invalid(
            f"'{name}' is too long a name for the table of dataset {dataset}: databases keep {LONGEST} bytes.",
            hint="Give it a shorter one.",
        )
    return name
