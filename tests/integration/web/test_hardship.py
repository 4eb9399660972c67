"""The page on a bad network, on a shared device, and with what nobody should have typed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from bot.richtext import clean
from bot.transports.base import Outgoing, Said, Sending
from bot.transports.web import invites
from tests.integration.web.conftest import Open
from tests.integration.web.sides import field, say, side
from tests.integration.web.world import World, world


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[World]:
    """Rooms by invitation: two with names of which one begins the other."""
    home = tmp_path / "guarded"
    home.mkdir()
    async with world(home, {"police": "en", "police.intern": "en"}, listen="0.0.0.0:0") as made:
        made.relaying = False
        yield made


async def enter(page: Page, guarded: World, name: str, room: str) -> invites.Invitation:
    """Follow a new invitation's link."""
    made, token = await invites.make(guarded.store, name=name, room=room, now=guarded.clock())
    await page.goto(invites.link(guarded.url, token))
    await expect(side(page, 0).locator(".name-fixed")).to_have_text(name)
    await expect(side(page, 0).locator(".banner")).to_be_hidden()
    return made


async def unheard(guarded: World) -> None:
    """From now on nothing that is said is taken."""
    assert guarded.listening is not None
    guarded.listening.cancel()
    await asyncio.gather(guarded.listening, return_exceptions=True)


def taken(guarded: World) -> list[tuple[str, str, str]]:
    """Who said what where."""
    return [
        (each.room, each.sender.name if each.sender else "", each.event.content.text)
        for each in guarded.taken
        if isinstance(each.event, Said)
    ]


async def test_what_waits_goes_to_the_room_it_was_written_in(
    context: BrowserContext, guarded: World
) -> None:
    """Also where one room's name begins with another's."""
    page = await context.new_page()
    await enter(page, guarded, "Chen", "police.intern")
    await enter(page, guarded, "Chen", "police")
    await page.goto(guarded.url + "/room/police.intern")
    await expect(side(page, 0).locator(".banner")).to_be_hidden()
    await unheard(guarded)
    await say(page, 0, "for the inner circle")
    await expect(side(page, 0).locator("article.waiting")).to_have_count(1)
    await field(page, 0).fill("half a thought")
    await page.goto(guarded.url + "/room/police")
    await expect(side(page, 0).locator(".banner")).to_be_hidden()
    await expect(side(page, 0).locator("article.waiting")).to_have_count(0)
    await expect(field(page, 0)).to_have_value("")
    guarded.listening = asyncio.create_task(guarded.listen())
    await say(page, 0, "for all")
    await expect(side(page, 0).locator("article.own:not(.waiting)")).to_have_count(1)
    await page.goto(guarded.url + "/room/police.intern")
    await expect(field(page, 0)).to_have_value("half a thought")
    await expect(side(page, 0).locator("article.own:not(.waiting)")).to_have_count(1)
    assert sorted(taken(guarded)) == [
        ("web:police", "Chen", "for all"),
        ("web:police.intern", "Chen", "for the inner circle"),
    ]


async def test_nobodys_words_go_out_under_anothers_name(
    context: BrowserContext, guarded: World
) -> None:
    """A device changes hands while something waits, and another page is still open there."""
    first, second = await context.new_page(), await context.new_page()
    await enter(first, guarded, "Chen", "police")
    await unheard(guarded)
    await say(first, 0, "by Chen")
    await expect(side(first, 0).locator("article.waiting")).to_have_count(1)
    await field(first, 0).fill("a draft of Chen's")
    await enter(second, guarded, "Li", "police")
    await expect(side(second, 0).locator("article.waiting")).to_have_count(0)
    await expect(field(second, 0)).to_have_value("")
    guarded.listening = asyncio.create_task(guarded.listen())
    async with first.expect_navigation():
        for client in guarded.transport._hub.clients():
            client.drop()
    await expect(side(first, 0).locator(".name-fixed")).to_have_text("Li")
    await say(first, 0, "by Li")
    await guarded.until_taken(1)
    await expect(side(first, 0).locator("article.own:not(.waiting)")).to_have_count(1)
    assert ("web:police", "Li", "by Li") in taken(guarded)
    assert ("web:police", "Li", "by Chen") not in taken(guarded)


async def test_who_was_shut_out_while_away_learns_it(
    context: BrowserContext, guarded: World
) -> None:
    """The page does not try for ever."""
    page = await context.new_page()
    made = await enter(page, guarded, "Chen", "police")
    await context.set_offline(True)
    await expect(side(page, 0).locator(".banner")).to_contain_text("Reconnecting")
    await invites.revoke(guarded.store, made.id, guarded.clock())
    await context.set_offline(False)
    await expect(side(page, 0).locator(".banner")).to_contain_text("no longer opens the room")
    await expect(field(page, 0)).to_be_disabled()


@pytest.mark.parametrize("path", ["/join#%", "/room/%ff"])
async def test_an_address_that_is_none_is_answered(
    context: BrowserContext, rooms: World, path: str
) -> None:
    page = await context.new_page()
    await page.goto(rooms.url + path)
    await expect(page.locator("#notice")).not_to_have_text("Opening the room…")
    await expect(page.locator("#notice")).to_be_visible()


async def test_a_text_that_is_too_long_stays_with_its_writer(
    visit: Open, context: BrowserContext, rooms: World
) -> None:
    """It says what to do, and what is written after it goes."""
    page = await visit()
    long = "水" * 40_001
    await say(page, 0, long)
    await expect(side(page, 0).locator(".toast")).to_contain_text("too long")
    await expect(field(page, 0)).to_have_value(long)
    await say(page, 0, "水" * 40_000)
    await say(page, 0, "next")
    await expect(side(page, 0).locator("article.own:not(.waiting)")).to_have_count(2)
    # What no server takes, kept by an older page, holds up nothing either.
    await page.evaluate(
        """size => {
          const action = {op: "say", cid: "huge", text: "x".repeat(size), files: [], mentions: []};
          const item = {action, at: 1, turn: 0, failed: ""};
          localStorage.setItem("lianzhi.out/zh//huge", JSON.stringify(item));
        }""",
        600 * 1024,
    )
    await page.reload()
    await say(page, 0, "after")
    await expect(side(page, 0).locator("article.waiting.failed .reason")).to_contain_text("long")
    await expect(side(page, 0).locator("article.own:not(.waiting)")).to_have_count(3)
    assert len(rooms.taken) == 3


async def test_what_shows_nothing_is_not_sent(visit: Open, rooms: World) -> None:
    page = await visit()
    for blank in ("\u200b", "\u3164 \u2060", "\u00ad"):
        await say(page, 0, blank)
    await say(page, 0, "seen")
    await rooms.until_taken(1)
    assert [each[2] for each in taken(rooms)] == ["seen"]


async def test_a_refused_change_keeps_its_words(
    visit: Open, context: BrowserContext, rooms: World
) -> None:
    """As when the message was taken back on another device meanwhile."""
    page = await visit()
    await say(page, 0, "first")
    await expect(side(page, 0).locator("article.own:not(.waiting)")).to_have_count(1)
    await field(page, 0).press("ArrowUp")
    await field(page, 0).fill("a long and careful change")
    await rooms.transport.delete(Sending("web:zh", {}, "gone", target=str(rooms.taken[0].remote)))
    await field(page, 0).press("Enter")
    failed = side(page, 0).locator("article.waiting.failed")
    await expect(failed.locator(".text")).to_have_text("a long and careful change")
    await expect(failed.locator("button.choice")).to_have_count(2)


async def test_on_a_phone_the_other_room_opens_at_its_latest(visit: Open, rooms: World) -> None:
    for number in range(40):
        await rooms.post("web:en", Outgoing(clean(f"report {number}"), "en"), f"t{number}")
    page = await visit()
    await page.set_viewport_size({"width": 390, "height": 700})
    await page.reload()
    await expect(page.locator(".tab")).to_have_count(2)
    await expect(side(page, 1).locator("article")).to_have_count(40)
    await rooms.post("web:en", Outgoing(clean("the latest"), "en"), "last")
    await expect(page.locator(".tab .badge")).to_have_text("1")
    await page.locator(".tab").nth(1).click()
    await expect(side(page, 1).get_by_text("the latest")).to_be_in_viewport()
    await expect(page.locator(".tab .badge")).to_have_count(0)


async def test_who_reads_further_up_stays_there_when_the_connection_returns(
    visit: Open, context: BrowserContext, rooms: World
) -> None:
    """Also among messages older than those that a connection begins with."""
    for number in range(140):
        await rooms.post("web:zh", Outgoing(clean(f"report {number}"), "zh"), f"t{number}")
    page = await visit()
    log = side(page, 0).locator(".log")
    await expect(side(page, 0).locator(".text", has_text="report 139")).to_be_visible()
    await side(page, 0).locator("button.earlier").click()
    place = side(page, 0).locator(".text", has_text="report 20")
    await place.evaluate("node => node.scrollIntoView({block: 'start'})")
    await expect(place).to_be_in_viewport()
    before = await place.bounding_box()
    await context.set_offline(True)
    await expect(side(page, 0).locator(".banner")).to_be_visible()
    await context.set_offline(False)
    await expect(side(page, 0).locator(".banner")).to_be_hidden()
    await expect(place).to_be_in_viewport()
    after = await place.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 60
    assert await log.evaluate("node => node.scrollTop") > 0
