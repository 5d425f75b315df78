from __future__ import annotations

from datetime import UTC, datetime

import pytest

from penstock.core.errors import Invalid
from penstock.core.job import WORDS, ActivityState, BuildMode, Job, JobState


@pytest.mark.requirement("A39")
@pytest.mark.parametrize("mode", list(BuildMode))
def test_every_mode_is_found_by_its_id_and_called_something(mode: BuildMode) -> None:
    assert BuildMode.parse(mode.value) is mode
    assert BuildMode.parse(mode.value.lower()) is mode
    assert mode in WORDS.values()
    assert len(mode.words) > 5


def test_the_words_of_the_dialog_are_recognisable() -> None:
    assert "non-recursively" in BuildMode.ONLY_THIS.words
    assert "Recursive upstream" in BuildMode.REQUIRED.words


@pytest.mark.requirement("A39")
@pytest.mark.parametrize("word", ["", "RECURSIVE", "NON_RECURSIVE", "build it"])
def test_words_people_type_are_read_and_others_refused(word: str) -> None:
    known = {"RECURSIVE": BuildMode.REQUIRED, "NON_RECURSIVE": BuildMode.ONLY_THIS}
    if word in known:
        assert BuildMode.parse(word) is known[word]
    else:
        with pytest.raises(Invalid, match="no build mode"):
            BuildMode.parse(word)


def test_states_only_move_forward_and_nothing_leaves_a_final_one() -> None:
    assert JobState.RUNNING.may_become(JobState.DONE)
    assert not JobState.RUNNING.may_become(JobState.NOT_STARTED)
    assert not JobState.ABORTED.may_become(JobState.DONE)


def test_good_ends_are_done_with_or_without_warnings() -> None:
    assert {s for s in ActivityState if s.good} == {ActivityState.DONE, ActivityState.WARNING}
    assert not ActivityState.NOT_STARTED.final
    assert ActivityState.SKIPPED.final


def test_a_job_of_all_ends_of_the_flow_is_called_everything() -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    jobs = [
        Job(id="j", project="P", mode=BuildMode.REQUIRED, targets=targets, initiator="ann", created_at=at)
        for targets in (("*",), ("raw", "clean"))
    ]
    assert [job.title for job in jobs] == ["everything", "raw, clean"]
