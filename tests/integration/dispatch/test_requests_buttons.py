"""Nothing that somebody has to press about a request is lost for want of room on its card."""

from __future__ import annotations

from handlers.cards.request import MOST_BUTTONS
from tests.integration.dispatch.desk import B, Desk, choice
from tests.integration.dispatch.test_incidents import last
from tests.integration.dispatch.test_requests import ready

PARTS = 2 * MOST_BUTTONS


async def test_every_step_of_many_parts_can_be_pressed(desk: Desk) -> None:
    """The card leads on to the steps for which it has no room, page by page."""
    await ready(desk)
    await desk.say(B, f"/request {PARTS} 水泵", by="li")
    await desk.say(B, "/request approve R1", by="anna")
    await desk.say(B, "/request check R1 none", by="han")
    for _part in range(PARTS):
        await desk.say(B, "/request commit R1 1", by="wang")
    found: list[str] = []
    await desk.say(B, "/request show R1", by="li")
    while True:
        shown = desk.choices(B)
        assert len(shown) <= MOST_BUTTONS
        found += [each for each in shown if each != "More steps"]
        if "More steps" not in shown:
            break
        await desk.take(desk.pressed(B, choice(desk, B, "More steps"), by="wang"))
    assert found == [f"Part {n} is on its way" for n in range(1, PARTS + 1)]
    await desk.take(desk.pressed(B, choice(desk, B, f"Part {PARTS} is on its way"), by="wang"))
    assert "on its way" in last(desk, B) or "on the way" in last(desk, B)
    await desk.say(B, "/request steps R1 page=40", by="li")
    assert "no further steps" in last(desk, B)
