"""What nearly every message asks for, in one question."""

from __future__ import annotations

from sqlalchemy import bindparam, case
from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import Account, Copy, FormRow, Person, Room

_FORM = (
    select(FormRow.id)
    .where(col(FormRow.room) == bindparam("here"), col(FormRow.account) == bindparam("who"))
    .scalar_subquery()
)
_COPY = (
    select(Copy.id)
    .where(col(Copy.room) == bindparam("here"), col(Copy.remote) == bindparam("shown"))
    .limit(1)
    .scalar_subquery()
)
_ABSENT = case((_FORM.is_(None), 1), else_=0) + case((_COPY.is_(None), 2), else_=0)
_SCENE = (
    select(Room, Account, Person, _ABSENT)
    .select_from(Room)
    .outerjoin(Account, col(Account.id) == bindparam("who"))
    .outerjoin(Person, col(Person.id) == col(Account.person_id))
    .where(col(Room.id) == bindparam("here"))
)


class Scene(Queries):
    """Rows that were read ahead; while they are held, asking for them by key is free."""

    held: list[object]

    async def read(self, room: str, account: str, remote: str) -> tuple[bool, bool]:
        """Read the room, the account and its person ahead.

        The answer: whether the account surely has no open form there, and whether `remote` there
        is surely no message of the map. Both are False for a room that is not known.
        """
        asked = {"here": room, "who": account, "shown": remote}
        found = (await self.session.exec(_SCENE, params=asked)).first()
        if found is None:
            return False, False
        *self.held, absent = found
        return bool(absent & 1), bool(absent & 2)
