"""One transaction and all that can be asked in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property

from sqlmodel.ext.asyncio.session import AsyncSession

from storage.faults import named_faults
from storage.queries.agencies import Agencies
from storage.queries.alerts import Alerts, Wishes
from storage.queries.approvals import Approvals
from storage.queries.assessments import Assessments
from storage.queries.base import HEAD, TURN
from storage.queries.bridges import Bridges
from storage.queries.briefings import Briefings
from storage.queries.buttons import Buttons
from storage.queries.cards import Cards
from storage.queries.contacts import Contacts
from storage.queries.custody import Custody
from storage.queries.forms import Forms
from storage.queries.handovers import Handovers
from storage.queries.inbox import Inbox
from storage.queries.incidents import Incidents
from storage.queries.lease import Leases
from storage.queries.ledger import Ledger
from storage.queries.messages import Messages
from storage.queries.objectives import Objectives
from storage.queries.orders import Orders
from storage.queries.organisation import Organisation
from storage.queries.outbox import Outbox
from storage.queries.passages import Passages
from storage.queries.people import People
from storage.queries.periods import Periods
from storage.queries.plans import Plans
from storage.queries.reactions import Reactions
from storage.queries.requests import Requests
from storage.queries.resources import Resources
from storage.queries.rooms import Rooms
from storage.queries.roster import Roster
from storage.queries.safety import Comms, Safety
from storage.queries.scene import Scene
from storage.queries.seals import Seals
from storage.queries.settings import Settings
from storage.queries.sitreps import Sitreps
from storage.queries.sources import Sources
from storage.queries.stock import Stock
from storage.queries.threads import Threads
from storage.queries.timeline import Timeline
from storage.queries.timers import Timers
from storage.queries.unread import Unread
from storage.queries.upkeep import Upkeep
from storage.queries.web import Web
from storage.queries.zones import Zones
from storage.tables import Row


class UnitOfWork:
    """All changes of one transaction stand or fall together."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.committed: list[Callable[[], None]] = []
        """Called after the commit, in order; never after a rollback."""

    @property
    def set_timers(self) -> bool:
        """Whether this transaction has dealt with timers."""
        return "timers" in self.__dict__

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that can fail alone: an exception undoes it and passes on."""
        before, queued = len(self.committed), len(self.outbox.added)
        info = self._session.info
        held = {name: info.get(name) for name in (TURN, HEAD)}
        try:
            with named_faults():
                async with self._session.begin_nested():
                    # SAVEPOINT is sent when the session asks for its connection, not before.
                    await self._session.connection()
                    yield
        except BaseException:
            del self.committed[before:]
            del self.outbox.added[queued:]
            # A lock that was taken in a savepoint is let go with it, and the head goes back.
            info.update(held)
            raise

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[None]:
        """As `savepoint`, around one single statement: SQLite undoes that by itself."""
        if self._session.get_bind().dialect.name == "sqlite":
            with named_faults():
                yield
        else:
            async with self.savepoint():
                yield

    async def foresee(self, room: str, account: str, remote: str) -> None:
        """Read ahead, in one question, what a message from that account will ask for."""
        self._scene = Scene(self._session)
        formless, unknown = await self._scene.read(room, account, remote)
        if formless:
            self.forms.absent.add((room, account))
        if unknown:
            self.messages.unknown.add((room, remote))

    async def settle(self) -> None:
        """Write down what is held back: what cannot be stored fails here and not later."""
        with named_faults():
            await self._session.flush()

    async def restore(self, *rows: Row) -> None:
        """Read rows again that a savepoint may have changed before it was undone."""
        for row in rows:
            await self._session.refresh(row)

    @cached_property
    def inbox(self) -> Inbox:
        """Updates taken, and how far each network was read."""
        return Inbox(self._session)

    @cached_property
    def outbox(self) -> Outbox:
        """Calls to be made."""
        return Outbox(self._session)

    @cached_property
    def messages(self) -> Messages:
        """Messages and where each of them stands."""
        return Messages(self._session)

    @cached_property
    def reactions(self) -> Reactions:
        """Who put which emoji on what."""
        return Reactions(self._session)

    @cached_property
    def rooms(self) -> Rooms:
        """Rooms."""
        return Rooms(self._session)

    @cached_property
    def bridges(self) -> Bridges:
        """Which rooms hear each other."""
        return Bridges(self._session)

    @cached_property
    def seals(self) -> Seals:
        """What may leave encrypted rooms."""
        return Seals(self._session)

    @cached_property
    def unread(self) -> Unread:
        """Events whose keys have not come."""
        return Unread(self._session)

    @cached_property
    def passages(self) -> Passages:
        """Who came and went."""
        return Passages(self._session)

    @cached_property
    def contacts(self) -> Contacts:
        """When networks were heard last."""
        return Contacts(self._session)

    @cached_property
    def people(self) -> People:
        """People and their accounts."""
        return People(self._session)

    @cached_property
    def forms(self) -> Forms:
        """Open questions."""
        return Forms(self._session)

    @cached_property
    def buttons(self) -> Buttons:
        """Choices offered."""
        return Buttons(self._session)

    @cached_property
    def threads(self) -> Threads:
        """Conversations beside the main ones, and where rooms have them."""
        return Threads(self._session)

    @cached_property
    def timers(self) -> Timers:
        """Things to do at a moment."""
        return Timers(self._session)

    @cached_property
    def ledger(self) -> Ledger:
        """The record."""
        return Ledger(self._session)

    @cached_property
    def agencies(self) -> Agencies:
        """Agencies and who belongs to them."""
        return Agencies(self._session)

    @cached_property
    def incidents(self) -> Incidents:
        """Incidents, their numbers and rooms."""
        return Incidents(self._session)

    @cached_property
    def organisation(self) -> Organisation:
        """Who holds which position."""
        return Organisation(self._session)

    @cached_property
    def timeline(self) -> Timeline:
        """What happened in an incident."""
        return Timeline(self._session)

    @cached_property
    def cards(self) -> Cards:
        """Which messages show which things."""
        return Cards(self._session)

    @cached_property
    def objectives(self) -> Objectives:
        """What is to be reached."""
        return Objectives(self._session)

    @cached_property
    def orders(self) -> Orders:
        """Who was told to do what."""
        return Orders(self._session)

    @cached_property
    def resources(self) -> Resources:
        """Units and where they are."""
        return Resources(self._session)

    @cached_property
    def custody(self) -> Custody:
        """Who has handed what to whom."""
        return Custody(self._session)

    @cached_property
    def requests(self) -> Requests:
        """What was asked for and what came of it."""
        return Requests(self._session)

    @cached_property
    def periods(self) -> Periods:
        """Operational periods and meetings."""
        return Periods(self._session)

    @cached_property
    def stock(self) -> Stock:
        """The one ledger of stock."""
        return Stock(self._session)

    @cached_property
    def roster(self) -> Roster:
        """Who is on scene."""
        return Roster(self._session)

    @cached_property
    def alerts(self) -> Alerts:
        """What everybody was warned of."""
        return Alerts(self._session)

    @cached_property
    def safety(self) -> Safety:
        """Safety messages and hazards."""
        return Safety(self._session)

    @cached_property
    def comms(self) -> Comms:
        """The communications plan."""
        return Comms(self._session)

    @cached_property
    def briefings(self) -> Briefings:
        """Briefings and their schedules."""
        return Briefings(self._session)

    @cached_property
    def wishes(self) -> Wishes:
        """Rooms that are to be opened."""
        return Wishes(self._session)

    @cached_property
    def handovers(self) -> Handovers:
        """Roles on their way, and unified command."""
        return Handovers(self._session)

    @cached_property
    def approvals(self) -> Approvals:
        """Texts that every commander has to approve."""
        return Approvals(self._session)

    @cached_property
    def assessments(self) -> Assessments:
        """Initial assessments."""
        return Assessments(self._session)

    @cached_property
    def sitreps(self) -> Sitreps:
        """Situation reports, what agencies count, and who owes a report."""
        return Sitreps(self._session)

    @cached_property
    def plans(self) -> Plans:
        """Action plans and blank forms."""
        return Plans(self._session)

    @cached_property
    def sources(self) -> Sources:
        """Who could give something, and agreements of mutual aid."""
        return Sources(self._session)

    @cached_property
    def lease(self) -> Leases:
        """Which process leads."""
        return Leases(self._session)

    @cached_property
    def web(self) -> Web:
        """What web rooms show, and the invitations to them."""
        return Web(self._session)

    @cached_property
    def upkeep(self) -> Upkeep:
        """What an operator asks, and what is cleared away."""
        return Upkeep(self._session)

    @cached_property
    def zones(self) -> Zones:
        """In which time zones rooms and people read."""
        return Zones(self._session)

    @cached_property
    def settings(self) -> Settings:
        """Values that the installation made for itself."""
        return Settings(self._session)
