"""Rooms that the bot opens: one for each name, however often that is asked for."""

from __future__ import annotations

from urllib.parse import quote

from bot.transports.base import Rejected, RoomGone
from bot.transports.matrix.calls import API
from bot.transports.matrix.client import Client
from bot.transports.matrix.shapes import Body, text


async def open_room(
    client: Client, key: str, title: str, invited: tuple[str, ...], *, secret: bool
) -> str:
    """A private room with that title, these people invited; its id. With `secret` an encrypted one.

    The room's alias is made of `key`: asked again, the homeserver names the room that there is
    (CS API: POST /createRoom, M_ROOM_IN_USE). Raises `SendFault`.
    """
    localpart, _colon, server = client.user_id.removeprefix("@").partition(":")
    alias = f"{localpart}-{key}"
    body: Body = {
        "name": title,
        "preset": "private_chat",
        "visibility": "private",
        "room_alias_name": alias,
        "invite": [each.removeprefix("matrix:") for each in invited],
    }
    if secret:
        algorithm: Body = {"algorithm": "m.megolm.v1.aes-sha2"}
        body["initial_state"] = [
            {"type": "m.room.encryption", "state_key": "", "content": algorithm}
        ]
    try:
        made = await client.call("POST", f"{API}/createRoom", body)
    except Rejected as fault:
        if "M_ROOM_IN_USE" not in fault.reason:
            raise
        path = f"{API}/directory/room/{quote(f'#{alias}:{server}', safe='')}"
        made = await client.call("GET", path)
    except RoomGone as fault:
        raise Rejected(fault.reason) from fault
    room = text(made, "room_id")
    if not room:
        raise Rejected("the homeserver named no room")
    return f"matrix:{room}"
