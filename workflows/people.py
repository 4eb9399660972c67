"""People: one human being with accounts on several networks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Account, Person
from workflows.codes import new_code, read_code
from workflows.errors import Refusal
from workflows.text import _

CODE_LIFE = timedelta(minutes=10)
"""How long a code for joining accounts is valid."""


@dataclass(frozen=True, slots=True)
class Card:
    """Who somebody is."""

    person: Person
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """`account` wants to be joined to `person`, whose accounts must agree."""

    code: str
    person: Person
    accounts: tuple[Account, ...]
    room: str
    """Where the code was shown, and where the owner is asked."""


async def card(uow: UnitOfWork, account: str) -> Card:
    """The person behind an account that has written."""
    known = await uow.people.account(account)
    assert known is not None
    person = await uow.people.person(known.person_id)
    assert person is not None
    assert person.id is not None
    return Card(person, tuple(await uow.people.accounts(person.id)))


async def issue_code(uow: UnitOfWork, account: str, *, room: str, now: datetime) -> str:
    """A one-time code by which another account can ask to be joined to this person."""
    owner = await card(uow, account)
    assert owner.person.id is not None
    code = new_code()
    await uow.people.add_code(code, owner.person.id, room, now, now + CODE_LIFE)
    return code


async def claim(uow: UnitOfWork, typed: str, *, account: str, now: datetime) -> Claim:
    """Ask to be joined by that code. Raises `Refusal`.

    Nothing changes before the owner agrees, since a code that was shown in a group may have
    been read by others; the first to claim it is the only one.
    """
    code = read_code(typed)
    found = await uow.people.code(code)
    if found is None or found.used or found.until < now:
        raise _invalid(code)
    mine = await uow.people.account(account)
    assert mine is not None
    if mine.person_id == found.person_id:
        raise Refusal(
            "link-self",
            _("This account belongs to that person already. Type the code with the other account."),
        )
    if not await uow.people.claim_code(code, account) and found.claimed_by != account:
        raise _invalid(code)
    person = await uow.people.person(found.person_id)
    assert person is not None
    accounts = tuple(await uow.people.accounts(found.person_id))
    return Claim(code, person, accounts, found.room)


async def answer(uow: UnitOfWork, typed: str, *, owner: str, agreed: bool, now: datetime) -> str:
    """The owner of the code agrees or not; the account that had asked. Raises `Refusal`."""
    code = read_code(typed)
    found = await uow.people.code(code)
    if found is None or found.claimed_by is None or found.until < now:
        raise _invalid(code)
    mine = await uow.people.account(owner)
    if mine is None or mine.person_id != found.person_id:
        raise Refusal("link-owner", _("Only the person who asked for the code can answer this."))
    if not await uow.people.use_code(code):
        raise Refusal("link-used", _("This code was used already."))
    if agreed:
        other = await uow.people.account(found.claimed_by)
        assert other is not None
        if other.person_id != mine.person_id:
            await uow.people.move(other.person_id, mine.person_id)
        await uow.ledger.append(
            "person.linked", now, actor=owner, room=found.room, account=found.claimed_by
        )
    return found.claimed_by


def _invalid(code: str) -> Refusal:
    return Refusal(
        "link-code",
        _(
            "The code {code} is not valid. Type /me code with your other account for a new one; "
            "it lives ten minutes and works once.",
            code=code,
        ),
        argument="code",
    )
