"""Where the operator's administrators are told of what they have to mend."""

from __future__ import annotations

from dataclasses import dataclass

from storage import UnitOfWork


@dataclass(frozen=True)
class Administrators:
    """The accounts that the configuration names, by `network:id`."""

    accounts: tuple[str, ...] = ()

    async def rooms(self, uow: UnitOfWork) -> tuple[str, ...]:
        """For each who has ever written to the bot alone: where, on the network where the person
        was seen last. Nobody can be written to who has not."""
        found: dict[str, None] = {}
        for each in self.accounts:
            account = await uow.people.account(each)
            if account is not None:
                found.update(dict.fromkeys((await uow.people.private_rooms(account.person_id))[:1]))
        return tuple(found)
