"""Phrases about reports as people type them, and what each is read as.

Written as in `tests.unit.grammar.phrases`, at the same time and place.
"""

from __future__ import annotations

SITREPS: tuple[tuple[str, str], ...] = (
    ("/sitrep", "sitrep | status?"),
    ("/报告", "sitrep | status?"),
    ("/sitrep incident=I3", "sitrep | incident=I3 | status?"),
    ("/sitrep leak under control", "sitrep | status=leak under control"),
    (
        "/sitrep\nstatus: leak 80 % contained\ncasualties: 0\nneeds: 200 m boom",
        "sitrep | status=leak 80 % contained | casualties=0 | needs=200 m boom",
    ),
    (
        "/报告\n态势：泄漏已控制八成\n伤亡：0\n需求：围油栏200米",
        "sitrep | status=泄漏已控制八成 | casualties=0 | needs=围油栏200米",
    ),
    ("/报告 态势:堵漏", "sitrep | status=堵漏"),
    ("/sitrep injured: 2 measures: valves shut", "sitrep | measures=valves shut | injured=2"),
    ("/报告 死亡：2 失联：1", "sitrep | dead=2 | missing=1"),
    ("/报告 首报", "sitrep.first | status?"),
    ("/报告 首报 态势：泄漏 伤亡：0", "sitrep.first | status=泄漏 | casualties=0"),
    ("/sitrep first for=Fire status: fire", "sitrep.first | status=fire | for=Fire"),
    (
        "/sitrep update status: valve shut casualties: 1 dead, 2 injured",
        "sitrep.update | status=valve shut | casualties=1 dead, 2 injured",
    ),
    ("/报告 续报 态势：已关阀", "sitrep.update | status=已关阀"),
    ("/报告 终报 善后：居民已返回", "sitrep.final | aftermath=居民已返回"),
    ("/sitrep show S5", "sitrep.show | sitrep=S5"),
    ("/报告 查看 S5 全部=是", "sitrep.show | sitrep=S5 | whole=True"),
    ("/sitrep show", "sitrep.show | sitrep?"),
    ("/报告 列表", "sitrep.list"),
    ("/报告附图 S5", "sitrep.photo | sitrep=S5"),
    ("/sitrep text S5", "sitrep.text | sitrep=S5"),
    ("/报告 文本 S5", "sitrep.text | sitrep=S5"),
    ("/报告 数据", "sitrep.figures"),
    (
        "/sitrep settle dead 3 lists compared",
        "sitrep.settle | figure=dead | value=3 | reason=lists compared",
    ),
    ("/报告 核定 死亡 3 名单已核对", "sitrep.settle | figure=dead | value=3 | reason=名单已核对"),
    ("/sitrep due", "sitrep.due"),
    ("/sitrep due operations every=4h", "sitrep.due | to=role:operations | every=14400s"),
    ("/报告 应报 作业部部长 每=4小时", "sitrep.due | to=role:operations | every=14400s"),
    ("/报告 应报 @han 周期=是", "sitrep.due | to=handle:han | period=True"),
    ("/sitrep snooze 3 wait=10m", "sitrep.snooze | duty=3 | wait=600s"),
    ("/报告 时限 environment 名义=环保局", "sitrep.clock | pack=environment | for=环保局"),
    ("/报告 已电话报告", "sitrep.phoned"),
    # Wrong, or nearly.
    # A verb that may be the first word of a report is asked about.
    (
        "/sitrep First aid post open at the school",
        "? which /sitrep first status=aid post open at the school",
    ),
    (
        "/sitrep update 3 pumps in\ncasualties: 0",
        "? which /sitrep update status=3 pumps in casualties: 0",
    ),
    ("/sitrep Final: all out", "? which /sitrep final status=all out"),
    ("/报告 首报 泄漏已控制", "? which /sitrep first status=泄漏已控制"),
    ("/报告 续报 阀门已关 伤亡：0", "? which /sitrep update status=阀门已关 伤亡：0"),
    ("/sitrep first “aid post open”", "sitrep.first | status=aid post open"),
    ("/sitrep first\naid post open", "sitrep.first | status=aid post open"),
    ("/sitrep first casualties=0 leak", "sitrep.first | casualties=0 leak"),
    ("/报告首报 泄漏已控制", "sitrep.first | status=泄漏已控制"),
    ("/首报报告 泄漏已控制", "sitrep.first | status=泄漏已控制"),
    (
        "/sitrep status=First aid post open at the school",
        "sitrep | status=First aid post open at the school",
    ),
    ("/sitrep Initial attack failed", "sitrep | status=Initial attack failed"),
    ("/sitrep lst", "? which /sitrep list"),
    ("/首报", "? unknown-command /sitrep first"),
    ("/续报 态势：已关阀", "? unknown-command /sitrep update 态势：已关阀"),
    ("/sitrep dead: 3 dead: 4", "? repeated-key dead"),
    ("/sitrep statuz: x", "sitrep | status=statuz: x"),
    ("/sitrep settle dead", "sitrep.settle | figure=dead | value? | reason?"),
    ("我们马上写报告", "-"),
)
