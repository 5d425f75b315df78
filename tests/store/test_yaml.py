"""YAML: strict reading with lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import InvalidDefinition
from penstock.store.yaml import MOST_BYTES, decode, parse, read_mapping

TRICKY = """
a: no
b: on
c: 007
d: 2026-03-01
e: 12:30:45
f: 1_000
g: 0x1F
h: 1e3
i: .5
j: ~
k:
l: true
m: "true"
1: one
true: yes
"""


def test_only_plain_numbers_truths_and_null_are_not_texts() -> None:
    assert parse(TRICKY).value == {
        "a": "no", "b": "on", "c": "007", "d": "2026-03-01", "e": "12:30:45", "f": "1_000", "g": 31, "h": 1000.0,
        "i": 0.5, "j": None, "k": None, "l": True, "m": "true", "1": "one", "true": "yes",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_says_nothing(text: str) -> None:
    assert parse(text).value == {}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands here twice"),
        ("x:\n  a: 1\n  a: 2\n", 3, "twice"),
        ("a: {b: 1, b: 2}", 1, "twice"),
        ("a: 1\nb: &x 1\n", 2, "Anchors"),
        ("a: 1\nb: *x\n", 2, "Anchors"),
        ("a: &a [x]\nb: &b [*a, *a]\n", 1, "Anchors"),
        ("a: 1\n<<: {b: 2}\n", 2, "Merge keys"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "Tags"),
        ("a: 1\nb: !secret x\n", 2, "Tags"),
        ("!x {a: 1}\n", 1, "Tags"),
        ("%YAML 1.1\n---\na: no\n", 1, "Directives"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("a: [1, 2\nb: 3\n", 2, "not YAML"),
        ("- 1\n- 2\n", 1, "settings is expected"),
        ("just words\n", 1, "settings is expected"),
        ("? [a, b]\n: 1\n", 1, "key must be a word"),
        ("a: 1\nb: \x07\n", 2, "U\\+0007"),
        ("a: 1\nb: \ud800\n", 2, "U\\+D800"),
        ("a: " + "[" * 101 + "]" * 101, 1, "deeper than 100"),
        ("a: " + "9" * 5000, 1, "4000 digits"),
    ],
)
def test_what_is_not_read_is_refused_with_file_and_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidDefinition, match=words) as refused:
        parse(text, file="flow/x.yaml")
    assert (refused.value.file, refused.value.line) == ("flow/x.yaml", line)


def test_a_bomb_is_refused_before_it_grows() -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(InvalidDefinition, match="Anchors"):
        parse("\n".join(layers))


def test_bytes_that_are_no_text_are_refused() -> None:
    for data, line, words in [
        (b"a: 1\nb: \0", 2, "NUL"),
        (b"a: 1\nb: \xff", 2, "UTF-8"),
        (b"#" * (MOST_BYTES + 1), 0, "5 MB"),
    ]:
        with pytest.raises(InvalidDefinition, match=words) as refused:
            decode(data, file="f")
        assert refused.value.line == line
    assert decode(b"\xef\xbb\xbfa: 1") == "a: 1"


def test_a_file_too_big_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    with file.open("wb") as out:
        out.truncate(MOST_BYTES + 1)
    with pytest.raises(InvalidDefinition, match="5 MB"):
        read_mapping(file)


def test_every_field_has_its_line() -> None:
    document = parse(
        "type: x\nchecks:\n  - name: a\n    minimum: 1\n  - {name: b,\n     maximum: 2}\nlong:\n  text\n"
    )
    fields = [
        "type",
        "checks",
        "checks.0.name",
        "checks.0.minimum",
        "checks.1",
        "checks.1.maximum",
        "long",
        "",
    ]
    assert [document.line(field) for field in fields] == [1, 2, 3, 4, 5, 6, 7, 1]


def test_a_field_that_is_missing_has_the_line_of_what_lacks_it() -> None:
    document = parse("type: x\nchecks:\n  - name: a\n  - name: b\n")
    assert document.line("checks.1.metric") == 4
    assert document.line("nowhere") == 1


def test_windows_line_ends_are_read_alike() -> None:
    assert parse("a: 1\r\nb:\r\n  - x\r\n").value == {"a": 1, "b": ["x"]}
