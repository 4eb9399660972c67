"""What was asked for and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from storage.queries.base import Queries
from storage.tables import Request, RequestLimit, RequestLine, RequestPart

ENDED = ("done", "rejected", "cancelled", "joined")
"""The states of a request of which nothing is waited for any more."""


class Requests(Queries):
    """Requests, their lines, the parts that suppliers promised, and limits of money."""

    async def add(self, **values: Any) -> Request:
        """A new request; see `Request` for the values."""
        made = Request(**values)
        self.session.add(made)
        await self.session.flush()
        return made

    async def get(self, incident_id: int, number: int) -> Request | None:
        """`R` of that number, as it is now; nobody else changes it before this transaction ends."""
        if number >= 2**31:
            return None
        found = select(Request).where(Request.incident_id == incident_id, Request.number == number)
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def by_id(self, request_id: int) -> Request | None:
        """The request with that key, as a timer names it."""
        return await self.session.get(Request, request_id)

    async def all(self, incident_id: int, *, open_only: bool = False) -> Sequence[Request]:
        """The requests of an incident, by number."""
        found = select(Request).where(Request.incident_id == incident_id)
        if open_only:
            found = found.where(col(Request.state).not_in(ENDED))
        return (await self.session.exec(found.order_by(col(Request.number)))).all()

    async def open(self, incident_id: int) -> Sequence[tuple[Request, RequestLine]]:
        """Each line of the requests that are not over, by numbers."""
        open_ = self._lines(incident_id).where(col(Request.state).not_in(ENDED))
        return (await self.session.exec(open_)).all()

    async def promised(self, incident_id: int) -> frozenset[int]:
        """The numbers of the requests of an incident for which something was ever promised."""
        found = (
            select(Request.number)
            .join(RequestPart, col(RequestPart.request_id) == col(Request.id))
            .where(Request.incident_id == incident_id)
            .distinct()
        )
        return frozenset((await self.session.exec(found)).all())

    async def lines(self, incident_id: int) -> Sequence[tuple[Request, RequestLine]]:
        """Each line of each request of an incident, by numbers."""
        return (await self.session.exec(self._lines(incident_id))).all()

    def _lines(self, incident_id: int) -> Select[Request, RequestLine]:
        return (
            select(Request, RequestLine)
            .join(RequestLine, col(RequestLine.request_id) == col(Request.id))
            .where(Request.incident_id == incident_id)
            .order_by(col(Request.number), col(RequestLine.number))
        )

    async def parts_of(self, incident_id: int) -> Sequence[tuple[Request, RequestPart]]:
        """Each part of each request of an incident, by numbers."""
        found = (
            select(Request, RequestPart)
            .join(RequestPart, col(RequestPart.request_id) == col(Request.id))
            .where(Request.incident_id == incident_id)
            .order_by(col(Request.number), col(RequestPart.number))
        )
        return (await self.session.exec(found)).all()

    async def lines_of(self, request_id: int) -> Sequence[RequestLine]:
        """The lines of a request, by number."""
        found = select(RequestLine).where(RequestLine.request_id == request_id)
        fresh = found.order_by(col(RequestLine.number)).execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).all()

    async def parts(self, request_id: int) -> Sequence[RequestPart]:
        """The parts of a request, by number."""
        found = select(RequestPart).where(RequestPart.request_id == request_id)
        fresh = found.order_by(col(RequestPart.number)).execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).all()

    async def limit(self, incident_id: int, agency: str = "") -> RequestLimit | None:
        """The money of an incident, or of an agency in it; held for this transaction."""
        found = select(RequestLimit).where(
            RequestLimit.incident_id == incident_id, RequestLimit.agency == agency
        )
        fresh = found.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).one_or_none()

    async def limits(self, incident_id: int) -> Sequence[RequestLimit]:
        """All limits of an incident, its own first, then by agency."""
        found = select(RequestLimit).where(RequestLimit.incident_id == incident_id)
        return (await self.session.exec(found.order_by(RequestLimit.agency))).all()

    async def save(self, *rows: Request | RequestLine | RequestPart | RequestLimit) -> None:
        """Write rows down, new ones too."""
        self.session.add_all(rows)
        await self.session.flush()
