"""Values that the installation made for itself."""

from __future__ import annotations

from sqlmodel import select

from storage.queries.base import Queries
from storage.tables import Setting


class Settings(Queries):
    """Named values."""

    async def get(self, name: str) -> str | None:
        """The stored value; None if there is none."""
        found = await self.session.exec(select(Setting.value).where(Setting.name == name))
        return found.one_or_none()

    async def get_or_make(self, name: str, value: str) -> str:
        """The stored value; `value` is stored if there is none."""
        await self.insert_new(Setting, {"name": name, "value": value}, on="name")
        return (await self.session.exec(select(Setting.value).where(Setting.name == name))).one()
