"""Whatever anybody types: no error, no loss, no delay."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from handlers.document import Document
from handlers.folding import half
from handlers.grammar.arguments import value_of
from handlers.grammar.explain import explain
from handlers.grammar.outcome import Invocation, NotCommand, OtherBot, Problem
from handlers.grammar.read import read
from handlers.values import Args
from tests.unit.grammar.phrases import CHINESE, ENGLISH
from tests.unit.grammar.sample import COMMANDS, REGISTRY, SITUATION, told

ANY = st.text(st.characters(exclude_categories=()), max_size=200)
BITS = st.sampled_from(
    [
        *(f"/{each.family.name.en} " for each in COMMANDS),
        *(f"／{each.family.name.zh}" for each in COMMANDS),
        " by=",
        " by ",
        "截止：",
        "“",
        "”",
        '"',
        "'",
        "「",
        "14:00",
        "明早",
        "三",
        "半",
        "\n",
        "，",
        "@",
        "@LianzhiBot ",
        "R12",
        "I3-",
        "80%",
        "成",
        "八",
        "�",
        "\u202e",
        "\u200b",
        "\u200d",
        "=",
        ":",
        "://",
        "new ",
        "新建",
        "list ",
        "I",
        "Ⅱ",
        "İ",
        "ß",
        "😀",
        "\x00",
        "𝟛",
        "٣",
        " ",
    ]
)
LINES = st.lists(BITS, max_size=12).map("".join)


@given(st.one_of(ANY, ANY.map("/".__add__), LINES))
def test_reading_never_fails_and_can_always_be_explained(text: str) -> None:
    """Any text is one of four things, lone surrogates and direction marks included."""
    outcome = read(text, REGISTRY, SITUATION)
    assert isinstance(outcome, (NotCommand, OtherBot, Invocation, Problem))
    if isinstance(outcome, Problem):
        for language in ("en", "zh", "both"):
            assert isinstance(explain(outcome, language), Document)
    if isinstance(outcome, Invocation):
        assert Args.from_json(outcome.args.to_json()) == outcome.args


@given(text=st.one_of(ANY, LINES), command=st.sampled_from(COMMANDS))
def test_every_answer_is_a_value_or_a_problem(text: str, command: object) -> None:
    """So is any answer in a form, for an argument of every kind."""
    for each in COMMANDS:
        if each is command:
            for arg in each.args:
                value = value_of(arg, text, SITUATION)
                if not isinstance(value, Problem):
                    args = Args({arg.name: value})
                    assert Args.from_json(args.to_json()) == args


@given(ANY.filter(lambda text: text.strip()[:1] not in ("/", "!", "／", "！")))
def test_text_without_prefix_is_never_a_command(text: str) -> None:
    """What people say to each other stays between them."""
    if half(text.strip("\u200b\u200e\u200f\ufeff ")).lstrip()[:1] not in ("/", "!"):
        outcome = read(f"x{text}", REGISTRY, SITUATION)
        assert isinstance(outcome, NotCommand)


WORDS = st.text(st.sampled_from("泄漏Valve 3.,!?'，。！－😀é　 \t"), min_size=1, max_size=40)


@given(WORDS)
def test_free_text_stays_as_typed(text: str) -> None:
    """Width, case, spacing and signs of free text are kept to the letter."""
    wanted = text.strip(" \t　,，")
    outcome = read(f"/log “{text}”", REGISTRY, SITUATION)
    assert isinstance(outcome, Invocation)
    if outcome.command.key == "log":
        assert outcome.args.text("text") == text
    outcome = read(f"/日志 泄{wanted}漏", REGISTRY, SITUATION)
    assert isinstance(outcome, Invocation)
    assert outcome.args.text("text") == f"泄{wanted}漏"


_WIDE = {code: code + 0xFEE0 for code in map(ord, "/!=:0123456789,@-%")} | {0x20: 0x3000}


@pytest.mark.parametrize(
    "phrase",
    [
        phrase
        for phrase, meaning in (*ENGLISH, *CHINESE)
        if "text=" not in meaning and "http" not in phrase and "~" not in meaning
    ],
)
def test_full_width_structure_means_the_same(phrase: str) -> None:
    """A Chinese keyboard's signs and figures read as those of a Latin one."""
    wide = phrase.translate(_WIDE)
    plain, other = (told(read(text, REGISTRY, SITUATION)) for text in (phrase, wide))
    assert half(other) == half(plain)


def _seconds(text: str) -> float:
    begun = time.process_time()
    read(text, REGISTRY, SITUATION)
    return time.process_time() - begun


@pytest.mark.parametrize(
    "bit",
    [
        "x ",
        "“a ",
        "'a ",
        '" ',
        "by=14:00 ",
        "a= ",
        "by ",
        "to x ",
        "\nby 1",
        "\nnmae: x",
        "a,",
        "泄漏",
        "1",
        "一",
        "截止",
        "截止=",
        "\n",
        " ",
        "\u200b",
        "R1,",
        ".",
        "priority : ",
        "@a,",
        "半",
    ],
)
@pytest.mark.parametrize(
    "head",
    ["/", "/log ", "/request 3 ", "/日志", "/brief schedule to=", "/sitrep\nstatus: ", "!事件"],
)
def test_64_kilobytes_take_no_time(head: str, bit: str) -> None:
    """No text makes the reader slow: twice the text is about twice the time.

    The time is the processor's and the best of several, so that a busy machine proves nothing.
    """
    text = (head + bit * 65_536)[:65_536]
    assert min(_seconds(text) for _ in range(3)) < 0.15


def test_usual_line_takes_a_fraction_of_a_millisecond() -> None:
    """The price of a command is nothing beside the commit that it causes."""
    line = "/request 3 抢修车 to 3号阀室 by 14:00 priority=urgent"
    best = min(_seconds(line) for _ in range(20))
    assert best < 0.001
