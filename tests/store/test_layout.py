"""Definitions ↔ files: what a person designs survives being written, to the byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.core import registry
from penstock.core.evaluation import EvaluationStore
from penstock.core.folder import Folder
from penstock.core.kind import Definition, documentation
from penstock.core.model import SavedModel
from penstock.core.project import ProjectSettings, Zone, Zones
from penstock.store import layout
from penstock.store.yaml import parse
from penstock.store.yaml_edit import render, update

from .test_yaml_edit import keys, nests, texts

json_values = nests(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
names = st.from_regex(r"\w{1,20}", fullmatch=True)
described: dict[str, st.SearchStrategy[Any]] = {
    "title": texts,
    "short_description": texts,
    "description": texts,
    "tags": st.lists(texts, max_size=4).map(tuple),
    "annotations": st.dictionaries(keys, json_values, max_size=4),
}
definitions: list[st.SearchStrategy[tuple[str, Definition]]] = [
    st.builds(
        ProjectSettings, goals=texts, people=st.dictionaries(keys, texts, max_size=3),
        variables=st.dictionaries(st.from_regex(r"[^\W\d]\w{0,9}", fullmatch=True), json_values, max_size=5),
        **described,
    ).map(lambda d: ("project.yaml", d)),
    st.builds(
        Zones, default_title=texts,
        zones=st.dictionaries(keys, st.builds(Zone, items=st.lists(names, max_size=3).map(tuple)), max_size=3),
    ).map(lambda d: ("flow/zones.yaml", d)),
    st.builds(EvaluationStore, **described).map(lambda d: ("flow/evaluations/x.yaml", d)),
    st.builds(SavedModel, version_labels=st.dictionaries(keys, texts, max_size=3), **described).map(
        lambda d: ("flow/models/x.yaml", d)
    ),
    st.builds(Folder, path=texts, **described).map(lambda d: ("flow/folders/x.yaml", d)),
]  # fmt: skip


@given(st.one_of(definitions))
@settings(deadline=None)
def test_a_definition_written_and_read_is_the_same_and_the_second_write_too(
    case: tuple[str, Definition],
) -> None:
    file, definition = case
    text = written(definition)
    again = layout.definition_of(file, parse(text).value)
    assert repr(again) == repr(definition)
    assert written(again) == text
    assert update(text, layout.values_of(again)[0]) == text


def written(definition: Definition) -> str:
    return render(layout.values_of(definition)[0])


EXAMPLES = [
    (folder, family, name)
    for folder, family in (("flow/datasets", "datasets"), ("flow/recipes", "recipes"))
    for name in registry.names(family)
]


@pytest.mark.parametrize(("folder", "family", "name"), EXAMPLES)
def test_the_example_of_every_dataset_and_recipe_survives_being_written(
    folder: str, family: str, name: str
) -> None:
    _, example = documentation(registry.kind(family, name))
    definition = registry.parse(family, parse(example).value)
    values_, body = layout.values_of(definition)
    text = render(values_)
    again = layout.definition_of(f"{folder}/x.yaml", parse(text).value, body)
    assert again == definition
    assert render(layout.values_of(again)[0]) == text
