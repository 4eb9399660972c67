"""`/stock import`: a table that somebody posted becomes stock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from handlers.context import Context
from handlers.document import Block, Bullets, Button, Document, Heading, Inline, Paper, Para, lines
from handlers.families.stock import FAMILY
from handlers.posted import MEGABYTE, Wanted, fetch, given, names
from handlers.registry import Arg, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage import UnitOfWork
from storage.tables import StockImport
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.shelf import NotUsable
from workflows.standing import standing
from workflows.stock import depots, importing, kinds
from workflows.stock.importing import Bad, Checked
from workflows.stock.keeper import Keeper
from workflows.stock.units import units
from workflows.text import Json, Msg, _, ngettext

log = structlog.get_logger(__name__)

READ, RUN = "stock.import.read", "stock.import.run"
LIMIT = 5 * MEGABYTE
SLICE = 25
"""Rows of one transaction: nobody who types waits for a whole table."""
PAUSE = timedelta(milliseconds=50)
SHOWN = 8
"""Bad rows that are told in the chat; all of them are in the report."""


@command(
    FAMILY,
    Name("import", "导入", ("批量入库",)),
    Arg("at", "库", Kind.TEXT, leads=("at",), aliases=("depot", "仓库"), example=("D2", "D2")),
    allow="member",
    summary=_("As a reply to a table (CSV, XLSX), or as its caption: its rows become stock"),
    examples=("/stock import at D2", "/库存 导入 库=D2"),
)
async def import_(context: Context, args: Args) -> Document:
    """The table is fetched and read after this; what is wrong with it is told row by row."""
    context.narrow()
    message_id = None
    for each in (context.reply_to, context.message):
        message = None if each is None else await context.uow.messages.get(each)
        if message is not None and names(message):
            message_id = message.id
            break
    if message_id is None:
        raise Refusal(
            "import-file", _("Type this as a reply to a table (CSV or XLSX), or as its caption.")
        )
    typed = args.optional_text("at")
    depot = None if typed is None else await depots.named(context.uow, typed)
    known = await context.uow.stock.importing(message_id)
    if known is not None and known.state in ("running", "done"):
        raise Refusal("import-twice", _("This table was imported already."))
    incident = await context.incident_or_none()
    row = known or StockImport(
        message_id=message_id,
        room=context.place.id,
        person_id=context.actor.person_id,
        account=context.actor.account,
        made_at=context.now,
    )
    row.room, row.person_id = context.place.id, context.actor.person_id
    row.account, row.agency = context.actor.account, context.actor.agency
    row.depot_id = None if depot is None else depot.id
    row.incident_id = None if incident is None else incident.id
    row.state = "reading"
    await context.uow.stock.save(row)
    wanted = Wanted(message_id, then=READ, subject=str(row.id), limit=LIMIT, reader="sheet",
                    data={"admin": context.actor.admin, "name": context.actor.name})  # fmt: skip
    await fetch(context.uow, wanted, context.now)
    return Document((Para(_("I am reading the table; a report follows.")),))


async def read(wake: Wake) -> None:
    """The table is here: it is checked, and what would come of it is told."""
    row = await wake.uow.stock.import_by_id(int(wake.timer.subject))
    if row is None or row.state != "reading":
        return
    got = given(wake.timer.data)
    if isinstance(got, Msg):
        await _refuse(wake, row, got)
        return
    if row.sha256 != got.sha256:
        row.done = row.good = 0
    row.sha256, row.rows, row.name = got.sha256, got.made, got.name
    await wake.uow.stock.save(row)
    try:
        await _once(wake.uow, row)
        who = await _keeper(wake, row, wake.timer.data)
        sheet = await asyncio.to_thread(importing.parsed, await _rows(wake, row))
        depot = None if row.depot_id is None else await wake.uow.stock.depot(row.depot_id)
        checked = await importing.check(who, sheet, depot)
        at_once = bool(checked.good) and not checked.bad and not checked.fresh
        if at_once:
            await wake.uow.stock.turn()
            await _once(wake.uow, row)
    except Refusal as refusal:
        await _refuse(wake, row, refusal.text)
        return
    except NotUsable as broken:
        await _break_off(wake, row, broken)
        return
    row.total = len(checked.good)
    if at_once:
        await _begin(wake, row, wake.timer.data)
        return
    row.state = "offered" if checked.good else "refused"
    await wake.uow.stock.save(row)
    await wake.actions.tell(
        wake.uow,
        (row.room,),
        _report(row, checked, sheet.unknown),
        reply_to=row.message_id,
    )


@command(
    FAMILY,
    Name("import go", "导入确认", ("确认导入", "导入 确认")),
    Arg(
        "number",
        "编号",
        Kind.INTEGER,
        required=True,
        question=_("Which import?"),
        example=("3", "3"),
    ),
    allow="member",
    summary=_("Import the good rows of a table whose report was read"),
    examples=("/stock import go 3", "/库存 导入确认 3"),
)
async def import_go(context: Context, args: Args) -> Document:
    """What a button of the report says."""
    context.narrow()
    number = args.integer("number")
    row = await context.uow.stock.import_by_id(number) if 0 < number < 2**62 else None
    if row is None or row.person_id != context.actor.person_id:
        raise Refusal("import-unknown", _("There is no table of yours that waits for this."))
    if row.state != "offered":
        raise Refusal("import-twice", _("This was decided already. Nothing was changed."))
    await context.uow.stock.turn()
    await _once(context.uow, row)
    row.state, row.room = "running", context.place.id
    await context.uow.stock.save(row)
    data: dict[str, Json] = {"admin": context.actor.admin, "name": context.actor.name}
    await context.uow.timers.set(RUN, str(row.id), context.now, data)
    return Document((Para(_("The good rows are being imported.")),))


async def _begin(wake: Wake, row: StockImport, data: dict[str, Any]) -> None:
    row.state = "running"
    await wake.uow.stock.save(row)
    kept = {"admin": data.get("admin", False), "name": data.get("name", "")}
    await wake.uow.timers.set(RUN, str(row.id), wake.now, kept)


async def run(wake: Wake) -> None:
    """The next rows become stock; the last ones end it. Each row once, whatever happens between."""
    row = await wake.uow.stock.import_by_id(int(wake.timer.subject))
    if row is None or row.state != "running":
        return
    depot = None if row.depot_id is None else await wake.uow.stock.depot(row.depot_id)
    try:
        if row.done == 0:
            await wake.uow.stock.turn()
            await _once(wake.uow, row)
        who = await _keeper(wake, row, wake.timer.data)
        rows = await _rows(wake, row)
    except Refusal as refusal:
        await _refuse(wake, row, refusal.text)
        return
    except NotUsable as broken:
        await _break_off(wake, row, broken)
        return
    sheet = importing.parsed(rows, slice(row.done, row.done + SLICE))
    failed: list[Json] = list(wake.timer.data.get("failed", []))
    failed += [{"n": each.number, "why": each.why.to_json()} for each in sheet.bad]
    for line in sheet.lines:
        try:
            async with wake.uow.savepoint():
                await importing.take(who, line, depot, _reason(row))
            row.good += 1
        except Refusal as refusal:
            failed.append({"n": line.number, "why": refusal.text.to_json()})
    row.done += SLICE
    if row.done < len(rows):
        await wake.uow.stock.save(row)
        data = {**wake.timer.data, "failed": failed}
        await wake.uow.timers.set(RUN, str(row.id), wake.now + PAUSE, data)
        return
    row.state = "done"
    if row.rows is not None:
        wake.means.tables.drop(row.rows)
    await wake.uow.stock.save(row)
    await wake.uow.ledger.append(
        "stock.imported",
        wake.now,
        actor=row.account,
        room=row.room,
        sha256=row.sha256,
        rows=row.good,
        name=row.name,
    )
    text = ngettext(
        "{n} row of {name} is in stock now.", "{n} rows of {name} are in stock now.",
        row.good, name=row.name,
    )  # fmt: skip
    blocks: list[Block] = [Para(text)]
    if failed:
        blocks.append(
            Para(ngettext("{n} row was left out.", "{n} rows were left out.", len(failed)))
        )
        known = [each for each in failed if isinstance(each, dict)]
        blocks.append(
            Bullets(
                tuple(
                    _("Row {number}: {why}", number=str(each["n"]), why=Msg.from_json(each["why"]))
                    for each in known[:SHOWN]
                )
            )
        )
    buttons = (Button(_("Stock"), "/stock"),)
    await wake.actions.tell(
        wake.uow, (row.room,), Document(tuple(blocks), buttons), reply_to=row.message_id
    )


async def _once(uow: UnitOfWork, row: StockImport) -> None:
    """Raise `Refusal` (`import-twice`) if the very same table is or becomes stock already."""
    assert row.sha256 is not None
    assert row.id is not None
    other = await uow.stock.imported(row.sha256, besides=row.id)
    if other is None:
        return
    if other.state == "running":
        text = _("The very same table is being imported already. Nothing was changed.")
    else:
        text = _("The very same table was imported on {at}. Nothing was changed.", at=other.made_at)
    raise Refusal("import-twice", text)


async def _break_off(wake: Wake, row: StockImport, broken: NotUsable) -> None:
    """Rows that are in stock stay there; the same table goes on behind them when imported again."""
    log.error("an import stopped", number=row.id, error=str(broken))
    why = _(
        "A settings file of this installation is broken. Tell its operator; import the table "
        "again once it is mended."
    )
    await _refuse(wake, row, why)


def _reason(row: StockImport) -> str:
    return f"{row.name} {(row.sha256 or '')[:12]}"


async def _keeper(wake: Wake, row: StockImport, data: dict[str, Any]) -> Keeper:
    incident = None if row.incident_id is None else await wake.uow.incidents.get(row.incident_id)
    shelf = wake.means.shelf
    return Keeper(
        uow=wake.uow,
        units=units(shelf),
        codes=kinds.codes(shelf),
        standing=await standing(
            wake.uow,
            person_id=row.person_id,
            admin=bool(data.get("admin")),
            incident=incident,
            room=row.room,
            private=False,
            now=wake.now,
        ),
        by=By(row.person_id, row.account, str(data.get("name", "")), row.agency, row.room),
        now=wake.now,
        today=wake.now.astimezone(wake.zone).date(),
    )


async def _rows(wake: Wake, row: StockImport) -> Sequence[dict[str, Any]]:
    """The rows as they were read. Raises `Refusal` (`import-gone`)."""
    gone = Refusal("import-gone", _("The table is not there any more. Post it again."))
    if wake.means.files is None or row.rows is None:
        raise gone
    known = wake.means.tables.get(row.rows)
    if known is not None:
        return known
    try:
        content = b"".join([chunk async for chunk in wake.means.files.read(row.rows)])
    except OSError as error:
        raise gone from error
    read = await asyncio.to_thread(json.loads, content)
    found: list[dict[str, Any]] = read["rows"]
    wake.means.tables.keep(row.rows, found)
    return found


async def _refuse(wake: Wake, row: StockImport, why: Msg) -> None:
    row.state = "refused"
    await wake.uow.stock.save(row)
    await wake.actions.tell(wake.uow, (row.room,), Document((Para(why),)), reply_to=row.message_id)


def _row(number: int, why: Msg) -> Inline:
    return _("Row {number}: {why}", number=str(number), why=why)


def _report(row: StockImport, checked: Checked, unknown: tuple[str, ...]) -> Document:
    blocks: list[Block] = [
        Heading(
            _(
                "Rows of {name} that can be imported: {good}; that cannot: {bad}.",
                name=row.name,
                good=len(checked.good),
                bad=len(checked.bad),
            )
        )
    ]
    if checked.bad:
        blocks.append(Bullets(tuple(_row(e.number, e.why) for e in checked.bad[:SHOWN])))
    if len(checked.bad) > SHOWN:
        blocks.append(Para(_("All of them stand in the report that follows.")))
    if checked.fresh:
        blocks.append(Para(_("New kinds, look for slips: {names}", names=checked.fresh[:20])))
    if unknown:
        blocks.append(Para(_("Columns that mean nothing here: {names}", names=unknown[:10])))
    buttons: tuple[Button, ...] = ()
    if checked.good:
        label = ngettext("Import {n} good row", "Import {n} good rows", len(checked.good))
        buttons = (Button(label, f"/stock import go {row.id}", only=(row.account,)),)
    papers = (_bad(row, checked.bad),) if checked.bad else ()
    return Document(tuple(blocks), buttons, papers=papers)


def _bad(row: StockImport, bad: Sequence[Bad]) -> Paper:
    """Each bad row with its reason, as a table that can be mended and posted again."""
    width = max(len(each.cells) for each in bad)
    head: list[Json] = [lines(_("Row")), lines(_("Column")), lines(_("What is wrong"))]
    rows: list[Json] = [
        [
            each.number,
            lines(importing.LABELS[each.column]) if each.column else "",
            lines(each.why),
            *each.cells,
        ]
        for each in bad
    ]
    return Paper(
        name=f"stock-import-{row.id}",
        template="sheets",
        caption=_("Rows of {name} that were not taken", name=row.name),
        data={"title": lines(_("Rows")), "head": [*head, *[""] * width], "rows": rows},
        format="xlsx",
    )


RINGS: Rings = {READ: read, RUN: run}
