"""Numbers, times and texts as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from penstock.web import humane, marked

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "said"), [(None, "–"), (1, "1 row"), (27020, "27,020 rows"), (0, "0 rows")]
)
def test_counts_come_in_groups_of_three_with_their_word(value: int | None, said: str) -> None:
    assert humane.count(value, "row") == said


def test_words_take_their_plural() -> None:
    assert (humane.plural("activity", 2), humane.plural("day", 2), humane.plural("row", 1)) == (
        "activities",
        "days",
        "row",
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "–"), (512, "512 bytes"), (1432, "1.4 kB"), (143_200_000, "143 MB"), (2.5e12, "2.5 TB")],
)
def test_sizes_are_in_the_unit_that_fits(value: float | None, said: str) -> None:
    assert humane.size(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        (0.7526, "0.753"),
        (1.2e-12, "1.20e-12"),
        (12400, "12,400"),
        (0.0, "0.000"),
        ("a", "a"),
        (600.0, "600"),
        (-2.0, "-2"),
        (1.0, "1.000"),
    ],
)
def test_numbers_keep_three_digits(value: object, said: str) -> None:
    assert humane.number(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.42, "0.4 s"), (12, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_in_two_units_at_most(seconds: float, said: str) -> None:
    assert humane.duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (3, "just now"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (-7200, "in 2 hours"),
        (86400 * 40, "1 month ago"),
    ],
)
def test_moments_are_told_from_now(ago: float, said: str) -> None:
    assert humane.relative(NOW - timedelta(seconds=ago), NOW) == said


def test_a_moment_has_its_exact_instant_on_hover() -> None:
    assert 'title="2026-11-21 03:00:00 UTC"' in humane.ago(NOW)


def test_help_shows_words_in_backticks_as_code_and_escapes_the_rest() -> None:
    assert humane.coded("Use `a<b` <now>") == "Use <code>a&lt;b</code> &lt;now&gt;"


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](data:text/html,x)",
    ],
)
def test_nothing_that_runs_comes_out_of_markdown(evil: str) -> None:
    html = marked.markdown(evil)
    assert "<script" not in html
    assert "javascript:" not in html.replace("[x](javascript:alert(1))", "")
    assert "<img src=x" not in html


def test_tables_and_code_of_markdown_are_kept() -> None:
    html = marked.markdown("| a |\n|---|\n| `b` |")
    assert "<table>" in html
    assert "<code>b</code>" in html


@pytest.mark.parametrize(
    ("word", "said"), [("input_drift", "Input drift"), ("sql", "SQL"), ("user_id", "User ID"), ("knn", "KNN")]
)
def test_words_of_the_program_are_written_as_people_write_them(word: str, said: str) -> None:
    assert humane.sentence(word) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"), ("", "–"), ((), "–"), (True, "yes"), (600.0, "600"), (0.1, "0.1"), ("text", "text"),
        ({"jobs": 0, "keyed": {}}, "jobs 0, keyed –"), ([{"type": "lightgbm"}, {"type": "ridge"}], "lightgbm, ridge"),
    ],
)  # fmt: skip
def test_settings_are_said_as_people_write_them(value: object, said: str) -> None:
    assert humane.plain(value) == said
