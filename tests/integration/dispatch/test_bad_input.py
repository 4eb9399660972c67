"""What people type or press wrongly: one clear answer each, in the room's language."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.transports.base import Sender
from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.leak import last
from tests.integration.dispatch.test_orders import card
from workflows.organisation.rules import OFFER_LIFE

SUNS = tuple(Sender(f"telegram:{number}", "Sun") for number in (501, 502))

Case = tuple[str, str, str, str]
"""Typed in English and in Chinese, and what the answers have in them."""


@pytest.fixture
async def scene(desk: Desk) -> Desk:
    """Li of 消防 commands, Han and Zhao of 消防 lead two divisions, two people are called Sun."""
    await desk.bridge("leak", a="zh", b="en")
    await desk.take(
        *(desk.said(A, "在", by=name) for name in ("han", "zhao", "li")),
        desk.said(A, "/单位 新建 消防", by="admin"),
        *(
            desk.said(A, f"/单位 联络官 {name} 单位=消防", by="admin")
            for name in ("Han", "Zhao", "Li")
        ),
    )
    await desk.take(
        desk.said(A, "/事件 新建 泄漏"),
        *(desk.said(A, f"/角色 任命 片区 {name} 编号={name[0]}") for name in ("Han", "Zhao")),
        *(replace(desk.said(A, "在"), sender=each) for each in SUNS),
    )
    return desk


async def answered(desk: Desk, *cases: Case, by: str = "li") -> None:
    """Each is answered in both languages, and nothing is changed."""
    before, shown = await desk.ledger(), {room: len(desk.texts(room)) for room in (A, B)}
    await desk.take(
        *(desk.said(B, english, by=by) for english, *_more in cases),
        *(desk.said(A, chinese, by=by) for _english, chinese, *_more in cases),
    )
    said = {
        room: [
            text
            for text in desk.texts(room)[shown[room] :]
            if not text.startswith((f"{by.capitalize()}: ", f"{by.capitalize()}："))
        ]
        for room in (A, B)
    }
    assert len(said[A]) == len(said[B]) == len(cases)
    for (english, chinese, wanted, wanted_zh), in_b, in_a in zip(
        cases, said[B], said[A], strict=True
    ):
        assert wanted in in_b, english
        assert wanted_zh in in_a, chinese
        assert not re.search("[a-z]{4,} [a-z]{2,} [a-z]{2,}", in_a), chinese
    assert await desk.ledger() == before


async def test_a_level_that_does_not_exist_or_is_not_said(scene: Desk) -> None:
    await answered(
        scene,
        ("/incident level V", "/事件 定级 五级", "from I (most serious) to IV", "至 IV 级"),
        ("/incident level", "/事件 定级", "Say the level", "请写明级别"),
        ("/alert Out level=VII", "/警报 撤离 等级=九", "from I (most", "无法识别为“等级”"),
    )


async def test_a_role_that_does_not_exist_or_could_be_several(scene: Desk) -> None:
    await answered(
        scene,
        ("/role assign boss Han", "/角色 任命 老板 Han", "“boss” is not", "“老板”无法识别"),
        ("/role show boss", "/角色 职责 老板", "or 30 more", "另有 30 个"),
        ("/role release division", "/角色 解除 片区", "could be several", "可能有多种理解"),
        ("/order new division Out", "/指令 新建 片区 撤出", "Say which, as in", "编号=H"),
        ("/order new saftey Out", "/指令 新建 安全管 撤出", "Did you mean: safety", "安全官"),
    )


async def test_a_person_who_does_not_exist_or_could_be_several(scene: Desk) -> None:
    both = "Sun (telegram:501) and Sun (telegram:502)"
    both_zh = "Sun（telegram:501）和Sun（telegram:502）"
    await answered(
        scene,
        ("/role assign safety No1", "/角色 任命 安全官 No1", "I know nobody", "没有找到“No1”"),
        ("/role assign safety Sun", "/角色 任命 安全官 Sun", both, both_zh),
        ("/order new Sun Out", "/指令 新建 Sun 撤出", both, both_zh),
        ("/alert Out to=Sun", "/警报 撤出 对象=Sun", both, both_zh),
        ("/order new Zhoa Out", "/指令 新建 Zhoa 撤出", "Did you mean: Zhao", "是否指：Zhao"),
    )
    await scene.say(B, "/order new telegram:502 Out")
    assert "To Sun, from Li" in card(scene, 1)


async def test_a_time_that_does_not_exist_or_could_be_two(scene: Desk) -> None:
    new, new_zh = "/order new Han Out by=", "/指令 新建 Han 撤出 截止="
    await answered(
        scene,
        (f"{new}25:00", f"{new_zh}25:00", "There is no time 25:00", "没有 25:00 这个时刻"),
        (f"{new}yesterday", f"{new_zh}昨天", "The hour is missing", "没有写明几点"),
        (f"{new}03/04", f"{new_zh}03/04", "could be two days", "可能是两个日期"),
        (f"{new}15:00 start=16:00", f"{new_zh}15:00 开始=16:00", "but begins at", "不能早于开始"),
    )


async def test_a_reference_to_what_is_not_there_or_is_something_else(scene: Desk) -> None:
    await answered(
        scene,
        ("/order ack T9", "/指令 收到 T9", "There is no order T9", "没有指令 T9"),
        ("/order ack O1", "/指令 收到 O1", "not what is meant here", "不是此处所需的编号"),
        ("/order ack T", "/指令 收到 T", "a reference such as", "应为：编号"),
        ("/incident show I99", "/事件 查看 I99", "There is no incident I99", "没有事件 I99"),
        ("/objective done O9", "/目标 完成 O9", "There is no objective O9", "没有目标 O9"),
        ("/role accept H9", "/角色 接受 H9", "There is no offer H9", "没有移交H9"),
        ("/alert ack W9", "/警报 收到 W9", "There is no alert I1-W9", "没有警报"),
        ("/log strike L99 so", "/日志 划去 L99 错", "no entry I1-L99", "没有 I1-L99 这一条"),
    )


async def test_the_same_button_pressed_twice_and_one_from_yesterday(scene: Desk) -> None:
    await scene.say(B, "/order new Han Close valve 3", by="li")
    ack, ack_zh = choice(scene, B, "Acknowledge"), choice(scene, A, "收到")
    await scene.take(scene.pressed(B, ack, by="han"), scene.pressed(A, ack_zh, by="han"))
    assert "已经登记过" in last(scene, A)
    await scene.take(scene.pressed(B, ack, by="zhao"))
    assert "T1 is for Han, not for you" in last(scene, B)
    await scene.say(B, "/order withdraw T1", by="li")
    scene.world.moment += timedelta(days=1)
    before = await scene.ledger()
    await scene.take(scene.pressed(B, ack, by="han"), scene.pressed(A, ack_zh, by="han"))
    told = [text for _press, text in scene.world.net.answered[-2:]]
    assert told == ["This choice is over.", "该选项已失效。"]
    assert await scene.ledger() == before


async def test_acting_after_ones_role_has_ended(scene: Desk) -> None:
    await scene.say(A, "/角色 任命 作业部 Han")
    await scene.say(A, "/角色 解除 作业部 Han")
    await scene.say(A, "/角色 解除 片区 Han")
    await answered(
        scene,
        ("/order new Zhao Out", "/指令 新建 Zhao 撤出", "people with a role", "任职的人员"),
        ("/org expand planning", "/架构 增设 计划部", "Only command", "指挥"),
        ("/role release division", "/角色 解除 片区", "Only people with a role", "任职的人员"),
        ("/incident close", "/事件 关闭", "Only the Incident Commander", "总指挥"),
        by="han",
    )


async def test_acting_in_a_closed_incident(scene: Desk) -> None:
    await scene.say(A, "/事件 关闭 结束")
    closed, closed_zh = "I1 is closed", "I1 已关闭"
    await answered(
        scene,
        ("/order new Han Out", "/指令 新建 Han 撤出", closed, closed_zh),
        ("/alert Out", "/警报 撤出", closed, closed_zh),
        ("/objective new Shut valve 3", "/目标 新建 关闭3号阀", closed, closed_zh),
        ("/incident level II", "/事件 定级 II", closed, closed_zh),
        ("/role assign safety Han", "/角色 任命 安全官 Han", closed, closed_zh),
        ("/checkin", "/签到", closed, closed_zh),
        ("/log Valve shut", "/日志 阀门已关", closed, closed_zh),
    )


async def test_a_person_in_two_agencies_or_asking_two(scene: Desk) -> None:
    for name in ("公安", "水务"):
        await scene.say(A, f"/单位 新建 {name}", by="admin")
        await scene.say(A, f"/单位 加入 {name}", by="qian")
    await answered(
        scene,
        ("/agency approve Qian", "/单位 批准 Qian", "with agency=", "单位="),
        by="admin",
    )
    await answered(
        scene,
        (
            "/role assign safety Zhao agency=公安",
            "/角色 任命 安全官 Zhao 单位=公安",
            "Zhao does not belong to 公安, but to 消防",
            "Zhao不属于公安，所属单位：消防",
        ),
    )


async def code(desk: Desk, by: str) -> str:
    """A code for joining accounts that somebody asked for in the English room."""
    await desk.say(B, "/me code", by=by)
    found = re.search("/me link ([0-9A-Z]{8})", last(desk, B))
    assert found is not None
    return found[1]


async def test_the_same_account_is_linked_twice(scene: Desk) -> None:
    first = await code(scene, "han")
    await answered(
        scene,
        (
            f"/me link {first}",
            f"/我 绑定 {first}",
            "belongs to that person already",
            "就是您本人的",
        ),
        by="han",
    )
    await scene.say(A, f"/我 绑定 {first}", by="qian")
    token = choice(scene, B, "Agree")
    await scene.take(scene.pressed(B, token, by="han"))
    await scene.say(B, "/me", by="qian")
    assert "You are" in last(scene, B)
    assert "loopback:han" in last(scene, B)
    await answered(
        scene,
        (f"/me link {first}", f"/我 绑定 {first}", "is not valid", "无效"),
        by="qian",
    )
    await scene.take(scene.pressed(B, token, by="han"))
    assert "was used already" in last(scene, B)
    second = await code(scene, "han")
    await answered(
        scene,
        (
            f"/me link {second}",
            f"/我 绑定 {second}",
            "belongs to that person already",
            "就是您本人的",
        ),
        by="qian",
    )


async def test_titles_of_signs_of_nothing_and_of_five_thousand_characters(scene: Desk) -> None:
    await answered(
        scene,
        ("/incident new 🔥🔥🔥", "/事件 新建 🔥🔥🔥", "A title needs words", "标题要有文字"),
        ("/incident new " + "x" * 5000, "/事件 新建 " + "险" * 5000, "yours has 5,000", "5,000"),
        ("/order new Han 🔥", "/指令 新建 Han 🔥", "Say in words", "文字"),
        ("/alert " + "x" * 5000, "/警报 " + "险" * 5000, "yours has 5,000", "5,000"),
        ("/objective new 🔥", "/目标 新建 🔥", "Say it in words", "文字"),
    )
    markup = "<b>Fire</b> & *smoke* [x](http://y) </pre>"
    for room, typed in ((B, f"/incident new {markup}"), (A, f"/事件 新建 {markup}")):
        await scene.say(room, typed)
        assert markup in last(scene, room)


async def test_an_order_to_oneself(scene: Desk) -> None:
    await answered(
        scene,
        ("/order new me Out", "/指令 新建 我 撤出", "would go to yourself", "对象是您自己"),
        ("/order new Li Out", "/指令 新建 Li 撤出", "would go to yourself", "对象是您自己"),
        ("/order new safety Out", "/指令 新建 安全官 撤出", "answer for it yourself", "安全官"),
    )


async def test_a_hand_over_is_accepted_after_its_end(scene: Desk) -> None:
    await scene.say(A, "/角色 移交 总指挥 Han")
    scene.world.moment += OFFER_LIFE + timedelta(seconds=1)
    await answered(
        scene,
        ("/role accept H1", "/角色 接受 H1", "has expired", "过期"),
        by="han",
    )
