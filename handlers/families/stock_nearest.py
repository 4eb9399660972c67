"""`/stock nearest`: who could bring it soonest; `/stock reserve`: promise it from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from handlers.cards.nearest import Asked, document
from handlers.context import Context, Means, Scope
from handlers.document import Document, Para, say
from handlers.families.incident import WHICH
from handlers.families.request_telling import LINE, acting, told
from handlers.families.stock import FAMILY, FROM, KIND, QTY, amount, depot, keeper
from handlers.meant import place_meant
from handlers.registry import Arg, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage import UnitOfWork
from storage.queries.sources import Supply
from storage.tables import Incident, RequestLine, StockCapacity, StockKind
from workflows.errors import Refusal
from workflows.geo.places import Place, read_place
from workflows.geo.points import Point
from workflows.geo.routes import Roads
from workflows.requests import keeping, supply
from workflows.requests.depots import Promised
from workflows.requests.supply import Much
from workflows.requests.whole import Whole
from workflows.stock import depots, kinds, rules, service
from workflows.stock.nearest import SHOWN, answer, found, need_of
from workflows.stock.production import Made, soonest, works
from workflows.stock.ranking import Need, Terms, combine, rank
from workflows.stock.rules import Sort
from workflows.stock.units import STEP, Units, units
from workflows.text import Json, _

ROADS = "stock.roads"
"""Kind of the timer that looks whether the routing server has answered."""

LOOK = timedelta(seconds=1)
COMPARED = 40
"""Sources, the nearest, of which the routing server is asked."""

REQUEST = Arg(
    "request", "需求", Kind.REFERENCE, letters="R", positional=False, example=("R12", "R12")
)


@command(
    FAMILY,
    Name("nearest", "最近", ("near", "就近", "调配")),
    replace(QTY, required=False),
    replace(KIND, required=False),
    Arg(
        "at",
        "地点",
        Kind.PLACE,
        positional=False,
        aliases=("to", "送到", "位置"),
        leads=("at", "to"),
        example=("31.2304, 121.4737", "31.2304，121.4737"),
    ),
    REQUEST,
    LINE,
    WHICH,
    allow="member",
    summary=_("Rank who could bring a kind soonest, alone or together, with the reasons"),
    examples=("/stock nearest 200 m boom", "/库存 最近 200米 围油栏"),
)
async def nearest(context: Context, args: Args) -> Document:
    """At once, by estimates where the routing server has yet to be asked; its times follow."""
    context.narrow()
    incident = await context.incident_or_none()
    reference = args.optional_reference("request")
    many = units(context.means.shelf)
    whole: Whole | None = None
    line: RequestLine | None = None
    words: Place | None = None
    if reference is not None:
        incident = await context.incident()
        whole = await keeping.named(context.uow, incident, reference.number)
        line = _line(whole, args.optional_integer("line"))
        kind = await kinds.named(context.uow, line.kind)
        milli: int | None = _milli(many, kind, whole, line)
        agency = line.agency or whole.request.agency
        if whole.request.place is not None:
            words = read_place(whole.request.place)
    else:
        kind, milli = await _typed(context, args, many)
        agency = context.actor.agency
    place = await place_meant(context, args.optional_place("at"), incident=incident)
    at, where = _where(place, words, incident)
    today = context.now.astimezone(context.zone).date()
    asked = Asked(
        kind,
        await need_of(context.uow, at, milli, agency, today),
        where,
        None if whole is None else f"I{whole.incident.id}-{whole.reference}",
        None if line is None else line.number,
    )
    made, roads = await answered(context.uow, context.means, asked)
    if roads is not None and roads.waiting:
        await context.uow.timers.set(
            ROADS,
            f"{context.place.id} {context.reply_to or ''} {kind.id}",
            context.now + LOOK,
            {"room": context.place.id, "asked": _stored(asked), "until": _until(context)},
        )
    return made


async def _typed(context: Context, args: Args, many: Units) -> tuple[StockKind, int | None]:
    """The kind and, if it was said, how much of it."""
    if "kind" not in args:
        raise Refusal(
            "nearest-kind",
            _("Say of what: /stock nearest 200 m boom. As a reply to a request it is known."),
        )
    kind = await kinds.named(context.uow, args.text("kind"))
    typed = args.optional_quantity("qty")
    if typed is None:
        return kind, None
    return kind, service.quantity(many, kind, typed.amount, typed.unit)[0]


def _until(context: Context) -> str:
    assert context.means.routes is not None
    patience = timedelta(seconds=context.means.routes.patience)
    return (context.now + patience + 2 * LOOK).isoformat()


async def answered(uow: UnitOfWork, means: Means, asked: Asked) -> tuple[Document, Roads | None]:
    """The ranked list by what is known now, and what the routing server has said of the ways."""
    assert asked.kind.id is not None
    terms = Terms.read(means.shelf.read("workflows.stock", "travel"))
    supplies = await found(uow, asked.kind.id, asked.need, terms, shown=SHOWN)
    roads, times = None, dict[int, float]()
    if means.routes is not None:
        best = answer(supplies, asked.need, terms, shown=COMPARED)
        near = [each.supply for each in best.ranked]
        if best.together is not None:
            near += [each.source.supply for each in best.together.parts[:COMPARED]]
        points = {
            each.depot: Point(each.lat, each.lon)
            for each in near
            if each.lat is not None and each.lon is not None
        }
        roads = means.routes.look(tuple(points.values()), asked.need.at)
        times = {
            number: roads.seconds[point]
            for number, point in points.items()
            if point in roads.seconds
        }
    made = answer(supplies, asked.need, terms, times)
    capacities = await uow.stock.capacities(kind_id=asked.kind.id, sort="production")
    by_making = await _by_making(uow, asked.need, supplies, capacities, terms, times)
    shown = document(asked, made, terms, units(means.shelf), roads, capacities, by_making)
    return shown, roads


async def _by_making(
    uow: UnitOfWork,
    need: Need,
    supplies: Sequence[Supply],
    capacities: Sequence[StockCapacity],
    terms: Terms,
    times: Mapping[int, float],
) -> Made | None:
    """What would be there sooner if some of it were made."""
    if need.milli is None or not capacities:
        return None
    places = {
        each.id: Point(each.lat, each.lon)
        for each in await uow.stock.depots()
        if each.lat is not None and each.lon is not None
    }
    ranked = rank(supplies, need, terms, times)
    best = combine(ranked, need.milli)
    before = None if best.short else best.seconds
    return soonest(ranked, works(capacities, places, need, terms), need.milli, before)


async def look(wake: Wake) -> None:
    """The routing server has answered, or will not: the list is said again by its times."""
    data = wake.timer.data
    asked = await _loaded(wake.uow, data["asked"], wake)
    if asked is None or wake.means.routes is None:
        return
    made, roads = await answered(wake.uow, wake.means, asked)
    if roads is not None and roads.waiting and wake.now.isoformat() < data["until"]:
        await wake.uow.timers.set(ROADS, wake.timer.subject, wake.now + LOOK, data)
        return
    if roads is None or (roads.waiting and not roads.seconds) or roads.fault is not None:
        made = say(_("The routing server did not answer. The times above are estimates."))
    await wake.actions.tell(wake.uow, (data["room"],), made)


RINGS: Rings = {ROADS: look}


def _stored(asked: Asked) -> dict[str, Json]:
    need = asked.need
    return {
        "kind": asked.kind.id,
        "lat": need.at.lat,
        "lon": need.at.lon,
        "milli": need.milli,
        "agency": need.agency,
        "where": asked.where,
        "reference": asked.reference,
        "line": asked.line,
    }


async def _loaded(uow: UnitOfWork, data: dict[str, Json], wake: Wake) -> Asked | None:
    match data:
        case {
            "kind": int(kind_id),
            "lat": int(lat) | float(lat),
            "lon": int(lon) | float(lon),
            "milli": int() | None as milli,
            "agency": str() | None as agency,
            "where": str(where),
            "reference": str() | None as reference,
            "line": int() | None as line,
        }:
            kind = await uow.stock.kind(kind_id)
            if kind is None:
                return None
            today = wake.now.astimezone(wake.zone).date()
            need = await need_of(uow, Point(float(lat), float(lon)), milli, agency, today)
            return Asked(kind, need, where, reference, line)
    return None


def _line(whole: Whole, number: int | None) -> RequestLine:
    """The line that is named, else the first of which something is open."""
    if number is not None:
        return whole.line(number)
    for each in whole.lines:
        if whole.open(each):
            return each
    raise Refusal("nearest-open", _("Nothing of {reference} is open.", reference=whole.reference))


def _milli(many: Units, kind: StockKind, whole: Whole, line: RequestLine) -> int:
    """How much of a line is open, in thousandths of the kind's base unit."""
    count = Decimal(whole.open(line)) / STEP
    if not count:
        raise Refusal(
            "nearest-open", _("Nothing of {reference} is open.", reference=whole.reference)
        )
    return service.quantity(many, kind, count, line.unit or None)[0]


def _where(
    place: Place | None, of_request: Place | None, incident: Incident | None
) -> tuple[Point, str]:
    """Where it is needed: as typed, as the request says, else the incident's place."""
    for each in (place, of_request):
        if each is not None and each.point is not None:
            return each.point, each.words or str(each.point)
    if incident is not None and incident.lat is not None and incident.lon is not None:
        point = Point(incident.lat, incident.lon)
        return point, incident.place or str(point)
    raise Refusal(
        "nearest-where",
        _(
            "Where is it needed? Add at= with coordinates or a map link, answer a location with "
            "this, or give the incident its place: /incident place."
        ),
    )


@command(
    FAMILY,
    Name("reserve", "预留", ("promise", "预占")),
    QTY,
    KIND,
    FROM,
    REQUEST,
    LINE,
    Arg("eta", "预计到达", Kind.TIME, positional=False, aliases=("到达",),
        example=("15:00", "15:00")),
    WHICH,
    allow="member",
    summary=_("Promise stock of a depot; with request= it is committed for that request, too"),
    examples=(
        "/stock reserve 200 m boom from=D2 request=R12",
        "/库存 预留 200米 围油栏 从=D2 需求=R12",
    ),
)  # fmt: skip
async def reserve(context: Context, args: Args) -> Document:
    """Both or neither: nobody else can take it from the depot, and the request knows of it."""
    reference = args.optional_reference("request")
    if reference is not None:
        await context.incident()
    who = await keeper(context)
    place = await depot(context, args, "from")
    source = depots.place(place)
    number = None if reference is None else reference.number
    done = await who.take(
        amount(args),
        source,
        rules.Place(Sort.PROMISED, source.number),
        code="stock.promised",
        request=number,
    )
    text = _(
        "{quantity} of {kind} in {depot} are promised now.",
        quantity=service.said(who.units, done.kind, done.milli),
        kind=done.kind.name,
        depot=depots.shown(place),
    )
    if number is None:
        context.scope = Scope.LINKED
        return Document((Para(text),))
    incident = await context.incident()
    whole = await keeping.named(context.uow, incident, number)
    line = _line(whole, args.optional_integer("line"))
    share = Decimal(whole.open(line)) * done.milli / _milli(who.units, done.kind, whole, line)
    if share != share.to_integral_value():
        raise Refusal(
            "nearest-unit",
            _(
                "So much is no round number of {unit}, in which {reference} counts.",
                unit=line.unit or "1",
                reference=whole.reference,
            ),
        )
    eta = args.optional_time("eta")
    moved = await supply.commit(
        context.uow,
        incident.id,
        number,
        await acting(context),
        much=Much(share / STEP, line.unit or None),
        line=line.number,
        promised=Promised.of(place, done.kind, done.moved, done.milli),
        eta=None if eta is None else eta.at,
        note=depots.shown(place),
    )
    return await told(context, moved.whole, moved.text, text)
