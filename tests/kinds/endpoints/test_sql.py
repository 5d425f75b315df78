"""SQL taken apart: statements, markers, and what drivers write for them."""

from __future__ import annotations

from penstock.kinds.endpoints import _sql


def test_semicolons_and_markers_inside_texts_names_and_comments_are_left_alone() -> None:
    sql = "SELECT ';?', \"a;?\", `b;?` -- ;?\n, $$;?$$ /* ;? */ FROM t WHERE x = ?; SELECT 2"
    assert len(_sql.statements(sql)) == 2
    assert _sql.markers(_sql.statements(sql)[0]) == 1


def test_markers_become_the_drivers_and_percent_signs_are_doubled_there() -> None:
    assert _sql.spelled("SELECT a % 2 FROM t WHERE x = ? AND y LIKE '?%'", "%s") == (
        "SELECT a %% 2 FROM t WHERE x = %s AND y LIKE '?%%'"
    )
    assert _sql.spelled("SELECT a % ?", "?") == "SELECT a % ?"


def test_quotes_in_names_are_doubled() -> None:
    assert _sql.quoted('a"b', '"') == '"a""b"'
