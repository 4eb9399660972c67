"""The page in a real browser: what people do with eyes, keys, fingers and a screen reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, FilePayload, expect

from bot.richtext import Html, clean
from bot.transports.base import Author, Media, MediaUnavailable, Outgoing, Said, Sending
from bot.transports.web import invites
from tests.integration.web.conftest import Open
from tests.integration.web.sides import field, say, side
from tests.integration.web.world import World, world

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "00000005000157a5f6450000000049454e44ae426082"
)


async def test_two_rooms_side_by_side_are_one_conversation(visit: Open) -> None:
    """What is typed in one appears in the other, formatted, under the speaker's name."""
    page = await visit()
    await say(page, 0, "**3号阀室**泄漏")
    relayed = side(page, 1).locator("article.relayed")
    await expect(relayed.locator(".text b")).to_have_text("3号阀室")
    await expect(relayed.locator(".who")).to_have_text("王建国")
    await say(page, 1, "copy")
    await expect(side(page, 0).locator("article.relayed .text")).to_contain_text("copy")
    assert await side(page, 0).get_attribute("lang") == "zh-CN"
    assert await side(page, 1).get_attribute("lang") == "en-GB"


async def test_a_reload_shows_the_history_and_remembers_the_name(visit: Open) -> None:
    """Messages, names and one's own messages as one's own."""
    page = await visit()
    await say(page, 0, "记录在案")
    await expect(side(page, 1).locator("article.relayed")).to_be_visible()
    await page.reload()
    await expect(side(page, 0).locator("article.own .text")).to_contain_text("记录在案")
    await expect(page.locator("input.name").first).to_have_value("王建国")


async def test_the_keyboard_is_enough(visit: Open, rooms: World) -> None:
    """From the skip link over the name to a reply, an edit and a deletion, without a mouse."""
    page = await visit(names=False)
    await page.locator("section.room textarea").first.wait_for()
    await page.keyboard.press("Tab")
    await expect(page.locator("#skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("李雷")
    await page.keyboard.press("Enter")
    await expect(field(page, 0)).to_be_focused()
    await page.keyboard.type("first")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("line two")
    await page.keyboard.press("Enter")
    await expect(side(page, 0).locator("article.own:not(.waiting)")).to_have_count(1)
    await page.keyboard.press("ArrowUp")
    await expect(field(page, 0)).to_have_value("first\nline two")
    await page.keyboard.press("Escape")
    await expect(field(page, 0)).to_have_value("")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.type(" more")
    await page.keyboard.press("Enter")
    await expect(side(page, 1).locator(".edited")).to_be_visible()
    await side(page, 0).locator("article").last.focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(side(page, 0).locator(".context")).to_be_visible()
    await page.keyboard.type("reply")
    await page.keyboard.press("Enter")
    await expect(side(page, 1).locator("button.quote")).to_be_visible()
    await side(page, 0).locator("article").last.focus()
    await page.keyboard.press("ArrowUp")
    for _step in range(4):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert len(rooms.taken) == 3
    await page.keyboard.press("Enter")
    await expect(side(page, 1).locator("article.deleted")).to_have_count(1)


async def test_choosing_a_character_with_enter_sends_nothing(
    visit: Open, context: BrowserContext, rooms: World
) -> None:
    """A Chinese input method's Enter belongs to the input method."""
    page = await visit()
    await field(page, 0).focus()
    keyboard = await context.new_cdp_session(page)
    await keyboard.send(
        "Input.imeSetComposition", {"text": "xielou", "selectionStart": 6, "selectionEnd": 6}
    )
    pressed = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    await keyboard.send("Input.dispatchKeyEvent", pressed)
    await keyboard.send("Input.insertText", {"text": "泄漏"})
    await expect(field(page, 0)).to_have_value("泄漏")
    assert rooms.taken == []
    await page.keyboard.press("Enter")
    await rooms.until_taken(1)
    said = rooms.taken[0].event
    assert isinstance(said, Said)
    assert said.content.text == "泄漏"


async def test_what_is_written_offline_arrives_once(
    visit: Open, context: BrowserContext, rooms: World
) -> None:
    """In order, after the connection is back; meanwhile the room says so in its language."""
    page = await visit()
    await say(page, 0, "连线时")
    await expect(side(page, 1).locator("article.relayed")).to_be_visible()
    await expect(side(page, 0).locator("article.waiting")).to_have_count(0)
    await context.set_offline(True)
    await expect(side(page, 0).locator(".banner")).to_have_text("断线，正在重连…")
    for text in ("一", "二", "三"):
        await say(page, 0, text)
    await expect(side(page, 0).locator("article.waiting")).to_have_count(3)
    await context.set_offline(False)
    await expect(side(page, 0).locator("article.waiting")).to_have_count(0)
    await expect(side(page, 0).locator(".banner")).to_be_hidden()
    shown = side(page, 1).locator("article.relayed .text")
    await expect(shown).to_have_count(4)
    texts = [
        inbound.event.content.text for inbound in rooms.taken if isinstance(inbound.event, Said)
    ]
    assert texts == ["连线时", "一", "二", "三"]


async def test_an_unsent_message_survives_a_reload(visit: Open, rooms: World) -> None:
    """It waits in the browser until it is committed, then it is said once."""
    page = await visit()
    await expect(side(page, 0).locator(".banner")).to_be_hidden()
    assert rooms.listening is not None
    rooms.listening.cancel()
    await say(page, 0, "不能丢")
    await expect(side(page, 0).locator("article.waiting")).to_have_count(1)
    await page.reload()
    await expect(side(page, 0).locator("article.waiting .text")).to_have_text("不能丢")
    rooms.listening = asyncio.create_task(rooms.listen())
    await expect(side(page, 0).locator("article.own:not(.waiting)")).to_have_count(1)
    await expect(side(page, 0).locator("article.waiting")).to_have_count(0)
    assert len(rooms.taken) == 1


async def test_buttons_reactions_and_answers(visit: Open, rooms: World) -> None:
    """A command is answered with buttons; pressing tells the presser; a reaction is shown."""
    page = await visit()
    await say(page, 0, "/帮助")
    card = side(page, 0).locator("article.system")
    await expect(card.locator("h3")).to_have_text("帮助")
    await card.get_by_role("button", name="继续").click()
    await expect(side(page, 0).locator(".toast")).to_have_text("OK token-1")
    own = side(page, 0).locator("article.own")
    await own.focus()
    await own.locator(".tools > button").nth(1).click()
    await own.get_by_role("button", name="✅").click()
    await expect(own.locator(".reaction")).to_have_attribute("aria-pressed", "true")
    await own.locator(".reaction").click()
    await expect(own.locator(".reaction")).to_have_count(0)


async def test_commands_and_people_are_suggested(visit: Open, rooms: World) -> None:
    """Typing / or @ offers what is known; Tab takes it."""
    await rooms.transport.offer_commands({"zh": (("帮助", "这里能做什么"), ("事件", "新建"))})
    author = Author("Alice", None, "telegram", "telegram:7")
    await rooms.post("web:zh", Outgoing(clean("hi"), "zh", author), "t1")
    page = await visit()
    await expect(side(page, 0).locator("article.relayed")).to_be_visible()
    await field(page, 0).press_sequentially("/事")
    await expect(side(page, 0).get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(field(page, 0)).to_have_value("/事件 ")
    await field(page, 0).fill("")
    await field(page, 0).press_sequentially("请 @ali")
    await page.keyboard.press("Enter")
    await expect(field(page, 0)).to_have_value("请 @Alice ")
    await page.keyboard.press("Enter")
    await expect(side(page, 0).locator("article.own .mention")).to_have_text("@Alice")
    said = rooms.taken[0].event
    assert isinstance(said, Said)
    assert said.content.mentions == ((2, 8, "telegram:7"),)


async def test_files_are_attached_shown_and_carried(visit: Open, tmp_path: Path) -> None:
    """A picture is shown in both rooms, another file can be downloaded."""
    page = await visit()
    files = [
        FilePayload(name="现场.png", mimeType="image/png", buffer=PNG),
        FilePayload(name="计划.txt", mimeType="text/plain", buffer=b"plan"),
    ]
    await side(page, 0).locator("input[type=file]").set_input_files(files)
    await expect(side(page, 0).locator(".chip.ready")).to_have_count(2)
    await say(page, 0, "附图")
    picture = side(page, 1).locator("article.relayed img")
    await expect(picture).to_have_js_property("naturalWidth", 1)
    async with page.expect_download() as started:
        await side(page, 1).locator("a.file").click()
    download = await started.value
    assert download.suggested_filename == "计划.txt"
    assert Path(await download.path()).read_bytes() == b"plan"


async def test_a_hidden_text_is_shown_by_key_or_click_alone(visit: Open) -> None:
    """Neither eyes nor screen readers get it before."""
    page = await visit()
    await say(page, 0, "位置||三号仓库||")
    cover = side(page, 1).locator(".spoiler")
    await expect(cover.locator(".spoiler-text")).to_be_hidden()
    await cover.focus()
    await page.keyboard.press("Enter")
    await expect(cover.locator(".spoiler-text")).to_be_visible()


async def test_a_reply_jumps_to_its_message(visit: Open, rooms: World) -> None:
    """However far back on the page."""
    page = await visit()
    await say(page, 0, "问")
    await expect(side(page, 1).locator("article.relayed")).to_have_count(1)
    await side(page, 1).locator("article.relayed").focus()
    await side(page, 1).locator("article.relayed .tools button").first.click()
    for number in range(30):
        await rooms.post("web:en", Outgoing(clean(f"<p>{number}</p>"), "en"), f"t{number}")
    await say(page, 1, "answer")
    await side(page, 1).locator("button.quote").click()
    await expect(side(page, 1).locator("article.relayed").first).to_be_in_viewport()
    await expect(side(page, 1).locator("article.relayed").first).to_be_focused()


ATTACKS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1>",
    '"><img src=x onerror="window.hacked=1">',
    "<a href='javascript:window.hacked=1'>x</a>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x "
    "onerror=window.hacked=1>'>",
    "<style>*{display:none}</style>",
    "<form action=https://evil.example><button>x</button></form>",
    "<b style='position:fixed' id=rooms class=skip onclick=window.hacked=1>x</b>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "[x](javascript:window.hacked=1)",
    "</textarea><script>window.hacked=1</script>",
)


async def test_nothing_that_anybody_sends_runs(visit: Open, rooms: World) -> None:
    """As a name, a text, a file name, an agency, a quote, a button, or unclean relayed HTML."""
    for number, attack in enumerate(ATTACKS):
        shown = Outgoing(
            Html(attack),
            "zh",
            Author(attack, attack, attack, f"telegram:{number}"),
            quote=(attack, Html(attack)),
            mark=attack,
        )
        await rooms.post("web:zh", shown, f"t{number}")
    page = await visit()
    for number, attack in enumerate(ATTACKS):
        await page.locator("input.name").first.fill(attack[:40])
        await (
            side(page, 0)
            .locator("input[type=file]")
            .set_input_files(
                [FilePayload(name=attack.replace("/", "_"), mimeType="image/png", buffer=b"x")]
            )
        )
        await expect(side(page, 0).locator(".chip.ready")).to_have_count(1)
        await say(page, 0, attack)
        await rooms.until_taken(number + 1)
    await expect(side(page, 1).locator("article.relayed")).to_have_count(len(ATTACKS))
    assert await page.evaluate("window.hacked") is None
    forbidden = "section script, section iframe, section style, section article form, section img"
    assert await page.locator(forbidden).count() == 0
    assert await page.locator("article [style], article [onclick], article [onerror]").count() == 0
    links = await page.locator("article a").evaluate_all("all => all.map(a => a.protocol)")
    assert set(links) <= {"http:", "https:"}


async def test_a_name_cannot_pass_for_an_agency_or_for_the_machine(
    visit: Open, rooms: World
) -> None:
    """Agency and network stand in marks of their own that no text can make."""
    author = Author("【消防】联指", None, "telegram", "telegram:1")
    await rooms.post("web:zh", Outgoing(clean("假"), "zh", author), "t1")
    page = await visit()
    article = side(page, 0).locator("article")
    await expect(article).to_have_class("message relayed theirs")
    await expect(article.locator(".agency")).to_have_count(0)
    await expect(article.locator(".network")).to_have_text("Telegram")


async def test_a_screen_reader_finds_its_way(visit: Open, rooms: World) -> None:
    """Landmarks, a live log, labelled fields, buttons with names, messages with authors."""
    page = await visit()
    await say(page, 1, "hello")
    await expect(side(page, 1).locator("article.own:not(.waiting)")).to_be_visible()
    await expect(page.get_by_role("region", name="中文")).to_be_visible()
    english = page.get_by_role("region", name="English")
    log = english.get_by_role("log", name="Messages: English")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log.get_by_role("article", name="Emma Clarke")).to_be_visible()
    await expect(english.get_by_role("textbox", name="Your name")).to_be_visible()
    await expect(english.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
    await expect(page.get_by_role("textbox", name="您的姓名")).to_be_visible()
    unnamed = await page.evaluate(
        "[...document.querySelectorAll('button, input:not([hidden]), textarea')].filter(one =>"
        " !one.getAttribute('aria-label') && !one.textContent.trim() && !one.labels?.length"
        ").length"
    )
    assert unnamed == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone(visit: Open, rooms: World, scheme: str) -> None:
    """At 360 px nothing is cut off, everything can be hit by a thumb, contrast is enough."""
    long = "https://example.org/" + "x" * 300
    author = Author("长名字" * 12, "市应急管理局救援协调与预案管理处", "matrix", "matrix:@a:hs")
    table = "<table><tr>" + "<td>cell cell</td>" * 12 + "</tr></table><pre>" + "x" * 300 + "</pre>"
    await rooms.post("web:zh", Outgoing(clean(f"{long} {table}"), "zh", author), "t1")
    page = await visit()
    await page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    await page.set_viewport_size({"width": 360, "height": 640})
    await expect(side(page, 0)).to_be_visible()
    await expect(side(page, 1)).to_be_hidden()
    await expect(side(page, 0).locator("article")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    log = side(page, 0).locator(".log")
    assert await log.evaluate("log => log.scrollWidth <= log.clientWidth")
    await side(page, 0).locator("article").focus()
    small = await page.evaluate(
        "[...document.querySelectorAll('button, input, textarea')].filter(one => {"
        " const box = one.getBoundingClientRect();"
        " return box.width && (box.width < 43.5 || box.height < 43.5); }).map(one => one.outerHTML)"
    )
    assert small == []
    await say(page, 0, "收到")
    await expect(page.locator(".tab .badge")).to_have_text("1")
    await page.locator(".tab").nth(1).click()
    await expect(side(page, 1).locator("article.relayed")).to_be_visible()
    contrast = await page.evaluate(CONTRAST)
    assert contrast == []


async def test_lists_keep_their_numbers_and_a_missing_file_its_size(
    visit: Open, rooms: World
) -> None:
    async def gone(_media: Media) -> AsyncIterator[bytes]:
        raise MediaUnavailable("404", forever=True)
        yield b""

    author = Author("李", None, "matrix", "matrix:@a:hs")
    file = Media(
        "matrix", "document", "图纸.pdf", "application/pdf", (("url", "mxc://h/x"),), 51200
    )
    html = clean('<ol start="3"><li>关闭3号阀</li><li value="7">b</li></ol>')
    (payload,) = rooms.transport.compose(Outgoing(html, "zh", author, media=(file,)))
    await rooms.transport.send(Sending("web:zh", payload, "t1", open_media=gone))
    page = await visit("/room/zh")
    article = page.locator("article")
    await expect(article.locator("ol")).to_have_attribute("start", "3")
    await expect(article.locator("li").nth(1)).to_have_attribute("value", "7")
    await expect(article.locator(".file.missing")).to_contain_text("图纸.pdf")
    await expect(article.locator(".file.missing .file-size")).to_have_text("50 KB")


async def test_a_covered_picture_is_shown_to_who_asks_for_it(visit: Open, rooms: World) -> None:
    async def opened(_media: Media) -> AsyncIterator[bytes]:
        yield PNG

    picture = Media("telegram", "photo", "a.png", "image/png", (("id", "1"),), covered=True)
    outgoing = Outgoing(clean("伤者"), "zh", Author("李", None, "telegram", "telegram:1"))
    (payload,) = rooms.transport.compose(replace(outgoing, media=(picture,)))
    await rooms.transport.send(Sending("web:zh", payload, "t1", open_media=opened))
    page = await visit("/room/zh")
    await expect(page.locator("article button.cover")).to_have_text("Show the covered picture")
    await expect(page.locator("article img")).to_have_count(0)
    await page.locator("article button.cover").press("Enter")
    await expect(page.locator("article img")).to_be_visible()


@pytest.mark.parametrize("text", ["The road is open", "الطريق مفتوح", "הדרך פתוחה"])
async def test_the_time_stands_at_the_end_of_the_line_apart_from_the_words(
    visit: Open, text: str
) -> None:
    """Whichever way the words run."""
    page = await visit("/room/zh")
    await say(page, 0, text)
    shown = page.locator("article.own:not(.waiting) .text")
    await expect(shown).to_contain_text(text)
    apart, outside = await shown.evaluate(
        """node => {
          const words = document.createRange();
          words.selectNodeContents(node.firstChild);
          const line = words.getBoundingClientRect();
          const foot = node.querySelector(".foot").getBoundingClientRect();
          const whole = node.getBoundingClientRect();
          return getComputedStyle(node).direction === "rtl"
            ? [line.left - foot.right, foot.left - whole.left]
            : [foot.left - line.right, whole.right - foot.right];
        }"""
    )
    assert apart >= 8
    assert abs(outside) < 1


@pytest.mark.parametrize("width", [320, 360, 414, 600, 1200])
async def test_the_room_one_is_in_is_named_at_every_width(visit: Open, width: int) -> None:
    """Beside the field for one's own name, and nothing touches anything."""
    page = await visit("/room/zh")
    await page.set_viewport_size({"width": width, "height": 740})
    heading = page.locator("section.room h2")
    await expect(heading).to_be_visible()
    await heading.evaluate("each => { each.textContent = '市应急指挥部 · 市应急管理局'; }")
    await page.locator(".pill").evaluate(
        "pill => { pill.hidden = false; pill.textContent = '中文'; }"
    )
    boxes = [
        await page.locator(f".head {each}").bounding_box() for each in ("h2", ".pill", "input.name")
    ]
    assert all(boxes)
    name, pill, field = (each for each in boxes if each is not None)
    assert name["width"] >= (60 if width < 400 else 90)
    assert name["x"] + name["width"] + 4 <= pill["x"]
    assert pill["x"] + pill["width"] + 4 <= field["x"]
    assert field["width"] >= 90
    assert field["x"] + field["width"] <= width


async def test_an_invited_person_enters_by_the_link(
    context: BrowserContext, visit: Open, tmp_path: Path
) -> None:
    """The token leaves the address; the name is fixed; revoking closes the page in its words."""
    home = tmp_path / "guarded"
    home.mkdir()
    async with world(home, listen="0.0.0.0:0") as guarded:
        made, token = await invites.make(guarded.store, name="陈静", room="zh", now=guarded.clock())
        link = invites.link(guarded.url, token)
        page = await visit(link.removeprefix(guarded.url), names=False, url=guarded.url)
        await expect(side(page, 0).locator(".name-fixed")).to_have_text("陈静")
        assert page.url == guarded.url + "/room/zh"
        assert token not in await page.evaluate("document.cookie")
        await say(page, 0, "到")
        await guarded.until_taken(1)
        await invites.revoke(guarded.store, made.id, guarded.clock())
        await expect(field(page, 0)).to_be_disabled()
        await page.goto(guarded.url + "/room/zh")
        await expect(page.locator("#notice")).to_contain_text("invitation")


CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const linear = (c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const one of document.querySelectorAll(
      'time, .who, .agency, .network, .text, .pill, .tab, .name-label, h1, h2, .day, .machine')) {
    if (!one.getClientRects().length || one.closest('.tab[aria-pressed=false]')) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color).slice(0, 3)), light(ground(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(one.className + ' ' + ratio.toFixed(2));
  }
  return bad;
}"""


async def test_where_one_is_is_shared_only_after_agreeing_and_moves(
    visit: Open, context: BrowserContext
) -> None:
    """One message for all of the way; the first press only says what the second one means."""
    await context.grant_permissions(["geolocation"])
    await context.set_geolocation({"latitude": 31.2304, "longitude": 121.4737})
    page = await visit()
    share = side(page, 0).locator("button.place")
    await share.click()
    await expect(side(page, 0).locator(".toast")).to_be_visible()
    await expect(side(page, 1).locator("article.relayed")).to_have_count(0)
    await share.click()
    await expect(share).to_have_attribute("aria-pressed", "true")
    await expect(side(page, 1).locator("article.relayed")).to_contain_text("31.230400")
    await share.click()
    await expect(share).to_have_attribute("aria-pressed", "false")
