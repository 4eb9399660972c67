"""`/meeting calendar` and `/meeting feed`: the meetings in the calendar of a phone."""

from __future__ import annotations

from handlers.cards import calendar
from handlers.context import Context
from handlers.document import Code, Document, Para, say
from handlers.families.incident import WHICH
from handlers.families.meeting import FAMILY
from handlers.registry import Arg, Choice, Name, command
from handlers.values import Args, Kind
from workflows.errors import Refusal
from workflows.periods import feeds
from workflows.text import _


@command(
    FAMILY,
    Name("calendar", "日历", ("ics",)),
    WHICH,
    allow="reader",
    summary=_("Get periods and meetings as a file for the calendar of a phone"),
    examples=("/meeting calendar", "/会议 日历"),
)
async def as_calendar(context: Context, args: Args) -> Document:
    """The iCalendar file."""
    context.narrow()
    incident = await context.incident()
    paper = await calendar.paper(context.uow, incident, context.now)
    return Document((Para(_("Periods and meetings as a calendar:")),), papers=(paper,))


@command(
    FAMILY,
    Name("feed", "订阅", ("subscribe",)),
    Arg(
        "state",
        "状态",
        Kind.CHOICE,
        choices=(
            Choice("on", _("on"), ("on", "开启")),
            Choice("off", _("off"), ("off", "关闭", "停止")),
        ),
    ),
    WHICH,
    allow="incident-member",
    summary=_("Get an address of your own from which your calendar keeps itself up to date"),
    examples=("/meeting feed", "/会议 订阅"),
)
async def feed(context: Context, args: Args) -> Document:
    """The address is told in private; it is the key. A new one, or `off`, ends the old one."""
    context.narrow()
    incident = await context.incident()
    gate, mine = context.means.gate, context.actor.person_id
    if args.optional_text("state") == "off":
        if await feeds.end(context.uow, incident.id, mine, by=context.by(), now=context.now):
            return say(_("Your calendar of {incident} is no longer kept up to date.",
                         incident=f"I{incident.id}"))  # fmt: skip
        return say(_("You have no calendar address of {incident}.", incident=f"I{incident.id}"))
    if gate is None:
        raise Refusal(
            "feed-no-door",
            _(
                "This installation has no web address for calendars: its operator sets [door]. "
                "The file you get with /meeting calendar."
            ),
        )
    account = await context.uow.people.account(context.actor.account)
    chat = None if account is None else account.private_room
    known = None if chat is None else await context.uow.rooms.get(chat)
    language = context.place.language if known is None else known.language
    token = await feeds.open_(
        context.uow, incident.id, mine, language, by=context.by(), now=context.now
    )
    address = gate.link("calendar", f"{token}.ics")
    words = say(
        _("Your calendar of {incident}. Subscribe to this address in your phone; whoever has it "
          "reads the meetings, so keep it to yourself:", incident=f"I{incident.id}"),
        Code(address),
        _("/meeting feed off ends it, /meeting feed makes a new one."),
    )  # fmt: skip
    if context.place.private:
        return words
    if await context.actions.tell_person(context.uow, mine, words) is None:
        raise Refusal(
            "feed-private",
            _("The address is for you alone: write to me in private, /meeting feed."),
        )
    return say(_("I have sent you the address in private."))
