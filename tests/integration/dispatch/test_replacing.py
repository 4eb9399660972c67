"""A message whose file was replaced has the new one everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.richtext import from_plain
from bot.transports.base import RENEWED, Content, Edited, Media, Outgoing, Payload, Said
from tests.integration.dispatch.desk import A, B, Desk
from tests.unit.delivery.loopback import Loopback
from tests.unit.delivery.world import opened

OLD = Media("loopback", "document", "plan.pdf", "application/pdf", (("id", "1"),))
NEW = replace(OLD, ref=(("id", "2"),))


class Filing(Loopback):
    """Shows the file of a message with its words."""

    def compose(self, outgoing: Outgoing) -> list[Payload]:
        """One message, with the first file."""
        made = super().compose(outgoing)
        if outgoing.media:
            made[0]["media"] = outgoing.media[0].to_json()
        return made


@pytest.fixture
async def filing(ready_sqlite_url: str) -> AsyncIterator[Desk]:
    """A desk whose rooms show files."""
    async with opened(ready_sqlite_url, make=Filing) as world:
        yield Desk(world)


def of(text: str, *media: Media) -> Content:
    """What is written, with its files."""
    return Content(html=from_plain(text), text=text, media=media)


async def written(desk: Desk, content: Content) -> str:
    """Bridge two rooms and write into one; the message's id."""
    await desk.bridge("north", a="en", b="en")
    said = replace(desk.said(A, content.text), event=Said(content))
    await desk.take(said)
    return str(said.remote)


async def change(desk: Desk, target: str, content: Content) -> None:
    """The message is changed there."""
    await desk.take(desk.event(A, Edited(target, content)))


@pytest.mark.parametrize(
    ("before", "after", "renewed"),
    [((OLD,), (NEW,), True), ((OLD,), (OLD,), False), ((OLD,), (), False), ((), (NEW,), True)],
)
async def test_only_a_file_that_is_another_is_brought_again(
    filing: Desk, before: tuple[Media, ...], after: tuple[Media, ...], renewed: bool
) -> None:
    target = await written(filing, of("see", *before))
    await change(filing, target, of("look", *after))
    edit = filing.world.net.calls[-1]
    assert (edit.action, edit.text) == ("edit", "Li: look")
    assert (RENEWED in edit.sending.payload) is renewed


async def test_an_edit_that_takes_the_place_of_another_brings_its_file_too(filing: Desk) -> None:
    """Nobody knows whether the first one would have been the only one with the new file."""
    target = await written(filing, of("see", OLD))
    gate = filing.world.net.gates[B] = asyncio.Event()
    edits = [
        filing.event(A, Edited(target, of(text, media)))
        for text, media in (("first", OLD), ("look", NEW), ("looked", NEW))
    ]
    async with asyncio.TaskGroup() as group:
        taking = group.create_task(filing.take(*edits))
        await filing.world.until(lambda: len(filing.world.net.calls) == 2, time_passes=False)
        gate.set()
        await taking
    last = filing.world.net.calls[-1]
    assert last.text == "Li: looked"
    assert "Li: look" not in [each.text for each in filing.world.net.calls]
    assert last.sending.payload[RENEWED] is True
