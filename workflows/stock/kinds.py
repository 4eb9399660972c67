"""Kinds of things in stock: found by their names, made, described."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from storage import UnitOfWork
from storage.tables import StockKind
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.shelf import Shelf, both, unfit
from workflows.stock import rules
from workflows.stock.units import Unit, Units, fold
from workflows.text import Msg, _, either

OFFERED = 3
NEAR, NEAR_CHINESE = 60.0, 50.0
"""Of 100: from there on a name could be a slip of the other. Of a word of two Chinese characters a
slip of the input method leaves one."""


@dataclass(frozen=True, slots=True)
class Described:
    """What somebody said of a kind; None where nothing was said."""

    unit: str | None = None
    code: str | None = None
    also: str | None = None
    pack: str | None = None


async def known(uow: UnitOfWork, typed: str) -> StockKind | None:
    """The kind of that name, in one of its languages, singular or plural."""
    name = fold(typed)
    for each in (name, name.removesuffix("s"), name.removesuffix("es")):
        found = await uow.stock.kind_named(each) if each else None
        if found is not None:
            return found
    return None


async def named(uow: UnitOfWork, typed: str) -> StockKind:
    """The kind of that name. Raises `Refusal` (`kind-unknown`) with the nearest ones."""
    found = await known(uow, typed)
    if found is not None:
        return found
    near = await nearest(uow, typed)
    shown = rules.name(typed)
    raise Refusal(
        "kind-unknown",
        _("There is no “{name}” in stock. Did you mean {names}?", name=shown, names=near)
        if near
        else _("There is no “{name}” in stock. /stock list shows what there is.", name=shown),
    )


async def nearest(uow: UnitOfWork, typed: str) -> tuple[str, ...]:
    """The names of kinds that could be meant by a mistyped one, best first."""
    # Loaded at the first slip: 2 MB and a twentieth of a second.
    from rapidfuzz import fuzz

    word = fold(typed)[:64]
    best: dict[int, tuple[float, str]] = {}
    for each in await uow.stock.names():
        score = fuzz.ratio(word, each.ident)
        if len(word) > 1 and len(each.ident) > 1 and (word in each.ident or each.ident in word):
            score = max(score, 80.0)
        if (
            score >= (NEAR if each.ident.isascii() else NEAR_CHINESE)
            and score > best.get(each.kind_id, (0.0, ""))[0]
        ):
            best[each.kind_id] = (score, each.name)
    ranked = sorted(best.values(), key=lambda each: (-each[0], each[1]))
    return tuple(name for _score, name in ranked[:OFFERED])


async def make(
    uow: UnitOfWork,
    typed: str,
    said: Described,
    *,
    units: Units,
    codes: Codes,
    by: By,
    now: datetime,
) -> StockKind:
    """A new kind. Raises `Refusal` (`kind-exists`, `unit-unknown`, `code-unknown`)."""
    await uow.stock.turn()
    name = rules.name(typed)
    names = await _names(uow, None, name, said.also)
    unit = _unit(units, said.unit or "piece")
    code = None if said.code is None else codes.checked(said.code)
    made = await uow.stock.add_kind(
        names,
        name=name,
        code=code,
        unit=unit.base,
        shown=unit.code,
        packs=_packs(units, unit.base, said.pack),
        made_at=now,
        made_by=by.person_id,
    )
    await _record(uow, "stock.kind", made, names.values(), by, now)
    return made


async def change(
    uow: UnitOfWork,
    kind: StockKind,
    said: Described,
    *,
    units: Units,
    codes: Codes,
    by: By,
    now: datetime,
) -> StockKind:
    """Say more of a kind; its unit changes only to one of the same measure. Raises `Refusal`."""
    await uow.stock.turn()
    assert kind.id is not None
    if said.unit is not None:
        unit = _unit(units, said.unit)
        if unit.base != kind.unit:
            raise Refusal(
                "unit-other",
                _(
                    "{unit} does not convert: {kind} is counted in {shown}.",
                    unit=unit.label,
                    kind=kind.name,
                    shown=units[kind.shown].label,
                ),
            )
        kind.shown = unit.code
    if said.code is not None:
        kind.code = codes.checked(said.code)
    if said.pack is not None:
        kind.packs = {**kind.packs, **_packs(units, kind.unit, said.pack)}
    names = await _names(uow, kind.id, None, said.also)
    if names:
        await uow.stock.add_names(kind.id, names)
    await uow.stock.save(kind)
    await _record(uow, "stock.kind", kind, names.values(), by, now)
    return kind


async def _record(
    uow: UnitOfWork, code: str, kind: StockKind, names: Iterable[str], by: By, now: datetime
) -> None:
    await uow.ledger.append(
        code,
        now,
        actor=by.account,
        room=by.room,
        kind=kind.name,
        names=list(names),
        unit=kind.shown,
        gb=kind.code,
        packs=kind.packs,
    )


async def _names(
    uow: UnitOfWork, kind_id: int | None, name: str | None, also: str | None
) -> dict[str, str]:
    """Names by how they are compared; those that the kind has already are left out."""
    typed = [*([name] if name else []), *re.split(r"[,，、;；]", also or "")]
    found: dict[str, str] = {}
    for each in typed:
        if not each.strip():
            continue
        shown = rules.name(each)
        other = await uow.stock.kind_named(fold(shown))
        if other is not None and other.id != kind_id:
            raise Refusal(
                "kind-exists",
                _("“{name}” is the name of a kind already: {kind}.", name=shown, kind=other.name),
            )
        if other is None:
            found[fold(shown)] = shown
    return found


def _unit(units: Units, typed: str) -> Unit:
    found = units.named(typed)
    if found is None:
        raise Refusal(
            "unit-unknown",
            _(
                "“{unit}” is not a unit that is known here. Known are, among others: kg, t, L, m, "
                "m², pcs, box, bag, bottle.",
                unit=typed[:20],
            ),
        )
    return found


_PACK = re.compile(r"\s*(\d{1,9}(?:\.\d{1,3})?)\s*([^\d\s/／]*)\s*[/／]\s*([^\d\s/／]+)\s*")


def _packs(units: Units, base: str, typed: str | None) -> dict[str, int]:
    """`24/box`, `24瓶/箱`, `25 kg/bag`: thousandths of the base in one of the second."""
    if typed is None:
        return {}
    found = _PACK.fullmatch(typed)
    inner = units.named(found[2]) if found and found[2] else units[base]
    outer = units.named(found[3]) if found else None
    if found is None or inner is None or outer is None or inner.base != base or not outer.whole:
        raise Refusal(
            "kind-pack", _("Say what a pack holds as in pack=24/box or pack=25kg/bag."),
        )  # fmt: skip
    if outer.base == base:
        raise Refusal("kind-pack", _("A pack is another unit than what it holds."))
    return {outer.code: units.milli(Decimal(found[1]), inner)}


class Codes:
    """The classes of a data file (`codes.toml`). Raises `NotUsable` for one that is wrong."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self.sample = bool(data.get("sample"))
        self._labels: dict[str, Msg] = {}
        listed = data.get("code")
        try:
            if not isinstance(listed, list):
                raise ValueError("no codes")
            for each in listed:
                self._labels[str(each["code"])] = either(
                    *both({"zh": each["zh"], "en": each["en"]})
                )
        except (KeyError, TypeError, ValueError) as wrong:
            raise unfit("codes", wrong) from wrong

    def checked(self, typed: str) -> str:
        """The code as it is kept. Raises `Refusal` (`code-unknown`) with the classes there are."""
        code = fold(typed).replace(" ", "")
        if code in self._labels or (self.sample and self.label(code) is not None):
            return code
        shown = tuple(
            _("{code} {label}", code=each, label=label)
            for each, label in list(self._labels.items())[:9]
        )
        raise Refusal(
            "code-unknown",
            _("There is no class “{code}”. There are: {codes}.", code=typed[:20], codes=shown),
        )

    def label(self, code: str | None) -> Msg | None:
        """What the class is called, or the nearest one above it."""
        if not code or not re.fullmatch(r"\d{1,12}", code):
            return None
        above = (code[:length] for length in range(len(code), 0, -1))
        return next((self._labels[each] for each in above if each in self._labels), None)

    def all(self) -> Mapping[str, Msg]:
        """The classes by code."""
        return self._labels


def codes(shelf: Shelf) -> Codes:
    """The classes of the installation. Raises `NotUsable`."""
    return Codes(shelf.read("workflows.stock", "codes"))
