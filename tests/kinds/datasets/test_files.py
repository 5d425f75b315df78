"""Which files of a folder are read, in which order, and what happens when one is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import InvalidDefinition, SourceNotReady

from .given import Surroundings, dataset


@pytest.fixture
def at(place: Any, tmp_path: Path) -> Surroundings:
    folder = tmp_path / "monthly"
    folder.mkdir()
    for month in range(4, 13):
        (folder / f"2013-{month:02}.csv").write_text(f"month,n\n{month},1\n{month},2\n")
    (folder / ".DS_Store").write_text("x")
    return Surroundings(place, tmp_path)


def files(**selection: Any) -> Any:
    return dataset(type="files", folder="monthly", format="csv", selection=selection)


def months(at: Surroundings, chosen: Any) -> list[str]:
    return list(dict.fromkeys(row["month"] for row in at.rows(chosen)))


@pytest.mark.requirement("A01")
def test_an_explicitly_selected_file_is_read_alone_and_another_one_after_it_was_swapped(
    at: Surroundings,
) -> None:
    april = files(mode="explicit", files=["2013-04.csv"])
    assert at.rows(april) == [{"month": "4", "n": "1"}, {"month": "4", "n": "2"}]
    assert months(at, april.selecting(["2013-05.csv"])) == ["5"]


@pytest.mark.requirement("A03")
def test_another_selection_is_another_state_so_that_nothing_cached_survives_it(at: Surroundings) -> None:
    april = files(mode="explicit", files=["2013-04.csv"])
    assert april.state(at) != april.selecting(["2013-05.csv"]).state(at)
    assert april.state(at) == files(mode="explicit", files=["2013-04.csv"]).state(at)


def test_the_order_of_the_list_is_the_order_of_the_rows(at: Surroundings) -> None:
    assert months(at, files(mode="explicit", files=["2013-09.csv", "2013-04.csv"])) == ["9", "4"]


@pytest.mark.requirement("A04", "A38")
def test_a_listed_file_that_is_gone_stops_the_build_before_it_starts_and_is_named(at: Surroundings) -> None:
    chosen = files(mode="explicit", files=["2013-04.csv", "2014-01.csv"])
    for verb in (chosen.check_ready, chosen.read):
        with pytest.raises(SourceNotReady, match=r"Dataset flights reads 2014-01\.csv.*folder monthly"):
            verb(at)


@pytest.mark.requirement("A02")
def test_the_listing_shows_every_file_with_size_and_date_and_which_are_selected(at: Surroundings) -> None:
    chosen = files(mode="explicit", files=["2013-05.csv", "2014-01.csv"])
    listed = chosen.available(at)
    assert [f.path for f in listed] == [f"2013-{m:02}.csv" for m in range(4, 13)]
    assert all(f.size >= 16 and f.modified > 1_600_000_000_000 for f in listed)
    assert [f.path for f in chosen.files(at)] == ["2013-05.csv"]


def test_rules_include_and_exclude_by_name_or_path_with_variables(at: Surroundings) -> None:
    (at.base / "monthly" / "old").mkdir()
    (at.base / "monthly" / "old" / "2013-04.csv").write_text("month,n\n99,1\n")
    at.values["year"] = "2013"
    chosen = files(
        mode="rules",
        include=[{"pattern": "${year}-0[4-6].csv"}],
        exclude=[{"pattern": r".*-05\.csv", "syntax": "regex"}, {"pattern": "old/*", "on": "path"}],
    )
    assert months(at, chosen) == ["4", "6"]


def test_all_files_are_read_in_the_order_of_their_names(at: Surroundings) -> None:
    assert months(at, files()) == [str(m) for m in range(4, 13)]


def test_no_file_is_no_rows_when_the_columns_are_known_and_not_ready_otherwise(at: Surroundings) -> None:
    none = files(mode="rules", include=[{"pattern": "nothing"}])
    with pytest.raises(SourceNotReady, match="no file to read in folder monthly"):
        none.check_ready(at)
    known = none.changed(columns=({"name": "month", "type": "bigint"},))
    known.check_ready(at)
    assert at.rows(known) == []
    with pytest.raises(SourceNotReady):
        known.changed(not_ready_if_empty=True).check_ready(at)


@pytest.mark.parametrize("change", ["touch", "grow", "add", "remove"])
def test_the_state_changes_when_a_file_does(at: Surroundings, change: str) -> None:
    chosen, folder = files(), at.base / "monthly"
    before = chosen.state(at)
    assert chosen.state(at) == before
    match change:
        case "touch":
            os.utime(folder / "2013-04.csv", (1, 1))
        case "grow":
            (folder / "2013-04.csv").write_text("month,n\n4,1\n4,2\n4,3\n")
        case "add":
            (folder / "2014-01.csv").write_text("month,n\n1,1\n")
        case "remove":
            (folder / "2013-04.csv").unlink()
    assert chosen.state(at) != before


def test_with_a_marker_file_only_the_marker_makes_the_data_new(at: Surroundings) -> None:
    chosen = files().changed(marker_file="_DONE")
    with pytest.raises(SourceNotReady, match="marker file _DONE"):
        chosen.state(at)
    (at.base / "monthly" / "_DONE").write_text("1")
    before = chosen.state(at)
    (at.base / "monthly" / "2014-01.csv").write_text("month,n\n1,1\n")
    assert chosen.state(at) == before
    (at.base / "monthly" / "_DONE").write_text("22")
    assert chosen.state(at) != before


def test_a_recipe_that_writes_the_folder_comes_before() -> None:
    assert files().depends_on() == ("monthly",)


def test_a_list_without_the_explicit_mode_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match="only in mode explicit"):
        files(files=["a.csv"])
    with pytest.raises(InvalidDefinition, match="regular expression"):
        files(mode="rules", include=[{"pattern": "(", "syntax": "regex"}])


@pytest.mark.requirement("A05")
def test_types_are_inferred_on_request(at: Surroundings) -> None:
    assert [(c.name, c.type) for c in files().infer(at)] == [("month", "bigint"), ("n", "bigint")]
    assert {c.type for c in files().infer(at, types=False)} == {"string"}
