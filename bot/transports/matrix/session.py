"""The login that outlives the process: one device for ever."""

from __future__ import annotations

import json
import os
import secrets
import string
from dataclasses import dataclass
from pathlib import Path

from bot.transports.matrix.shapes import mapping, text


@dataclass(frozen=True, slots=True)
class Session:
    """A device of an account; `access_token` is empty where the operator keeps the token."""

    user_id: str
    device_id: str
    access_token: str = ""


class SessionFile:
    """Keeps a `Session` in a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, user_id: str) -> Session | None:
        """What was saved for this account; None if there is nothing or it cannot be read."""
        try:
            held = mapping(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None
        if text(held, "user_id") != user_id or not text(held, "device_id"):
            return None
        return Session(user_id, text(held, "device_id"), text(held, "access_token"))

    def save(self, session: Session) -> None:
        """Replace the file as a whole, so that a crash leaves the old or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        made = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w", encoding="utf-8") as file:
            json.dump(
                {
                    "user_id": session.user_id,
                    "device_id": session.device_id,
                    "access_token": session.access_token,
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def new_device_id() -> str:
    """A device id of our own making, known before the first login, so that none is orphaned."""
    return "LIANZHI" + "".join(secrets.choice(string.ascii_uppercase) for _each in range(8))
