"""A level pack as it is proposed, and line by line as it is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from handlers.cards.labels import TYPE_NAMES
from handlers.document import Block, Bold, Button, Code, Document, Heading, Inline, Para, Span
from workflows.incidents.rules import EVENT_LEVELS
from workflows.requests.packing import Line, Pack
from workflows.text import Msg, _, either, ngettext


@dataclass(frozen=True, slots=True)
class Draft:
    """What is proposed, with what the person has changed so far; it is carried from button to
    button, so that it outlives a restart and is nobody else's."""

    incident: int
    pack: Pack
    level: str
    lines: tuple[Line, ...]
    changed: Mapping[int, Decimal] = field(default_factory=dict)

    def command(self, changed: Mapping[int, Decimal], more: str = "") -> str:
        """The command line that goes on with these changes."""
        line = f"/request pack {self.level} type={self.pack.type}"
        if changed:
            line += f" change={_listed(changed)}"
        return f"{line}{more} incident=I{self.incident}"

    def typed(self, changed: Mapping[int, Decimal], following: int) -> Code:
        """As `command`, to be typed in either language; `following` is the line to go on with."""
        onward = (f" edit={following}", f" 逐项={following}") if following else ("", "")
        kind = TYPE_NAMES[self.pack.type][1]
        zh = f"/需求 清单 {self.level} 类型={kind} 调整={_listed(changed)}{onward[1]}"
        return Code(self.command(changed, onward[0]), zh=f"{zh} 事件=I{self.incident}")


def document(draft: Draft) -> Document:
    """The proposal: a line for each kind, one button that asks for all of it."""
    pack = draft.pack
    blocks: list[Block] = [
        Heading(
            _(
                "Proposed for {type}, {level}:",
                type=pack.title,
                level=_("event level {level}", level=EVENT_LEVELS[draft.level]),
            )
        )
    ]
    blocks += [Para(_line(each)) for each in draft.lines]
    blocks.append(Para(pack.source))
    if pack.example:
        blocks.append(
            Para(_("The quantities are examples: your agency’s own file takes their place."))
        )
    count = sum(1 for each in draft.lines if each.amount)
    buttons = []
    if count:
        label = ngettext("Ask for this {n} line", "Ask for all {n} lines", count)
        buttons.append(Button(label, draft.command(draft.changed, " accept=yes")))
    if draft.lines:
        first = draft.lines[0].number
        edit = Button(_("Change line by line"), draft.command(draft.changed, f" edit={first}"))
        buttons.append(edit)
    return Document(tuple(blocks), tuple(buttons))


def _line(each: Line) -> Inline:
    """`3. boom — 500 m` with what the pack says where that differs."""
    text = Span((f"{each.number}. ", Bold(either(*each.item.kind)), " — ", _amount(each)))
    notes: list[Inline] = []
    if each.asked:
        notes.append(_("{amount} asked for already", amount=each.asked))
    if each.amount != max(Decimal(0), each.usual - each.asked):
        notes.append(_("usually {amount}", amount=each.usual))
    if each.item.note is not None:
        notes.append(each.item.note)
    return Span((text, *(part for note in notes for part in (" · ", note))))


def _amount(each: Line) -> Msg:
    if not each.amount:
        return _("left out")
    return _("{amount} {unit}", amount=each.amount, unit=either(*each.item.unit))


def editing(draft: Draft, number: int) -> Document:
    """One line with what can be made of it; each answer leads to the next."""
    numbers = [each.number for each in draft.lines]
    here = next((each for each in draft.lines if each.number >= number), None)
    if here is None:
        return document(draft)
    following = next((each for each in numbers if each > here.number), 0)
    place = numbers.index(here.number) + 1
    onward = f" edit={following}" if following else ""

    def with_amount(amount: Decimal) -> str:
        return draft.command({**draft.changed, here.number: amount}, onward)

    buttons = [Button(_("Keep"), draft.command(draft.changed, onward))]
    if here.amount:
        buttons.append(Button(_("Leave out"), with_amount(Decimal(0))))
    for amount in _others(here):
        label = _("{amount} {unit}", amount=amount, unit=either(*here.item.unit))
        buttons.append(Button(label, with_amount(amount)))
    buttons.append(Button(_("That is all"), draft.command(draft.changed)))
    typed = draft.typed({**draft.changed, here.number: here.usual or Decimal(1)}, following)
    blocks: list[Block] = [
        Heading(_("Line {n} of {count}", n=place, count=len(numbers))),
        Para(_line(here)),
        Para(Span((_("Another amount:"), " ", typed))),
    ]
    return Document(tuple(blocks), tuple(buttons))


def _others(line: Line) -> Sequence[Decimal]:
    """Half and double of what is proposed, whole numbers."""
    base = line.amount or line.usual or Decimal(1)
    half, double = (base / 2).to_integral_value(), base * 2
    return [each for each in (half, double) if each and each != line.amount]


def _listed(changed: Mapping[int, Decimal]) -> str:
    return ",".join(f"{number}:{_plain(amount)}" for number, amount in sorted(changed.items()))


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
