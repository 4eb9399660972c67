"""What the page itself says, in the language of each room."""

from __future__ import annotations

from collections.abc import Mapping

from bot.catalogues import Catalogues, Spoken
from workflows.text import Msg, _

TOO_LONG = _("This message is too long. Send it in parts, or as a file.")

WORDS: Mapping[str, Msg] = {
    "name": _("Your name"),
    "name_hint": _("Name shown to others"),
    "name_first": _("Enter your name first."),
    "write": _("Message"),
    "write_hint": _("Write a message, or / for commands"),
    "send": _("Send"),
    "sending": _("Sending…"),
    "sent": _("Sent"),
    "failed": _("Not sent"),
    "again": _("Send again"),
    "discard": _("Discard"),
    "too_long": TOO_LONG,
    "offline": _("Connection lost. Reconnecting…"),
    "ended": _("This invitation no longer opens the room. Ask whoever invited you."),
    "empty": _("Nothing has been said here yet."),
    "earlier": _("Earlier messages"),
    "unread": _("New messages"),
    "to_latest": _("To the latest message"),
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "edited": _("edited"),
    "deleted": _("This message was taken back."),
    "reply": _("Reply"),
    "edit": _("Edit"),
    "delete": _("Delete"),
    "delete_sure": _("Delete for everyone? Press again."),
    "react": _("React"),
    "reactions": _("Reactions"),
    "pin": _("Pin"),
    "unpin": _("Unpin"),
    "pinned": _("Pinned by {name}"),
    "attach": _("Attach files"),
    "detach": _("Remove {name}"),
    "drop": _("Drop files here"),
    "uploading": _("Uploading {name}"),
    "upload_failed": _("{name} could not be uploaded."),
    "replying": _("Replying to {name}"),
    "editing": _("Editing your message"),
    "cancel": _("Cancel"),
    "format": _("Formatting"),
    "bold": _("Bold"),
    "italic": _("Italic"),
    "underline": _("Underline"),
    "strike": _("Strikethrough"),
    "code": _("Code"),
    "quote": _("Quote"),
    "spoiler": _("Spoiler"),
    "link": _("Link"),
    "reveal": _("Show the hidden text"),
    "uncover": _("Show the covered picture"),
    "messages": _("Messages"),
    "said_by": _("{name}, {time}"),
    "machine": _("Lianzhi"),
    "commands": _("Commands"),
    "people": _("People"),
    "download": _("Download {name}"),
    "not_carried": _("{name} could not be brought over."),
    "answered": _("In reply to {name}"),
    "gone": _("The message is further back or gone."),
    "rooms": _("Rooms"),
    "from": _("via {network}"),
    "map": _("Open on a map"),
    "place": _("Share where you are"),
    "place_stop": _("Stop sharing where you are"),
    "place_sure": _(
        "Everybody in this room and those linked to it will see where you are, until you press "
        "again or close the page. Press once more to agree."
    ),
    "place_failed": _("Your browser does not say where you are."),
}

SKIP = _("Skip to the message field")
NO_SCRIPT = _("This page needs JavaScript.")
NO_ROOM = _("No web room is set up here.")
ENTERING = _("Opening the room…")
NOT_INVITED = _("This room is opened by an invitation link. Ask the operator for one.")
BAD_INVITE = _("This invitation is not valid any more. Ask whoever invited you for a new one.")
TITLE = _("Incident channel")
LOCAL_ONLY = _(
    "This address is for this machine only. To let others in, set [web] public_url and invite them."
)
OTHER_SITE = _("This request comes from another site and was refused.")


def said(catalogues: Catalogues, msg: Msg, language: str) -> str:
    """`msg` in a room's language; Chinese with English below each other for `both`."""
    params = {name: str(value) for name, value in msg.params}

    def shown(spoken: Spoken) -> str:
        text = catalogues.text(msg.id, spoken)
        return text.format_map(params) if params else text

    if language in ("zh", "en"):
        return shown("zh" if language == "zh" else "en")
    chinese, english = shown("zh"), shown("en")
    return chinese if chinese == english else f"{chinese} {english}"


def words(catalogues: Catalogues, language: str) -> dict[str, str]:
    """All of the page's words for one room; `{placeholders}` are filled in the browser."""
    return {key: said(catalogues, msg, language) for key, msg in WORDS.items()}
