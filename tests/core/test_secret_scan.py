"""Secrets are found by their shape or their name, and what only looks a little like one is left alone."""

from __future__ import annotations

import pytest

from penstock.core import secret_scan
from penstock.core.errors import Refused

FOUND = [
    ("a.py", 'password = "hunter22"'), ("a.py", "api_key='abc123def'"), ("a.yaml", "password: hunter22"),
    ("a.yaml", "client_secret: s3cr3t-value"), ("a.json", '{"api_token": "abcd1234efgh"}'),
    ("a.py", "x = 'ghp_" + "a1" * 20 + "'"), ("a.txt", "-----BEGIN PRIVATE KEY-----"),
    ("a.yaml", "database: postgresql://eva:pa55word@db/x"), ("a.py", "t = 'xoxb-1234567890-abc'"),
    ("a.md", "AKIAABCDEFGHIJKLMNOP"), ("a.py", "j = 'eyJhbGciOiJI.eyJzdWIiOiIx.abcdefghijk'"),
]  # fmt: skip
HARMLESS = [
    ("a.yaml", "password: secret:db"), ("a.yaml", "password: ${db_password}"), ("a.py", 'password = os.environ["P"]'),
    ("a.py", "password: str = field()"), ("a.yaml", "database: postgresql://eva:secret:db@host/x"),
    ("a.yaml", "secret: true"),
    ("a.yaml", "columns: [{name: password, type: string}]"), ("a.py", "token = next(words)"),
    ("a.py", 'password = "hunter22"  # not a secret'), ("a.md", "See https://example.org/a:b for the password."),
]  # fmt: skip


@pytest.mark.parametrize(("file", "line"), FOUND)
def test_a_secret_is_found_with_its_line(file: str, line: str) -> None:
    (finding,) = secret_scan.findings({file: f"first\n{line}\n".encode()})
    assert (finding.file, finding.line) == (file, 2)


@pytest.mark.parametrize(("file", "line"), HARMLESS)
def test_what_names_no_value_is_left_alone(file: str, line: str) -> None:
    assert list(secret_scan.findings({file: line.encode()})) == []


def test_a_refusal_names_places_and_never_the_secret() -> None:
    with pytest.raises(Refused, match=r"a\.py:1") as refused:
        secret_scan.check({"a.py": b'password = "hunter22"'})
    assert "hunter22" not in str(refused.value)


def test_sealed_values_are_found_and_bytes_that_are_no_text_are_not_looked_at() -> None:
    def mask(text: str) -> str:
        return text.replace("horse", "●●●")

    assert [f.line for f in secret_scan.findings({"a.txt": b"a\nhorse\n", "b.bin": b"\0horse"}, mask)] == [2]
