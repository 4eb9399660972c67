"""A plan of twenty pages in two languages, from the facts to the PDF."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.catalogues import Catalogues
from bot.printing import in_language
from bot.speech import Speech
from handlers.printed.press import Press
from tests.bench.figure import Figure, ms, spread
from tests.unit.printed.sample import facts, task
from tests.unit.printed.test_forms import plan
from workflows.plans.facts import Facts
from workflows.plans.forms.catalogue import FORMS

SECONDS = 2.0
PAGES = 20

_BARE = """#set page("a4")
#set text(font: "Noto Sans CJK SC", size: 9pt)
#for each in json(bytes(sys.inputs.data)) [ #each #parbreak() ]
"""
"""The same words without form or frame: what Typst itself takes."""


def _busy() -> Facts:
    """An incident with so much to do that its plan has twenty pages."""
    more = [task(at, f"第{at}项：沿北岸布设围油栏并看护", f"片区 {at}", assignee=f"team/{at}")
            for at in range(10, 18)]  # fmt: skip
    known = facts(words={"overview": "泄漏已控制八成，东侧仍有蒸气云。\n" * 30})
    return replace(known, tasks=[*known.tasks, *more])


def _pages(pdf: bytes) -> tuple[int, list[str]]:
    from pypdf import PdfReader

    found = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return len(found), found


async def plans(quick: bool) -> list[Figure]:
    """The first one with a compiler that has just been made, then many; the bare words beside."""
    speech = Speech(Catalogues.load(), ZoneInfo("Asia/Shanghai"))

    def made(press: Press, of: Facts) -> bytes:
        paper = plan(of)
        return press.make(paper.template, "pdf", in_language(paper, "both", speech))

    of, press = _busy(), Press()
    began = time.perf_counter()
    pdf = made(press, of)
    first = time.perf_counter() - began
    n, said = _pages(pdf)
    assert n >= PAGES, n
    assert len(FORMS) == 17
    again, bare = [], []
    compiler = Press()._made()
    for at in range(3 if quick else 20):
        # Another text each time: Typst remembers what it has laid out.
        began = time.perf_counter()
        made(press, replace(of, words={"overview": f"第{at}稿\n" * 30}))
        again.append(time.perf_counter() - began)
        began = time.perf_counter()
        compiler.compile(
            input=_BARE.encode(),
            format="pdf",
            sys_inputs={"data": json.dumps([str(at), *said], ensure_ascii=False)},
        )
        bare.append(time.perf_counter() - began)
    worst = max(first, *again)
    median, _last = spread(again)
    return [
        Figure(
            f"action plan of {n} pages in both languages, PDF: first / median",
            f"{ms(first)} / {ms(median)}",
            f"the same words alone, Typst: {ms(bare[0])} / {ms(spread(bare)[0])}",
            f"≤ {SECONDS:.0f} s",
            worst <= SECONDS,
        )
    ]
