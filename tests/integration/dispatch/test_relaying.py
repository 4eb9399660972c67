"""What people write, change and take back, in any number of rooms and bridges."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.richtext import Html, from_plain
from bot.transports.base import UNREAD, UNREADABLE, Content, Edited, Said
from tests.integration.dispatch.desk import A, B, C, D, Desk


async def test_many_rooms_hear_each_other(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en", c="en", d="en")
    for room, name in ((A, "an"), (B, "bo"), (C, "chen"), (D, "du")):
        await desk.say(room, f"I am {name}", by=name)
    assert desk.texts(A) == ["Bo: I am bo", "Chen: I am chen", "Du: I am du"]
    assert desk.texts(D) == ["An: I am an", "Bo: I am bo", "Chen: I am chen"]


async def test_words_do_not_travel_from_one_bridge_into_the_next(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.bridge("south", b="en", c="en")
    await desk.say(A, "from a")
    await desk.say(B, "from b")
    assert desk.texts(A) == ["Li: from b"]
    assert desk.texts(B) == ["Li: from a"]
    assert desk.texts(C) == ["Li: from b"]


async def test_rooms_with_two_bridges_in_common_hear_each_word_once(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.bridge("south", a="en", b="en", c="en")
    await desk.say(A, "once")
    assert desk.texts(B) == desk.texts(C) == ["Li: once"]


async def test_an_answer_to_a_copy_answers_the_message_everywhere(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en", c="en")
    said = await desk.say(A, "question")
    await desk.say(B, "answer", by="bo", reply_to=desk.remote(B, "question"))
    answers = [call.sending for call in desk.world.net.calls if call.text == "Bo: answer"]
    assert {each.room: each.reply_to for each in answers} == {
        A: said.remote,
        C: desk.remote(C, "question"),
    }


async def test_the_words_that_an_answer_is_about_are_shown_with_it(desk: Desk) -> None:
    """Of a list it matters which of its items is agreed to; a correction keeps that."""
    await desk.bridge("north", a="en", b="en")
    asked = await desk.say(A, "shut valve 1, open valve 2")
    content = Content(html=from_plain("yes"), text="yes", quote=from_plain("open valve 2"))
    said = replace(desk.said(A, "yes"), event=Said(content, asked.remote))
    await desk.take(said)
    assert desk.texts(B)[-1] == "> Li: open valve 2\nLi: yes"
    edited = replace(content, html=from_plain("no"), text="no")
    await desk.take(desk.event(A, Edited(str(said.remote), edited)))
    assert desk.texts(B)[-1] == "> Li: open valve 2\nLi: no"
    await desk.say(A, "all of it", reply_to=asked.remote)
    assert desk.texts(B)[-1] == "Li: all of it"


async def test_the_author_can_change_a_message_and_nobody_else(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    said = await desk.say(A, "first")
    await desk.take(desk.edited(A, said.remote, "forged", by="eve"))
    assert desk.texts(B) == ["Li: first"]
    await desk.take(desk.edited(B, desk.remote(B, "first"), "forged"))
    await desk.take(desk.edited(A, said.remote, "second"))
    assert desk.texts(B)[0] in ("Li: second", "Li: forged")
    assert desk.texts(B) == ["Li: second"]


async def test_an_edit_that_grows_and_shrinks_leaves_no_part_behind(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    said = await desk.say(A, "one//\ntwo")
    await desk.take(desk.edited(A, said.remote, "1//\n2//\n3"))
    assert desk.texts(B) == ["Li: 1", "2", "3"]
    await desk.take(desk.edited(A, said.remote, "only"))
    assert desk.texts(B) == ["Li: only"]
    await desk.take(desk.edited(A, said.remote, "a//\nb"))
    assert desk.texts(B) == ["Li: a", "b"]


async def test_a_message_that_is_taken_back_goes_everywhere(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en", c="en")
    said = await desk.say(A, "one//\ntwo")
    await desk.take(desk.deleted(A, said.remote))
    assert desk.texts(B) == desk.texts(C) == []
    await desk.take(desk.edited(A, said.remote, "too late"))
    assert desk.texts(B) == []


async def test_the_loss_of_a_copy_stays_in_its_room(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en", c="en")
    await desk.say(A, "words of another agency")
    await desk.take(desk.deleted(B, desk.remote(B, "words"), by="moderator"))
    assert [call.action for call in desk.world.net.calls].count("delete") == 0
    assert desk.texts(C) == ["Li: words of another agency"]


async def test_an_answer_stands_in_each_linked_room_in_its_language(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="zh", c="both")
    await desk.say(A, "/bridge join 22222222", by="admin")
    english = desk.texts(A)[-1]
    assert english.startswith("No bridge has the code")
    await desk.say(A, "/help")
    answers = {room: desk.texts(room)[-1] for room in (A, B, C)}
    assert len(set(answers.values())) >= 1
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in english)


FORWARDED = ["/trial yes", "／试 是", "!1", "fast"]


@pytest.mark.parametrize("text", FORWARDED)
async def test_what_is_forwarded_is_shown_and_never_carried_out(desk: Desk, text: str) -> None:
    """Whoever passes on an order or an answer of somebody else does not give it."""
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    await desk.say(A, "/trial order pumps")
    shown = len(desk.texts(A))
    content = Content(html=from_plain(text), text=text, forwarded="Wang")
    said = replace(desk.said(A, text), event=Said(content))
    await desk.take(said)
    assert len(desk.texts(A)) == shown
    assert "Wang" in desk.texts(B)[-1]
    assert text in desk.texts(B)[-1]
    assert await desk.ledger() == []
    await desk.take(desk.event(A, Edited(str(said.remote), replace(content, text="/trial yes"))))
    assert await desk.ledger() == []
    await desk.say(A, "slow")
    await desk.say(A, "skip")
    assert desk.texts(A)[-1] == "ordered pumps slow -"


async def test_alone_with_the_bot_one_learns_that_a_forwarded_command_does_nothing(
    desk: Desk,
) -> None:
    content = Content(html=from_plain("/lang zh"), text="/lang zh", forwarded="Wang")
    said = replace(desk.said(A, "/lang zh"), event=Said(content), private=True)
    await desk.take(said)
    assert desk.texts(A) == [
        "转发来的内容不会执行，请您自己输入命令。\n\n"
        "What is forwarded is not carried out. Write the command yourself."
    ]


async def test_a_message_that_comes_late_carries_the_time_at_which_it_was_written(
    desk: Desk,
) -> None:
    await desk.bridge("north", a="en", b="en")
    wrote = desk.said(A, "hold the valve")
    await desk.take(replace(wrote, at=wrote.at - timedelta(minutes=20)))
    (shown,) = desk.texts(B)
    assert shown.startswith("(Late: written ")
    assert shown.endswith(") Li: hold the valve")


@pytest.mark.parametrize(("words", "told"), [("/trial yes", True), ("good morning", False)])
async def test_a_command_whose_key_came_late_is_shown_but_not_carried_out(
    desk: Desk, words: str, told: bool
) -> None:
    """Whoever wrote it is told, and of plain words there is nothing to tell."""
    await desk.bridge("north", a="en", b="en")
    unread = desk.said(A, "")
    unread = replace(unread, event=Said(Content(Html(""), uncarried=UNREAD)))
    await desk.take(unread)
    await desk.take(desk.edited(A, unread.remote, words))
    assert desk.texts(B) == [f"Li: {words}"]
    assert [text for text in desk.texts(A) if "send it again" in text] == (
        ["This could be read only now and was not carried out. Please send it again."] * told
    )
    assert "yes" not in await desk.ledger()


async def test_who_wrote_what_can_never_be_read_is_asked_to_send_it_again(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    unread = desk.said(A, "")
    unread = replace(unread, event=Said(Content(Html(""), uncarried=UNREAD)))
    await desk.take(unread)
    content = Content(Html(""), uncarried=UNREADABLE)
    await desk.take(desk.event(A, Edited(unread.remote or "", content)))
    assert desk.texts(A) == ["This message could not be read. Please send it again."]
    assert "could not be read" in desk.texts(B)[0]


@pytest.mark.parametrize(
    ("words", "answers", "told"),
    [
        ("1", True, True),
        ("!1", False, True),
        ("📌", True, True),
        ("1", False, False),
        ("✅", True, False),
    ],
)
async def test_a_choice_whose_key_came_late_is_not_made_and_its_author_is_told(
    desk: Desk, words: str, answers: bool, told: bool
) -> None:
    """A number or an emoji is a choice only where it answers what it means something to, or
    where `!` says so."""
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    target = desk.remote(A, "vote") if answers else None
    unread = desk.said(A, "")
    unread = replace(unread, event=Said(Content(Html(""), uncarried=UNREAD), target))
    await desk.take(unread)
    await desk.take(desk.edited(A, unread.remote, words))
    assert len([text for text in desk.texts(A) if "send it again" in text]) == told
    assert "yes" not in await desk.ledger()
