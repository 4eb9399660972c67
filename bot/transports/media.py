"""Files on their way between networks, and what stands for one that is too large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal, cast, get_args

from bot.richtext import Html, from_plain
from workflows.text import Json, Msg, _

MediaKind = Literal["photo", "video", "audio", "voice", "document", "sticker", "animation"]
"""How people see it. A sticker is a still picture, an animation moves by itself without sound."""

MEGABYTE = 1_048_576


RENEWED = "renewed"
"""In the payload of an edit: its file is another than the one that is shown."""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that lies on a network. `ref` is what that network needs to open it again."""

    network: str
    kind: MediaKind
    name: str
    mime: str
    ref: tuple[tuple[str, str], ...]
    size: int | None = None
    """Bytes."""
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    sha256: str | None = None
    """Of the content, in hexadecimal, where its network tells it."""
    link: str | None = None
    """Where people can fetch it who may."""
    reachable: bool = True
    """False where its network does not hand us the bytes, as Telegram above its limit."""
    covered: bool = False
    """Whether its sender has covered the picture: people see it once they ask to."""

    def to_json(self) -> dict[str, Json]:
        """A JSON value from which `Media.from_json` makes an equal one."""
        made: dict[str, Json] = {
            "network": self.network,
            "kind": self.kind,
            "name": self.name,
            "mime": self.mime,
            "ref": dict(self.ref),
        }
        for key in ("size", "width", "height", "seconds", "sha256", "link"):
            if (value := getattr(self, key)) is not None:
                made[key] = value
        if not self.reachable:
            made["reachable"] = False
        if self.covered:
            made["covered"] = True
        return made

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Media:
        """Read what `to_json` wrote."""
        ref = value["ref"]
        assert isinstance(ref, Mapping)

        def whole(key: str) -> int | None:
            number = value.get(key)
            return number if isinstance(number, int) else None

        def text(key: str) -> str | None:
            held = value.get(key)
            return held if isinstance(held, str) else None

        kind = str(value["kind"])
        return Media(
            network=str(value["network"]),
            kind=cast(MediaKind, kind) if kind in get_args(MediaKind) else "document",
            name=str(value["name"]),
            mime=str(value["mime"]),
            ref=tuple((key, str(each)) for key, each in ref.items()),
            size=whole("size"),
            width=whole("width"),
            height=whole("height"),
            seconds=whole("seconds"),
            sha256=text("sha256"),
            link=text("link"),
            reachable=value.get("reachable") is not False,
            covered=value.get("covered") is True,
        )

    def fits(self, limit: int | None) -> bool:
        """Whether it can be fetched and given to a network that takes `limit` bytes."""
        return self.reachable and (limit is None or (self.size or 0) <= limit)


_SIGNS: Mapping[MediaKind, str] = {
    "photo": "🖼", "sticker": "🖼", "animation": "🎞", "video": "🎬", "voice": "🎤", "audio": "🎵",
    "document": "📄",
}  # fmt: skip


def sign(media: Media) -> str:
    """What stands for a file where it is quoted, in every language; names that people gave."""
    named = media.kind in ("audio", "document")
    return f"{_SIGNS[media.kind]} {media.name}" if named else _SIGNS[media.kind]


def left_out(media: Media, say: Callable[[Msg], str]) -> Html:
    """What stands for a file above a network's limit: name, size, and what else is known."""
    line = _(
        "File too large to pass on: {name}, {megabytes} MB",
        name=media.name,
        megabytes=f"{(media.size or 0) / MEGABYTE:.1f}",
    )
    shown = [f"<i>{from_plain(say(line))}</i>"]
    if media.sha256 is not None:
        shown.append(f"SHA-256: <code>{from_plain(media.sha256)}</code>")
    if media.link is not None:
        shown.append(f'<a href="{escape(media.link)}">{from_plain(media.link)}</a>')
    return Html("<br>".join(shown))


def not_brought(media: Media, say: Callable[[Msg], str]) -> str:
    """What stands for a file that one network does not hand out or the other does not take: its
    name, and its size if known."""
    if media.size is None:
        return say(_("File that could not be brought over: {name}", name=media.name))
    size = (
        f"{media.size / MEGABYTE:.1f} MB"
        if media.size >= MEGABYTE
        else f"{max(media.size / 1024, 0.1):.1f} KB"
    )
    return say(_("File that could not be brought over: {name}, {size}", name=media.name, size=size))


def with_left_out(html: Html, left: tuple[Media, ...], say: Callable[[Msg], str]) -> Html:
    """`html` with a line for each file of `left` below it."""
    lines = [str(left_out(each, say)) for each in left]
    return Html("<br>".join([str(html), *lines] if html else lines))
