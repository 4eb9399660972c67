"""A table of stock that somebody posts on one network becomes stock by a word on another."""

from __future__ import annotations

import io
import secrets

import pytest
from openpyxl import load_workbook

from tests.acceptance.places import Place

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_table_posted_on_telegram_is_imported_from_matrix_and_exported_again(
    places: dict[str, Place],
) -> None:
    """The bytes are fetched after the answer; the bad row is told, the good ones wait for a tap."""
    telegram, matrix = places["telegram"], places["matrix"]
    mark = secrets.token_hex(3)
    short, name = f"S{mark}", f"Boots {mark}"
    await telegram.command(f"/单位 新建 {short}")
    await telegram.command(f"/单位 加入 {short}")
    await matrix.command(f"/agency join {short}")
    made = await telegram.command(f"/库存 仓库新建 库{mark} 单位={short}")
    assert "已新建仓库D" in made.text

    table = (
        f"物资,数量,单位,仓库,有效期\n{name},40,双,库{mark},2031-05\n{name},-1,双,库{mark},\n"
    ).encode("gb18030")
    await telegram.attach("document", table, f"{mark}.csv", "text/csv")
    relayed = await matrix.see(lambda shown: shown.bot and shown.name == f"{mark}.csv")
    answer = await matrix.command("/stock import", reply_to=relayed.id)
    assert "I am reading the table" in answer.text
    report = await matrix.see_text(f"Rows of {mark}.csv that can be imported: 1; that cannot: 1.")
    assert "Row 3: A quantity is more than zero." in report.text
    assert f"New kinds, look for slips: {name}" in report.text
    await matrix.see(lambda shown: shown.bot and shown.name.startswith("stock-import-"))
    await matrix.choose(report, 1)
    await matrix.see_text(f"1 row of {mark}.csv is in stock now.")

    listed = await telegram.command(f"/库存 列表 库{mark}")
    assert f"{name} 40双：有效期至2031-05-31" in listed.text
    asked = await telegram.command(f"/库存 导出 xlsx 库=库{mark}")
    assert "表格共1行" in asked.text
    sent = await telegram.see(lambda shown: shown.bot and shown.name.endswith(".xlsx"))
    page = load_workbook(io.BytesIO(await telegram.content(sent))).worksheets[0]
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    assert rows[0][:4] == ["仓库", "物资", "数量", "计量单位"]
    assert rows[1][:4] == [f"库{mark}", name, 40, "双"]
