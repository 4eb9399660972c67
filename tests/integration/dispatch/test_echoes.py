"""Another bridge in our rooms starts no loop, and nobody's words are taken for an echo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.dispatch.desk import A, B, Desk


class Other:
    """A bridge of somebody else between the same two rooms; it carries bots' words as well."""

    def __init__(self, desk: Desk, form: str) -> None:
        self.desk = desk
        self.form = form
        self.seen: dict[str, int] = {A: 0, B: 0}
        self.carried = 0

    async def carry(self, author: str, text: str, to: str) -> None:
        """Repeat somebody's words in the other room."""
        self.carried += 1
        await self.desk.say(to, self.form.format(author=author, text=text), by="matterbridge")

    async def carry_ours(self) -> None:
        """Repeat what Lianzhi has shown, until there is nothing new."""
        while True:
            new = [
                (room, text) for room in (A, B) for text in self.desk.texts(room)[self.seen[room] :]
            ]
            self.seen = {room: len(self.desk.texts(room)) for room in (A, B)}
            if not new:
                return
            assert self.carried < 10, "a loop"
            for room, text in new:
                await self.carry("Lianzhi", text, B if room == A else A)


@pytest.mark.parametrize(
    "form",
    [
        "<{author}> {text}",
        "{author}: {text}",
        "[{author}] {text}",
        "{author} (Telegram)：{text}",
        "{author}\n{text}",
    ],
)
@pytest.mark.parametrize("text", ["收到", "water at 3 m", "/help"])
async def test_a_second_bridge_starts_no_loop(desk: Desk, form: str, text: str) -> None:
    await desk.bridge("north", a="en", b="en")
    other = Other(desk, form)
    await desk.say(A, text, by="zhang")
    await other.carry("Zhang", text, B)
    await other.carry_ours()
    relayed = [
        each for room in (A, B) for each in desk.texts(room) if each.startswith("Matterbridge")
    ]
    if not text.startswith("/"):
        assert relayed == []
    assert desk.texts(B)[0] == f"Zhang: {text}"


async def test_what_we_told_apart_is_an_echo_all_the_same(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "好\n【Police】Alice：go", by="zhang")
    await desk.say(B, "Zhang: 好\n〔Police〕Alice：go", by="other")
    assert desk.texts(A) == []


TALK = [
    ("收到", "收到"),
    ("ok", "ok"),
    ("ok", "Li, ok"),
    ("ok", "that is ok"),
    ("收到", "Li，收到"),
    ("收到", "Li 收到"),
    ("收到", "我们Li收到"),
    ("到", "Li已经报到"),
    ("ok", "I like it: ok"),
    ("3", "Linda: 3"),
]


@pytest.mark.parametrize(("first", "second"), TALK)
async def test_people_who_say_the_same_are_both_heard(desk: Desk, first: str, second: str) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, first, by="li")
    await desk.say(B, second, by="wang")
    await desk.say(B, first, by="zhao")
    assert desk.texts(A) == [f"Wang: {second}", f"Zhao: {first}"]


async def test_people_in_one_room_may_repeat_each_other(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    for name in ("li", "wang", "zhao", "li"):
        await desk.say(A, "收到", by=name)
    assert desk.texts(B) == ["Li: 收到", "Wang: 收到", "Zhao: 收到", "Li: 收到"]


async def test_who_calls_a_roll_is_heard(desk: Desk) -> None:
    """Repeating what somebody has just reported, behind the name, is what a dispatcher does."""
    await desk.bridge("north", a="en", b="en")
    await desk.say(B, "点名", by="wang")
    for name in ("li", "zhao"):
        await desk.say(A, "收到", by=name)
        await desk.say(B, f"{name.capitalize()}：收到", by="wang")
    assert desk.texts(A) == ["Wang: 点名", "Wang: Li：收到", "Wang: Zhao：收到"]


async def test_a_second_bridge_that_also_speaks_for_itself_ends_a_loop(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(B, "I am a bridge", by="matterbridge")
    other = Other(desk, "<{author}> {text}")
    await desk.say(A, "收到", by="zhang")
    await other.carry("Zhang", "收到", B)
    await other.carry_ours()
    for number in range(3):
        await desk.say(A, f"report {number}", by="zhang")
        relayed = len(desk.texts(A))
        await other.carry("Zhang", f"report {number}", B)
        assert len(desk.texts(A)) == relayed


async def test_later_the_same_words_are_no_echo(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "收到", by="li")
    desk.world.moment += timedelta(minutes=3)
    await desk.say(B, "Li: 收到", by="wang")
    assert desk.texts(A) == ["Wang: Li: 收到"]
