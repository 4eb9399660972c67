"""People and their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, union, update
from sqlmodel import col, or_, select

from storage.queries.base import Queries
from storage.queries.merging import Merging
from storage.tables import Account, Agency, CheckIn, LinkCode, Person, Room


class People(Queries):
    """A person is one record with any number of chat accounts."""

    async def account(self, account: str) -> Account | None:
        """The account, if it ever wrote."""
        return await self.by_key(Account, account)

    async def see(
        self,
        account: str,
        now: datetime,
        *,
        name: str,
        handle: str | None,
        language: str | None,
    ) -> Account:
        """The account as the network shows it now; a first sight makes its person."""
        known = await self.account(account)
        if known is None:
            person = Person(name=name, made_at=now)
            self.session.add(person)
            await self.session.flush()
            values = {
                "id": account,
                "person_id": person.id,
                "name": name,
                "handle": handle,
                "language": language,
                "seen_at": now,
            }
            if not await self.insert_new(Account, values, on="id"):
                await self.session.delete(person)
                await self.session.flush()
            known = await self.account(account)
            assert known is not None
        if (known.name, known.handle) != (name, handle):
            known.name, known.handle = name, handle
        return known

    async def person(self, person_id: int) -> Person | None:
        """The person."""
        return await self.by_key(Person, person_id)

    async def accounts(self, person_id: int) -> Sequence[Account]:
        """The accounts of a person, by id."""
        found = select(Account).where(Account.person_id == person_id).order_by(Account.id)
        return (await self.session.exec(found)).all()

    async def twins(self, accounts: Sequence[str], network: str) -> dict[str, Account]:
        """For each account: the account of the same person on `network`, itself included."""
        wanted = (
            await self.session.exec(select(Account).where(col(Account.id).in_(accounts)))
        ).all()
        same = {account.id: account for account in wanted if account.id.startswith(f"{network}:")}
        others = {account.person_id for account in wanted if account.id not in same}
        by_person: dict[int, Account] = {}
        if others:
            found = await self.session.exec(
                select(Account).where(
                    col(Account.person_id).in_(others),
                    col(Account.id).startswith(f"{network}:", autoescape=True),
                )
            )
            by_person = {account.person_id: account for account in found.all()}
        return {
            account.id: same.get(account.id) or by_person[account.person_id]
            for account in wanted
            if account.id in same or account.person_id in by_person
        }

    async def private_rooms(self, person_id: int) -> list[str]:
        """Where a person can be told something alone: rooms that are not lost first, then the
        account that was seen last."""
        found = (
            select(Room.id)
            .join(Account, col(Account.private_room) == col(Room.id))
            .where(Account.person_id == person_id)
            .order_by(col(Room.lost).is_not(None), col(Account.seen_at).desc(), Account.id)
        )
        return list((await self.session.exec(found)).all())

    async def named(self, name: str) -> Sequence[Person]:
        """People of that name, or with an account of that name, in any case."""
        wanted = name.lower()
        accounts = select(Account.person_id).where(func.lower(col(Account.name)) == wanted)
        found = select(Person).where(
            or_(func.lower(col(Person.name)) == wanted, col(Person.id).in_(accounts))
        )
        return (await self.session.exec(found.order_by(col(Person.id)))).all()

    async def spoken(self, text: str, limit: int = 500) -> tuple[str, ...]:
        """The names with a space that occur in the first thousand characters of `text`, in any
        case: of agencies and teams, then of people and their accounts; `limit` at most."""
        words = " ".join(text[:1000].split())
        if " " not in words:
            return ()
        said = func.lower(literal(words))
        agencies = (Agency.name, Agency.short)
        names = [col(name) for name in (*agencies, CheckIn.team, Person.name, Account.name)]
        found = union(
            *(
                select(name.label("name"), literal(place).label("place")).where(
                    name.contains(" "), said.contains(func.lower(name), autoescape=False)
                )
                for place, name in enumerate(names)
            )
        ).subquery()
        ordered = select(found.c.name).order_by(found.c.place, found.c.name).limit(limit)
        return tuple(dict.fromkeys((await self.session.exec(ordered)).all()))

    async def by_handle(self, handle: str) -> Sequence[Account]:
        """Accounts of that handle, in any case."""
        found = select(Account).where(func.lower(col(Account.handle)) == handle.lower())
        return (await self.session.exec(found)).all()

    async def add_code(
        self, code: str, person_id: int, room: str, now: datetime, until: datetime
    ) -> None:
        """A code, shown in `room`, that joins another account to this person until then."""
        self.session.add(
            LinkCode(code=code, person_id=person_id, room=room, made_at=now, until=until)
        )
        await self.session.flush()

    async def code(self, code: str) -> LinkCode | None:
        """The code, used or not."""
        return await self.session.get(LinkCode, code)

    async def claim_code(self, code: str, account: str) -> bool:
        """Bind the code to the account that asks; False if somebody was faster."""
        free = (col(LinkCode.code) == code, col(LinkCode.claimed_by).is_(None))
        claimed = update(LinkCode).where(*free).values(claimed_by=account)
        return (await self.run(claimed)).rowcount == 1

    async def use_code(self, code: str) -> bool:
        """Spend the code; False if it is spent."""
        free = (col(LinkCode.code) == code, col(LinkCode.used).is_(False))
        return (await self.run(update(LinkCode).where(*free).values(used=True))).rowcount == 1

    async def move(self, from_person: int, to_person: int) -> None:
        """Give all accounts of one person to another and forget the empty one."""
        for account in await self.accounts(from_person):
            account.person_id = to_person
            self.session.add(account)
        await Merging(self.session).move(from_person, to_person)
        empty = await self.person(from_person)
        kept = await self.person(to_person)
        if empty is not None and kept is not None:
            kept.agency = kept.agency or empty.agency
            await self.session.delete(empty)
            await self.session.flush()
