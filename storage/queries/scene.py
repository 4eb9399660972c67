"""What nearly every message asks for, in one question."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, case, select

from storage.prepared import Prepared
from storage.queries.base import Queries, table
from storage.tables import Account, Copy, FormRow, Person, Room, Row

_ROOM, _ACCOUNT, _PERSON = table(Room), table(Account), table(Person)
_FORM = (
    select(table(FormRow).c.id)
    .where(table(FormRow).c.room == bindparam("here"), table(FormRow).c.account == bindparam("who"))
    .scalar_subquery()
)
_COPY = (
    select(table(Copy).c.id)
    .where(table(Copy).c.room == bindparam("here"), table(Copy).c.remote == bindparam("shown"))
    .limit(1)
    .scalar_subquery()
)
_ABSENT = case((_FORM.is_(None), 1), else_=0) + case((_COPY.is_(None), 2), else_=0)
_SCENE = Prepared(
    lambda _dialect: (
        select(_ABSENT, *_ROOM.columns, *_ACCOUNT.columns, *_PERSON.columns)
        .select_from(_ROOM)
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == bindparam("who"))
        .outerjoin(_PERSON, _PERSON.c.id == _ACCOUNT.c.person_id)
        .where(_ROOM.c.id == bindparam("here"))
    )
)
_MODELS: tuple[type[Row], ...] = (Room, Account, Person)


class Scene(Queries):
    """Rows that were read ahead; while they are held, asking for them by key is free."""

    held: list[Row]

    async def read(self, room: str, account: str, remote: str) -> tuple[bool, bool]:
        """Read the room, the account and its person ahead.

        The answer: whether the account surely has no open form there, and whether `remote` there
        is surely no message of the map. Both are False for a room that is not known.
        """
        asked = {"here": room, "who": account, "shown": remote}
        found = await self.hot(_SCENE, asked)
        if not found:
            return False, False
        absent, *columns = found[0]
        self.held, values = [], iter(columns)
        for model in _MODELS:
            row: dict[str, Any] = {each.name: next(values) for each in table(model).columns}
            if row["id"] is not None:
                self.held.append(self.adopt(model, row))
        return bool(absent & 1), bool(absent & 2)
