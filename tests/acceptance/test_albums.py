"""Several files written as one album stay one on Telegram, each with its own place in the map."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.acceptance.places import MatrixPlace, WebPlace
from tests.acceptance.test_relaying import JPEG, MP4
from tests.servers.botapi import Chat
from tests.servers.botapi.messages import Message
from tests.servers.synapse import Homeserver, Synapse
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Groups:
    """Two Telegram groups that hear each other, a Matrix room and a web room."""

    world: World
    here: Chat
    there: Chat

    async def shown(self, files: list[bytes], chat: Chat | None = None) -> list[Message]:
        """The bot's messages that show these files, in that order."""
        chat = chat or self.there

        def found() -> list[Message] | None:
            by_content = {self.content(each): each for each in chat.from_bots}
            return [by_content[each] for each in files] if by_content.keys() >= set(files) else None

        return await self.world.api.until(found, 20)

    def content(self, message: Message) -> bytes:
        """The file that a message shows."""
        for kind in ("photo", "video", "document", "audio"):
            medium = message.content.get(kind)
            best = medium[-1] if isinstance(medium, list) else medium
            if isinstance(best, dict):
                file = self.world.api.files.get(str(best["file_id"]))
                return b"" if file is None else file.data
        return b""


def pictures(count: int) -> list[bytes]:
    """Pictures that nobody else has sent."""
    return [JPEG + secrets.token_bytes(8) for _number in range(count)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def groups(
    tmp_path_factory: pytest.TempPathFactory, synapse: Synapse
) -> AsyncIterator[Groups]:
    """The second group is a supergroup, too."""
    async with (
        Homeserver(synapse) as hs,
        World(tmp_path_factory.mktemp("albums"), hs) as world,
    ):
        there = world.api.supergroup("医疗", world.han, admins=[world.bot])
        there.say(world.han, "在")
        world.group.say(world.li, "在")
        world.bridge.configure(
            world.toml().replace('"web:post"]', f'"web:post", "telegram:{there.id}"]')
        )
        await world.bridge.start()
        await world.anna.wait_for(
            world.room,
            lambda e: (
                e.state_key == world.matrix_bot.user_id and e.content.get("membership") == "join"
            ),
        )
        yield Groups(world, world.group, there)


async def test_an_album_stays_one_in_order_with_its_caption(groups: Groups) -> None:
    """Who sent it is said once, below all; on Matrix each file is an event."""
    files, words = pictures(4), f"现场{secrets.token_hex(3)}"
    groups.here.album(groups.world.li, [("photo", each) for each in files], words)
    shown = await groups.shown(files)
    assert len({each.media_group_id for each in shown}) == 1
    assert shown[0].media_group_id is not None
    assert [each.id for each in shown] == sorted(each.id for each in shown)
    assert [each.text for each in shown] == [f"【消防】李雷：{words}", "", "", ""]
    matrix = MatrixPlace(groups.world, groups.world.room, groups.world.anna)
    seen = await matrix.until(
        lambda all: (
            pictured if len(pictured := [s for s in all if s.kind == "photo"]) >= 4 else None
        )
    )
    assert [await matrix.content(each) for each in seen[-4:]] == files


async def test_an_album_that_is_handed_over_in_two_batches_stays_one(groups: Groups) -> None:
    """The second half comes once the first is taken for good."""
    files, group, bot = pictures(4), f"9{secrets.randbelow(10**12)}", groups.world.bot
    for number, each in enumerate(files):
        if number == 2:
            await groups.world.api.until(lambda: not len(bot.queue))
        groups.here.send(groups.world.li, "photo", each, media_group_id=group)
    shown = await groups.shown(files)
    assert len({each.media_group_id for each in shown}) == 1
    assert [each.id for each in shown] == sorted(each.id for each in shown)


async def test_each_file_of_an_album_is_answered_changed_and_taken_back_alone(
    groups: Groups,
) -> None:
    files, words = pictures(3), f"三张{secrets.token_hex(3)}"
    album = groups.here.album(groups.world.li, [("photo", each) for each in files], words)
    shown = await groups.shown(files)
    groups.there.say(groups.world.han, "哪里？", reply_to=shown[1].id)
    answer = await groups.here.wait_for(
        lambda each: each.sender.is_bot and each.reply_to == album[1].id, 15
    )
    assert "哪里？" in answer.text
    new = f"改{secrets.token_hex(3)}"
    groups.here.edit(album[2], new)
    await groups.world.api.until(lambda: new in shown[2].text, 15)
    groups.here.say(groups.world.li, "/撤回", reply_to=album[0].id)
    await groups.world.api.until(lambda: shown[0].deleted, 15)
    assert not shown[1].deleted


async def test_what_may_not_be_one_album_is_sent_as_several(groups: Groups) -> None:
    """Pictures and films mix; documents only with their like."""
    files = [JPEG + secrets.token_bytes(8), MP4 + secrets.token_bytes(8), *pictures(2)]
    kinds = ("photo", "video", "document", "document")
    groups.here.album(groups.world.li, list(zip(kinds, files, strict=True)))
    one, two, three, four = await groups.shown(files)
    assert one.media_group_id == two.media_group_id
    assert one.media_group_id is not None
    assert three.media_group_id == four.media_group_id
    assert one.media_group_id != three.media_group_id
    assert [each.text for each in (one, two)] == ["【消防】李雷", ""]


async def test_files_sent_together_at_the_page_are_an_album(groups: Groups) -> None:
    """One message of several files: taken back as one."""
    files, words = pictures(3), f"网页{secrets.token_hex(3)}"
    async with groups.world.browser("Wang") as wang:
        handles = [
            await wang.upload(
                groups.world.http, groups.world.bridge.web, each, "x.jpg", "image/jpeg"
            )
            for each in files
        ]
        said = await wang.say(words, files=tuple(handles))
        shown = await groups.shown(files)
        assert len({each.media_group_id for each in shown}) == 1
        assert [each.text for each in shown] == [f"Wang：{words}", "", ""]
        await WebPlace(groups.world, wang, "Wang").take_back(str(said))
        await groups.world.api.until(lambda: all(each.deleted for each in shown), 15)


@pytest.mark.parametrize("kind", ["lost_reset", "lost_close"])
async def test_an_album_whose_answer_was_lost_is_found_and_mapped(
    groups: Groups, kind: str
) -> None:
    """In a supergroup: nothing is repeated."""
    before = len(groups.world.api.calls_of("editMessageCaption"))
    groups.world.api.faults.next("sendMediaGroup", kind, chat=groups.there.id)
    files, words = pictures(3), f"断{secrets.token_hex(3)}"
    album = groups.here.album(groups.world.li, [("photo", each) for each in files], words)
    shown = await groups.shown(files)
    await groups.world.api.until(  # looked for, and found
        lambda: groups.world.api.calls_of("editMessageCaption")[before + 2 :], 15
    )
    groups.there.say(groups.world.han, "收到", reply_to=shown[2].id)
    await groups.here.wait_for(lambda each: each.sender.is_bot and each.reply_to == album[2].id, 20)
    assert [groups.content(each) for each in groups.there.from_bots].count(files[0]) == 1


async def test_a_kill_in_an_album_neither_loses_nor_doubles_it(groups: Groups) -> None:
    api = groups.world.api
    api.faults.next("sendMediaGroup", "lost_hang", chat=groups.there.id)
    files = pictures(3)
    groups.here.album(groups.world.li, [("photo", each) for each in files])
    await groups.shown(files)
    await groups.world.bridge.kill()
    await groups.world.bridge.start()
    end = f"末{secrets.token_hex(3)}"
    groups.here.say(groups.world.li, end)
    await groups.there.wait_for(lambda each: end in each.text, 30)
    told = [groups.content(each) for each in groups.there.from_bots]
    assert [told.count(each) for each in files] == [1, 1, 1]
