"""Formats that texts are written in."""

from __future__ import annotations

import pytest

from penstock.core.date_forms import formats


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["10.02.2025", "2025-01-02", "16.02.2025", "n/a", None], ("dd.MM.yyyy", "yyyy-MM-dd")),
        (["19.02.2025 06:00", "-", "1.2.2025 06:00"], ("dd.MM.yyyy HH:mm",)),
        (["2025-01-02 03:04:05", "2025-01-03"], ()),
        (["03/25/2026", "03/04/2026"], ("MM/dd/yyyy",)),
        (["25/03/2026 10:00:01", "03/04/2026 10:00:01"], ("dd/MM/yyyy HH:mm:ss",)),
        (["03/04/2026"], ()),
        (["25/03/2026", "03/25/2026"], ()),
        (["München", "12,5", ""], ()),
    ],
)
def test_formats_are_those_the_texts_have(texts: list[object], found: tuple[str, ...]) -> None:
    assert formats(texts) == found
