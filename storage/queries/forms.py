"""Open questions to people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.queries.base import Queries
from storage.tables import FormRow

_OPEN = select(FormRow).where(
    col(FormRow.room) == bindparam("here"), col(FormRow.account) == bindparam("of")
)


class Forms(Queries):
    """At most one open form for a person in a room."""

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)
        self.absent: set[tuple[str, str]] = set()
        """(room, account) of which it is known that there is none."""

    async def open(self, room: str, account: str) -> FormRow | None:
        """The form that waits for this account's answer here."""
        if (room, account) in self.absent:
            return None
        found = await self.session.exec(_OPEN, params={"of": account, "here": room})
        return found.one_or_none()

    async def get(self, form_id: int) -> FormRow | None:
        """The form, if it is still open."""
        return await self.session.get(FormRow, form_id)

    async def put(self, room: str, account: str, state: dict[str, Any], until: datetime) -> FormRow:
        """Open the form, or go on with the one that is open."""
        form = await self.open(room, account)
        self.absent.discard((room, account))
        if form is None:
            form = FormRow(room=room, account=account, state=state, until=until)
        form.state, form.until = state, until
        self.session.add(form)
        await self.session.flush()
        return form

    async def close(self, form: FormRow) -> None:
        """The form is answered, left or expired."""
        await self.session.delete(form)
        await self.session.flush()
