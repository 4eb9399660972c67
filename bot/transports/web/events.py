"""What a web room remembers of each message, and how the browser is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from bot.richtext import Html, clean, safe_name
from bot.transports.base import Media, Outgoing, Payload
from bot.transports.media import with_left_out
from bot.transports.web.files import FILE_LIMIT, NETWORK, shown_inline
from storage.tables import WebEvent
from workflows.text import Json, Msg

Body: TypeAlias = "dict[str, Any]"
"""A stored event: what is said, by whom, and its reactions. See `said` and `relayed`."""

PENDING = "pending"
"""Set while a message of ours is stored but not yet taken: nobody is shown it."""


def said(
    *,
    name: str,
    text: str,
    html: Html,
    media: tuple[Media, ...],
    mentions: tuple[tuple[int, int, str], ...],
    reply_to: int | None,
    cid: str,
) -> Body:
    """A message typed here. `text` is as typed, for editing."""
    return {
        "name": name,
        "text": text,
        "html": html,
        "media": [each.to_json() for each in media],
        "mentions": [list(each) for each in mentions],
        "reply_to": reply_to,
        "cid": cid,
    }


def payload(outgoing: Outgoing, say: Callable[[Msg], str]) -> Payload:
    """A message for this room, as the delivery keeps it."""
    author = outgoing.author
    media = [each for each in outgoing.media if each.network == NETWORK or each.fits(FILE_LIMIT)]
    left = tuple(each for each in outgoing.media if each not in media)
    html = with_left_out(outgoing.html, left, say)
    made: Payload = {"html": clean(html), "language": outgoing.language}
    if author is not None:
        made["author"] = {
            "name": author.name,
            "agency": author.agency,
            "network": author.network,
            "account": author.account,
        }
    if outgoing.quote is not None:
        made["quote"] = {"name": outgoing.quote[0], "html": clean(outgoing.quote[1])}
    if media:
        made["media"] = [each.to_json() for each in media]
    if outgoing.location is not None:
        made["place"] = outgoing.location.uri
    if outgoing.choices:
        made["buttons"] = [
            {"token": choice.token, "label": choice.label} for choice in outgoing.choices
        ]
    if outgoing.mentions:
        made["mentioned"] = {
            account: {"account": target.account, "name": target.name}
            for account, target in outgoing.mentions.items()
        }
    if outgoing.mark is not None:
        made["mark"] = outgoing.mark
    return made


def relayed(payload: Payload, reply_to: int | None, media: list[Json]) -> Body:
    """A delivered message; `media` are its files, brought to this network's folder."""
    return {**payload, "media": media, "reply_to": reply_to, "delivered": True}


def author_of(event: WebEvent) -> str:
    """The name shown with the event; empty for what Lianzhi itself says."""
    author = event.body.get("author")
    return str(author["name"] if author else event.body.get("name", ""))


def people_of(events: list[WebEvent]) -> dict[str, str]:
    """Who was seen in these events: names by account, the last one counts."""
    found: dict[str, str] = {}
    for event in events:
        author = event.body.get("author")
        if author:
            found[str(author["account"])] = safe_name(str(author["name"]))
        elif event.account and event.body:
            found[event.account] = safe_name(str(event.body.get("name", "")))
    return found


def view(event: WebEvent, account: str) -> dict[str, Json]:
    """An event as the person of `account` may see it.

    `id`, `at` (ISO 8601, UTC), `kind` (`said`, `relayed`, `system`, `deleted`); then `author`
    {name, agency, network, account}, `html`, `mine`, `edited`, `reply_to`, `quote`, `mark`,
    `media` [{kind, name, mime, size, url}], `buttons` [{token, label}], `reactions`
    [{emoji, names, mine}], `pinned` (by whom), `mentioned`, `place` (a `geo:` address); for
    one's own also `text` and `cid`.
    """
    body: Mapping[str, Any] = event.body
    shown: dict[str, Json] = {"id": event.id, "at": event.at.isoformat()}
    mine = event.account == account
    if event.deleted_at is not None:
        return shown | {"kind": "deleted", "mine": mine}
    author = body.get("author")
    shown["kind"] = ("relayed" if author else "system") if body.get("delivered") else "said"
    if author:
        shown["author"] = author
    elif not body.get("delivered"):
        shown["author"] = {
            "name": body.get("name", ""),
            "agency": None,
            "network": "web",
            "account": event.account,
        }
    shown |= {"html": body.get("html", ""), "mine": mine, "edited": bool(body.get("edited"))}
    for key in ("reply_to", "quote", "mark", "buttons", "mentioned", "place", "pinned"):
        if body.get(key):
            shown[key] = body[key]
    if body.get("media"):
        shown["media"] = [_file(event, at, each) for at, each in enumerate(body["media"])]
    if found := _reactions(body):
        shown["reactions"] = [
            {"emoji": emoji, "names": list(who.values()), "mine": account in own}
            for emoji, own, who in found
        ]
    if mine:
        shown |= {"text": body.get("text", ""), "cid": body.get("cid", "")}
        if body.get("mentions"):
            shown["mentions"] = body["mentions"]
    return shown


def _reactions(body: Mapping[str, Any]) -> list[tuple[str, Mapping[str, str], dict[str, str]]]:
    """Each emoji as it is written here, who of this room put it, and who of all rooms."""
    own: Mapping[str, Mapping[str, str]] = body.get("reactions") or {}
    others: Mapping[str, Mapping[str, str]] = body.get("others") or {}
    found: dict[str, tuple[str, Mapping[str, str], dict[str, str]]] = {}
    for emoji, who in own.items():
        if who:
            found[_bare(emoji)] = (emoji, who, dict(who))
    for emoji, who in others.items():
        found.setdefault(_bare(emoji), (emoji, {}, {}))[2].update(who)
    return list(found.values())


def _bare(emoji: str) -> str:
    """Without the variation selector, in which networks differ."""
    return emoji.replace("\ufe0f", "")


def _file(event: WebEvent, at: int, media: Mapping[str, Any]) -> dict[str, Json]:
    mime = str(media["mime"])
    kind = str(media["kind"]) if shown_inline(mime) else "document"
    shown: dict[str, Json] = {
        "kind": kind,
        "name": media["name"],
        "mime": mime,
        "size": media.get("size"),
    }
    if media.get("covered"):
        shown["covered"] = True
    if media["ref"].get("sha256"):
        # A browser keeps what it has fetched: another file has another address.
        shown["url"] = f"/media/{event.id}/{at}?v={media['ref']['sha256'][:12]}"
    return shown


def edited(body: Body, at: datetime, **changes: Any) -> Body:
    """`body` with `changes`, marked as edited."""
    return {**body, **changes, "edited": at.isoformat()}


def reacted(body: Body, emoji: str, account: str, name: str, *, add: bool) -> Body:
    """`body` with the person's emoji put on or taken off; repeating it changes nothing."""
    reactions = {key: dict(who) for key, who in (body.get("reactions") or {}).items()}
    who = reactions.setdefault(emoji, {})
    if add:
        who[account] = name
    else:
        who.pop(account, None)
    return {**body, "reactions": {key: who for key, who in reactions.items() if who}}


KEPT = ("reactions", "others", "pinned")
"""What people put on a message and an edit of it leaves there."""


def reacted_elsewhere(body: Body, payload: Payload) -> Body:
    """`body` with the reactions of other rooms' people, as `WebTransport.compose_reactions`
    names them."""
    return {**body, "others": payload.get("reactions") or {}}


def pinned(body: Body, by: str) -> Body:
    """`body` pinned by somebody, or unpinned where `by` is empty."""
    return {**body, "pinned": by}
