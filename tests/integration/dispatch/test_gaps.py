"""What an outage has taken for good is told on both sides, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.gaps import NOTED_EVERY, Gaps
from bot.transports.base import Skipped
from storage import StoreUnavailable
from tests.integration.dispatch.desk import Desk
from tests.unit.delivery.loopback import Loopback

A, B, C = "loopback:a", "loopback:b", "loopback:c"
DAY = timedelta(hours=24)


@dataclass
class Forgetful(Loopback):
    """A network that keeps what is not fetched for a day."""

    kept: timedelta = DAY


def gaps(desk: Desk) -> Gaps:
    """As after a start."""
    return Gaps(desk.world.store, desk.world.post)


async def test_an_outage_longer_than_the_network_keeps_things_is_told_on_both_sides_once(
    each_desk: Desk,
) -> None:
    desk, network = each_desk, Forgetful()
    await desk.bridge("north", a="en", b="zh")
    await gaps(desk).heard(network)
    desk.world.moment += DAY + timedelta(hours=6)
    for _start in range(2):
        await gaps(desk).heard(network)
    await desk.delivered()
    in_a = [text for text in desk.texts(A) if "cut off" in text]
    assert len(in_a) == 2  # of A itself, and of B, which it hears
    assert "14:00" in in_a[0]
    assert "20:00" in in_a[0]
    assert [text for text in desk.texts(B) if "14:00" in text and "20:00" in text]


async def test_it_is_told_too_where_the_process_has_lived_through_it(desk: Desk) -> None:
    network, kept = Forgetful(), gaps(desk)
    await desk.bridge("north", a="en", b="en")
    await kept.heard(network)
    desk.world.moment += DAY - timedelta(minutes=1)
    await kept.heard(network)
    await desk.delivered()
    assert desk.texts(A) == []
    desk.world.moment += DAY + timedelta(minutes=1)
    await kept.heard(network)
    await desk.delivered()
    assert len(desk.texts(A)) == 2


async def test_a_network_that_keeps_everything_is_never_told_of(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    for _year in range(2):
        await gaps(desk).heard(desk.world.net)
        desk.world.moment += timedelta(days=365)
    await desk.delivered()
    assert desk.texts(A) == []


async def test_a_room_that_came_later_has_no_gap(desk: Desk) -> None:
    network = Forgetful()
    await gaps(desk).heard(network)
    desk.world.moment += DAY * 2
    await desk.bridge("north", a="en", b="en")
    await gaps(desk).heard(network)
    await desk.delivered()
    assert desk.texts(A) == []


async def test_what_could_not_be_noted_is_told_at_the_next_try(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, kept = Forgetful(), gaps(desk)
    await desk.bridge("north", a="en", b="en")
    await kept.heard(network)
    desk.world.moment += DAY * 2

    def broken() -> None:
        raise StoreUnavailable("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(desk.world.store, "write", broken)
        with pytest.raises(StoreUnavailable):
            await kept.heard(network)
    await kept.heard(network)
    await desk.delivered()
    assert len(desk.texts(A)) == 2


async def test_a_busy_network_costs_a_note_every_few_minutes(desk: Desk) -> None:
    network, kept = Forgetful(), gaps(desk)
    await kept.heard(network)
    before = desk.world.commits
    for _second in range(int(NOTED_EVERY.total_seconds()) * 2):
        await kept.heard(network)
        desk.world.moment += timedelta(seconds=1)
    assert desk.world.commits - before == 1


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 message was not carried"), (1234, "1,234 messages were not"), (None, "nobody knows")],
)
async def test_what_was_skipped_is_told_with_its_number_and_a_link(
    desk: Desk, count: int | None, words: str
) -> None:
    await desk.bridge("north", a="en", b="en", c="zh")
    now = desk.world.moment
    event = Skipped(count, None if count is None else now - DAY, now, "https://matrix.to/#/x/y")
    await desk.take(replace(desk.event(A, event), sender=None))
    for room in (A, B):
        (text,) = desk.texts(room)
        assert words in text
        assert "https://matrix.to/#/x/y" in text
    assert "https://matrix.to/#/x/y" in desk.texts(C)[0]
