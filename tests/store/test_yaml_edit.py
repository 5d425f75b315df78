"""Writing YAML: parse → write → parse is the identity, the second write the same bytes, comments stay."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.store.yaml import parse, same
from penstock.store.yaml_edit import render, update

AWKWARD = [
    "no", "on", "yes", "y", "null", "~", "", " ", "true", "1", "1.0", "007", "1_000", "0x1F", "0o17", "1e3", ".inf",
    "2026-03-01", "2026-03-01T10:00:00Z", "12:30:45", "<<", "=", "-", "- a", "a: b", "a #b", "#a", "&a", "*a", "!a",
    "%a", "@a", "`a", "{a", "[a", "a,b", "'a'", '"a"', "a\\nb", "a\nb", "a\nb\n", "a\n\nb\n\n", "\na", " a\nb", "a \nb",
    "\ta", "a\t", "é", "日本語", "🚰", "\u2028", "\x85", "\xa0a", "\ufeff", "---", "...", "--- a", "a\n---\nb\n",
   "? a",  "x" * 300,
    "a\n# no comment\nb", "|", ">", "a\r\nb", "a\rb", "% d", "key: |", "a\n\tb\n",
]  # fmt: skip

characters = st.characters(codec="utf-8", exclude_characters="\0")
texts = st.sampled_from(AWKWARD) | st.text(characters, max_size=40) | st.text("ab \n#:-'\"", max_size=20)
keys = st.sampled_from(AWKWARD) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def nests(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values as deep as people nest them."""
    return st.recursive(
        st.none() | st.booleans() | numbers | texts,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=25,
    )


values = nests(st.integers() | st.floats(allow_nan=False))
mappings = st.dictionaries(keys, values, max_size=6)


@given(mappings)
@settings(deadline=None)
def test_what_is_written_is_read_back_and_written_again_to_the_byte(value: dict[str, Any]) -> None:
    text = render(value)
    assert same(parse(text).value, value)
    assert render(parse(text).value) == text
    assert update(text, value) == text


@given(mappings, mappings)
@settings(deadline=None)
def test_a_change_of_an_existing_text_says_the_new_value_and_rests_there(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    text = update(render(old), new)
    assert same(parse(text).value, new)
    assert update(text, new) == text


@given(mappings, st.data())
@settings(deadline=None)
def test_a_change_in_one_place_says_the_new_value(value: dict[str, Any], data: st.DataObject) -> None:
    changed = parse(render(value)).value
    _change_somewhere(changed, data)
    assert same(parse(update(render(value), changed)).value, changed)


def _change_somewhere(value: Any, data: st.DataObject) -> None:
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    if isinstance(value[place], (dict, list)) and value[place] and data.draw(st.booleans()):
        _change_somewhere(value[place], data)
    elif data.draw(st.booleans()):
        value[place] = data.draw(values)
    else:
        del value[place]


@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_text_stays_itself_as_value_key_and_item(text: str) -> None:
    value = {"value": text, "list": [text, text], "deep": {"list": [{"a": text, "b": [text]}]}, f"{text}": 1}
    assert same(parse(render(value)).value, value)


def test_a_new_file_is_tidy() -> None:
    value = {
        "type": "files", "tags": ["a", "b"], "columns": [{"name": "n", "type": "bigint"}, {"name": "t"}],
        "description": "First line\nSecond line\n", "checks": [{"type": "x", "limits": {"a": 1}}], "none": None,
    }  # fmt: skip
    assert render(value) == (
        "type: files\ntags: [a, b]\ncolumns:\n  - {name: 'n', type: bigint}\n  - {name: t}\n"
        "description: |\n  First line\n  Second line\nchecks:\n  - type: x\n    limits:\n      a: 1\nnone: null\n"
    )


WRITTEN = """\
# what it is
type: files   # the kind

# which files
folder: "incoming"
columns:
# by hand
- name: n   # a number
  type: bigint
- {name: t, type: string}

# at the end
checks:
    - type: x
      limits: {a: 1}
# the very end
"""


def changed(**fields: Any) -> str:
    value = {**parse(WRITTEN).value, **fields}
    text = update(WRITTEN, {name: field for name, field in value.items() if field is not None})
    assert same(parse(text).value, {name: field for name, field in value.items() if field is not None})
    return text


def differing(text: str) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    old, new = WRITTEN.splitlines(), text.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_changed_value_touches_its_own_line_and_keeps_its_comment() -> None:
    assert differing(changed(type="upload")) == (["type: files   # the kind"], ["type: upload  # the kind"])


def test_a_value_that_grows_longer_keeps_the_comment_at_its_key() -> None:
    text = "type: files\nformat: csv   # ours\nrows: [a]  # which\n"
    longer = {"type": "files", "format": {"type": "csv", "separator": ";"}, "rows": [{"x": {"z": 1}}]}
    assert update(text, longer) == (
        "type: files\nformat:  # ours\n  type: csv\n  separator: ;\nrows:  # which\n  - x:\n      z: 1\n"
    )


def test_a_change_deep_inside_touches_its_own_line() -> None:
    columns = [{"name": "n", "type": "int"}, {"name": "t", "type": "string"}]
    assert differing(changed(columns=columns)) == (["  type: bigint"], ["  type: int"])
    limits = [{"type": "x", "limits": {"a": 2}}]
    assert differing(changed(checks=limits)) == (["      limits: {a: 1}"], ["      limits: {a: 2}"])


def test_an_item_more_or_less_leaves_the_others_alone() -> None:
    n, t, new = {"name": "n", "type": "bigint"}, {"name": "t", "type": "string"}, {"name": "q"}
    assert differing(changed(columns=[n, new, t])) == ([], ["- {name: q}"])
    assert differing(changed(columns=[n])) == (["- {name: t, type: string}"], [])
    assert differing(changed(columns=[n, t, new])) == ([], ["- {name: q}"])


def test_a_new_setting_stands_where_the_order_puts_it() -> None:
    value = parse(WRITTEN).value
    text = update(WRITTEN, {"type": value["type"], "title": "Files", **value})
    assert text == WRITTEN.replace("# the kind\n", "# the kind\ntitle: Files\n")


def test_a_setting_that_goes_leaves_the_comments() -> None:
    assert differing(changed(folder=None)) == (['folder: "incoming"'], [])


def test_nothing_changed_means_nothing_written() -> None:
    assert update(WRITTEN, dict(reversed(parse(WRITTEN).value.items()))) == WRITTEN
