"""When people are reminded of a request is the operator's to say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_orders import pass_on
from tests.integration.dispatch.test_requests import ASKED, ready
from workflows.shelf import Shelf

OWN = """
[answer]
urgent = 3
routine = 60
low = 240
[[warning]]
left = 0.9
most = 600
"""


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        pytest.param(OWN, 3, id="their own"),
        pytest.param(OWN.replace("3", '"soon"'), 10, id="broken, so ours"),
    ],
)
async def test_reminders_come_when_the_data_file_says(
    text: str, minutes: int, desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "reminders.toml").write_text(text, "utf-8")
    desk.means = replace(desk.means, shelf=Shelf(tmp_path))
    desk.restart()
    await ready(desk)
    await desk.say(A, ASKED, by="li")

    def reminded() -> int:
        return sum("⏰ R1 waits" in text for text in desk.texts(B))

    await pass_on(desk, minutes - 1)
    assert not reminded()
    await pass_on(desk, 1)
    assert reminded() == 1
    await pass_on(desk, minutes)
    assert reminded() == 2
    # It is needed four hours after it was asked for.
    warned = [text for text in desk.texts(B) if "is needed by" in text]
    assert not warned
    await pass_on(desk, 24)
    assert ("request.running-out" in await desk.ledger()) is (minutes == 3)
