"""Polls in Matrix: MSC3381, with stable and unstable names; texts as in MSC1767."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.richtext import Html, safe_text
from bot.transports import polls
from bot.transports.base import Content
from bot.transports.matrix.shapes import Body, listing, mapping, text, whole
from workflows.text import Json

STARTS = ("m.poll.start", "org.matrix.msc3381.poll.start")
RESPONSES = ("m.poll.response", "org.matrix.msc3381.poll.response")
ENDS = ("m.poll.end", "org.matrix.msc3381.poll.end")
_CHOICES = 20
_VOTERS = 10_000


@dataclass(slots=True)
class Poll:
    """One poll and the votes that were seen, the last of each person."""

    author: str
    question: str
    answers: tuple[tuple[str, str], ...]
    """Id and text."""
    most: int
    open: bool
    """Whether votes are shown before the end."""
    votes: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    ended_at: int | None = None

    def take(self, raw: Body) -> bool:
        """Count an event that answers or ends the poll; whether it changes what is shown."""
        kind, sender = text(raw, "type"), text(raw, "sender")
        at = whole(raw, "origin_server_ts") or 0
        content = mapping(raw.get("content"))
        if kind in ENDS and sender == self.author:
            self.ended_at = at if self.ended_at is None else min(at, self.ended_at)
            return True
        if kind not in RESPONSES or (sender not in self.votes and len(self.votes) >= _VOTERS):
            return False
        held = mapping(content.get(kind))
        given: list[Json] = listing(held.get("answers")) or listing(content.get("m.selections"))
        known = {answer for answer, _text in self.answers}
        chosen = tuple(dict.fromkeys(each for each in given if isinstance(each, str)))[: self.most]
        if at < self.votes.get(sender, (0, ()))[0]:
            return False
        # An unknown choice spoils the whole vote: MSC3381, "Responding".
        self.votes[sender] = (at, chosen if known.issuperset(chosen) else ())
        return self.open

    def content(self) -> Content:
        """The poll as it stands now."""
        counts = dict.fromkeys((answer for answer, _text in self.answers), 0)
        for at, chosen in self.votes.values():
            if self.ended_at is None or at <= self.ended_at:
                for each in chosen:
                    counts[each] += 1
        over = self.ended_at is not None
        said = polls.words(
            self.question,
            [(shown, counts[answer]) for answer, shown in self.answers],
            counted=over or (self.open and bool(self.votes)),
            over=over,
        )
        return Content(Html(""), uncarried=said)


def poll_of(raw: Body) -> Poll:
    """The poll that an event of one of the kinds `STARTS` begins."""
    held = mapping(mapping(raw.get("content")).get(text(raw, "type")))
    answers = {}
    for number, each in enumerate(listing(held.get("answers"))[:_CHOICES]):
        answer = mapping(each)
        key = text(answer, "m.id") or text(answer, "id") or str(number)
        answers[key] = _words(answer)
    return Poll(
        author=text(raw, "sender"),
        question=_words(held.get("question")),
        answers=tuple(answers.items()),
        most=whole(held, "max_selections") or 1,
        open=not text(held, "kind").endswith("undisclosed"),
    )


def _words(value: Json) -> str:
    """The text of a question or an answer, in its stable and unstable forms."""
    held = mapping(value)
    said = [mapping(each) for each in listing(held.get("m.text"))]
    plain = next((text(each, "body") for each in said if text(each, "body")), "")
    return safe_text(plain or text(held, "org.matrix.msc1767.text") or text(held, "body"))[:200]
