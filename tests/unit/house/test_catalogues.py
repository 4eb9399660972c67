"""The sentences: found in the code, whole in each language, true to the glossary."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.catalogues import DIRECTORIES, Catalogues, directory, language_of, po_path, read
from bot.catalogues.checking import BrokenPlaceholder, placeholders, problems
from bot.catalogues.making import extract, pot_path, rendered, update
from tests.servers.parts import ROOT

CODE = """
from workflows.text import _, ngettext

GREETING = _("Incident {title} is open.", title="x")
COUNT = ngettext("One order waits.", "{n} orders wait.", 2)
"""
CHINESE = {
    "Incident {title} is open.": "事件“{title}”已启动。",
    "One order waits.": "{n} 条指令待办。",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small project of which every sentence is translated."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "code.py").write_text(CODE)
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "glossary.csv").write_text((ROOT / "locale/glossary.csv").read_text())
    renew(tmp_path)
    for english, chinese in CHINESE.items():
        translate(tmp_path, english, chinese)
    assert problems(tmp_path) == []
    return tmp_path


def renew(checkout: Path) -> None:
    extract(checkout)
    update(checkout)


def translate(checkout: Path, english: str, chinese: str, *, fuzzy: bool = False) -> None:
    path = po_path(checkout / "locale", "zh")
    catalog = read(path)
    message = catalog[english]
    assert message is not None
    message.string = chinese if isinstance(message.id, str) else (chinese,)
    if fuzzy:
        message.flags.add("fuzzy")
    path.write_bytes(rendered(catalog))


def say(checkout: Path, english: str, chinese: str = "") -> list[str]:
    """What is wrong once the code says `english` and the catalogue `chinese`."""
    (checkout / "bot" / "more.py").write_text(f"# Translators: none\nX = _({english!r})\n")
    renew(checkout)
    translate(checkout, english, chinese)
    return problems(checkout)


def test_a_sentence_is_said_in_the_language_that_is_asked_for(checkout: Path) -> None:
    catalogues = Catalogues.load(checkout / "locale")
    assert catalogues.text("Incident {title} is open.", "zh") == "事件“{title}”已启动。"
    assert catalogues.text("Incident {title} is open.", "en") == "Incident {title} is open."


@pytest.mark.parametrize(
    ("n", "english"),
    [(0, "{n} orders wait."), (1, "One order waits."), (2, "{n} orders wait.")],
)
def test_english_has_two_forms_and_chinese_one(checkout: Path, n: int, english: str) -> None:
    catalogues = Catalogues.load(checkout / "locale")
    said = [catalogues.plural("One order waits.", "{n} orders wait.", n, x) for x in DIRECTORIES]
    assert said == ["{n} 条指令待办。", english]


def test_what_no_catalogue_has_is_said_as_the_code_says_it() -> None:
    catalogues = Catalogues.load()
    assert catalogues.text("Never written.", "zh") == "Never written."
    assert catalogues.plural("{n} a", "{n} b", 1, "zh") == "{n} a"
    assert catalogues.plural("{n} a", "{n} b", 2, "zh") == "{n} b"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *((tag, "zh") for tag in ("zh", "zh-CN", "zh_CN", "zh_hans", "zh-Hans-CN", "ZH-TW")),
        *((tag, "zh") for tag in ("cmn", "cmn-Hans", "zho", "zh_CN.UTF-8", " 中文 ", "Chinese")),
        *((tag, "en") for tag in ("en", "en-GB", "en_US.UTF-8", "eng", "English", "英文")),
        *((tag, None) for tag in ("", "-", "fr", "de-DE", "zha", "enm", "C", "x")),
    ],
)
def test_a_language_is_known_by_every_name_it_has(tag: str, language: str | None) -> None:
    assert language_of(tag) == language


def test_a_new_sentence_makes_the_template_stale(checkout: Path) -> None:
    (checkout / "bot" / "code.py").write_text(CODE + 'NEW = _("New.")\n')
    assert problems(checkout) == [
        "locale/messages.pot is not what the code says: run `make catalogues`"
    ]
    renew(checkout)
    assert problems(checkout) == ["zh: empty: 'New.'"]


def test_a_sentence_that_is_passed_over_is_named(checkout: Path) -> None:
    inner = """Y = _("All: {all}", all=tuple(_("One {n}", n=n) for n in range(3)))\n"""
    (checkout / "bot" / "code.py").write_text(CODE + inner)
    renew(checkout)
    translate(checkout, "All: {all}", "全部：{all}")
    inside = "a sentence that Babel does not find; make it before the call that it stands in"
    assert problems(checkout) == [f"bot/code.py:6: {inside}"]


def test_extracting_twice_changes_nothing(checkout: Path) -> None:
    before = [path.read_bytes() for path in sorted(checkout.rglob("*.po*"))]
    renew(checkout)
    assert [path.read_bytes() for path in sorted(checkout.rglob("*.po*"))] == before


def test_a_sentence_that_is_gone_is_removed_from_the_catalogues(checkout: Path) -> None:
    (checkout / "bot" / "code.py").write_text("")
    extract(checkout)
    assert "zh: not in the code: 'One order waits.'" in problems(checkout)
    update(checkout)
    assert problems(checkout) == []


def test_a_fuzzy_entry_is_refused_and_not_said(checkout: Path) -> None:
    translate(checkout, "Incident {title} is open.", "事件“{title}”？", fuzzy=True)
    assert problems(checkout) == ["zh: fuzzy: 'Incident {title} is open.'"]
    assert Catalogues.load(checkout / "locale").text("Incident {title} is open.", "zh") == (
        "Incident {title} is open."
    )


def test_an_obsolete_entry_is_refused(checkout: Path) -> None:
    with po_path(checkout / "locale", "zh").open("a") as file:
        file.write('\n#~ msgid "Gone."\n#~ msgstr "没了。"\n')
    assert problems(checkout) == ["zh: obsolete, to be removed: 'Gone.'"]


def test_english_says_what_the_code_says(checkout: Path) -> None:
    path = po_path(checkout / "locale", "en")
    path.write_text(path.read_text().replace('msgstr "Incident', 'msgstr "The incident'))
    assert problems(checkout) == ["en: not what the code says: 'Incident {title} is open.'"]


@pytest.mark.parametrize(
    ("english", "chinese", "wrong"),
    [
        ("By {who}.", "由{谁}。", "other placeholders"),
        ("By {who}.", "由他。", "other placeholders"),
        ("By {who}.", "由{who。", "broken placeholder"),
        ("By {who}.", "由{who!r}。", "broken placeholder"),
        ("By {who}.", "由{}。", "broken placeholder"),
        ("Ask the Incident Commander.", "请示指挥官。", "is 总指挥 in the glossary"),
        ("Two briefings.", "两次通报。", "is 简报 in the glossary"),
        ("Fill in the sitrep.", "填写报告。", "is 态势报告 in the glossary"),
        ("Wait.", "请稍候,", "half-width"),
    ],
)
def test_a_translation_that_is_wrong_is_named(
    checkout: Path, english: str, chinese: str, wrong: str
) -> None:
    (found,) = say(checkout, english, chinese)
    assert wrong in found
    assert english in found


def test_a_language_of_one_form_must_say_the_number(checkout: Path) -> None:
    translate(checkout, "One order waits.", "一条指令待办。")
    assert problems(checkout) == ["zh: other placeholders than in English: 'One order waits.'"]


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("By {who}.", "由{who}办理。"),
        ("Ask the Incident Commander.", "请示总指挥。"),
        ("This Telegram group is not known.", "未登记这个 Telegram 群组。"),
        ("Set {order}.", "设为{order}。"),
        ("Reply {{1}}.", "回复 {{1}}。"),
    ],
)
def test_a_translation_that_is_right_passes(checkout: Path, english: str, chinese: str) -> None:
    assert say(checkout, english, chinese) == []


def test_a_word_that_is_not_the_term_can_be_exempt_beside_the_code(checkout: Path) -> None:
    assert say(checkout, "In order.", "有序。") != []
    (checkout / "bot" / "more.py").write_text(
        "# Translators: not the glossary's order\nX = _('In order.')\n"
    )
    renew(checkout)
    assert problems(checkout) == []


@pytest.mark.parametrize(
    "text", ["{", "}", "{a", "{0}", "{a.b}", "{a[0]}", "{a:>3}", "{a!s}", "{}"]
)
def test_only_plain_names_are_placeholders(text: str) -> None:
    with pytest.raises(BrokenPlaceholder):
        placeholders(text)


def test_the_catalogues_are_no_python_package() -> None:
    assert directory() == ROOT / "locale"
    assert not list((ROOT / "locale").rglob("*.py"))
    assert pot_path(ROOT).exists()
