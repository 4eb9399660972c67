"""Forms and plans on paper: both languages, the official blocks, nothing lost, nothing moved."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from bot.catalogues import Catalogues
from bot.printing import in_language
from bot.speech import Speech
from handlers.cards.forms import data, paper
from handlers.document import Paper
from handlers.printed.press import NotPrinted, Press
from storage.tables import TimelineEntry
from tests.unit.printed.sample import NOW, facts
from tests.unit.printed.terms import agree, texts
from workflows.continuity.lists import lists
from workflows.plans import drafting
from workflows.plans.facts import Facts
from workflows.plans.forms.catalogue import FORMS, TITLES
from workflows.plans.sheets import Box, Grid, Row
from workflows.text import Json, _

PICTURES = Path(__file__).with_name("approved")
HOSTILE = '#panic("x") $ * _ ` \\ ] ) <a> @b // /* "'


@pytest.fixture(scope="module")
def press() -> Press:
    """One press with its fonts."""
    return Press()


@pytest.fixture(scope="module")
def speech() -> Speech:
    """Both languages."""
    return Speech(Catalogues.load(), ZoneInfo("Asia/Shanghai"))


def form(code: str, of: Facts) -> Paper:
    """That form of these facts."""
    return paper(of, FORMS[code](of), f"I3-ICS{code}", _("Blank forms"))


def plan(of: Facts) -> Paper:
    """The whole plan of these facts, as it is drafted."""
    shot = drafting.snapshot(of, 1)
    digest = drafting.digest(shot, "I3-V1")
    sheets = shot["sheets"]
    assert isinstance(sheets, list)
    made: Mapping[str, Json] = data(
        incident=of.incident.title,
        number=of.designation,
        period=of.span,
        prepared=of.prepared,
        made="2026-07-18 14:00 Asia/Shanghai",
        sheets=sheets,
        digest=digest,
        link=f"I3-V1 sha256:{digest}",
        state=_("DRAFT, not approved"),
    )
    return Paper("I3-V1-plan", "ics", _("Blank forms"), made, "pdf")


def printed(press: Press, made: Paper, speech: Speech, language: str, as_: str = "pdf") -> bytes:
    """The paper in a room's language."""
    return press.make(made.template, as_, in_language(made, language, speech))


def words(pdf: bytes) -> str:
    """What a PDF says, without white space."""
    return "".join(
        "".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages
    )


def said(msg: str, speech: Speech, language: str) -> str:
    """A sentence in a language, without white space."""
    return "".join(speech.text(_(msg), language).split())


@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize("code", FORMS)
def test_each_form_says_its_blocks_and_facts_in_the_languages_of_the_room(
    press: Press, speech: Speech, code: str, language: str
) -> None:
    text = words(printed(press, form(code, facts()), speech, language))
    for spoken in ("zh", "en"):
        title = said(TITLES[code].id, speech, spoken)
        assert (title in text) == (language in (spoken, "both"))
    assert f"ICS{code}" in text
    assert "北岸化工园区3号储罐泄漏起火" in text
    assert "2026-003(I3)" in text


@pytest.mark.parametrize("code", FORMS)
def test_a_blank_form_has_nothing_in_it_but_the_incident(
    press: Press, speech: Speech, code: str
) -> None:
    text = words(printed(press, form(code, facts().blank()), speech, "en"))
    assert "北岸化工园区3号储罐泄漏起火" in text
    for told in ("赵卫国", "泡沫液", "Coolingtanks", "吴敏"):
        assert told not in text


def test_each_page_says_which_it_is_of_how_many_and_the_digest(
    press: Press, speech: Speech
) -> None:
    made = plan(facts())
    pages = PdfReader(io.BytesIO(printed(press, made, speech, "en"))).pages
    digest = str(made.data["digest"])
    assert len(pages) >= 12
    for at, page in enumerate(pages, 1):
        text = "".join(page.extract_text().split())
        assert f"Page{at}of{len(pages)}" in text
        assert digest[:16] in text
        assert "DRAFT,notapproved" in text
        assert "2026-003(I3)" in text


def test_fonts_are_embedded(press: Press, speech: Speech) -> None:
    def part(of: object, name: str) -> DictionaryObject:
        assert isinstance(of, DictionaryObject)
        found = of[name].get_object()
        if isinstance(found, list):
            found = found[0].get_object()
        assert isinstance(found, DictionaryObject)
        return found

    pdf = printed(press, form("202", facts()), speech, "both")
    fonts = part(part(PdfReader(io.BytesIO(pdf)).pages[0], "/Resources"), "/Font")
    assert fonts
    for name in fonts:
        described = part(part(part(fonts, name), "/DescendantFonts"), "/FontDescriptor")
        assert {"/FontFile2", "/FontFile3"} & set(described)


def test_the_plan_has_its_seven_elements_and_its_forms_in_both_languages(
    press: Press, speech: Speech
) -> None:
    text = words(printed(press, plan(facts(words={"overview": "泄漏已控制八成"})), speech, "both"))
    for element in ("1.概况/Overview", "5.安全与风险", "7.动态调整/Adjustment", "泄漏已控制八成"):
        assert element in text
    for code in ("202", "203", "204", "205", "205A", "206", "207", "208", "215", "215A"):
        assert f"ICS{code}" in text
    assert "医疗方案（206）尚无处置程序" in text


def test_every_term_of_the_glossary_that_a_document_has_is_said_as_the_glossary_says_it(
    press: Press, speech: Speech
) -> None:
    """In the English and the Chinese of the same document: all forms, filled in and blank, and the
    plan."""
    met = 0
    empty = [form(code, facts().blank()) for code in FORMS]
    for made in (plan(facts()), *(form(code, facts()) for code in FORMS), *empty):
        chinese = words(printed(press, made, speech, "zh"))
        english = printed(press, made, speech, "en")
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(english)).pages)
        met += agree(made.name, text, chinese)
    assert met > 120


def test_the_continuity_pack_says_the_terms_of_the_glossary(speech: Speech) -> None:
    """In the lists that it has beside forms and plan."""
    data: dict[str, Json] = {name: each.to_json() for name, each in lists(facts()).items()}
    pack = Paper("pack", "pack", _("Continuity pack"), data, "zip")
    english, chinese = (texts(in_language(pack, language, speech)) for language in ("en", "zh"))
    assert agree("pack", english, chinese) > 5


def test_the_same_data_give_the_same_bytes(press: Press, speech: Speech) -> None:
    made = form("204", facts())
    assert printed(press, made, speech, "both") == printed(Press(), made, speech, "both")


@pytest.mark.parametrize("code", ["201", "204", "208", "213RR", "215A", "221"])
def test_what_people_typed_is_never_markup(press: Press, speech: Speech, code: str) -> None:
    hostile = facts(words={"awareness": HOSTILE, "safety": HOSTILE}, prepared=HOSTILE)
    hostile.incident.title = HOSTILE
    text = words(printed(press, form(code, hostile), speech, "both"))
    assert "".join(HOSTILE.split())[:10] in text


def test_two_hundred_pages_are_printed_with_their_last_word(press: Press, speech: Speech) -> None:
    long = "\n".join(
        f"第{at}段 " + "警戒线内必须佩戴空气呼吸器，两人一组。" * 12 for at in range(1150)
    )
    made = plan(facts(words={"safety": long + "\n最后一句话"}))
    pages = PdfReader(io.BytesIO(printed(press, made, speech, "zh"))).pages
    assert len(pages) >= 200
    # Behind the safety message come the two worksheets.
    text = "".join("".join(page.extract_text().split()) for page in pages[-5:])
    assert "第1149段" in text
    assert "最后一句话" in text
    assert f"第{len(pages)}页，共{len(pages)}页" in text


def test_a_word_without_a_space_stays_on_the_page(press: Press, speech: Speech) -> None:
    of = facts(prepared="W" * 400)
    assert printed(press, form("205A", of), speech, "en").startswith(b"%PDF")


def test_what_is_too_long_for_a_page_goes_on_over_the_next(press: Press, speech: Speech) -> None:
    """Also in a narrow box: nothing is cut off."""
    of = facts(prepared="长" * 3000 + "尾")
    for code in ("205", "213", "214"):
        text = words(printed(press, form(code, of), speech, "zh"))
        assert text.count("长") >= 3000, code
        assert "长尾" in text, code


def test_rows_that_go_over_a_page_repeat_their_head(press: Press, speech: Speech) -> None:
    events = [
        TimelineEntry(
            id=at,
            incident_id=3,
            number=at,
            at=NOW,
            entered_at=NOW,
            kind="log",
            content={"text": f"entry {at}"},
        )
        for at in range(200)
    ]
    pdf = printed(press, form("214", facts(events=events)), speech, "en")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    with_rows = [page for page in pages if "entry" in page]
    assert len(with_rows) > 3
    assert all("Notable Activities" in page for page in with_rows)


def test_aid_stations_and_hospitals_are_rows_of_the_medical_plan(
    press: Press, speech: Speech
) -> None:
    medical = "\n".join(
        (
            "救护点：东门帐篷；东门广场；138-1；有",
            "hospital: City; 1 Main St; 139-2; 12 min",
            "先洗消后转运",
        )
    )
    sheet = FORMS["206"](facts(words={"medical": medical}))[0]
    grids = {each.number: each.rows for each in sheet.blocks if isinstance(each, Grid)}
    assert grids["3"] == (("东门帐篷", "东门广场", "138-1", "有"),)
    assert grids["5"] == (("City", "1 Main St", "139-2", "12 min", "", "", ""),)
    text = words(printed(press, form("206", facts(words={"medical": medical})), speech, "zh"))
    assert "先洗消后转运" in text


def test_the_sketch_shows_where_units_are_or_has_squares_for_the_pen(
    press: Press, speech: Speech
) -> None:
    def first(of: Facts) -> bytes:
        return printed(press, form("201", of), speech, "zh", "png")

    text = words(printed(press, form("201", facts()), speech, "en"))
    assert "U12号水罐车" in text
    assert "500m" in text, "the scale"
    scene_alone = facts(placed=facts().placed[:1])
    assert "500m" not in words(printed(press, form("201", scene_alone), speech, "en"))
    page = Image.open(io.BytesIO(first(scene_alone))).convert("L")
    faint = [page.getpixel((x, 600)) for x in range(100, 1000)]
    assert sum(180 < int(str(each)) < 250 for each in faint) >= 10, "a line every centimetre"


def test_the_outlook_stands_under_its_hours_and_costs_are_those_of_requests(
    press: Press, speech: Speech
) -> None:
    """What is written without hours goes over the whole width."""
    hours = "12h: 明火扑灭\n24小时：回收消防水\n72小时后：移交地方"
    told = facts(words={"outlook": hours, "threat": "复燃 at tank 4", "health": "两人中暑"})
    (sheet,) = FORMS["209"](told)
    ahead = next(each for each in sheet.blocks if isinstance(each, Grid) and each.number == "36")
    assert ahead.rows == (("明火扑灭", "回收消防水", "", "", "移交地方"),)
    text = words(printed(press, form("209", told), speech, "en"))
    for said_ in ("复燃attank4", "两人中暑", "12,400.00yuan/31,000.00yuan", "byobjectives"):
        assert said_ in text


def test_all_forms_that_were_asked_for_are_there() -> None:
    asked = "201 202 203 204 205 205A 206 207 208 209 211 213 213RR 214 215 215A 221"
    assert list(FORMS) == asked.split()


def test_a_serial_stands_on_its_form(press: Press, speech: Speech) -> None:
    of = facts().blank()
    sheet = replace(FORMS["213"](of)[0], serial="I3-213-007K")
    made = paper(of, (sheet,), "blank", _("Blank forms"))
    assert "I3-213-007K" in words(printed(press, made, speech, "zh"))


def test_without_its_font_nothing_is_printed_and_the_font_is_named(
    tmp_path: Path, speech: Speech
) -> None:
    with pytest.raises(NotPrinted, match="Noto Sans CJK SC"):
        printed(Press(tmp_path), form("202", facts()), speech, "zh")


TOLERATED = 0.001
"""Of the points of a page: what another version of the font's hinting may move."""

APPROVED = (
    ("202", "zh"),
    ("203", "en"),
    ("204", "both"),
    ("207", "zh"),
    ("213RR", "both"),
    ("215", "en"),
    ("221", "zh"),
    ("plan", "both"),
)


def small(png: bytes) -> Image.Image:
    """The page as a small grey picture, without its foot: the digest is another one each time."""
    drawn = Image.open(io.BytesIO(png)).convert("L")
    shrunk = drawn.resize((drawn.width // 4, drawn.height // 4), Image.Resampling.BOX)
    return shrunk.crop((0, 0, shrunk.width, shrunk.height * 9 // 10))


def moved(page: Image.Image, approved: Image.Image) -> float:
    """The share of points that are clearly lighter or darker than they were approved."""
    assert page.size == approved.size
    difference = ImageChops.difference(page, approved)
    return sum(difference.histogram()[64:]) / (page.width * page.height)


@pytest.mark.parametrize(("code", "language"), APPROVED)
def test_a_page_looks_as_it_was_approved(
    press: Press, speech: Speech, code: str, language: str
) -> None:
    """LIANZHI_WRITE_PICTURES=1 approves what is drawn now."""
    made = plan(facts()) if code == "plan" else form(code, facts())
    page = small(printed(press, made, speech, language, "png"))
    path = PICTURES / f"{code}-{language}.png"
    if os.environ.get("LIANZHI_WRITE_PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        page.quantize(16).save(path, optimize=True)
    assert moved(page, Image.open(path).convert("L")) < TOLERATED


def test_another_page_does_not_look_as_approved(press: Press, speech: Speech) -> None:
    """The comparison sees it when boxes are others."""
    whole = FORMS["202"](facts())[0]
    other = replace(whole, blocks=(*whole.blocks[:-2], Row((Box("8", _("Name"), "x"),))))
    made = paper(facts(), (other,), "I3-ICS202", _("Blank forms"))
    page = small(printed(press, made, speech, "zh", "png"))
    assert moved(page, Image.open(PICTURES / "202-zh.png").convert("L")) > 1.5 * TOLERATED
