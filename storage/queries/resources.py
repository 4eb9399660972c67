"""Resources as units: what they are, what they are promised for, where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlmodel import col, select

from storage.queries.base import Queries
from storage.tables import (
    Incident,
    Resource,
    ResourceBooking,
    ResourceBox,
    ResourceCheckout,
    ResourceDevice,
    ResourceFix,
    ResourceFollow,
    ResourceTrack,
    Row,
)

_R = TypeVar("_R", bound=Row)

RELEASED = "released"
"""The status of a unit that has gone home."""

OVER = ("closed", "merged")
"""The states of an incident in which nothing goes on."""


class Resources(Queries):
    """Units, bookings, tracks, devices and demobilisation."""

    async def add(self, **values: Any) -> Resource:
        """A new unit; see `Resource` for the values."""
        return await self._kept(Resource(**values))

    async def get(self, incident_id: int, number: int) -> Resource | None:
        """`U` of that number, as it is now; nobody else changes it before this transaction ends."""
        if number >= 2**31:
            return None
        found = select(Resource).where(
            Resource.incident_id == incident_id, Resource.number == number
        )
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def by_id(self, resource_id: int) -> Resource | None:
        """The unit with that key, as a timer names it."""
        return await self.session.get(Resource, resource_id)

    async def all(self, incident_id: int, *, here_only: bool = False) -> Sequence[Resource]:
        """The units of an incident, by number; `here_only` without those that were released."""
        found = select(Resource).where(Resource.incident_id == incident_id)
        if here_only:
            found = found.where(Resource.status != RELEASED)
        return (await self.session.exec(found.order_by(col(Resource.number)))).all()

    async def same(self, ident: str) -> Sequence[Resource]:
        """The units of open incidents that are one and the same thing, held for this transaction
        in order of their keys."""
        found = (
            select(Resource)
            .join(Incident, col(Incident.id) == Resource.incident_id)
            .where(
                Resource.ident == ident,
                Resource.status != RELEASED,
                col(Incident.state).not_in(OVER),
            )
            .order_by(col(Resource.id))
            .with_for_update(of=Resource)
        )
        fresh = found.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).all()

    async def ident(self, incident_id: int, number: int) -> str | None:
        """By what `U` of that number is known in other incidents; nothing is held."""
        if number >= 2**31:
            return None
        found = select(Resource.ident).where(
            Resource.incident_id == incident_id, Resource.number == number
        )
        return (await self.session.exec(found)).one_or_none()

    async def book(self, **values: Any) -> ResourceBooking:
        """A new booking; see `ResourceBooking` for the values."""
        return await self._kept(ResourceBooking(**values))

    async def bookings(
        self, resource_ids: Sequence[int], *, open_only: bool = True
    ) -> Sequence[ResourceBooking]:
        """What the units are promised for, the earliest first."""
        if not resource_ids:
            return []
        found = select(ResourceBooking).where(col(ResourceBooking.resource_id).in_(resource_ids))
        if open_only:
            found = found.where(ResourceBooking.state == "booked")
        return (
            await self.session.exec(
                found.order_by(col(ResourceBooking.starts_at), col(ResourceBooking.id))
            )
        ).all()

    async def booked(self, incident_id: int) -> Sequence[ResourceBooking]:
        """Every open booking of an incident, the earliest first."""
        found = select(ResourceBooking).where(
            ResourceBooking.incident_id == incident_id, ResourceBooking.state == "booked"
        )
        return (await self.session.exec(found.order_by(col(ResourceBooking.starts_at)))).all()

    async def booking(self, booking_id: int) -> ResourceBooking | None:
        """The booking with that key, as it is now."""
        return await self.session.get(ResourceBooking, booking_id, populate_existing=True)

    async def bookings_of_order(
        self, incident_id: int, order_number: int
    ) -> Sequence[ResourceBooking]:
        """The open bookings that serve an order."""
        found = select(ResourceBooking).where(
            ResourceBooking.incident_id == incident_id,
            ResourceBooking.order_number == order_number,
            ResourceBooking.state == "booked",
        )
        return (await self.session.exec(found)).all()

    async def bookings_of_request(
        self, incident_id: int, request_number: int
    ) -> Sequence[ResourceBooking]:
        """Every booking that served a request."""
        found = select(ResourceBooking).where(
            ResourceBooking.incident_id == incident_id,
            ResourceBooking.request_number == request_number,
        )
        return (await self.session.exec(found.order_by(col(ResourceBooking.id)))).all()

    async def track(self, resource_id: int) -> ResourceTrack | None:
        """Where a unit was last."""
        return await self.session.get(ResourceTrack, resource_id)

    async def tracks(self, incident_id: int) -> dict[int, ResourceTrack]:
        """Where the units of an incident were last, by the unit's key."""
        found = (
            select(ResourceTrack)
            .join(Resource, col(Resource.id) == ResourceTrack.resource_id)
            .where(Resource.incident_id == incident_id)
        )
        return {each.resource_id: each for each in (await self.session.exec(found)).all()}

    async def fix(self, keep: int, **values: Any) -> None:
        """One more position; of the unit's earlier ones the newest `keep` stay."""
        made = await self._kept(ResourceFix(**values))
        old = (
            select(ResourceFix.id)
            .where(ResourceFix.resource_id == made.resource_id)
            .order_by(col(ResourceFix.at).desc(), col(ResourceFix.id).desc())
            .offset(keep)
            .limit(1000)
        )
        ids = list((await self.session.exec(old)).all())
        if ids:
            await self.run(delete(ResourceFix).where(col(ResourceFix.id).in_(ids)))

    async def fixes(self, resource_id: int, limit: int) -> Sequence[ResourceFix]:
        """The newest positions of a unit, the oldest of them first."""
        found = (
            select(ResourceFix)
            .where(ResourceFix.resource_id == resource_id)
            .order_by(col(ResourceFix.at).desc())
            .limit(limit)
        )
        return list(reversed((await self.session.exec(found)).all()))

    async def follow(self, **values: Any) -> ResourceFollow:
        """Somebody's location is to stand for a unit; see `ResourceFollow`."""
        return await self._kept(ResourceFollow(**values))

    async def followed(self, resource_id: int) -> Sequence[ResourceFollow]:
        """Whose location stands, or is asked for, for a unit."""
        found = select(ResourceFollow).where(
            ResourceFollow.resource_id == resource_id, col(ResourceFollow.until).is_(None)
        )
        return (await self.session.exec(found.order_by(col(ResourceFollow.id)))).all()

    async def carried_by(self, person_id: int) -> Sequence[Resource]:
        """The units for which that person's location stands."""
        found = (
            select(Resource)
            .join(ResourceFollow, col(ResourceFollow.resource_id) == Resource.id)
            .join(Incident, col(Incident.id) == Resource.incident_id)
            .where(
                ResourceFollow.person_id == person_id,
                col(ResourceFollow.until).is_(None),
                col(ResourceFollow.agreed_at).is_not(None),
                Resource.status != RELEASED,
                col(Incident.state).not_in(OVER),
            )
            .order_by(col(Resource.id))
        )
        return (await self.session.exec(found)).all()

    async def device(self, **values: Any) -> ResourceDevice:
        """A new tracker; see `ResourceDevice`."""
        return await self._kept(ResourceDevice(**values))

    async def device_of(self, secret: str) -> ResourceDevice | None:
        """The tracker that has that secret (SHA-256, hexadecimal) and may still report."""
        found = select(ResourceDevice).where(
            ResourceDevice.secret == secret, col(ResourceDevice.revoked_at).is_(None)
        )
        return (await self.session.exec(found)).one_or_none()

    async def devices(self, resource_id: int) -> Sequence[ResourceDevice]:
        """The trackers of a unit that may still report."""
        found = select(ResourceDevice).where(
            ResourceDevice.resource_id == resource_id, col(ResourceDevice.revoked_at).is_(None)
        )
        return (await self.session.exec(found.order_by(col(ResourceDevice.id)))).all()

    async def checkout(self, resource_id: int) -> ResourceCheckout | None:
        """A unit's demobilisation, if one was asked for."""
        return await self.session.get(ResourceCheckout, resource_id)

    async def boxes(self, resource_id: int) -> Sequence[ResourceBox]:
        """The boxes of a unit's demobilisation, in their order."""
        found = select(ResourceBox).where(ResourceBox.resource_id == resource_id)
        return (await self.session.exec(found.order_by(col(ResourceBox.place)))).all()

    async def save(self, *rows: Row) -> None:
        """Write changed rows, and new ones."""
        self.session.add_all(rows)
        await self.session.flush()

    async def _kept(self, made: _R) -> _R:
        self.session.add(made)
        await self.session.flush()
        return made
