"""Parse to date: formats, zones, and texts that say no date."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from penstock.core.errors import InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


def test_iso_texts_are_read_and_others_become_empty() -> None:
    texts = ["2013-04-01", "2013-04-01T10:30:00Z", "", None, "2013-02-30"]
    assert prepared(a_step("parse_date", columns="t"), t=texts)["t"] == [
        datetime(2013, 4, 1), datetime(2013, 4, 1, 10, 30), None, None, None,
    ]  # fmt: skip


def test_the_first_format_that_fits_is_used() -> None:
    step = a_step("parse_date", columns="t", formats=["%d/%m/%Y %H:%M", "yyyy-MM-dd"], output="at")
    found = prepared(step, t=["01/04/2013 13:05", "2013-04-02", "04.01.2013"], u=[1, 2, 3])
    assert list(found) == ["t", "at", "u"]
    assert found["at"] == [datetime(2013, 4, 1, 13, 5), datetime(2013, 4, 2), None]


def test_local_times_become_utc_and_texts_with_a_zone_are_not_shifted() -> None:
    step = a_step("parse_date", columns="t", zone="Europe/Paris")
    assert prepared(step, t=["2013-07-01T10:00:00", "2013-07-01T10:00:00Z"])["t"] == [
        datetime(2013, 7, 1, 8), datetime(2013, 7, 1, 10),
    ]  # fmt: skip
    step = a_step("parse_date", columns="t", zone="Europe/Paris", formats=["%d/%m/%Y %H:%M"])
    assert prepared(step, t=["01/01/2013 10:00"])["t"] == [datetime(2013, 1, 1, 9)]


def test_days_only() -> None:
    step = a_step("parse_date", columns="t", formats=["%d %b %Y"], to="date")
    assert prepared(step, t=["1 Apr 2013", "31 Feb 2013"])["t"] == [date(2013, 4, 1), None]


@pytest.mark.parametrize("settings", [{"formats": ["%Q"]}, {"zone": "Europe/Pari"}])
def test_what_can_never_be_read_is_refused_at_save(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidDefinition):
        a_step("parse_date", columns="t", **settings)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("fr", ["1 février 2013", "1 FÉVR. 2013", "1 fév 2013"]),
        ("de", ["1 Februar 2013", "1 Feb. 2013"]),
        ("es", ["1 febrero 2013", "1 feb 2013"]),
        ("it", ["1 febbraio 2013"]),
        ("nl", ["1 februari 2013"]),
        ("pt", ["1 fevereiro 2013", "1 fev. 2013"]),
        ("en", ["1 February 2013", "1 feb 2013"]),
    ],
)
def test_names_of_months_in_other_languages(language: str, texts: list[str]) -> None:
    step = a_step("parse_date", columns="t", formats=["%d %b %Y"], language=language, to="date")
    assert prepared(step, t=texts)["t"] == [date(2013, 2, 1)] * len(texts)


def test_every_month_of_every_language_is_told_apart() -> None:
    words = {
        "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "nl": "januari februari maart april mei juni juli augustus september oktober november december",
        "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    }
    for language, months in words.items():
        step = a_step("parse_date", columns="t", formats=["MMMM yyyy"], language=language, to="date")
        found = prepared(step, t=[f"{month} 2013" for month in months.split()])["t"]
        assert found == [date(2013, n, 1) for n in range(1, 13)], language
