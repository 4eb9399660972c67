"""What `lianzhi check` finds around the bot: data files, fonts, servers for roads and maps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path

from bot.routing import Routing
from bot.settings import Settings
from bot.settings.model import near
from bot.tiles import Tiles
from bot.transports.base import Finding
from handlers.printed.press import FONTS, NotPrinted, Press
from workflows.incidents import zones
from workflows.organisation import assessment, headquarters
from workflows.periods.cycle import cycle
from workflows.requests import packing
from workflows.requests.reminding import reminders
from workflows.resources import demobilisation, resting
from workflows.shelf import NotUsable, Shelf
from workflows.sitreps import packs as clocks
from workflows.stock import expiry
from workflows.stock.kinds import codes
from workflows.stock.ranking import Terms
from workflows.stock.units import units
from workflows.text import Msg, _

DATA: Mapping[str, Callable[[Shelf], object]] = {
    "assessment": assessment.read_rules,
    "checkout": demobilisation.kinds,
    "codes": codes,
    "cycle": cycle,
    "headquarters": headquarters.checked,
    "reminders": reminders,
    "rest": resting.checked,
    "stock": expiry.warn_days,
    "travel": lambda shelf: Terms.read(shelf.read("workflows.stock", "travel")),
    "units": lambda shelf: units(shelf).checked(),
    "zones": zones.called,
}
"""What reads each data file, and raises `NotUsable` for a value with which it cannot work."""


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """What each of them looks like; servers only as far as they are configured."""
    for finding in data(settings.packs):
        yield finding
    yield await asyncio.to_thread(fonts)
    if settings.routing.url is not None:
        wish = settings.routing
        assert wish.url is not None
        asked = Routing(wish.url, wish.timeout, wish.profile).tried
        yield await answers("routing", asked, _("The routing server answers."))
    tiles = Tiles.of(settings.map)
    if tiles is not None:
        yield await answers("map", tiles.one, _("The map server gives tiles."))


def data(folder: Path | None) -> Iterator[Finding]:
    """Each data file that cannot be used, or one line that all can; the operator's own, and ours
    where they have none."""
    well = True
    for name, wrong in _faults(Shelf(folder)):
        well = False
        place = str(folder / f"{name}.toml") if folder is not None else f"{name}.toml"
        reason = wrong.removeprefix(f"{name}.toml: ")
        yield Finding(
            "data files",
            False,
            _("{path} cannot be used: {reason}", path=place, reason=reason),
            _("Compare it with the file of that name that comes with Lianzhi."),
        )
    for name in _strangers(folder):
        well = False
        meant = near(name, sorted(DATA))
        text = _("nothing reads {name}", name=f"{name}.toml")
        if meant is not None:
            text = _(
                'nothing reads {name} (did you mean "{near}"?)',
                name=f"{name}.toml",
                near=f"{meant}.toml",
            )
        yield Finding("data files", False, text, _("Rename it, or take it away."))
    if well:
        yield Finding("data files", True, _("all can be used"))


def _faults(shelf: Shelf) -> Iterator[tuple[str, str]]:
    for name, read in DATA.items():
        try:
            read(shelf)
        except NotUsable as wrong:
            yield name, str(wrong)
    for name in shelf.names(packing.PACKAGE, packing.PREFIX):
        try:
            packing.read(name, shelf.read(packing.PACKAGE, name))
        except NotUsable as wrong:
            yield name, str(wrong)
    for name in shelf.names(clocks.PACKAGE, clocks.PREFIX):
        try:
            clocks.read(name.removeprefix(clocks.PREFIX), shelf)
        except NotUsable as wrong:
            yield name, str(wrong)


def _strangers(folder: Path | None) -> list[str]:
    """Files of the operator's folder that stand for nothing."""
    if folder is None:
        return []
    known = DATA
    return sorted(
        each.stem
        for each in folder.glob("*.toml")
        if each.stem not in known and not each.stem.startswith((packing.PREFIX, clocks.PREFIX))
    )


def fonts(press: Press | None = None) -> Finding:
    """Whether pictures and papers can be set: without the font there is no Chinese on them."""
    try:
        (press or Press()).check()
    except NotPrinted as wrong:
        return Finding(
            "fonts",
            False,
            _("Pictures and PDFs cannot be made: {reason}", reason=str(wrong)),
            _("Install the package {name} again.", name=FONTS),
        )
    return Finding("fonts", True, _("Pictures and PDFs can be made."))


async def answers(part: str, ask: Callable[[], Awaitable[None]], well: Msg) -> Finding:
    """Whether a server of others answers as it should. Its address is not told: it may hold a
    key."""
    try:
        await ask()
    except TimeoutError:
        reason: Msg | str = _("no answer in time")
    except ValueError as error:
        reason = str(error)[:200]
    except Exception as error:
        reason = type(error).__name__
    else:
        return Finding(part, True, well)
    return Finding(
        part,
        False,
        _("The server cannot be used: {reason}", reason=reason),
        _("Is its address right in [{section}], and can this machine reach it? Lianzhi works "
          "without it.", section=part),
    )  # fmt: skip
