"""Forms and the action plan as those who ask for them, sign them and get them see them."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.post import PAPER
from bot.transports.web.files import FileStore
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_organisation import private
from tests.integration.dispatch.test_pictures import Studio
from workflows.continuity import service as continuity
from workflows.incidents.record import By
from workflows.incidents.replay import replay
from workflows.plans import service
from workflows.plans.facts import gather
from workflows.plans.forms.work import totals
from workflows.plans.service import fields


@dataclass
class Printer(Studio):
    """A desk whose papers can be read."""

    def restart(self) -> None:
        """One clock rings for families and for papers, as in the running process."""
        super().restart()
        rings = {**self.desk.clock._rings, PAPER: self.printing.ring}
        self.clock = Clock(self.desk.world.store, rings, lambda: self.desk.world.moment)

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


def signs(text: str) -> str:
    """The beginning of the digest that a text names."""
    found = re.search(r"\[([0-9a-f]{8})\]", text)
    assert found is not None, text
    return found[1]


async def together(desk: Desk) -> None:
    """公安 commands too, by Wang."""
    await joined(desk, "Wang", "公安")
    await desk.say(B, "/unified join 公安 person=Wang", by="li")


async def test_a_draft_names_what_is_missing_and_is_marked_as_a_draft(printer: Printer) -> None:
    await printer.desk.say(B, "/plan draft", by="li")
    said = last(printer.desk, B)
    assert "Action plan, version 1" in said
    assert "There is no objective" in said
    assert "Nobody is Safety Officer." in said
    ((name, pdf),) = await printer.papers()
    assert name == "I1-V1-plan.pdf"
    assert "DRAFT,notapproved" in words(pdf)


async def test_all_who_command_approve_the_same_text_and_then_it_is_published(
    printer: Printer,
) -> None:
    desk = printer.desk
    await together(desk)
    await desk.say(A, "/目标 新建 控制3号储罐火势 截止=18:00")
    await desk.say(B, "/plan draft", by="li")
    await desk.say(B, "/plan submit", by="li")
    read = signs(next(text for text in reversed(desk.texts(B)) if "version 1 [" in text))
    await desk.say(B, f"/plan approve {read}", by="li")
    assert any("Still waiting for: 公安" in text for text in desk.texts(B))
    await desk.say(B, "/plan publish", by="li")
    assert "Only what everybody who commands has approved is published" in last(desk, B)
    await desk.say(B, f"/plan approve {read}", by="wang")
    assert "All who command have approved it" in last(desk, B)
    await printer.papers()
    await desk.say(B, "/plan publish", by="li")
    assert "is in force from now on" in last(desk, B)
    papers = await printer.papers()
    published = papers[-2:]
    assert {name for name, _pdf in published} == {"I1-V1-plan.pdf"}
    for _name, pdf in published:
        assert "控制3号储罐火势" in words(pdf)
        assert "Wang" in words(pdf)
    codes = await desk.ledger()
    assert [each for each in codes if each.startswith("plan.")] == [
        "plan.drafted",
        "plan.asked",
        "plan.approved",
        "plan.published",
    ]


async def test_an_approval_of_a_text_that_has_changed_since_is_refused(printer: Printer) -> None:
    desk = printer.desk
    await together(desk)
    await desk.say(B, "/plan draft", by="li")
    await desk.say(B, "/plan submit", by="li")
    read = signs(next(text for text in reversed(desk.texts(B)) if "version 1 [" in text))
    await desk.say(B, f"/plan approve {read}", by="li")
    await desk.say(A, "/方案 修改 天气 东南风4级，夜间有雷阵雨")
    assert "what was approved of it so far counts no more" in last(desk, B)
    await desk.say(B, f"/plan approve {read}", by="wang")
    assert "What you have read is not the plan as it is now" in last(desk, B)
    async with desk.world.store.read() as uow:
        plan = await uow.plans.latest(1)
        assert plan is not None
        assert plan.state == "draft"
        assert plan.words == {"weather": "东南风4级，夜间有雷阵雨"}


async def test_the_next_plan_supersedes_and_the_signed_one_prints_byte_for_byte(
    printer: Printer,
) -> None:
    desk = printer.desk
    for version in (1, 2):
        await desk.say(B, "/plan draft", by="li")
        await desk.say(B, "/plan approve", by="li")
        await desk.say(B, f"/plan approve {signs(last(desk, B))}", by="li")
        await desk.say(B, "/plan publish", by="li")
        await printer.papers()
        if version == 1:
            await desk.say(B, "/plan show V1", by="wang")
            signed = (await printer.papers())[-1]
            await desk.say(A, "/目标 新建 疏散居民 截止=20:00")
    async with desk.world.store.read() as uow:
        assert [each.state for each in await uow.plans.all(1)] == ["superseded", "published"]
    await desk.say(B, "/plan show V1", by="wang")
    assert (await printer.papers())[-1] == signed
    assert "Approved,version1" in words(signed[1])


async def test_only_what_is_published_is_read_by_who_has_no_role(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/plan show", by="wang")
    assert "There is no action plan yet" in last(desk, B)
    await desk.say(B, "/plan draft", by="li")
    await desk.say(B, "/plan show", by="wang")
    assert "not published yet" in last(desk, B)
    await desk.say(B, "/plan draft", by="wang")
    assert "Objectives are set by" in last(desk, B)


async def test_a_refusal_with_its_reason_makes_it_a_draft_again(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/plan draft", by="li")
    read = signs(last(desk, B))
    await desk.say(B, f"/plan refuse {read} no medical plan", by="li")
    assert "no medical plan" in last(desk, B)
    async with desk.world.store.read() as uow:
        plan = await uow.plans.latest(1)
        assert plan is not None
        assert plan.state == "draft"


async def test_the_ledger_replays_to_the_plans_as_they_stand(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/plan draft", by="li")
    await desk.say(B, "/plan edit overview 东门外围堰已满", by="li")
    await desk.say(B, "/plan edit overview", by="li")
    await desk.say(B, "/plan edit medical Ambulance at the east gate", by="li")
    await desk.say(B, f"/plan approve {signs(last(desk, B))}", by="li")
    await desk.say(B, "/plan publish", by="li")
    await desk.say(B, "/plan draft", by="li")
    async with desk.world.store.read() as uow:
        plans = await uow.plans.all(1)
        things = replay(await uow.ledger.entries())
    assert [each.number for each in plans] == [1, 2]
    assert plans[1].words == {"medical": "Ambulance at the east gate"}
    for plan in plans:
        assert things[f"I1-V{plan.number}"] == fields(plan)


async def test_a_section_without_words_or_too_long_is_refused(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/plan edit overview", by="li")
    assert "Nobody has written that section" in last(desk, B)
    await desk.say(B, "/plan edit overview !!!", by="li")
    assert "A section has words" in last(desk, B)
    async with desk.world.store.read() as uow:
        assert await uow.plans.latest(1) is None


async def unpacked(printer: Printer) -> dict[str, bytes]:
    """The files of the pack that was sent last."""
    name, content = (await printer.papers())[-1]
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


async def test_a_pack_has_everything_to_go_on_by_paper_and_radio(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(A, "/指令 新建 Han 关闭3号阀 截止=18:00")
    await desk.say(B, "/plan draft", by="li")
    await desk.say(B, "/plan approve", by="li")
    await desk.say(B, f"/plan approve {signs(last(desk, B))}", by="li")
    await desk.say(B, "/plan publish", by="li")
    await printer.papers()
    await desk.say(B, "/form pack", by="li")
    assert "21 blank forms with serial numbers" in last(desk, B)
    files = await unpacked(printer)
    assert {"1-plan.pdf", "2-situation.pdf", "3-blank-forms.pdf", "contacts.csv"} <= set(files)
    assert "Approved,version1" in words(files["1-plan.pdf"])
    assert "关闭3号阀" in files["orders.csv"].decode("utf-8-sig")
    async with desk.world.store.read() as uow:
        given = await uow.plans.blanks(1)
    printed = words(files["3-blank-forms.pdf"])
    assert len(given) == 21
    assert all(each.serial in printed for each in given)
    said = files["README.txt"].decode("utf-8-sig")
    for name, content in files.items():
        assert name == "README.txt" or hashlib.sha256(content).hexdigest() in said


async def test_a_pack_comes_by_itself_when_a_period_ends(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/period start hours=4", by="li")
    await printer.ring(timedelta(hours=4, minutes=1))
    assert any("Continuity pack at the end of P1" in text for text in desk.texts(B))
    assert "contacts.csv" in await unpacked(printer)
    printer.restart()
    await printer.ring(timedelta(minutes=5))
    assert (await desk.ledger()).count("form.given") == 1


async def test_a_form_that_comes_back_is_entered_once(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/form blank 213 2", by="li")
    async with desk.world.store.read() as uow:
        first, second = (each.serial for each in await uow.plans.blanks(1))
    assert first in last(desk, B)
    await desk.say(B, f"/form enter {first} Gate valve shut", by="li")
    assert f"{first} is entered" in last(desk, B)
    before = await desk.ledger()
    await desk.say(A, f"/表单 补录 {first.lower()} Gate valve  shut", by="han")
    assert "没有重复" in last(desk, A) or "Nothing was done twice" in last(desk, A)
    assert await desk.ledger() == before
    await desk.say(B, f"/form enter {first} something else", by="li")
    assert "was entered already" in last(desk, B)
    assert "Gate valve shut" in last(desk, B)
    slip = second[:-2] + str((int(second[-2]) + 1) % 10) + second[-1]
    await desk.say(B, f"/form enter {slip} words", by="li")
    assert "has a slip in it" in last(desk, B)
    await desk.say(B, "/form enter X1 words", by="li")
    assert "is not the serial number of a form" in last(desk, B)
    async with desk.world.store.read() as uow:
        things = replay(await uow.ledger.entries())
        entered = await uow.plans.blank(first)
    assert entered is not None
    assert things[f"I1-form {first}"]["words"] == entered.words == "Gate valve shut"


async def test_the_commanders_get_the_draft_in_private_and_nobody_else_does(
    printer: Printer,
) -> None:
    desk = printer.desk
    await together(desk)
    room = await private(desk, "wang")
    await desk.say(B, "/plan draft", by="li")
    await printer.papers()
    before = len(await desk.rows())
    await desk.say(B, "/plan submit", by="li")
    await printer.papers()
    sent: dict[str, list[str]] = {}
    async with desk.world.store.read() as uow:
        for row in (await desk.rows())[before:]:
            message = None if row.message_id is None else await uow.messages.get(row.message_id)
            for each in () if message is None else message.content.get("media", ()):
                sent.setdefault(row.room, []).append(str(each["name"]))
    assert sent == {room: ["I1-V1-plan.pdf"]}
    assert "Approve" in desk.choices(room)


async def test_a_form_is_of_one_request_or_of_one_person(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/request 3 pumps to Gate", by="li")
    await desk.say(B, "/request 20 boom to Pier", by="li")
    await desk.say(B, "/log Valve 3 is shut", by="han")
    await desk.say(B, "/form 213RR of=R2", by="li")
    ((_name, pdf),) = await printer.papers()
    assert "Pier" in words(pdf)
    assert "Gate" not in words(pdf)
    await desk.say(B, "/form 214 person=Han", by="li")
    log = words((await printer.papers())[-1][1])
    assert "Valve3isshut" in log
    assert "Han" in log
    await desk.say(B, "/form 213RR R2", by="li")
    assert "Gate" not in words((await printer.papers())[-1][1])
    await desk.say(B, "/form 214 Han", by="li")
    assert "Valve3isshut" in words((await printer.papers())[-1][1])
    before = len(await printer.papers())
    await desk.say(B, "/form 202 R2", by="li")
    assert "“R2” belongs to nothing on form 202" in desk.texts(B)[-1]
    await desk.say(B, "/form 221 R2", by="li")
    assert "/form 221 U5" in desk.texts(B)[-1]
    assert len(await printer.papers()) == before
    await desk.say(B, "/form 213 Send foam to=Logistics subject=Foam", by="li")
    message = words((await printer.papers())[-1][1])
    assert all(each in message for each in ("Sendfoam", "Logistics", "Foam"))


async def test_the_worksheet_agrees_with_the_requests_as_they_are_met(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/request 3 pumps to Gate", by="li")
    async with desk.world.store.read() as uow:
        incident = await uow.incidents.get(1)
        assert incident is not None
        facts = await gather(uow, incident, desk.world.moment)
        waiting = await uow.requests.open(1)
    assert [each.need for each in totals(facts.asked)] == [
        sum(line.quantity for _request, line in waiting)
    ]


async def test_a_request_that_came_back_on_paper_is_offered_as_one(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/form blank 213RR", by="li")
    async with desk.world.store.read() as uow:
        (form,) = await uow.plans.blanks(1)
    await desk.say(B, f"/form enter {form.serial} 3 pumps to Gate", by="li")
    await desk.take(desk.pressed(B, desk.choices(B)["Make it a request"], by="li"))
    async with desk.world.store.read() as uow:
        ((_request, line),) = await uow.requests.open(1)
    assert line.quantity == 3000


async def test_a_closed_incident_gets_neither_plan_nor_pack(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/plan draft", by="li")
    await desk.say(B, "/incident close done", by="li")
    for line in ("/plan draft", "/plan edit weather rain", "/plan submit", "/form pack"):
        await desk.say(B, line, by="li")
        assert "is closed" in last(desk, B), line


async def test_who_leaves_the_command_is_no_longer_waited_for(printer: Printer) -> None:
    desk = printer.desk
    await together(desk)
    await desk.say(B, "/plan draft", by="li")
    await desk.say(B, f"/plan approve {signs(last(desk, B))}", by="li")
    await desk.say(B, "/plan publish", by="li")
    assert "waiting for approval" in last(desk, B)
    await desk.say(B, "/unified ask Evacuate north of the road", by="li")
    await desk.say(B, f"/unified approve 2 {signs(last(desk, B))}", by="li")
    await desk.say(B, "/unified leave 公安", by="wang")
    said = last(desk, B)
    assert "Version 1 of the action plan is approved by all who command" in said
    assert "“Evacuate north of the road”: The text is approved by everybody" in said
    assert "plan.approved" in await desk.ledger()
    await desk.say(B, "/plan publish", by="li")
    assert "is in force from now on" in last(desk, B)


async def test_two_who_enter_the_same_form_at_once_enter_it_once(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/form blank 214", by="li")
    async with desk.world.store.read() as uow:
        (form,) = await uow.plans.blanks(1)

    async def enter(name: str) -> bool:
        by = By(None, None, name)
        async with desk.world.store.write() as uow:
            told = await continuity.enter(
                uow, form.serial, "Boom laid", by=by, now=desk.world.moment
            )
        return told.again

    assert (
        sorted(await asyncio.gather(*(enter(f"P{at}") for at in range(6)))) == [False] + [True] * 5
    )
    assert (await desk.ledger()).count("form.entered") == 1


async def test_commanders_who_approve_at_the_same_moment_both_count(printer: Printer) -> None:
    desk = printer.desk
    await together(desk)
    await desk.say(B, "/plan draft", by="li")
    read = signs(last(desk, B))
    async with desk.world.store.read() as uow:
        held = await uow.organisation.held(1, desk.world.moment, role="commander")

    async def approve(person_id: int, name: str) -> None:
        async with desk.world.store.write() as uow:
            await service.voice(
                uow, 1, read, agreed=True, reason=None, by=By(person_id, None, name),
                now=desk.world.moment,
            )  # fmt: skip

    await asyncio.gather(*(approve(each.person_id, person.name) for each, person in held))
    async with desk.world.store.read() as uow:
        plan = await uow.plans.latest(1)
    assert plan is not None
    assert plan.state == "approved"
    assert sorted(each["name"] for each in plan.signed) == ["Li", "Wang"]
    assert (await desk.ledger()).count("plan.asked") == 1


async def test_the_record_tells_the_whole_story_of_a_version(printer: Printer) -> None:
    desk = printer.desk
    await desk.say(B, "/plan draft", by="li")
    await desk.say(B, f"/plan approve {signs(last(desk, B))}", by="li")
    await desk.say(B, "/audit show V1", by="li")
    told = last(desk, B)
    for what in (
        "plan.drafted",
        "plan.asked",
        "plan.approved",
        "digest: ",
        "approved by: Li (消防), 2026",
    ):
        assert what in told, told


async def test_a_version_that_is_not_there_is_refused_with_the_newest(printer: Printer) -> None:
    await printer.desk.say(B, "/plan show V1", by="li")
    assert "There is no action plan yet" in last(printer.desk, B)
    await printer.desk.say(B, "/plan draft", by="li")
    await printer.desk.say(B, "/plan show V9", by="li")
    assert "There is no version 9. The newest is V1" in last(printer.desk, B)


async def test_forms_have_the_situation_and_the_figures_of_the_latest_reports(
    printer: Printer,
) -> None:
    desk = printer.desk
    await desk.say(B, "/assess extent: one tank dead: 0", by="li")
    await desk.say(A, "/报告 首报 态势：储罐泄漏起火 伤亡：1人受伤")
    await desk.say(A, "/报告 续报 态势：火势已控制 死亡=1 受伤=12")
    for code in ("201", "202", "209"):
        await desk.say(B, f"/form {code}", by="li")
    papers = {name: words(pdf) for name, pdf in await printer.papers()}
    for code in ("201", "202"):
        text = papers[f"I1-ICS{code}.pdf"]
        summary = text[text.index("Awareness" if code == "202" else "SafetyBriefing") :]
        assert "消防:火势已控制(S2)" in summary
        assert "injured:12" in summary
        assert "dead:1" in summary
        assert "dead:0" not in summary
    actions = papers["I1-ICS201.pdf"].partition("StrategiesandTactics")[2]
    assert "S2,follow-upreport1:火势已控制" in actions
    events = papers["I1-ICS209.pdf"].partition("SignificantEvents")[2].partition("29.")[0]
    assert "消防:火势已控制(S2)" in events


async def test_a_request_on_paper_names_who_asked_with_position_and_agency(
    printer: Printer,
) -> None:
    await printer.desk.say(B, "/request 3 pumps to Gate", by="li")
    await printer.desk.say(B, "/request 2 ladders to Gate", by="han")
    await printer.desk.say(B, "/form 213RR R1", by="li")
    await printer.desk.say(B, "/form 213RR R2", by="li")
    mine, other = [words(pdf) for _name, pdf in await printer.papers()]
    assert "Li,IncidentCommander(消防)" in mine
    assert "Han(消防)" in other


async def test_what_comes_home_is_signed_for_in_the_forms_language(printer: Printer) -> None:
    await printer.desk.say(B, "/resource new Pump 1 kind=pump", by="li")
    await printer.desk.say(B, "/resource demob U1", by="li")
    await printer.desk.say(A, "/表单 221 U1")
    ((_name, pdf),) = await printer.papers()
    assert "物资单元：领用物资已归还" in words(pdf)
    assert "SupplyUnit" not in words(pdf)
