from __future__ import annotations

import pytest

from penstock.core import api_log

LINE = {
    "timestamp": "2026-01-02T03:04:05Z",
    "message": {
        "msgType": "prediction-query", "project": "DEMO", "service": "bank", "endpoint": "p", "generation": "v1",
        "features": {"amount": 1.5, "tags": ["a"]}, "context": {"order": "A"},
        "result": {"prediction": "1", "probas": {"0": 0.2, "1": 0.8}, "ignored": False},
    },
}  # fmt: skip


@pytest.mark.requirement("D63")
def test_a_line_becomes_a_flat_row() -> None:
    assert api_log.flat(LINE) == {
        "timestamp": "2026-01-02T03:04:05Z", "message.msgType": "prediction-query", "message.project": "DEMO",
        "message.service": "bank", "message.endpoint": "p", "message.generation": "v1",
        "message.features.amount": 1.5, "message.features.tags": '["a"]', "message.context.order": "A",
        "message.result.prediction": "1", "message.result.ignored": False, "message.result.proba_0": 0.2,
        "message.result.proba_1": 0.8,
    }  # fmt: skip


def test_lines_of_shadows_lie_beside_and_names_that_lead_out_nowhere() -> None:
    assert api_log.place(LINE) == "DEMO/bank/p"
    assert api_log.place({"message": {**LINE["message"], "shadow": True}}) == "DEMO/bank/p~shadow"  # type: ignore[dict-item]
    for odd in ("..", "a/b", "", ".hidden", 7):
        assert api_log.place({"message": {**LINE["message"], "service": odd}}) == (
            "DEMO/7/p" if odd == 7 else ""
        )  # type: ignore[dict-item]
    assert api_log.place({"message": "text"}) == ""
