"""Who came, went or changed their name, from changes of `m.room.member`."""

from __future__ import annotations

from bot.richtext import safe_text
from bot.transports.base import Change, Passed
from bot.transports.matrix.shapes import Body, is_id, mapping, text


def passed(raw: Body, own: str) -> Passed | None:
    """What a member event of a timeline tells people; None for invitations, new pictures, what
    concerns the bot itself, and where nothing says how it was before."""
    user = text(raw, "state_key")
    if text(raw, "type") != "m.room.member" or user == own or not is_id(user, "@"):
        return None
    unsigned, content = mapping(raw.get("unsigned")), mapping(raw.get("content"))
    if "prev_content" not in unsigned and text(unsigned, "replaces_state"):
        return None
    before = mapping(unsigned.get("prev_content"))
    was, now = text(before, "membership") == "join", text(content, "membership") == "join"
    old, new = _name(before, user), _name(content, user)
    account = f"matrix:{user}"
    if now and not was:
        change = Change("joined", account, new)
    elif was and not now:
        change = Change("left" if text(raw, "sender") == user else "removed", account, old)
    elif was and now and old != new:
        change = Change("renamed", account, new, old)
    else:
        return None
    return Passed((change,))


def _name(content: Body, user: str) -> str:
    return safe_text(text(content, "displayname")) or user.removeprefix("@").partition(":")[0]
