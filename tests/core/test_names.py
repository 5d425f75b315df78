"""Names of objects and keys of projects."""

from __future__ import annotations

from importlib.resources import files

from penstock.core import names


def test_a_title_proposes_a_name_and_a_key() -> None:
    assert names.name_of_title(" Retrain Model! ") == "retrain_model"
    assert names.key_of_title("2 Flüge of 2013!") == "FLUGE_OF_2013"
    assert names.key_of_title("Rücksendungen & Größe") == "RUCKSENDUNGEN_GROSSE"
    assert names.key_of_title("Łódź, Ærø") == "LODZ_AERO"
    assert names.key_of_title("飛行") == ""


def test_the_browser_proposes_keys_with_the_letters_that_the_server_spells() -> None:
    island = (files("penstock.web") / "frame" / "naming.ts").read_text("utf-8")
    for letter, said in names.SPELLED.items():
        assert f'{letter}: "{said}"' in island
