"""`lianzhi keys`: the keys of encrypted Matrix rooms, out into a file and in from one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.catalogues import Catalogues
from bot.leadership import alone
from bot.settings import Settings
from bot.terminal import Terminal
from bot.transports.base import SendFault, Wiring
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.transport import MatrixTransport
from storage import Store
from workflows.errors import Refusal
from workflows.text import _

MEMORY = "sqlite+aiosqlite://"

LONGEST_FILE = 10_000
"""Characters that a file with a passphrase may have."""


def passphrase(terminal: Terminal, file: Path | None, *, twice: bool) -> str:
    """The passphrase: the first line of a file, else typed unseen. Raises `Refusal`."""
    if file is not None:
        try:
            with file.open(encoding="utf-8") as opened:
                found = opened.readline(LONGEST_FILE).rstrip("\r\n")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise Refusal(
                "keys.passphrase",
                _("{path} cannot be read: {reason}", path=str(file), reason=str(reason)),
            ) from error
    else:
        asked = terminal.text(_("Passphrase of the key file"))
        again = terminal.text(_("The same again")) if twice else False
        found = str(typer.prompt(asked, hide_input=True, confirmation_prompt=again))
    if not found:
        raise Refusal("keys.passphrase", _("The passphrase is empty."))
    return found


async def export(settings: Settings, terminal: Terminal, file: Path, secret: str) -> int:
    """Write the keys of all encrypted rooms to a file, also beside a running process."""
    async with _matrix(settings) as matrix:
        await matrix.export_keys(file, secret)
    terminal.say(
        _(
            "The keys are in {path}, encrypted with the passphrase. Whoever has both can read all "
            "encrypted rooms.",
            path=str(file),
        )
    )
    return 0


async def bring(settings: Settings, terminal: Terminal, file: Path, secret: str) -> int:
    """Add the keys of such a file to those that are there, with no process running."""
    async with AsyncExitStack() as stack:
        if (database := settings.database_file) is not None:
            if database.parent.is_dir():
                stack.enter_context(alone(database))
        else:
            await _nobody_leads(settings)
        matrix = await stack.enter_async_context(_matrix(settings))
        await matrix.import_keys(file, secret)
    terminal.say(_("The keys of {path} are there from the next start on.", path=str(file)))
    return 0


async def _nobody_leads(settings: Settings) -> None:
    store = await Store.open(settings.database_url, migrate=False)
    try:
        async with store.read() as uow:
            held = await uow.lease.held()
    finally:
        await store.close()
    if held is not None and held.alive:
        raise Refusal(
            "keys.running",
            _(
                "Process {pid} on {host} is running: stop it first, or it will not know the keys.",
                pid=str(held.holder.pid),
                host=held.holder.host,
            ),
        )


@asynccontextmanager
async def _matrix(settings: Settings) -> AsyncIterator[MatrixTransport]:
    section = settings.sections.get("matrix")
    if not isinstance(section, MatrixSettings):
        raise Refusal("keys.matrix", _("There is no [matrix] in the configuration."))
    store = await Store.open(MEMORY)
    matrix = MatrixTransport(
        Wiring(
            section=section,
            rooms=settings.rooms_of("matrix"),
            admins=settings.admins,
            store=store,
            catalogues=Catalogues.load(),
            now=lambda: datetime.now(UTC),
            data=settings.data,
        )
    )
    try:
        yield matrix
    except SendFault as fault:
        raise Refusal(
            "keys.homeserver",
            _(
                "{homeserver} does not let us in: {reason}",
                homeserver=section.homeserver,
                reason=fault.reason[:200],
            ),
        ) from fault
    finally:
        await matrix.aclose()
        await store.close()
