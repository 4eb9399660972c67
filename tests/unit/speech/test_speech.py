"""One document in each language: the same facts, formatted as that language formats them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from bot.catalogues import Catalogues
from bot.richtext import clean, safe_text
from bot.speech import Speech, has_times
from handlers.document import (
    Bold,
    Bullets,
    Code,
    Document,
    Heading,
    Inline,
    Link,
    Mention,
    Para,
    Quote,
    Span,
    Table,
    say,
)
from workflows.text import Msg, Param, _, either, ngettext

SPEECH = Speech(Catalogues.load(), ZoneInfo("Asia/Shanghai"))
AT = datetime(2026, 7, 18, 6, 5, tzinfo=UTC)
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_a_sentence_in_each_language() -> None:
    left = _("Left. Nothing was done.")
    english, chinese = SPEECH.text(left, "en"), SPEECH.text(left, "zh")
    assert english == left.id
    assert CHINESE.search(chinese)
    assert SPEECH.text(left, "both") == f"{chinese} / {english}"


def test_a_room_of_both_languages_reads_chinese_first_and_data_once() -> None:
    html = SPEECH.html(say(_("Left. Nothing was done.")), "both")
    chinese, english = html.split("<br><br>")
    assert CHINESE.search(chinese)
    assert english == "Left. Nothing was done."
    assert SPEECH.html(say("7KQ2MXPD"), "both") == "7KQ2MXPD"
    assert SPEECH.label("Yes", "both") == "Yes"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (1234567, "1,234,567", "1,234,567"),
        (Decimal("1234.5"), "1,234.5", "1,234.5"),
        (AT, "Sat, Jul 18 14:05", "7月18日周六 14:05"),
        (timedelta(minutes=10), "10 minutes", "10分钟"),
        (("a", "b", "c"), "a, b, and c", "a、b和c"),
        ("{name} <b>", "{name} <b>", "{name} <b>"),
        (_("Chinese"), "Chinese", "中文"),
    ],
)
def test_parameters_are_formatted_for_the_reader(value: Param, english: str, chinese: str) -> None:
    msg = Msg("{value}", (("value", value),))
    assert SPEECH.text(msg, "en") == english
    assert SPEECH.text(msg, "zh") == chinese


def test_the_zone_is_that_of_the_installation() -> None:
    late = datetime(2026, 7, 18, 20, 0, tzinfo=UTC)
    assert SPEECH.moment(late, "en") == "Sun, Jul 19 04:00"


@pytest.mark.parametrize(
    ("zone", "english", "chinese"),
    [
        ("Asia/Shanghai", "Sat, Jul 18 14:05 (UTC+8)", "7月18日周六 14:05（UTC+8）"),
        ("America/St_Johns", "Sat, Jul 18 03:35 (UTC−2:30)", "7月18日周六 03:35（UTC−2:30）"),
        ("UTC", "Sat, Jul 18 06:05 (UTC)", "7月18日周六 06:05（UTC）"),
    ],
)
def test_where_people_are_in_several_zones_each_time_names_its_own(
    zone: str, english: str, chinese: str
) -> None:
    local = SPEECH.local(ZoneInfo(zone), named=True)
    assert local.moment(AT, "en") == english
    assert local.moment(AT, "zh") == chinese


@pytest.mark.parametrize(
    ("document", "timed"),
    [
        (say("14:05"), False),
        (say(_("Left. Nothing was done.")), False),
        (say(Msg("{a}", (("a", (Msg("{b}", (("b", AT),)),)),))), True),
        (Document((Bullets((Span(("x", Bold(Msg("{t}", (("t", AT),))))),)),)), True),
        (Document((Table(("a",), (("b", Msg("{t}", (("t", AT),))),)),)), True),
    ],
)
def test_a_moment_is_found_wherever_it_stands(document: Document, timed: bool) -> None:
    assert has_times(document) == timed


@pytest.mark.parametrize(("n", "english"), [(1, "Taken back in 1 room."), (1000, "1,000 rooms")])
def test_numbers_choose_the_form(n: int, english: str) -> None:
    msg = ngettext("Taken back in {n} room.", "Taken back in {n} rooms.", n)
    assert english in SPEECH.text(msg, "en")
    assert CHINESE.search(SPEECH.text(msg, "zh"))


def test_what_data_say_in_both_languages_is_read_in_ones_own_and_never_taken_for_a_form() -> None:
    said = either("地方{预案}", "local {plan}")
    assert SPEECH.text(said, "zh") == "地方{预案}"
    assert SPEECH.text(Msg.from_json(said.to_json()), "en") == "local {plan}"
    assert SPEECH.text(_("Left. Nothing was done."), "zh") != "Left. Nothing was done."


def test_a_command_is_shown_as_it_is_typed_in_the_language() -> None:
    code = Code("/help", zh="/帮助")
    assert SPEECH.html(say(code), "en") == "<code>/help</code>"
    assert SPEECH.html(say(code), "zh") == "<code>/帮助</code>"


PARAMS: st.SearchStrategy[Param] = st.recursive(
    st.one_of(
        st.text(),
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False),
        st.datetimes(timezones=st.just(UTC)),
        st.timedeltas(timedelta(days=-36500), timedelta(days=36500)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.builds(
            lambda params: Msg("x", tuple(sorted(params.items()))),
            st.dictionaries(st.text(min_size=1), inner, max_size=2),
        ),
    ),
    max_leaves=6,
)


@given(st.text(), st.dictionaries(st.text(min_size=1), PARAMS, max_size=4), st.none() | st.text())
def test_a_message_survives_being_stored(
    msg_id: str, params: dict[str, Param], plural: str | None
) -> None:
    msg = Msg(msg_id, tuple(sorted(params.items())), plural)
    assert Msg.from_json(json.loads(json.dumps(msg.to_json()))) == msg


@pytest.mark.parametrize(
    "stored", [None, 1, "x", [], {}, {"id": 1}, {"id": "x", "params": []}, {"id": "x", "plural": 1}]
)
def test_what_is_no_stored_message_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="not a stored"):
        Msg.from_json(json.loads(json.dumps(stored)))


HOSTILE = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&\"'{}/="), max_size=20)
INLINE: st.SearchStrategy[Inline] = st.recursive(
    st.one_of(
        HOSTILE,
        HOSTILE.map(Code),
        HOSTILE.map(lambda text: Msg("{value}", (("value", text),))),
        HOSTILE.map(lambda name: Mention("loopback:1", name)),
        HOSTILE.map(lambda text: Link("https://example.org/?a=1&b=2", text)),
    ),
    lambda inner: st.one_of(inner.map(Bold), st.lists(inner, max_size=3).map(tuple).map(Span)),
    max_leaves=5,
)
BLOCK = st.one_of(
    INLINE.map(Heading),
    INLINE.map(Para),
    INLINE.map(Quote),
    st.lists(INLINE, min_size=1, max_size=3).map(tuple).map(Bullets),
    st.lists(INLINE, min_size=1, max_size=3).map(tuple).map(lambda row: Table(row, (row, row))),
)
OURS = re.compile(
    r"</?(?:b|code|blockquote|ul|li|table|thead|tbody|tr|th|td|br)>|</a>"
    r'|<a data-account="loopback:1">|<a href="https://example\.org/\?a=1&amp;b=2">'
)


@given(st.lists(BLOCK, max_size=4).map(tuple), st.sampled_from(("zh", "en", "both")))
def test_nothing_that_a_person_typed_becomes_markup(
    blocks: tuple[Heading, ...], language: str
) -> None:
    html = SPEECH.html(Document(blocks), language)
    rest = OURS.sub("", html)
    assert "<" not in rest
    assert ">" not in rest
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#)", rest)


@given(HOSTILE)
def test_what_a_person_typed_is_shown_as_typed(text: str) -> None:
    html = SPEECH.html(say(_("Unit: {agency}", agency=text)), "en")
    shown = unescape(re.sub("<br>", "\n", html))
    assert shown == safe_text(f"Unit: {text}")


@given(st.lists(BLOCK, max_size=3).map(tuple))
def test_a_document_is_clean_already(blocks: tuple[Heading, ...]) -> None:
    html = SPEECH.html(Document(blocks), "en")
    assert re.sub(r"\s|<br>", "", clean(clean(html))) == re.sub(r"\s|<br>", "", clean(html))
