"""Gaps: where an engine says otherwise than this process does, and the page that lists them.

A gap stands on the kind it is about (`Kind.GAPS`), and a test of `tests/engines` proves that it is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from penstock.core import registry

TRIED = {"postgresql": "PostgreSQL", "spark": "Spark"}
"""The engines that every kind is tried on, beside the one of this process: word → name."""
FAMILIES = ("recipes", "processors", "functions", "probes")
"""The families that compute with tables."""


def tried(family: str) -> list[str]:
    """The kinds of a family that compute with tables, and are tried on every engine; those of plugins are not ours."""
    own = {n: registry.kind(family, n) for n in registry.names(family) if "." not in n}
    verb = {"recipes": "transform", "probes": "expressions"}.get(family, "")
    default = getattr(registry.base(family), verb, None)
    return [n for n, kind in own.items() if getattr(kind, verb, default) is not default or not verb]


def gaps() -> Iterator[tuple[str, str, str, str]]:
    """Family, kind, engine, and what is different there."""
    for family in FAMILIES:
        for name in tried(family):
            for engine, text in registry.kind(family, name).GAPS.items():
                yield family, name, engine, text


def page() -> str:
    """The reference page of engines: what is tried on which, every gap, and what differs by nature."""
    parts = ["# Engines", _INTRODUCTION, _table(), "## Gaps", _listed(), _BY_NATURE]
    return "\n\n".join(parts) + "\n"


def _table() -> str:
    rows = []
    for family in FAMILIES:
        cells = [_cell(family, engine) for engine in TRIED]
        rows.append(f"| [{family}]({family}.md) | {len(tried(family))} | yes | {' | '.join(cells)} |")
    head = f"| | kinds | this process (DuckDB) | {' | '.join(TRIED.values())} |"
    return "\n".join([head, "|---|---|---|" + "---|" * len(TRIED), *rows])


def _cell(family: str, engine: str) -> str:
    own = [name for f, name, e, _ in gaps() if (f, e) == (family, engine)]
    return f"yes, but {', '.join(own)}" if own else "yes"


def _listed() -> str:
    rows = [f"| {TRIED.get(e, e)} | {f} | `{n}` | {text} |" for f, n, e, text in gaps()]
    if not rows:
        return "None: every case gives the same rows on each of them."
    return "\n".join(["| engine | family | kind | what is different |", "|---|---|---|---|", *rows])


_INTRODUCTION = """A recipe is computed in this process, inside the database where all its datasets live, or on Spark;
its page says where and why. Every table recipe, step of Prepare, function of formulas and probe is tried on each of
these engines with nulls, empty texts, unicode, time zones, huge integers and NaN, and must give the rows it gives here.
Of the recipes, those that train, score and evaluate compute by other means, and Python runs beside this process."""

_BY_NATURE = """## What differs by nature

- **Order of rows.** A table of a database has none. What depends on it – the first rows, `first` and `last` of a group
  without an order, a sample by chance – follows the order in which the database happens to give them. Sort, or say an
  order.
- **Order of texts.** This process compares texts letter by letter, by their code. A database compares by its collation,
  so `sort`, `MIN` and `MAX` of texts may say otherwise there, unless it was made with the collation `C`.
- **Empty texts.** Only null is empty to SQL. Penstock says explicitly where an empty text counts as empty (probes,
  `isEmpty`, Fill empty …), so it does on every engine; a SQL recipe or SQL probe follows its database.
- **Numbers with decimals.** `numeric` of a database becomes a double when it is read, and a whole one of up to 18
  digits a bigint.
- **What cannot come here.** Days before the year 1 or after 9999 and `infinity` of PostgreSQL, and `0000-00-00` of
  MariaDB, are null when their rows are read, though what is computed in the database still sees them. An array of
  several dimensions comes as one list. Any other cell that nothing here can hold fails with the name of its column.
- **Very large doubles.** PostgreSQL refuses the mean or deviation of numbers beyond 1e154, where this process goes on;
  such a metric is left out with that reason.
- **Spark.** Files are read in order and a sorted result is written in order; joins, groups, distinct rows and samples
  by chance come in any order. Sums and means of doubles may differ in their last digits, for parts are added up first;
  and a few doubles beyond 1e16 have one digit more as texts (Java before 19 does not write the shortest).
- **MariaDB, MySQL, SQLite and others.** Their tables are read, written and looked at where they are: explore,
  statistics, the probes without lists. Visual recipes run inside them only when `engine: database` says so, for not
  every step and function is known to their SQL; what is not fails with its name, and the old table stays. They keep no
  NaN (it becomes null), MariaDB and MySQL compare texts by their collation, and their instants lie between 1970 and
  2038: others are refused when they are written."""
