from __future__ import annotations

import pytest

from penstock.runtime import dashboards
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world, part


@pytest.mark.requirement("A98")
def test_variables_are_filled_in_unknown_ones_stay_as_typed_and_two_dollars_escape(tmp_path):
    node = a_world(tmp_path)
    node.projects.set_variables(KEY, {"month": "May"}, author="ann")
    words = part(node, {"type": "text", "markdown": "${month}, ${no_such}, $${month}"})
    assert words.markdown == "May, ${no_such}, ${month}"


def test_titles_take_variables_too(tmp_path):
    node = a_world(tmp_path)
    node.projects.set_variables(KEY, {"month": "May"}, author="ann")
    assert (
        dashboards.preview(node, KEY, {"type": "text", "markdown": "x", "title": "In ${month} ${x}"}).title
        == "In May ${x}"
    )
