"""Answers to `/sync` with events of every kind, most of them broken somewhere.

Shapes: Matrix client-server API v1.13; MSC3381 (polls), MSC3488 and MSC3672 (places).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.fuzz.homeserver import USER
from tests.fuzz.mutation import STRINGS, Body, Mutator
from workflows.text import Json

_SPARED = ("event_id",)
_HTML = "org.matrix.custom.html"
ANNA, BEN, EVE = "@anna:fuzz.test", "@ben:fuzz.test", "@eve:else.where"


def _file(msgtype: str, **more: Json) -> tuple[str, Body]:
    return "m.room.message", {
        **{"msgtype": msgtype, "body": "a.bin", "url": "mxc://fuzz.test/abc"},
        **{"info": {"mimetype": "image/png", "size": 5, "w": 1, "h": 1, "duration": 1500}},
        **more,
    }


def _kinds(before: str) -> list[tuple[str, Body]]:
    """Type and content of what people send; `before` is an event they point at."""
    at: Body = {"rel_type": "m.reference", "event_id": before}
    text: Body = {"msgtype": "m.text", "body": "险情"}
    return [
        ("m.room.message", text),
        ("m.room.message", {"msgtype": "m.notice", "body": "notice"}),
        ("m.room.message", {"msgtype": "m.emote", "body": "waves"}),
        ("m.room.message", {**text, "format": _HTML, "formatted_body": "<b>险</b><br><i>情</i>"}),
        (
            "m.room.message",
            {
                **{**text, "format": _HTML, "m.mentions": {"user_ids": [BEN], "room": True}},
                "formatted_body": f'<a href="https://matrix.to/#/{BEN}">Ben</a>'
                '<table><tr><td>x</td></tr></table><span data-mx-spoiler="s">y</span>',
            },
        ),
        ("m.room.message", {**text, "m.relates_to": {"m.in_reply_to": {"event_id": before}}}),
        (
            "m.room.message",
            {
                **text,
                "m.new_content": {"msgtype": "m.text", "body": "改"},
                "m.relates_to": {"rel_type": "m.replace", "event_id": before},
            },
        ),
        (
            "m.room.message",
            {
                **text,
                "m.relates_to": {
                    **{"rel_type": "m.thread", "event_id": before, "is_falling_back": True},
                    "m.in_reply_to": {"event_id": before},
                },
            },
        ),
        _file("m.image"),
        _file("m.image", filename="b.png", body="caption"),
        _file("m.file"),
        _file("m.video", info={"fi.mau.gif": True, "mimetype": "video/mp4"}),
        _file("m.audio", **{"org.matrix.msc3245.voice": {}}),
        _file(
            "m.file",
            file={
                **{"url": "mxc://fuzz.test/abc", "v": "v2", "iv": "AAAAAAAAAAAAAAAAAAAAAA"},
                **{"key": {"k": "A" * 43, "kty": "oct"}, "hashes": {"sha256": "B" * 43}},
            },
        ),
        ("m.room.message", {"msgtype": "m.location", "body": "x", "geo_uri": "geo:31.2,121.5;u=9"}),
        ("m.room.message", {"msgtype": "m.hologram", "body": "x"}),
        ("m.room.message", {"msgtype": "m.key.verification.request", "body": "x"}),
        ("m.sticker", _file("m.sticker")[1]),
        ("m.reaction", {"m.relates_to": {**at, "rel_type": "m.annotation", "key": "👍"}}),
        ("m.room.redaction", {"redacts": before, "reason": "typo"}),
        (
            "m.poll.start",
            {
                "m.poll.start": {
                    "question": {"m.text": [{"body": "撤离？"}]},
                    "answers": [{"m.id": "1", "m.text": [{"body": "是"}]}, {"m.id": "2"}],
                    **{"max_selections": 1, "kind": "m.poll.disclosed"},
                }
            },
        ),
        ("m.poll.response", {"m.poll.response": {"answers": ["1"]}, "m.relates_to": at}),
        ("org.matrix.msc3381.poll.end", {"m.relates_to": at}),
        ("m.beacon", {"m.relates_to": at, "m.location": {"uri": "geo:1,2"}, "m.ts": 1}),
        ("m.call.invite", {"call_id": "1", "version": "1", "lifetime": 1, "offer": {}}),
        (
            "m.room.encrypted",
            {
                **{"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "A" * 80},
                **{"session_id": "s", "sender_key": "k", "device_id": "d"},
            },
        ),
        ("org.example.unknown", {"x": 1}),
    ]


def _states() -> list[tuple[str, str, Body]]:
    """Type, state key and content of changes that leave the room where it is."""
    return [
        ("m.room.member", BEN, {"membership": "join", "displayname": "Ben"}),
        ("m.room.member", BEN, {"membership": "leave", "reason": "x"}),
        ("m.room.name", "", {"name": "新名"}),
        ("m.room.topic", "", {"topic": "x"}),
        ("m.room.canonical_alias", "", {"alias": "#a:b"}),
        ("m.room.power_levels", "", {"users": {BEN: 50}, "events_default": 0}),
        ("m.room.pinned_events", "", {"pinned": ["$fuzz0", "$fuzz1"]}),
        ("m.beacon_info", BEN, {"live": True, "timeout": 60_000, "m.ts": 1}),
        ("m.beacon_info", BEN, {"live": False, "timeout": 60_000, "m.ts": 1}),
        ("m.room.avatar", "", {"url": "mxc://a/b"}),
    ]


def _cuts() -> list[tuple[str, str, Body]]:
    """Changes that end, move or seal a room, and may do so."""
    return [
        ("m.room.member", USER, {"membership": "leave"}),
        ("m.room.member", USER, {"membership": "join"}),
        ("m.room.member", USER, {"membership": "ban", "reason": "x"}),
        ("m.room.tombstone", "", {"replacement_room": "!next:fuzz.test", "body": "moved"}),
        ("m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"}),
    ]


class Syncs:
    """Makes answers. `good` is left where it is; `other` may be moved, sealed and lost."""

    def __init__(self, chance: random.Random, good: str, other: str) -> None:
        self._chance = chance
        self._mutator = Mutator(chance, _SPARED)
        self._good, self._other = good, other
        self._number = 0

    def event(self, sender: str, kind: str, content: Body, state_key: str | None = None) -> Body:
        """A valid event with an id of its own."""
        self._number += 1
        made: Body = {
            **{"type": kind, "sender": sender, "content": content},
            **{"event_id": f"$fuzz{self._number}", "unsigned": {"age": 5}},
            "origin_server_ts": 1_790_000_000_000 + self._number,
        }
        return made if state_key is None else {**made, "state_key": state_key}

    def said(self, text: str) -> Body:
        """A good message, which no broken one takes back."""
        made = self.event(ANNA, "m.room.message", {"msgtype": "m.text", "body": text})
        return {**made, "event_id": f"$good{self._number}"}

    def answers(self) -> Iterator[tuple[Body, Json | None]]:
        """For ever: an answer, and now and then nonsense that is said before it."""
        while True:
            events = [self._broken(self._any()) for _each in range(self._chance.randint(1, 3))]
            held = self._joined(events)
            rooms: Body = {"join": {self._good: held}}
            if self._chance.random() < 0.1:
                rooms["join"] = {
                    **{self._good: held, self._other: self._joined([self._broken(self._cut())])},
                    **({self._room_id(): self._joined(events)}),
                }
            answer: Body = {"rooms": rooms, **self._beside()}
            yield answer, self._nonsense() if self._chance.random() < 0.004 else None

    def _nonsense(self) -> Json:
        """An answer whose outer shape is wrong."""
        rooms: list[Json] = [[], 7, {"join": 7}, {"join": {self._good: None}}, {"leave": []}]
        answers: list[Json] = [{"next_batch": "s0", "rooms": each} for each in rooms]
        answers += [[], {}, "x", 5, {"next_batch": 5}, {"next_batch": "", "rooms": {}}]
        return self._chance.choice(answers)

    def odd(self, what: str) -> Json:
        """An answer to a question about an event or about a gap."""
        if what == "/event/":
            return self._mutator.mutate(self._any())
        chunk: list[Json] = [self._broken(self._any()) for _each in range(3)]
        self._number += 1
        page: Body = {"chunk": chunk, "start": "a", "end": f"e{self._number}", "next_batch": "n"}
        return self._mutator.mutate(page) if self._chance.random() < 0.5 else page

    def _any(self) -> Body:
        before = f"$fuzz{max(1, self._number - self._chance.randrange(30))}"
        sender = self._chance.choice((BEN, EVE))
        if self._chance.random() < 0.2:
            kind, key, content = self._chance.choice(_states())
            return self.event(sender, kind, content, key)
        return self.event(sender, *self._chance.choice(_kinds(before)))

    def _cut(self) -> Body:
        kind, key, content = self._chance.choice(_cuts())
        return self.event(EVE, kind, content, key)

    def _broken(self, event: Body) -> Json:
        match self._chance.randrange(20):
            case 0:
                nothing: list[Json] = [None, 5, "x", [], {}, [event]]
                return self._chance.choice(nothing)
            case at:
                return self._mutator.mutate(event) if at > 5 else event

    def _joined(self, events: list[Json]) -> Body:
        held: Body = {"timeline": {"events": events, "limited": False, "prev_batch": "p"}}
        match self._chance.randrange(12):
            case 0:
                held["timeline"] = {"events": events, "limited": True, "prev_batch": "p"}
            case 1:
                held["state"] = {"events": [self._broken(self._any())]}
                held["summary"] = {"m.joined_member_count": 3, "m.heroes": [BEN]}
            case 2:
                held["ephemeral"] = {"events": [{"type": "m.typing", "content": {"user_ids": [1]}}]}
            case 3:
                held |= {"hologram": 1, "state": None, "account_data": 7, "summary": []}
        return held

    def _beside(self) -> Body:
        """What stands beside the rooms."""
        if self._chance.random() < 0.8:
            return {}
        encrypted = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "k"}
        beside: Body = {
            "to_device": {
                "events": [
                    {
                        **{"type": "m.room.encrypted", "sender": EVE},
                        "content": {**encrypted, "ciphertext": {"k": {"type": 0, "body": "AAAA"}}},
                    },
                    {
                        **{"type": "m.room_key_request", "sender": EVE},
                        "content": {"action": "request", "request_id": "1"},
                    },
                    {"type": "m.dummy", "sender": EVE, "content": {}},
                ]
            },
            "device_lists": {"changed": [BEN, EVE], "left": [EVE]},
            "device_one_time_keys_count": {"signed_curve25519": 50},
            "presence": {"events": [{"type": "m.presence", "sender": BEN, "content": {}}]},
            "account_data": {"events": []},
        }
        made = self._mutator.mutate(beside, self._chance.randrange(4))
        return made if isinstance(made, dict) else {}

    def _room_id(self) -> str:
        return self._chance.choice((*STRINGS, "", "!x:y", "#a:b"))
