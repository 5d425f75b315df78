"""The composition root: settings from three places, ports that open when they are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.app import address, open_node, read_config
from penstock.core.errors import InvalidDefinition, NotFound
from penstock.store.homes import is_home


def test_the_environment_wins_over_the_file_and_the_caller_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text("threads: 2\nuser: file\nbase_url: http://file\n")
    monkeypatch.setenv("PENSTOCK_THREADS", "3")
    monkeypatch.setenv("PENSTOCK_USER", "environment")
    config = read_config(tmp_path, {"user": "caller"})
    assert (config.threads, config.user, config.base_url) == (3, "caller", "http://file")


def test_a_setting_there_is_not_is_named_with_the_nearest_and_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("thread: 2\n")
    with pytest.raises(InvalidDefinition, match=r"config\.yaml.*threads"):
        read_config(tmp_path)


@pytest.mark.parametrize("line", ["threads: -1", "memory: lots", "abort_grace: -2", "limits: {runs: 0}"])
def test_a_setting_that_makes_no_sense_is_refused_at_the_start(tmp_path: Path, line: str) -> None:
    (tmp_path / "config.yaml").write_text(line)
    with pytest.raises(InvalidDefinition, match=rf"config\.yaml: {line.partition(':')[0]}"):
        read_config(tmp_path)


@pytest.mark.parametrize("size", ["", "4GB", "512 MiB", "60%"])
def test_a_size_of_memory_is_written_as_people_write_it(tmp_path: Path, size: str) -> None:
    assert read_config(tmp_path, {"memory": size}).memory == size


def test_a_wrong_value_of_the_environment_is_not_blamed_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_THREADS", "two")
    with pytest.raises(InvalidDefinition, match="environment: PENSTOCK_THREADS"):
        read_config(tmp_path)


@pytest.mark.sqlite
def test_the_state_opens_at_the_first_question_about_it(tmp_path: Path) -> None:
    node = open_node(tmp_path, user="ann")
    assert node.projects.keys() == []
    assert not (tmp_path / "state.db").exists()
    assert node.runs.jobs() == []
    assert (tmp_path / "state.db").exists()


def test_opening_the_state_ends_what_dead_processes_left(tmp_path: Path) -> None:
    from dataclasses import replace

    from penstock.core.job import BuildMode, Job, JobState

    node = open_node(tmp_path, user="ann")
    now = node.clock.now()
    left = Job(
        id="j", project="P", mode=BuildMode.REQUIRED, targets=("a",), initiator="ann", created_at=now,
        owner="elsewhere:1:1", heartbeat_at=now.replace(year=2000),
    )  # fmt: skip
    node.runs.add_job(left)
    node.runs.update_job(replace(left, state=JobState.RUNNING))
    assert open_node(tmp_path).runs.job("j").state is JobState.FAILED


def test_a_relative_folder_is_the_one_it_was_when_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_node("here").config.home == tmp_path / "here"


def test_the_password_of_the_state_may_be_a_sealed_value_and_is_shown_nowhere(tmp_path: Path) -> None:
    node = open_node(tmp_path, database="postgresql://ann:secret:db@db.example/penstock")
    with pytest.raises(NotFound, match="secret 'db'"):
        address(node.config, node.secrets)
    node.secrets.put("db", "a:b@c/d e")
    assert address(node.config, node.secrets) == "postgresql://ann:a%3Ab%40c%2Fd e@db.example/penstock"
    assert node.config.state == "postgresql://ann@db.example/penstock"
    assert node.config.changed(database="").state == "SQLite in the home"


def test_a_home_whose_state_lies_elsewhere_is_a_home_too(tmp_path: Path, state_url: str) -> None:
    node = open_node(tmp_path / "home", database=state_url)
    assert node.runs.jobs() == []
    assert not (tmp_path / "home" / "state.db").exists()
    assert is_home(tmp_path / "home")
