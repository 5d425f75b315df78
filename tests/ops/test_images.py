"""Images and the compose file: what they name is there, and the commands they run are ours."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from penstock.core.config import Config
from penstock_node import cli

ROOT = Path(__file__).parents[2]
IMAGES = sorted((ROOT / "ops/images").glob("*.Dockerfile"))
WORDS = {
    "FROM", "WORKDIR", "RUN", "ENV", "COPY", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip
Steps = list[tuple[str, str]]


def steps(file: Path) -> Steps:
    """Every instruction, with what follows it on one line."""
    text = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", file.read_text(), flags=re.MULTILINE))
    lines = [line for line in text.splitlines() if line.strip()]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def last(found: Steps, word: str) -> str:
    return [rest for said, rest in found if said == word][-1]


@pytest.mark.parametrize("file", IMAGES, ids=lambda p: p.stem)
def test_an_image_is_built_in_two_steps_and_runs_as_nobody_special(file: Path) -> None:
    found = steps(file)
    assert {word for word, _ in found} <= WORDS
    bases = [rest for word, rest in found if word == "FROM"]
    assert len(bases) == 2
    assert all(re.match(r"python:3\.\d+-slim-\w+", base) for base in bases)
    assert bases[0].endswith("AS build")
    assert last(found, "USER") == "10001"
    assert json.loads(last(found, "VOLUME")) == ["/var/lib/penstock"]
    assert json.loads(last(found, "HEALTHCHECK").partition("CMD ")[2])[0] == "python"


def test_what_is_installed_is_there() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    node = tomllib.loads((ROOT / "node/pyproject.toml").read_text())["project"]["optional-dependencies"]
    asked = {f.name: re.search(r'"(\S+?)\[(.*?)\]"', f.read_text()) for f in IMAGES}
    for name, known, place in (("studio", extras, "."), ("node", node, "./node")):
        found = asked[f"{name}.Dockerfile"]
        assert found is not None
        assert found[1] == place
        assert set(found[2].split(",")) <= set(known)


def test_commands_are_verbs_of_ours() -> None:
    from typer.testing import CliRunner

    from penstock.cli import app

    studio, node = (steps(ROOT / f"ops/images/{name}.Dockerfile") for name in ("studio", "node"))
    entry, command = json.loads(last(studio, "ENTRYPOINT")), json.loads(last(studio, "CMD"))
    assert entry[0] == "penstock"
    said = CliRunner().invoke(app, [*entry[1:], command[0], "--help"])
    assert said.exit_code == 0
    assert {"--host", "--port"} <= set(re.findall(r"--[a-z-]+", said.output))
    entry, command = json.loads(last(node, "ENTRYPOINT")), json.loads(last(node, "CMD"))
    assert cli._parser().parse_args([*entry[1:], *command]).verb is not None


@pytest.fixture
def compose() -> dict[str, Any]:
    from ruamel.yaml import YAML  # as Compose reads it: with anchors and merges

    found: dict[str, Any] = YAML(typ="safe").load(ROOT / "ops/compose.yaml")
    return found


def test_compose_names_images_volumes_and_settings_that_are_there(compose: dict[str, Any]) -> None:
    settings = {f"PENSTOCK_{name.upper()}" for name in Config.model_fields}
    for name, service in compose["services"].items():
        build = service["build"]
        context = (ROOT / "ops" / build["context"]).resolve()
        assert (context / build["dockerfile"]).is_file()
        assert set(service.get("environment", {})) <= settings
        (volume,) = service["volumes"]
        source, _, target = volume.partition(":")
        assert source in compose["volumes"]
        assert target == "/var/lib/penstock"
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        for port in service.get("ports", []):
            exposed = last(steps(context / build["dockerfile"]), "EXPOSE")
            assert port.rpartition(":")[2] == exposed, name


def test_the_home_of_the_node_that_answers_is_prepared_by_a_verb_of_it(compose: dict[str, Any]) -> None:
    words = compose["services"]["prepare-api"]["command"]
    asked = cli._parser().parse_args(words)
    assert (asked.host, asked.port) == ("0.0.0.0", 7980)
