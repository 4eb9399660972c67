"""Albums as calls of the Bot API: what can be one, what is said once, what is found again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.richtext import Html
from bot.transports.base import (
    AnswerLost,
    Author,
    Media,
    MediaKind,
    Outgoing,
    Payload,
    Rejected,
    Said,
    Sending,
)
from tests.integration.telegram.conftest import Inbox, Side, event, order, stored
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import Person
from tests.servers.botapi.people import PNG

LI = Author("Li", "FD", "matrix", "matrix:@li")
MIMES: dict[str, str] = {
    "photo": "image/png",
    "video": "video/mp4",
    "document": "application/pdf",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "animation": "image/gif",
}


def payloads(side: Side, *kinds: MediaKind, words: str = "") -> list[Payload]:
    """One message for each file, the first with these words."""
    made = []
    for number, kind in enumerate(kinds):
        media = Media("matrix", kind, f"f{number}", MIMES[kind], (("url", "mxc://a/b"),), size=9)
        html = Html(words if number == 0 else "")
        (payload,) = side.transport.compose(Outgoing(html, "en", LI, media=(media,)))
        made.append(payload)
    return made


def files(chat: Chat, made: list[Payload], **more: int) -> list[Sending]:
    """The orders of an album; each file is that of a picture with its number behind."""

    def opened(number: int) -> Sending:
        async def content(_media: Media) -> AsyncIterator[bytes]:
            yield PNG + bytes([number])

        sending = order(chat, made[number], txn=f"t{number}", **more)
        return replace(sending, open_media=content)

    return [opened(number) for number in range(len(made))]


@pytest.mark.parametrize(
    ("kinds", "together"),
    [
        (("photo", "video", "photo"), 3),
        (("photo", "document"), 1),
        (("document", "document", "photo"), 2),
        (("audio", "audio", "document"), 2),
        (("voice", "voice"), 0),
        (("animation", "photo"), 0),
        (("photo",) * 12, 10),
    ],
)
async def test_what_can_be_one_album(
    side: Side, kinds: tuple[MediaKind, ...], together: int
) -> None:
    """https://core.telegram.org/bots/api#sendmediagroup"""
    assert side.transport.album(payloads(side, *kinds)) == together


async def test_an_album_is_posted_as_one_and_its_author_is_named_once(
    side: Side, group: Chat, li: Person
) -> None:
    asked = group.say(li, "有照片吗")
    made = payloads(side, "photo", "video", "photo", words="from the bank")
    sendings = files(group, made, reply_to=asked.id)
    remotes = await side.transport.send_album(sendings)
    shown = [group.message(int(remote)) for remote in remotes]
    assert [each.kind for each in shown] == ["photo", "video", "photo"]
    assert len({each.media_group_id for each in shown}) == 1
    assert [each.text for each in shown] == ["【FD】Li：from the bank", "", ""]
    assert shown[0].reply_to == asked.id
    new = replace(
        sendings[2],
        payload={**made[2], "caption": "new", "caption_entities": []},
        target=remotes[2],
    )
    await side.transport.edit(new)
    assert shown[2].text == "new"
    await side.transport.delete(replace(sendings[0], target=remotes[0]))
    assert (shown[0].deleted, shown[1].deleted) == (True, False)


async def test_words_below_a_later_file_are_the_only_caption(side: Side, group: Chat) -> None:
    """Two captions would both be hidden."""
    made = payloads(side, "photo", "photo")
    (made[1],) = payloads(side, "photo", words="the valve")
    remotes = await side.transport.send_album(files(group, made))
    texts = [group.message(int(remote)).text for remote in remotes]
    assert texts == ["", "【FD】Li：the valve"]


async def test_a_mark_stands_in_the_first_caption(side: Side, group: Chat) -> None:
    sendings = files(group, payloads(side, "photo", "photo", words="x"))
    sendings[0] = replace(sendings[0], mark="Possibly repeated")
    remotes = await side.transport.send_album(sendings)
    assert group.message(int(remotes[0])).text == "Possibly repeated\n【FD】Li：x"
    assert group.message(int(remotes[1])).text == ""


async def test_a_picture_that_is_too_large_for_one_is_refused_with_its_album(
    side: Side, group: Chat
) -> None:
    """Then the files go one by one, where that is dealt with; nothing of the album is there."""
    sendings = files(group, payloads(side, "photo", "photo"))

    async def large(_media: Media) -> AsyncIterator[bytes]:
        for _chunk in range(11):
            yield bytes(1_048_576)

    sendings[1] = replace(sendings[1], open_media=large)
    with pytest.raises(Rejected):
        await side.transport.send_album(sendings)
    assert group.messages == []


@pytest.mark.parametrize("words", ["", "from the bank"])
async def test_an_album_whose_answer_was_lost_is_found_file_by_file(
    side: Side, api: BotApi, group: Chat, li: Person, words: str
) -> None:
    """People may have written before and after it."""
    known = group.say(li, "前")
    sendings = files(group, payloads(side, "photo", "video", "photo", words=words))
    api.faults.next("sendMediaGroup", "lost_reset", chat=group.id)
    group.say(li, "抢")
    with pytest.raises(AnswerLost):
        await side.transport.send_album(sendings)
    group.say(li, "后")
    there = tuple(str(each.id) for each in group.from_bots)
    assert len(there) == 3
    assert await side.transport.find_album(sendings, stored(str(known.id))) == there


async def test_looking_for_an_album_touches_no_message_that_is_known(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """Where another stands among its files it is not the album."""
    known = group.say(li, "前")
    photo, other = files(group, payloads(side, "photo", "photo"))
    api.faults.next("sendPhoto", "lost_reset", chat=group.id)
    with pytest.raises(AnswerLost):
        await side.transport.send(replace(photo, txn="t8"))
    mapped = await side.transport.send(replace(other, txn="t9"))
    api.calls.clear()
    ids = stored(mapped, str(known.id), before=str(known.id))
    assert await side.transport.find_album([photo, other], ids) is True
    touched = {each.params.get("message_id") for each in api.calls}
    assert not touched & {mapped, int(mapped)}


async def test_an_album_that_never_arrived_is_known_not_to_be_there(
    side: Side, group: Chat, li: Person
) -> None:
    known = group.say(li, "前")
    sendings = files(group, payloads(side, "photo", "photo"))
    assert await side.transport.find_album(sendings, stored(str(known.id))) is False


async def test_the_files_of_an_album_are_told_to_be_one(
    side: Side, group: Chat, li: Person
) -> None:
    """In their order, with their captions."""
    side.listen()
    inbox: Inbox = side.inbox
    album = group.album(li, [("photo", PNG), ("video", PNG)], "现场")
    group.send(li, "photo", PNG)
    one, two, other = [event(each, Said).content for each in await inbox.until(3)]
    assert one.album is not None
    assert (one.album, other.album) == (two.album, None)
    assert one.album == album[0].media_group_id
    assert (one.text, two.text) == ("现场", "")
