"""Phrases about places, nearest sources and level packs as people type them.

Written as in `tests.unit.grammar.phrases`, at the same time and place.
"""

from __future__ import annotations

AT = "31.2304, 121.4737"

PHRASES: tuple[tuple[str, str], ...] = (
    ("/stock nearest boom", "stock.nearest | kind=boom"),
    ("/stock nearest 200 m boom", "stock.nearest | qty=200 m | kind=boom"),
    (
        "/stock near 200m boom at 31.2304, 121.4737",
        f"stock.nearest | qty=200 m | kind=boom | at={AT}",
    ),
    ("/stock nearest request=R12", "stock.nearest | request=R12"),
    ("/stock nearest request=I3-R12 line=2", "stock.nearest | request=I3-R12 | line=2"),
    ("/stock nearest 3 tents at https://maps.example.org/?q=1,2", "? bad-value at"),
    ("/库存 最近 围油栏", "stock.nearest | kind=围油栏"),
    ("/库存最近 200米 围油栏", "stock.nearest | qty=200 米 | kind=围油栏"),
    (
        "/库存 就近 两百米 围油栏 送到=北纬31.2304，东经121.4737",
        f"stock.nearest | qty=200 米 | kind=围油栏 | at={AT}",
    ),
    (
        "/库存 最近 50顶 帐篷 地点=31°13'49.44\"N 121°28'25.32\"E",
        f"stock.nearest | qty=50 顶 | kind=帐篷 | at={AT}",
    ),
    (
        "/库存 最近 水泵 地点=121.4737，31.2304",
        "? bad-value at /stock nearest 水泵 地点=31.2304, 121.4737",
    ),
    (
        "/stock reserve 200 m boom from=D2 request=R12",
        "stock.reserve | qty=200 m | kind=boom | from=D2 | request=R12",
    ),
    ("/库存 预留 200米 围油栏 从=D2", "stock.reserve | qty=200 米 | kind=围油栏 | from=D2"),
    (
        "/stock agreement Fire with=Police lead=15min",
        "stock.agreement | agency=Fire | with=Police | lead=900s",
    ),
    (
        "/库存 互助协议 消防 与=公安 时限=15分钟",
        "stock.agreement | agency=消防 | with=公安 | lead=900s",
    ),
    ("/库存 互助列表", "stock.agreements"),
    ("/request pack", "request.pack"),
    ("/request pack II type=flood", "request.pack | level=II | type=flood"),
    ("/需求 清单 III 类型=洪涝", "request.pack | level=III | type=flood"),
    ("/需求 清单 调整=3:250,5:0", "request.pack | change=[3:250, 5:0]"),
    ("/request pack change=3:250 accept=yes", "request.pack | change=[3:250] | accept=True"),
    (
        "/request 3 repair truck to 31.2304, 121.4737 by 18:00",
        f"request | amount=3 | kind=repair truck | to={AT} | by=11-22 18:00",
    ),
    (
        "/需求 3 抢修车 送到=3号阀室 31.2304,121.4737 截止=18:00",
        f"request | amount=3 | kind=抢修车 | to=3号阀室 ({AT}) | by=11-22 18:00",
    ),
    (
        "/incident new Leak place=geo:31.2304,121.4737;u=35 level=III",
        f"incident.new | title=Leak | level=III | place={AT}",
    ),
    (
        "/事件 新建 泄漏 地点=https://openstreetmap.org/?mlat=31.2304&mlon=121.4737 等级=III",
        f"incident.new | title=泄漏 | level=III | place={AT}",
    ),
    ("/事件 地点 51R UQ 54633 56140", "incident.place | place=31.2304, 121.473698"),
    ("/incident place 99.5, 200", "? bad-value place"),
    ("/事件 地点 北岸3号阀室", "incident.place | place=北岸3号阀室"),
)
