"""What a message holds, as it is stored with it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.richtext import Html
from bot.transports.base import Content, Media, Payload
from bot.transports.location import Location
from workflows.text import Json, Msg


def dump(content: Content) -> Payload:
    """The content as it is stored with its message."""
    made: Payload = {"html": content.html}
    if content.media:
        made["media"] = [media.to_json() for media in content.media]
    if content.uncarried is not None:
        made["uncarried"] = content.uncarried.to_json()
    if content.location is not None:
        made["location"] = content.location.to_json()
    if content.forwarded is not None:
        made["forwarded"] = content.forwarded
    if content.album is not None:
        made["album"] = content.album
    if content.poll is not None:
        made["poll"] = content.poll
    if content.quote is not None:
        made["quote"] = content.quote
    return made


def load(stored: Mapping[str, Json]) -> Content:
    """Read what `dump` wrote."""
    media = stored.get("media")
    uncarried, location = stored.get("uncarried"), stored.get("location")
    poll, forwarded = stored.get("poll"), stored.get("forwarded")
    album, quote = stored.get("album"), stored.get("quote")
    return Content(
        html=Html(str(stored.get("html", ""))),
        media=tuple(Media.from_json(each) for each in media if isinstance(each, Mapping))
        if isinstance(media, list)
        else (),
        uncarried=None if uncarried is None else Msg.from_json(uncarried),
        location=Location.from_json(location) if isinstance(location, Mapping) else None,
        forwarded=forwarded if isinstance(forwarded, str) else None,
        poll=poll if isinstance(poll, str) else None,
        album=album if isinstance(album, str) else None,
        quote=Html(quote) if isinstance(quote, str) else None,
    )
