"""`/me`: who somebody is, and which accounts are theirs."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import (
    Block,
    Bullets,
    Button,
    Code,
    Document,
    Heading,
    Inline,
    Para,
    Span,
    say,
)
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind
from workflows import people
from workflows.incidents import zones
from workflows.text import _

INCIDENT = ("incident", "事件", "none", "无")
"""What stands for no zone of one's own."""

FAMILY = Family(Name("me", "我"), _("Who you are: name, unit, accounts"))


@command(
    FAMILY,
    None,
    allow="anyone",
    summary=_("Show who you are: name, unit, accounts"),
    examples=("/me", "/我"),
    card=True,
)
async def show(context: Context, args: Args) -> Document:
    """The person behind the account that asks."""
    context.narrow()
    card = await people.card(context.uow, context.actor.account)
    blocks: list[Block] = [Heading(_("You are {name}", name=context.actor.name))]
    mine = await context.uow.agencies.of_person(context.actor.person_id)
    if mine:
        names = tuple(each.name for each in mine)
        blocks.append(Para(_("You belong to: {names}", names=names)))
    if context.actor.agency:
        blocks.append(Para(_("You speak for: {agency}", agency=context.actor.agency)))
    blocks += await _roles(context)
    if context.actor.admin:
        blocks.append(Para(_("You are an administrator.")))
    blocks.append(Para(_("Your accounts:")))
    accounts: list[Inline] = [
        Span((Code(account.id), f" {account.name}")) for account in card.accounts
    ]
    blocks.append(Bullets(tuple(accounts)))
    only = (context.actor.account,)
    return Document(tuple(blocks), (Button(_("Join another account"), "/me code", only=only),))


async def _roles(context: Context) -> list[Block]:
    """What the person is in the room's incident."""
    incident = await context.incident_or_none()
    if incident is None:
        return []
    standing = await context.standing()
    said: list[Block] = []
    if standing.commands:
        said.append(Para(_("You command {incident}.", incident=f"I{incident.id} {incident.title}")))
    if standing.liaison_of:
        names = tuple(sorted(standing.liaison_of))
        said.append(Para(_("You are the Liaison Officer of {names}.", names=names)))
    return said


@command(
    FAMILY,
    Name("code", "验证码"),
    allow="anyone",
    summary=_("Get a one-time code to join another account of yours"),
    examples=("/me code", "/我 验证码"),
)
async def code(context: Context, args: Args) -> Document:
    """A one-time code; it does nothing before its owner has agreed."""
    context.narrow()
    made = await people.issue_code(
        context.uow, context.actor.account, room=context.place.id, now=context.now
    )
    return say(
        _("In your other account, type:"),
        Code(f"/me link {made}", zh=f"/我 绑定 {made}"),
        _("The code lives ten minutes and works once. I will ask you here before I join them."),
    )


@command(
    FAMILY,
    Name("link", "绑定"),
    Arg(
        "code",
        "验证码",
        Kind.WORD,
        required=True,
        question=_("Which code did your other account get from /me code?"),
        example=("7KQ2MXPD", "7KQ2MXPD"),
    ),
    allow="anyone",
    summary=_("Join this account to the person whose code you have"),
    examples=("/me link 7KQ2MXPD", "/我 绑定 7KQ2MXPD"),
)
async def link(context: Context, args: Args) -> Document:
    """Ask the owner of the code, in the room where it was shown."""
    context.narrow()
    claim = await people.claim(
        context.uow, args.text("code"), account=context.actor.account, now=context.now
    )
    owners = tuple(account.id for account in claim.accounts)
    await context.actions.tell(
        context.uow,
        (claim.room,),
        say(
            Span(
                (
                    _("{name} wants to join this account to you:", name=context.actor.name),
                    " ",
                    Code(context.actor.account),
                )
            ),
            _("Agree only if it is yours: it will act with all your rights."),
            buttons=(
                Button(_("Agree"), f"/me agree {claim.code}", only=owners),
                Button(_("Refuse"), f"/me refuse {claim.code}", only=owners),
            ),
        ),
    )
    return say(
        _(
            "I have asked {name} in the other room. Agree there and the accounts are one.",
            name=claim.person.name,
        )
    )


CODE = Arg(
    "code",
    "验证码",
    Kind.WORD,
    required=True,
    question=_("Which code is it about?"),
    example=("7KQ2MXPD", "7KQ2MXPD"),
)


@command(
    FAMILY,
    Name("agree", "同意"),
    CODE,
    allow="anyone",
    summary=_("Agree that the account that used your code is yours"),
    examples=("/me agree 7KQ2MXPD", "/我 同意 7KQ2MXPD"),
)
async def agree(context: Context, args: Args) -> Document:
    """Join the account that used the code."""
    context.narrow()
    account = await people.answer(
        context.uow, args.text("code"), owner=context.actor.account, agreed=True, now=context.now
    )
    return say(Span((_("Joined. This account is now yours as well:"), " ", Code(account))))


@command(
    FAMILY,
    Name("refuse", "拒绝"),
    CODE,
    allow="anyone",
    summary=_("Refuse the account that used your code"),
    examples=("/me refuse 7KQ2MXPD", "/我 拒绝 7KQ2MXPD"),
)
async def refuse(context: Context, args: Args) -> Document:
    """Spend the code without joining anything."""
    context.narrow()
    account = await people.answer(
        context.uow, args.text("code"), owner=context.actor.account, agreed=False, now=context.now
    )
    return say(Span((_("Refused. Nothing was joined:"), " ", Code(account))))


@command(
    FAMILY,
    Name("zone", "时区", ("timezone",)),
    Arg("zone", "时区", Kind.TEXT, required=True, example=("Urumqi", "乌鲁木齐"),
        question=_("In whose time do you read? A city, or “incident” for that of the incident.")),
    allow="anyone",
    summary=_("Read and type times in your own zone in our private chat"),
    examples=("/me zone Urumqi", "/我 时区 乌鲁木齐"),
)  # fmt: skip
async def zone(context: Context, args: Args) -> Document:
    """In the private chat; in rooms times stay those of the incident, with the zone named."""
    context.narrow()
    typed = args.text("zone")
    own = typed.strip().casefold() not in INCIDENT
    wanted = zones.zone(context.means.shelf, typed) if own else None
    await zones.set_own(
        context.uow, context.actor.person_id, wanted, by=context.by(), now=context.now
    )
    if wanted is None:
        return say(_("In our private chat you read the time of the incident again."))
    return say(
        _(
            "In our private chat you read the time of {zone} from now on. In rooms times stay "
            "those of the incident, with the zone named.",
            zone=zones.named(wanted.key, context.now),
        )
    )
