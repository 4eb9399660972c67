"""The web rooms as pages need them: language, title, words, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.catalogues import Catalogues
from bot.transports.base import RoomWish
from bot.transports.web import events
from bot.transports.web.words import words
from storage import Store
from storage.tables import WebEvent
from workflows.text import Json

PAGE = 80
"""Messages that one look at the history brings."""

Menus = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Face:
    """How a room presents itself."""

    room: str
    title: str
    agency: str | None
    language: str

    @property
    def name(self) -> str:
        """The room without its network: what stands in addresses."""
        return self.room.removeprefix("web:")


class Rooms:
    """Reads what the store knows of the configured rooms."""

    def __init__(self, store: Store, catalogues: Catalogues, wishes: Sequence[RoomWish]) -> None:
        self._store = store
        self._catalogues = catalogues
        self._wishes = {wish.room: wish for wish in wishes}
        self.menus: Menus = {}

    def __contains__(self, room: str) -> bool:
        return room in self._wishes

    @property
    def ids(self) -> tuple[str, ...]:
        """The rooms in the configuration's order."""
        return tuple(self._wishes)

    async def face(self, room: str) -> Face:
        """The room's title, agency and language as they are now."""
        wish = self._wishes[room]
        async with self._store.read() as uow:
            known = await uow.rooms.get(room)
        if known is None:
            return Face(room, "", wish.agency, wish.language)
        return Face(room, known.title, known.agency, known.language)

    def words(self, language: str) -> dict[str, Json]:
        """The page's words in a room's language."""
        return dict(words(self._catalogues, language))

    def commands(self, language: str) -> list[Json]:
        """The command menu for a room: [command, what it does]."""
        spoken = ("zh", "en") if language == "both" else (language,)
        return [list(line) for each in spoken for line in self.menus.get(each, ())]

    async def page(
        self, room: str, account: str, before: int | None = None
    ) -> tuple[list[Json], bool]:
        """Messages before `before` (None: the latest), oldest first; whether there are more."""
        async with self._store.read() as uow:
            found: Sequence[WebEvent] = await uow.web.history(room, before=before, limit=PAGE + 1)
        more = len(found) > PAGE
        shown: list[Json] = [
            events.view(event, account)
            for event in found[-PAGE:]
            if not event.body.get(events.PENDING)
        ]
        return shown, more
