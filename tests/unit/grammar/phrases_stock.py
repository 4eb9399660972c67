"""Phrases about stock as people type them, and what each is read as.

Written as in `tests.unit.grammar.phrases`, at the same time and place.
"""

from __future__ import annotations

PHRASES: tuple[tuple[str, str], ...] = (
    ("/stock", "stock.card"),
    (
        "/stock add 120 tents at D2 batch=A7 expiry=2027-06-30 class=1",
        "stock.add | qty=120 | kind=tents | at=D2 | batch=A7 | expiry=2027-06-30 | class=1",
    ),
    (
        "/stock add 12 boxes drinking water at D2",
        "stock.add | qty=12 boxes | kind=drinking water | at=D2",
    ),
    (
        "/stock take 20 tents from D2 to scene",
        "stock.take | qty=20 | kind=tents | from=D2 | to=scene",
    ),
    (
        "/stock take 3 life jackets from North",
        "stock.take | qty=3 | kind=life jackets | from=North",
    ),
    ("/stock take 5 tents", "stock.take | qty=5 | kind=tents"),
    (
        "/stock add 120 tents at North depot batch=A7",
        "stock.add | qty=120 | kind=tents | at=North depot | batch=A7",
    ),
    (
        "/stock take 5 tents from North depot to scene",
        "stock.take | qty=5 | kind=tents | from=North depot | to=scene",
    ),
    (
        "/stock move 5 tents from North depot to South depot",
        "stock.move | qty=5 | kind=tents | from=North depot | to=South depot",
    ),
    (
        "/stock depot set North depot contact=Li",
        "stock.depot set | depot=North depot | contact=Li",
    ),
    ("/stock export at North depot", "stock.export | at=North depot"),
    ("/stock import at North depot", "stock.import | at=North depot"),
    (
        "/stock capacity add production 5 tents at=North depot agency=Fire",
        "stock.capacity add | sort=production | qty=5 | name=tents | at=North depot | agency=Fire",
    ),
    (
        "/stock take 2 t rice from D1 to used reason=eaten at the shelter",
        "stock.take | qty=2 t | kind=rice | from=D1 | to=used | reason=eaten at the shelter",
    ),
    (
        "/stock put 18 tents at D2 condition=repair",
        "stock.put | qty=18 | kind=tents | at=D2 | condition=repair",
    ),
    (
        "/stock put 4 tents at D2 from transit",
        "stock.put | qty=4 | kind=tents | at=D2 | from=transit",
    ),
    ("/stock move 50 tents from D2 to D3", "stock.move | qty=50 | kind=tents | from=D2 | to=D3"),
    (
        "/stock damage 3 tents at D2 reason=leaking roof",
        "stock.damage | qty=3 | kind=tents | at=D2 | reason=leaking roof",
    ),
    (
        "/stock count 97 tents at D2 reason=three torn",
        "stock.count | qty=97 | kind=tents | at=D2 | reason=three torn",
    ),
    ("/stock list D2", "stock.list | what=D2"),
    ("/stock show tents", "stock.list | what=tents"),
    ("/stock expiring within 60d", "stock.expiring | within=5184000s"),
    ("/stock expiring", "stock.expiring"),
    (
        "/stock depot new North depot place=31.2304, 121.4737 agency=Fire",
        "stock.depot new | name=North depot | place=31.2304, 121.4737 | agency=Fire",
    ),
    ("/stock depot close D2", "stock.depot close | depot=D2"),
    (
        "/stock kind water unit=bottle pack=24/box also=饮用水 class=1",
        "stock.kind | name=water | unit=bottle | class=1 | also=饮用水 | pack=24/box",
    ),
    ("/stock capacity", "stock.capacity"),
    (
        "/stock capacity add production 500 tents per=24h lead=4h agency=Fire",
        "stock.capacity add | sort=production | qty=500 | name=tents | per=86400s | lead=14400s "
        "| agency=Fire",
    ),
    ("/stock capacity end 2", "stock.capacity end | number=2"),
    ("/stock import at D2", "stock.import | at=D2"),
    ("/stock import", "stock.import"),
    ("/stock export csv", "stock.export | format=csv"),
    ("/stock history tents", "stock.history | kind=tents"),
    ("/stock take", "stock.take | qty? | kind?"),
    ("/stock add tents", "? bad-value qty"),
    ("/stock take 3 tents from", "stock.take | qty=3 | kind=tents from"),
    ("/stock tke 3 tents", "? unknown-verb /stock take 3 tents"),
    ("/stock move 5 tents from D2", "stock.move | qty=5 | kind=tents | from=D2 | to?"),
    ("/stock take -5 tents from D2", "? bad-value qty"),
    ("/库存", "stock.card"),
    (
        "/库存 入库 120顶 帐篷 库=D2 批号=A7 有效期=2027-06-30 分类=1",
        "stock.add | qty=120 顶 | kind=帐篷 | at=D2 | batch=A7 | expiry=2027-06-30 | class=1",
    ),
    ("/库存入库 两百箱 矿泉水 库=北库", "stock.add | qty=200 箱 | kind=矿泉水 | at=北库"),
    ("/入库 30 铁锹 库=D1", "? unknown-command /stock add 30 铁锹 库=D1"),
    (
        "/库存 出库 20顶 帐篷 从=D2 去向=现场",
        "stock.take | qty=20 顶 | kind=帐篷 | from=D2 | to=scene",
    ),
    ("/库存 领用 3 帐篷 从=D2", "stock.take | qty=3 | kind=帐篷 | from=D2"),
    ("/出库 5 帐篷", "? unknown-command /stock take 5 帐篷"),
    (
        "/库存 还库 18顶 帐篷 库=D2 状况=待修",
        "stock.put | qty=18 顶 | kind=帐篷 | at=D2 | condition=repair",
    ),
    ("/库存 调拨 50顶 帐篷 从=D2 到=D3", "stock.move | qty=50 顶 | kind=帐篷 | from=D2 | to=D3"),
    (
        "/库存 报损 3顶 帐篷 库=D2 状况=待修 原因=屋顶漏水",
        "stock.damage | qty=3 顶 | kind=帐篷 | at=D2 | reason=屋顶漏水 | condition=repair",
    ),
    (
        "/库存 盘点 97顶 帐篷 库=D2 原因=三顶破损",
        "stock.count | qty=97 顶 | kind=帐篷 | at=D2 | reason=三顶破损",
    ),
    ("/盘点 0 帐篷 库=D2", "? unknown-command /stock count 0 帐篷 库=D2"),
    ("/库存 列表 帐篷", "stock.list | what=帐篷"),
    ("/库存 临期 60天", "stock.expiring | within=5184000s"),
    (
        "/库存 仓库新建 北岸物资库 位置=31.2304, 121.4737 单位=消防",
        "stock.depot new | name=北岸物资库 | place=31.2304, 121.4737 | agency=消防",
    ),
    ("/库存 新建仓库 南库", "stock.depot new | name=南库"),
    ("/库存 仓库关闭 D2", "stock.depot close | depot=D2"),
    (
        "/库存 物资 矿泉水 计量单位=瓶 包装=24瓶/箱 又名=water 分类=1",
        "stock.kind | name=矿泉水 | unit=瓶 | class=1 | also=water | pack=24瓶/箱",
    ),
    (
        "/库存 能力登记 运输 200吨 重型货车 每=24小时 准备=2小时",
        "stock.capacity add | sort=transport | qty=200 吨 | name=重型货车 | per=86400s "
        "| lead=7200s",
    ),
    ("/库存 能力", "stock.capacity"),
    ("/库存 导入 库=D2", "stock.import | at=D2"),
    ("/库存 导出 csv", "stock.export | format=csv"),
    ("/库存 流水 帐篷", "stock.history | kind=帐篷"),
    ("/库存 出库", "stock.take | qty? | kind?"),
    ("/库存 出裤 3 帐篷", "? unknown-verb /stock take 3 帐篷"),
    ("/库存 入库 帐篷 库=D2", "? bad-value qty"),
)
