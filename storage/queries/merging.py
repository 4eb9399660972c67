"""Two people who turn out to be one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, and_, delete, inspect, select, update
from sqlalchemy.schema import UniqueConstraint
from sqlmodel import col

from storage.queries.base import Queries, table
from storage.tables import Account, Order, Person, Row


class Merging(Queries):
    """Everything that refers to a person can refer to another instead."""

    async def move(self, from_person: int, to_person: int) -> None:
        """All that one person is, has and did is now the other's.

        Where both have what one can have only once, such as a place in an agency, the other's
        stays as it is.
        """
        await self.session.flush()
        touched = [
            each
            for each in Row.metadata.sorted_tables
            if each is not table(Account) and any(map(_is_person, each.columns))
        ]
        for each in touched:
            for column in filter(_is_person, each.columns):
                await self._move(each, column, from_person, to_person)
        for_person = (col(Order.kind) == "person", col(Order.assignee) == str(from_person))
        await self.run(update(Order).where(*for_person).values(assignee=str(to_person)))
        for row in list(self.session.identity_map.values()):
            if inspect(type(row)).local_table in touched:
                self.session.expunge(row)

    async def _move(self, of: Table, column: Column[Any], from_person: int, to_person: int) -> None:
        for key in _keys(of):
            if column.name not in key:
                continue
            other = of.alias()
            same = [other.c[name] == of.c[name] for name in key if name != column.name]
            held = select(other.c[column.name]).where(other.c[column.name] == to_person, *same)
            await self.run(delete(of).where(and_(column == from_person, held.exists())))
        await self.run(update(of).where(column == from_person).values({column.name: to_person}))


def _is_person(column: Column[Any]) -> bool:
    return column.references(table(Person).c.id)


def _keys(of: Table) -> list[set[str]]:
    unique = [each for each in of.constraints if isinstance(each, UniqueConstraint)]
    return [{c.name for c in each.columns} for each in (of.primary_key, *unique)]
