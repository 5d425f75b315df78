"""Steps of Prepare as sentences: what each does to which columns, in the words of people."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from penstock.core import registry
from penstock.runtime.documenting import plain

SENTENCES: Mapping[str, tuple[str, ...]] = {
    "bin": ("Puts {column} into ranges that meet at {boundaries}", "Puts {column} into ranges of width {width}",
            "Puts {column} into {quantiles} ranges of as many rows each"),
    "cast": ("Turns {columns} into {to}",),
    "clip": ("Keeps {columns} between {lower} and {upper}", "Keeps {columns} at {lower} or above",
             "Keeps {columns} at {upper} or below"),
    "concatenate": ("Joins {columns} with “{separator}” between them", "Joins {columns}"),
    "copy_column": ("Copies {column}",),
    "date_difference": ("Counts the {unit} from {column} to {to_column}", "Counts the {unit} from {column}"),
    "delete_columns": ("Removes {columns}",),
    "extract_date_parts": ("Takes {parts} out of {column}",),
    "extract_numbers": ("Takes the number out of {column}",),
    "extract_regex": ("Takes what fits “{pattern}” out of {column}",),
    "fill_empty": ("Fills empty cells of {columns} with the {method}", "Fills empty cells of {columns} with {value}"),
    "filter_rows": ("Keeps the rows where {where}",),
    "find_replace": ("Replaces in {columns}: {replacements}",),
    "flag_rows": ("Marks the rows where {where}",),
    "fold": ("Makes rows of {columns}: their names into {name}, their cells into {value}",),
    "format_date": ("Writes the dates of {column} as {format}",),
    "formula": ("{column} = {formula}",),
    "group": ("{title}: {steps}", "Together: {steps}"),
    "if_then_else": ("{column} is {cases}, otherwise {otherwise}", "{column} is {cases}"),
    "impute": ("Fills empty cells of {columns}",),
    "keep_columns": ("Keeps only {columns}",),
    "move_column": ("Moves {columns} {to} {column}", "Moves {columns} to the {to}", "Moves {columns} to the start"),
    "parse_date": ("Reads the dates of {columns}, written as {formats}", "Reads the dates of {columns}"),
    "remove_empty": ("Removes the rows where {columns} are empty",),
    "rename": ("Renames {columns}",),
    "round": ("Rounds {columns}, digits after the point: {decimals}", "Rounds {columns} to whole numbers"),
    "split_column": ("Cuts {column} at “{separator}”",),
    "string_transform": ("Changes the letters of {columns}: {do}",),
    "switch_case": ("Translates {column}: {cases}, all else {otherwise}", "Translates {column}: {cases}"),
    "unfold": ("Makes a column of each value of {column}",),
}  # fmt: skip
"""Processor → its sentences; the first one whose settings are all there is said. What it leaves out follows in
brackets."""
SILENT = frozenset({"type", "disabled", "comment"})
FILTER = frozenset({"rules", "match", "formula"})


def said(step: Mapping[str, Any]) -> str:
    """A step as a sentence; of a processor without one, its label and its settings."""
    kind = str(step.get("type", ""))
    values = {k: v for k, v in step.items() if k not in SILENT and v not in (None, "", [])}
    words = {name: _words(kind, name, value) for name, value in values.items()}
    used: frozenset[str] = frozenset()
    if kind in ("filter_rows", "flag_rows"):
        words["where"], used = _where(values), FILTER
    for sentence in SENTENCES.get(kind, ()):
        asked = {field for _, field, _, _ in Formatter().parse(sentence) if field}
        if asked <= words.keys():
            told = _turned(sentence, values).format_map(words)
            return told + _rest(words, values, asked | used | {"where", "action"})
    return _label(kind) + _rest(words, values, frozenset())


def _turned(sentence: str, values: Mapping[str, Any]) -> str:
    """Filters say what becomes of the rows."""
    action = {"remove": "Removes", "clear": "Empties cells of"}.get(values.get("action", ""), "")
    return sentence.replace("Keeps", action, 1) if action else sentence


def _rest(words: Mapping[str, str], values: Mapping[str, Any], told: frozenset[str] | set[str]) -> str:
    """Where the result goes, and the settings that no sentence has said."""
    into = f", into {words['output']}" if "output" in words and "output" not in told else ""
    more = [f"{plain.label(name).lower()}: {words[name]}" for name in values if name not in {*told, "output"}]
    return into + (f" ({'; '.join(more)})" if more else "")


def _label(kind: str) -> str:
    known = registry.kind("processors", kind) if kind in registry.names("processors") else None
    return getattr(known, "LABEL", "") or plain.label(kind)


def _words(kind: str, name: str, value: Any) -> str:
    if name == "columns":
        return _columns(kind, value)
    if name == "steps":
        return "; ".join(said(one) for one in value)
    if name == "replacements":
        return ", ".join(f"“{one['find']}” by “{one.get('replace', '')}”" for one in value)
    if name == "cases":
        return "; ".join(_case(one) for one in value)
    return plain.words(value)


def _columns(kind: str, value: Any) -> str:
    """`a, b`; `a to b` of new names; a pattern; every column."""
    if kind == "rename" and isinstance(value, Mapping):
        return ", ".join(f"{old} to {new}" for old, new in value.items())
    if isinstance(value, Mapping):
        pattern = value.get("pattern", "")
        return f"every column named like “{pattern}”" if pattern else "every column"
    return plain.words(value)


def _case(one: Mapping[str, Any]) -> str:
    """`long where delay > 60`, `UA as United`."""
    then = plain.words(one.get("then_formula", one.get("then", "empty")))
    if "value" in one:
        return f"{plain.words(one['value'])} as {then}"
    return f"{then} where {_where(one.get('when', {}))}"


def _where(values: Mapping[str, Any]) -> str:
    """The condition of a filter."""
    rules = {k: v for k, v in values.items() if k in ("rules", "match")}
    return str(values["formula"]) if values.get("formula") else plain.words(rules) if rules else "anything"
