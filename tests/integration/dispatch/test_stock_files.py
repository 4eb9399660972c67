"""Tables of stock, posted and exported: what is good comes in once, what is bad is told."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from bot.clock import Clock
from bot.fetching import Fetching
from bot.post import PAPER
from bot.printing import Printing
from bot.richtext import Html
from bot.showing import Showing
from bot.transports.base import Content, Media, Said
from bot.transports.web.files import FileStore
from handlers import families
from handlers.context import Means
from handlers.posted import FETCH
from handlers.printed.press import Press
from handlers.ringing import Ring, Wake, discover_rings
from storage import UnitOfWork
from storage.tables import Timer
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import declared, last
from tests.integration.dispatch.test_stock import sums
from tests.unit.delivery.world import SHANGHAI
from workflows.shelf import Shelf

HEAD = "物资,数量,单位,仓库,批号,有效期,状况,分类\n"
GOOD = HEAD + '帐篷,20,顶,D1,A7,2027-06-30,完好,1\n矿泉水,"1,200",瓶,北岸物资库,,2027年3月,,1\n'


@dataclass
class Office:
    """A desk with a file store, where tables are read and made."""

    desk: Desk
    files: FileStore
    packs: Path | None = None
    fetching: Fetching = field(init=False)
    printing: Printing = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """The process is another one."""
        world = self.desk.world
        self.fetching = Fetching(
            world.store, {"loopback": world.net}, self.files, lambda: world.moment
        )
        self.printing = Printing(world.post, Press(), self.files)
        self.means = means = Means(Shelf(self.packs), files=self.files)

        def ringing(ring: Ring) -> Callable[[UnitOfWork, Timer], Awaitable[None]]:
            async def rung(uow: UnitOfWork, timer: Timer) -> None:
                await ring(Wake(uow, world.moment, SHANGHAI, Showing(world.post), timer, means))

            return rung

        rings = {kind: ringing(ring) for kind, ring in discover_rings(families).items()}
        self.clock = Clock(
            world.store,
            {**rings, FETCH: self.fetching.ring, PAPER: self.printing.ring},
            lambda: world.moment,
        )

    async def post(self, content: bytes, name: str = "库存.csv", caption: str = "") -> None:
        """Li posts a table in room A, as the message `f1`."""
        self.desk.world.net.files["f1"] = content
        media = Media("loopback", "document", name, "text/csv", (("id", "f1"),), len(content))
        said = Said(Content(html=Html(caption), media=(media,), text=caption))
        await self.desk.take(self.desk.event(A, said, remote=f"f{len(content)}"))
        self.remote = f"f{len(content)}"

    async def imports(self, content: bytes, typed: str = "/库存 导入", **more: Any) -> None:
        """Li posts a table and types the command in reply to it."""
        await self.post(content, **more)
        await self.desk.say(A, typed, reply_to=self.remote)
        await self.settle()

    async def settle(self) -> None:
        """Whatever is on its way is done."""
        for _turn in range(12):
            await self.clock.ring()
            await asyncio.gather(*self.fetching.under_way.values())
            await asyncio.gather(*self.printing.drawings.values())
            self.desk.world.moment += timedelta(seconds=0.3)
        await self.desk.delivered()

    async def paper(self) -> bytes:
        """The last table that was sent."""
        async with self.desk.world.store.read() as uow:
            found = [
                media["sha256"]
                for row in await self.desk.rows()
                if row.message_id is not None
                and (message := await uow.messages.get(row.message_id)) is not None
                for media in message.content.get("media", ())
                if media["network"] == "web"
            ]
        return self.files.path(found[-1]).read_bytes()


@pytest.fixture
async def office(each_desk: Desk, tmp_path: Path) -> AsyncIterator[Office]:
    """An incident, and an empty depot of 消防."""
    desk = await declared(each_desk)
    await desk.say(A, "/库存 仓库新建 北岸物资库 单位=消防")
    await desk.say(A, "/库存 物资 矿泉水 计量单位=瓶")
    await desk.say(A, "/库存 物资 帐篷 计量单位=顶")
    made = Office(desk, FileStore(tmp_path / "media"))
    yield made
    await made.fetching.aclose()
    await made.printing.aclose()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_a_good_table_comes_in_at_once_and_only_once(office: Office, encoding: str) -> None:
    await office.imports(GOOD.encode(encoding))
    assert "库存.csv中2行已入库" in last(office.desk)
    assert await sums(office.desk) == {"depot:1": 1220}
    await office.desk.say(A, "/库存 导入", reply_to=office.remote)
    assert "这份表格已经导入过" in last(office.desk)
    office.desk.world.net.files["f1"] = GOOD.encode(encoding)
    await office.post(GOOD.encode(encoding) + b"")
    assert await sums(office.desk) == {"depot:1": 1220}


async def test_a_caption_is_as_good_as_a_reply(office: Office) -> None:
    await office.post(GOOD.encode(), caption="/库存 导入")
    await office.settle()
    assert await sums(office.desk) == {"depot:1": 1220}


async def test_every_bad_row_is_told_with_its_reason_and_the_good_ones_wait_for_a_tap(
    office: Office,
) -> None:
    bad = (
        "帐篷,-3,顶,D1,,,,\n"
        "帐篷,1.5,顶,D1,,,,\n"
        "帐篷,3,吨,D1,,,,\n"
        "帐篷,三百,顶,D1,,,,\n"
        "帐篷,3,顶,D9,,,,\n"
        "帐篷,3,顶,D1,,2027-02-30,,\n"
        "帐篷,3,顶,D1,,,还行,\n"
        ",3,顶,D1,,,,\n"
        "帐篷,3,顶,D1,,,,7\n"
        "=cmd|' /C calc'!A0,3,顶,D1,,,,\n"
    )
    await office.imports((GOOD + bad).encode())
    report = next(text for text in office.desk.texts(A) if "不能导入" in text)
    assert "3行可以导入" in report
    assert "9行不能导入" in report
    assert "第4行" in report
    assert await sums(office.desk) == {}
    page = load_workbook(io.BytesIO(await office.paper())).worksheets[0]
    rows = list(page.iter_rows(values_only=True))
    assert len(rows) == 10
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    assert [row[0] for row in rows[1:]] == [4, 5, 6, 7, 8, 9, 10, 11, 12]
    await office.desk.take(office.desk.pressed(A, office.desk.choices(A)["导入3行"]))
    await office.settle()
    assert await sums(office.desk) == {"depot:1": 1223}


async def test_merged_cells_name_the_depot_of_many_rows_but_never_a_quantity(
    office: Office,
) -> None:
    book = Workbook()
    page: Any = book.active
    page.append(["北岸物资库盘存表"])
    page.merge_cells("A1:C1")
    for row in (
        ["仓库", "物资名称", "数量（顶）"],
        ["D1", "帐篷", 5],
        [None, "帐篷", 6],
        [None, "帐篷", None],
    ):
        page.append(row)
    page.merge_cells("A3:A5")
    page.merge_cells("C4:C5")
    out = io.BytesIO()
    book.save(out)
    await office.imports(out.getvalue(), name="盘存.xlsx")
    report = next(text for text in office.desk.texts(A) if "不能导入" in text)
    assert "第5行：数量位于合并单元格中" in report
    await office.desk.take(office.desk.pressed(A, office.desk.choices(A)["导入2行"]))
    await office.settle()
    assert await sums(office.desk) == {"depot:1": 11}


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "无法读取"),
        (b"a,b\n1,2\n", "找不到表头"),
        (b"PK\x03\x04 broken", "文件已损坏"),
    ],
)
async def test_what_is_no_table_of_stock_is_told(
    office: Office, content: bytes, answer: str
) -> None:
    await office.imports(content)
    assert answer in last(office.desk)
    assert await sums(office.desk) == {}


async def test_without_a_file_it_says_what_to_do(office: Office) -> None:
    await office.desk.say(B, "/stock import", by="li")
    assert "as a reply to a table" in last(office.desk, B)


async def test_a_long_table_survives_a_crash_in_its_middle(office: Office) -> None:
    rows = "".join(f"帐篷,1,顶,D1,N{number},,,\n" for number in range(60))
    await office.post((HEAD + rows).encode())
    await office.desk.say(A, "/库存 导入", reply_to=office.remote)
    await office.clock.ring()
    await asyncio.gather(*office.fetching.under_way.values())
    await office.clock.ring()
    office.restart()
    await office.settle()
    assert await sums(office.desk) == {"depot:1": 60}
    assert "库存.csv中60行已入库" in last(office.desk)


async def offered_twice(office: Office) -> tuple[int, int]:
    """The same table with a bad row, posted twice: both reports are there, nothing is stock."""
    content = (GOOD + "帐篷,-3,顶,D1,,,,\n").encode()
    for remote in ("one", "two"):
        office.desk.world.net.files["f1"] = content
        media = Media("loopback", "document", "库存.csv", "text/csv", (("id", "f1"),), len(content))
        said = Said(Content(html=Html("/库存 导入"), media=(media,), text="/库存 导入"))
        await office.desk.take(office.desk.event(A, said, remote=remote))
        await office.settle()
    assert await sums(office.desk) == {}
    return 1, 2


@pytest.mark.parametrize("settled", [True, False])
async def test_a_table_that_was_offered_twice_becomes_stock_once(
    office: Office, settled: bool
) -> None:
    for number in await offered_twice(office):
        await office.desk.say(A, f"/库存 导入确认 {number}")
        if settled:
            await office.settle()
    assert "同一份表格" in last(office.desk)
    await office.settle()
    assert await sums(office.desk) == {"depot:1": 1220}


async def test_two_imports_of_one_table_that_run_already_make_it_stock_once(
    office: Office,
) -> None:
    first, second = await offered_twice(office)
    async with office.desk.world.store.write() as uow:
        for number in (first, second):
            row = await uow.stock.import_by_id(number)
            assert row is not None
            row.state = "running"
            await uow.stock.save(row)
            await uow.timers.set("stock.import.run", str(number), office.desk.world.moment, {})
    await office.settle()
    assert await sums(office.desk) == {"depot:1": 1220}


async def test_a_table_is_read_from_its_file_once_however_long_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    read = office.files.read

    def counted(sha256: str) -> AsyncIterator[bytes]:
        reads.append(sha256)
        return read(sha256)

    monkeypatch.setattr(office.files, "read", counted)
    rows = "".join(f"帐篷,1,顶,D1,N{number},,,\n" for number in range(60))
    await office.imports((HEAD + rows).encode())
    assert await sums(office.desk) == {"depot:1": 60}
    assert len(reads) == 1
    assert office.means.tables.get(reads[0]) is None


@pytest.mark.parametrize("file", ["units.toml", "codes.toml"])
@pytest.mark.parametrize("rung", [1, 2])
async def test_a_broken_settings_file_stops_an_import_aloud_and_it_goes_on_when_mended(
    office: Office, tmp_path: Path, file: str, rung: int
) -> None:
    office.packs = tmp_path / "packs"
    office.packs.mkdir()
    office.restart()
    rows = "".join(f"帐篷,1,顶,D1,N{number},,,\n" for number in range(60))
    await office.post((HEAD + rows).encode())
    await office.desk.say(A, "/库存 导入", reply_to=office.remote)
    await office.clock.ring()
    await asyncio.gather(*office.fetching.under_way.values())
    if rung == 2:
        await office.clock.ring()
        office.desk.world.moment += timedelta(seconds=0.1)
        await office.clock.ring()
    (office.packs / file).write_text("[[[")
    office.restart()
    await office.settle()
    assert "配置文件有误" in last(office.desk)
    assert (await sums(office.desk)).get("depot:1", 0) < 60
    (office.packs / file).unlink()
    await office.desk.say(A, "/库存 导入", reply_to=office.remote)
    await office.settle()
    assert await sums(office.desk) == {"depot:1": 60}


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_what_is_exported_comes_in_again_as_it_was(office: Office, form: str) -> None:
    await office.desk.say(A, "/库存 入库 20顶 帐篷 库=D1 批号=A7 有效期=2027-06-30 分类=1")
    await office.desk.say(A, "/库存 入库 3顶 帐篷 库=D1 状况=待修")
    await office.desk.say(A, f"/库存 导出 {form}")
    await office.settle()
    made = await office.paper()
    await office.imports(made, name=f"stock.{form}")
    assert "中2行已入库" in last(office.desk)
    async with office.desk.world.store.read() as uow:
        held = await uow.stock.held(sort="depot")
    assert sorted((e.batch, e.condition, e.milli) for e in held) == [
        ("", "repair", 6000),
        ("A7", "good", 40000),
    ]
