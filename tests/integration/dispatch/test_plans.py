"""Forms and the action plan as those who ask for them, sign them and get them see them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.transports.web.files import FileStore
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_pictures import Studio


@dataclass
class Printer(Studio):
    """A desk whose papers can be read."""

    async def papers(self) -> list[tuple[str, bytes]]:
        """Each file that was sent, by name, with its content."""
        await self.ring()
        await self.drawn()
        found = []
        for each in await self.pictures():
            found.append((each["name"], self.files.path(each["sha256"]).read_bytes()))
        return found


@pytest.fixture
async def printer(each_desk: Desk, tmp_path: Path) -> Printer:
    """A Chinese and an English room, an incident that Li commands, Han of the same agency."""
    desk = each_desk
    await desk.bridge("fire", a="zh", b="en")
    await joined(desk, "Li")
    await joined(desk, "Han")
    await desk.say(B, "hello", by="wang")
    await desk.say(A, "/事件 新建 化工厂火灾 类型=火灾")
    return Printer(desk, FileStore(tmp_path / "media"))


def words(pdf: bytes) -> str:
    """What a PDF says, without white space."""
    from pypdf import PdfReader

    return "".join(
        "".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages
    )


async def test_a_form_follows_in_the_language_of_the_room(printer: Printer) -> None:
    await printer.desk.say(A, "/目标 新建 控制3号储罐火势 截止=18:00")
    await printer.desk.say(B, "/form 202")
    assert "ICS 202 Incident Objectives follows as PDF" in last(printer.desk, B)
    ((name, pdf),) = await printer.papers()
    assert name == "I1-ICS202.pdf"
    assert "控制3号储罐火势" in words(pdf)
    assert "3.Objectives" in words(pdf)
