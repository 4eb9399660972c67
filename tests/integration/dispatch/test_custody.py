"""Goods from hand to hand, as those who send, carry and receive them see it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from decimal import Decimal

import aiohttp
import pytest
from sqlalchemy import update

from bot.door import Door, Knock
from bot.printing import in_language
from bot.richtext import Html
from bot.scanning import routes
from bot.transports.base import Content, Said
from bot.transports.location import Location
from handlers.context import Means
from handlers.document import Paper
from handlers.printed.press import Press
from storage.queries.base import table
from storage.tables import CustodyStep
from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_organisation import private
from tests.integration.dispatch.test_resources import flood
from tests.unit.delivery.world import SHANGHAI, opened
from workflows.custody import evidence as proof, rules, service
from workflows.custody.service import fields
from workflows.geo.points import Point
from workflows.incidents.record import By
from workflows.incidents.replay import replay
from workflows.incidents.scene import to_act_in
from workflows.resources.tracking import Fix, moved

__all__ = ("flood",)


def goods(desk: Desk, number: int = 1, room: str = B) -> str:
    """The newest card of that consignment as the room shows it now."""
    return next(text for text in reversed(desk.texts(room)) if f" C{number} · " in text)


async def code(desk: Desk) -> str:
    """The code on the first waybill."""
    async with desk.world.store.read() as uow:
        found = await uow.custody.get(1, 1)
        assert found is not None
        return rules.shown(found.code)


async def sent(desk: Desk) -> None:
    """Li sends goods with a convoy."""
    await desk.say(A, "/资源 新建 运输一队 种类=运输车队")
    await desk.say(A, "/交接 新建 200沙袋、2水泵 资源=U1 起点=东库 终点=中心小学")


async def test_a_waybill_is_made_and_its_goods_are_in_the_senders_hands(flood: Desk) -> None:
    await sent(flood)
    assert "📦 C1 · 200 沙袋, 2 水泵" in goods(flood)
    assert "In the hands of Li (消防)" in goods(flood)
    assert "From 东库 to 中心小学" in goods(flood)
    assert await code(flood) in last(flood)
    written = await code(flood)
    assert not any(written in text for text in flood.texts(B))
    async with flood.world.store.read() as uow:
        (timer,) = [each for each in await uow.timers.due(flood.world.moment) if each.kind]
        paper = Paper.from_json(timer.data["paper"])
    for language in ("zh", "en", "both"):
        data = in_language(paper, language, flood.world.post.speech)
        pdf = Press().make(paper.template, paper.format, data)
        assert pdf.startswith(b"%PDF")


async def test_a_waybill_goes_to_a_place_on_the_map(flood: Desk) -> None:
    """Degrees, map links and a shared location that is answered, as everywhere; a place on the
    wrong side of the world is asked about."""
    spot = Location(31.9, 118.8, title="中心小学")
    await flood.take(flood.event(B, Said(Content(Html("📍"), location=spot)), by="li", remote="s"))
    await flood.say(B, "/custody new 2 pumps from=31°54'00\"N 118°48'00\"E", reply_to="s")
    assert "From 31.9, 118.8 to 中心小学 (31.9, 118.8)" in goods(flood)
    await flood.say(B, "/incident place 31.9, 118.8")
    await flood.say(B, "/custody new 2 pumps to=-31.9, -58.8")
    assert "📦 C2" not in "".join(flood.texts(B))


async def test_a_waybill_waits_for_its_incident_and_holds_nobody_else_up(
    ready_postgres_url: str,
) -> None:
    """Whoever scans holds the incident before the waybill, as every other command does: two at once
    never wait for each other."""
    async with opened(ready_postgres_url) as world:
        desk = Desk(world)
        await desk.bridge("flood", a="zh", b="en")
        await joined(desk, "Li")
        await desk.say(A, "/事件 新建 洪水")
        await desk.say(A, "/交接 新建 2水泵")
        written, store = await code(desk), world.store

        async def scan() -> str:
            async with store.write() as uow:
                found = await service.scanned(uow, written)
                return (await to_act_in(uow, found.incident_id)).title

        async with store.write() as uow:
            await to_act_in(uow, 1)
            waiting = asyncio.create_task(scan())
            done, _waiting = await asyncio.wait((waiting,), timeout=0.3)
            assert not done
            async with asyncio.timeout(5):
                assert await uow.custody.get(1, 1) is not None
        assert await waiting == "洪水"


async def test_scanning_takes_over_once_and_everybody_is_told(flood: Desk) -> None:
    chat = await private(flood, "han")
    await sent(flood)
    await flood.say(chat, f"/custody {(await code(flood)).lower()}", by="han")
    assert "C1 passed from Li (消防) to Han (水务)" in last(flood, chat)
    assert any("C1" in text and "Han" in text and "移交" in text for text in flood.texts(A))
    assert "In the hands of Han (水务)" in goods(flood)
    before = await flood.ledger()
    await flood.say(chat, f"/custody https://post.example/w/{await code(flood)}", by="han")
    assert "is in your hands since" in last(flood, chat)
    assert await flood.ledger() == before
    await flood.say(B, f"/custody {await code(flood)} place=North gate note=2 bags torn", by="wang")
    assert "⚠️ 2 bags torn" in goods(flood)
    assert "North gate" in goods(flood)
    await flood.say(chat, f"/custody {await code(flood)}", by="han")
    assert "Wang has it now" in last(flood, chat)
    assert "In the hands of Wang" in goods(flood)


async def test_a_hand_over_takes_place_where_the_carrier_is(flood: Desk) -> None:
    await sent(flood)
    async with flood.world.store.write() as uow:
        resource = await uow.resources.get(1, 1)
        assert resource is not None
        fix = Fix(flood.world.moment, Point(31.25, 121.5), "GPS")
        await moved(uow, resource, fix, now=flood.world.moment)
    flood.world.moment += timedelta(minutes=5)
    await flood.say(B, f"/custody {await code(flood)}", by="han")
    assert str(Point(31.25, 121.5)) in goods(flood)


async def test_a_signature_that_is_answered_is_kept_by_its_hash(flood: Desk) -> None:
    await sent(flood)
    signature = await flood.say(B, "Received in good order, Han", by="han")
    await flood.say(B, "/custody take C1", by="han", reply_to=signature.remote)
    assert "📎" in goods(flood)
    async with flood.world.store.read() as uow:
        (step,) = await uow.custody.steps(1)
        entries = [each for each in await uow.ledger.entries() if each.code == "custody.handed"]
        (entry,) = entries
        assert step.evidence[0]["sha256"] in str(entry.params)
    more = await flood.say(B, "Countersigned, Wang", by="wang")
    await flood.say(B, "/custody evidence C1", by="han", reply_to=more.remote)
    assert goods(flood).count("📎") == 2
    await flood.say(B, "/custody evidence C1", by="han", reply_to=more.remote)
    assert "kept as evidence already" in last(flood, B)


async def test_a_hash_that_arrives_leaves_evidence_that_came_in_meanwhile(flood: Desk) -> None:
    await sent(flood)
    await flood.say(B, "/custody take C1", by="han")
    photo, other = (proof.kept(proof.Evidence(n, "00", ("photo.jpg",))) for n in (1, 2))
    now = flood.world.moment
    async with flood.world.store.write() as uow:
        (step,) = await uow.custody.steps(1)
        step.evidence = [photo]
        await uow.custody.save(step)
        steps = table(CustodyStep)
        await uow.custody.run(update(steps).values(evidence=[photo, other]))
        await proof.fetched(uow, 1, 1, 1, 0, "ab" * 32, None, by=By(None, None, "Lianzhi"), now=now)
    async with flood.world.store.read() as uow:
        (step,) = await uow.custody.steps(1)
        assert [each["message"] for each in step.evidence] == [1, 2]
        assert step.evidence[0]["files"][0]["sha256"] == "ab" * 32


async def test_who_is_asked_confirms_by_a_tap_and_delivers(flood: Desk) -> None:
    chat = await private(flood, "han")
    await sent(flood)
    await flood.say(A, "/交接 移交 C1 Han")
    assert "Confirm once you have it" in last(flood, chat)
    token = choice(flood, chat, "I have received it")
    await flood.take(flood.pressed(chat, token, by="han"))
    await flood.take(flood.pressed(chat, token, by="han"))
    async with flood.world.store.read() as uow:
        assert len(await uow.custody.steps(1)) == 1
    await flood.say(A, "/交接 签收 C1")
    assert "Han" in last(flood)
    await flood.say(B, "/custody deliver C1 complete", by="han")
    assert "✅ C1" in goods(flood)
    await flood.say(B, f"/custody {await code(flood)}", by="wang")
    assert "C1 is delivered already" in last(flood, B)


async def test_the_ledger_tells_the_whole_story_of_a_request(flood: Desk) -> None:
    await flood.say(A, "/需求 200 沙袋 送到=中心小学")
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队")
    await flood.say(A, "/资源 分派 U1 运沙袋 需求=R1")
    await flood.say(A, "/交接 新建 需求=R1 资源=U1")
    assert "200 沙袋" in goods(flood)
    await flood.say(B, f"/custody {await code(flood)}", by="han")
    await flood.say(B, "/custody deliver C1", by="han")
    await flood.say(B, "/audit show R1")
    told = "\n".join(flood.texts(B)[-2:])
    for step in ("request.", "resource.booked", "custody.sent", "custody.handed"):
        assert step in told, step
    assert re.search(r"custody\.delivered", told)
    async with flood.world.store.read() as uow:
        again = replay(await uow.ledger.entries())
        found = await uow.custody.get(1, 1)
        assert found is not None
        assert again["I1-C1"] == fields(found)
        assert await uow.ledger.first_bad() is None


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/custody 7K3Q-X9MT-2D4V", "That is no code of a waybill"),
        ("/custody hello", "That is no code of a waybill"),
        ("/custody take C9", "There is no waybill C9"),
        ("/custody take C1", "sent C1 yourself"),
        ("/custody new", "Say what is sent"),
        ("/custody new 🔥", "Say what is sent"),
        ("/custody new -5 pumps", "A quantity is more than zero"),
        ("/custody new 200 sandbags, 0 pumps", "A quantity is more than zero"),
        ("/custody new 99999999999999 pumps", "more than can be meant"),
        ("/custody new 0.0001 t sand", "finer than a thousandth"),
        ("/custody new 1,5 t water", "“1,5” may be one number or two"),
        ("/custody new tents 10,200 blankets", "“10,200” may be one number or two"),
        ("/custody new 200 bags, 12,5000 cups", "“12,5000” may be one number or two"),
        ("/custody new pumps unit=U9", "There is no U9"),
        ("/custody new pumps request=R9", "There is no R9"),
        ("/custody evidence C1", "reply"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(desk: Desk, typed: str, told: str) -> None:
    await desk.bridge("flood", a="zh", b="en")
    await joined(desk, "Li")
    await desk.say(A, "/事件 新建 城东内涝 类型=洪涝")
    await desk.say(A, "/交接 新建 2水泵")
    before = await desk.ledger()
    await desk.say(B, typed)
    assert told in last(desk, B)
    assert await desk.ledger() == before


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("200 sandbags, 2 pumps", [("sandbags", 200), ("pumps", 2)]),
        ("1,000 sandbags,2台水泵", [("sandbags", 1000), ("台水泵", 2)]),
        ("12，500袋大米、软管", [("袋大米", 12500), ("软管", 0)]),
        ("矿泉水100，200床被子", [("矿泉水100", 0), ("床被子", 200)]),
        ("箱3，1,000个口罩", [("箱3", 0), ("个口罩", 1000)]),
        ("tents 10, 200 blankets", [("tents 10", 0), ("blankets", 200)]),
        ("5 pumps,1,000.5 t sand", [("pumps", 5), ("t sand", Decimal("1000.5"))]),
        ("200 5mm bolts; 1.5 t sand", [("5mm bolts", 200), ("t sand", Decimal("1.5"))]),
    ],
)
def test_goods_are_told_apart_with_their_numbers(
    typed: str, kinds: list[tuple[str, Decimal]]
) -> None:
    found = [rules.item(each) for each in rules.items(typed)]
    assert [(each.kind, Decimal(each.milli) / 1000) for each in found] == kinds


def test_a_code_is_read_however_it_is_written() -> None:
    code = rules.made(lambda signs: signs[7])
    for typed in (code, rules.shown(code).lower(), f"https://a.b/w/{code}", f"/custody {code}"):
        assert rules.read(typed) == code
    assert rules.read("O1IL-0000-0000") == "011100000000"
    for typed in ("", "7K3Q", "7K3Q-X9MT-2D4!", "7" * 40):
        assert rules.read(typed) is None


async def test_a_phone_that_scans_reads_what_to_send_and_nothing_of_the_goods(flood: Desk) -> None:
    await sent(flood)
    written = await code(flood)
    knock = Knock(
        flood.world.store, flood.world.post, Means(), SHANGHAI, lambda: flood.world.moment
    )
    opened = Door(("127.0.0.1", 0), knock, routes)
    base = f"http://127.0.0.1:{await opened.open()}/w/"
    before = await flood.ledger()
    async with aiohttp.ClientSession() as session:
        async with session.get(base + written) as response:
            page = await response.text()
            assert response.status == 200
        async with session.get(base + "7K3Q-X9MT-2D4V") as response:
            assert response.status == 403
    await opened.close()
    assert f"/custody {written}" in page
    assert "沙袋" not in page
    assert await flood.ledger() == before


async def test_a_stranger_takes_goods_over_by_their_code_alone(flood: Desk) -> None:
    await sent(flood)
    await flood.say(B, "/custody take C1", by="nobody")
    assert "take C1 over by the code on its waybill" in last(flood, B)
    assert "In the hands of Li" in goods(flood)
    await flood.say(B, f"/custody {await code(flood)}", by="nobody")
    assert "In the hands of Nobody" in goods(flood)


async def test_for_whom_goods_are_is_said_when_somebody_else_takes_them(flood: Desk) -> None:
    await flood.say(A, "/交接 新建 100条毛毯 收货人=Wang")
    await flood.say(B, "/custody take C1", by="han")
    assert any("It is meant for Wang" in text for text in flood.texts(B))


async def test_whoever_signs_stands_on_the_card_and_a_later_shortfall_is_noted(
    flood: Desk,
) -> None:
    await sent(flood)
    await flood.say(B, "/custody take C1", by="han")
    await flood.say(A, "/交接 签收 C1 完好无缺", by="li")
    assert "Received for good by Li (消防)" in goods(flood)
    assert "Note: 完好无缺" in goods(flood)
    await flood.say(B, "/custody deliver C1 two missing", by="han")
    assert "Note: 完好无缺; two missing (Han)" in goods(flood)
    assert "custody.remarked" in await flood.ledger()
    await flood.say(A, "/交接 列表")
    assert "已不在途" in last(flood)


async def test_who_is_named_with_a_mention_takes_goods_over_without_a_warning(flood: Desk) -> None:
    han = await private(flood, "han")
    await flood.say(A, "/交接 新建 100条毛毯 收货人=@wang")
    await flood.say(B, "/custody take C1", by="wang")
    assert "C1 passed from Li (消防) to Wang" in last(flood, B)
    assert not any("⚠️ C1" in text for text in flood.texts(B))
    await flood.say(A, "/交接 新建 2水泵 收货人=水务")
    await flood.say(han, "/custody take I1-C2", by="han")
    assert "meant for" not in last(flood, han)


async def test_who_takes_the_goods_of_another_is_told_loudly_as_the_other_is(flood: Desk) -> None:
    wang = await private(flood, "wang")
    await flood.say(A, "/交接 新建 100条毛毯 收货人=@wang")
    await flood.say(B, "/custody take C1", by="han")
    told = "⚠️ C1 passed from Li (消防) to Han (水务). It is meant for @wang"
    assert told in last(flood, B)
    assert told in last(flood, wang)
    assert any("⚠️" in text and "收货人为@wang" in text for text in flood.texts(A))


async def test_a_name_that_two_people_bear_is_no_proof(flood: Desk) -> None:
    await flood.say(A, "/交接 新建 100条毛毯 收货人=Anna")
    await flood.say(B, "hello", by="anna")
    await flood.say(B, "hello", by="other")
    async with flood.world.store.write() as uow:
        account = await uow.people.account("loopback:other")
        assert account is not None
        person = await uow.people.person(account.person_id)
        assert person is not None
        person.name = "Anna"
    await flood.say(B, "/custody take C1", by="anna")
    assert "by the code on its waybill" in last(flood, B)
    async with flood.world.store.write() as uow:
        person = await uow.people.person(account.person_id)
        assert person is not None
        person.name = "Other"
    await flood.say(B, "/custody take C1", by="anna")
    assert "In the hands of Anna" in goods(flood)


async def test_who_is_asked_to_confirm_needs_no_agency(flood: Desk) -> None:
    chat = await private(flood, "wang")
    await sent(flood)
    await flood.say(A, "/交接 移交 C1 Wang")
    await flood.take(flood.pressed(chat, choice(flood, chat, "I have received it"), by="wang"))
    assert "In the hands of Wang" in goods(flood)


async def test_what_is_missing_is_noted_whoever_signed_and_once(flood: Desk) -> None:
    han = await private(flood, "han")
    await sent(flood)
    await flood.say(B, "/custody take C1", by="han")
    await flood.say(A, "/交接 签收 C1", by="li")
    assert "Received for good by Li (消防)" in last(flood, han)
    await joined(flood, "Zhao", "公安")
    for _again in range(2):
        await flood.say(B, "/custody deliver C1 3 wet", by="zhao")
    assert "Note: 3 wet (Zhao)" in goods(flood)
    assert (await flood.ledger()).count("custody.remarked") == 1
    await flood.say(B, "/custody deliver C1 mine", by="nobody")
    assert "Li has C1 and says that" in last(flood, B)
    await flood.say(B, "/custody deliver C1", by="zhao")
    assert "C1 is delivered already" in last(flood, B)
    await flood.say(B, "/custody list")
    assert "C1 200 沙袋, 2 水泵 — Received for good by Li" in last(flood, B)
    assert "In the hands of" not in last(flood, B)


async def test_the_receiver_signs_for_what_a_driver_still_has(flood: Desk) -> None:
    await flood.say(A, "/交接 新建 100条毛毯 收货人=@wang")
    await flood.say(B, "/custody deliver C1 2 missing", by="wang")
    assert "Received for good by Wang" in goods(flood)
    assert "Note: 2 missing" in goods(flood)
    assert "Reason" not in goods(flood)


async def test_the_code_is_typed_in_the_language_of_the_room(flood: Desk) -> None:
    await sent(flood)
    written = await code(flood)
    assert f"编码：/交接 {written}" in "".join(flood.texts(A))
    async with flood.world.store.read() as uow:
        (timer,) = [each for each in await uow.timers.due(flood.world.moment) if each.kind]
        paper = Paper.from_json(timer.data["paper"])
    speech = flood.world.post.speech
    assert in_language(paper, "zh", speech)["line"] == [f"/交接 {written}"]
    assert in_language(paper, "both", speech)["line"] == [f"/交接 {written}", f"/custody {written}"]
    assert rules.read(f"/交接 {written}") == rules.read(written)
