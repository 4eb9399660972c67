"""What people say to Lianzhi: commands, answers to questions, choices."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from bot.delivery.priority import Priority
from bot.post import Post
from bot.showing import Showing
from bot.transports.base import Content
from bot.zones import zone_of
from handlers import forms
from handlers.context import Actor, Context, Means, Place, Scope
from handlers.document import Document, say
from handlers.grammar.explain import explain
from handlers.grammar.form import is_step
from handlers.grammar.outcome import Invocation, NotCommand, OtherBot, Problem
from handlers.grammar.read import read
from handlers.grammar.situation import MentionSpan, Situation
from handlers.meant import carried_on
from handlers.permission import require
from handlers.refused import refused
from handlers.registry import Language, Registry
from handlers.values import Reference, Value
from storage import StoreUnavailable, UnitOfWork
from storage.tables import Account, ButtonRow, FormRow, Room
from workflows.errors import Refusal
from workflows.organisation.headquarters import groups
from workflows.periods.cycle import KNOWN, cycle, long_names
from workflows.shelf import NotUsable
from workflows.text import Msg, _

log = structlog.get_logger(__name__)

_PREFIXES = ("/", "!", "／", "！")


@dataclass(frozen=True)
class Speaker:
    """Who said or pressed something, where; `message_id` is what an answer replies to."""

    account: Account
    room: Room
    message_id: int | None
    received_at: datetime


@dataclass(frozen=True)
class Conversation:
    """Reads what is said to Lianzhi, runs it and posts the answer."""

    registry: Registry[Context]
    post: Post
    zone: ZoneInfo
    is_admin: Callable[[frozenset[str]], bool]
    handles: Callable[[str], frozenset[str]]
    """The bot's own handles on a network."""
    means: Means = field(default_factory=Means)
    _titles: dict[str | None, Mapping[str, str]] = field(default_factory=dict, repr=False)
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    async def reads(
        self, uow: UnitOfWork, speaker: Speaker, content: Content, reply_to: int | None
    ) -> Callable[[], Awaitable[object]] | None:
        """What the text asks for, as a coroutine function to be called once the text itself is
        relayed; None for talk."""
        text = content.text
        form = await uow.forms.open(speaker.room.id, speaker.account.id)
        if form is not None and is_step(text):
            return lambda: self._answer(uow, speaker, form, text)
        replied, zone = None, self.zone
        if text.lstrip().startswith(_PREFIXES):
            replied = None if reply_to is None else await _card(uow, reply_to)
            zone = await self._zone(uow, speaker)
        situation = self._situation(speaker, content, zone, replied)
        outcome = await self._read(uow, speaker, text, situation, reply_to)
        if isinstance(outcome, OtherBot):
            return None
        if isinstance(outcome, NotCommand):
            if form is None:
                return None
            return lambda: self._answer(uow, speaker, form, text)
        if isinstance(outcome, Problem):
            document = explain(outcome, situation.language)
            return lambda: self.say_here(uow, speaker, document)
        return lambda: self._run(uow, speaker, outcome, reply_to)

    async def press(self, uow: UnitOfWork, speaker: Speaker, button: ButtonRow) -> Msg | None:
        """Run what a button stands for; what to tell the presser if it was not run."""
        if button.only and speaker.account.id not in button.only:
            return _("This choice is for somebody else.")
        if button.answers_form:
            form = await uow.forms.open(speaker.room.id, speaker.account.id)
            if form is None or form.question_id != button.message_id:
                return _("This question is over.")
            await self._answer(uow, speaker, form, button.command)
            return None
        situation = self._situation(speaker, None, await self._zone(uow, speaker))
        outcome = await self._read(uow, speaker, button.command, situation, button.message_id)
        if not isinstance(outcome, Invocation):
            log.error("a button holds no command", command=button.command)
            return _("This choice is over.")
        await self._run(uow, speaker, outcome, button.message_id)
        return None

    async def _zone(self, uow: UnitOfWork, speaker: Speaker, about: int | None = None) -> ZoneInfo:
        return await zone_of(uow, speaker.room.id, about=about, home=self.zone)

    async def _read(
        self,
        uow: UnitOfWork,
        speaker: Speaker,
        text: str,
        situation: Situation,
        reply_to: int | None,
    ) -> NotCommand | OtherBot | Invocation[Context] | Problem:
        """What a text says; where it names an incident, its times are of that one's zone."""
        if text.lstrip().startswith(_PREFIXES):
            situation = replace(situation, names=await uow.people.spoken(text))
        outcome = read(text, self.registry, situation)
        if not isinstance(outcome, Invocation):
            return outcome
        named = await _named(uow, outcome.args.values, reply_to)
        if named is None:
            return outcome
        zone = await self._zone(uow, speaker, named)
        if zone == situation.zone:
            return outcome
        return read(text, self.registry, replace(situation, zone=zone))

    def _situation(
        self,
        speaker: Speaker,
        content: Content | None,
        zone: ZoneInfo,
        replied: Reference | None = None,
    ) -> Situation:
        mentions = content.mentions if content is not None else ()
        return Situation(
            now=self.post.now(),
            zone=zone,
            language=_language(speaker.room.language),
            bots=self.handles(speaker.room.id.partition(":")[0]),
            mentions=tuple(MentionSpan(*mention) for mention in mentions),
            replied=replied,
            titles=self._titles_in(speaker.room.agency),
            known=self._known_names(),
        )

    def _known_names(self) -> Mapping[str, tuple[str, ...]]:
        if not self._known:
            try:
                self._known[KNOWN] = long_names(cycle(self.means.shelf))
            except NotUsable as error:
                log.error("a data file cannot be used", error=str(error))
                self._known[KNOWN] = ()
        return self._known

    def _titles_in(self, agency: str | None) -> Mapping[str, str]:
        if agency not in self._titles:
            try:
                named = groups(self.means.shelf, agency)
            except NotUsable as error:
                log.error("a data file cannot be used", error=str(error))
                named = ()
            self._titles[agency] = {name: each.role for each in named for name in each.names}
        return self._titles[agency]

    async def _answer(self, uow: UnitOfWork, speaker: Speaker, form: FormRow, text: str) -> None:
        about = await _named(uow, *forms.given(form))
        situation = self._situation(speaker, None, await self._zone(uow, speaker, about))
        situation = replace(situation, names=await uow.people.spoken(text))
        step = await forms.reply(
            uow, form, text, registry=self.registry, situation=situation, said=self._said
        )
        match step:
            case forms.Asked():
                await self._put(uow, speaker, step)
            case forms.Left(document):
                await self.say_here(uow, speaker, document)
            case forms.Submitted(invocation, reply_to):
                await self._run(uow, speaker, invocation, reply_to, answered=True)

    def _said(self, text: Msg) -> tuple[str, ...]:
        return tuple(self.post.speech.text(text, language) for language in ("zh", "en", "both"))

    async def _put(self, uow: UnitOfWork, speaker: Speaker, asked: forms.Asked) -> None:
        message_id = await self.say_here(uow, speaker, asked.document)
        await forms.shown(uow, asked.form, message_id)

    async def _run(
        self,
        uow: UnitOfWork,
        speaker: Speaker,
        invocation: Invocation[Context],
        reply_to: int | None,
        *,
        answered: bool = False,
    ) -> None:
        """Run a command in a savepoint of its own; whatever happens, the person is told. If a form
        was `answered` for it, a refusal asks again or says that the form is over."""

        async def refuse(refusal: Refusal) -> None:
            step = await forms.refused(
                uow,
                invocation,
                refusal,
                room=speaker.room.id,
                account=speaker.account.id,
                reply_to=reply_to,
                language=_language(speaker.room.language),
                now=self.post.now(),
            )
            if isinstance(step, forms.Asked):
                await self._put(uow, speaker, step)
            else:
                await self.say_here(uow, speaker, step.document)

        await self.safely(
            uow,
            speaker,
            lambda: self._run_or_refuse(uow, speaker, invocation, reply_to),
            invocation.command.key,
            refuse if answered else None,
        )

    async def safely(
        self,
        uow: UnitOfWork,
        speaker: Speaker,
        act: Callable[[], Awaitable[object]],
        what: str = "",
        refuse: Callable[[Refusal], Awaitable[None]] | None = None,
    ) -> None:
        """Act in a savepoint; a refusal or a fault undoes just that, and the person is told, of a
        refusal by `refuse` if it is given."""
        try:
            async with uow.savepoint():
                await act()
        except Refusal as refusal:
            await uow.restore(speaker.room, speaker.account)
            if refuse is not None:
                await refuse(refusal)
            else:
                await self.say_here(uow, speaker, refused(refusal, speaker.account.id))
        except StoreUnavailable:
            raise
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a command failed", command=what, reference=reference)
            await uow.restore(speaker.room, speaker.account)
            document = say(
                _(
                    "That did not work and nothing was changed. Tell your operator the number "
                    "{reference}.",
                    reference=reference,
                )
            )
            await self.say_here(uow, speaker, document)

    async def _run_or_refuse(
        self,
        uow: UnitOfWork,
        speaker: Speaker,
        invocation: Invocation[Context],
        reply_to: int | None,
    ) -> None:
        command = invocation.command
        invocation = replace(invocation, args=await carried_on(uow, invocation.args))
        named = await _named(uow, invocation.args.values, reply_to)
        context = await self.context(uow, speaker, reply_to=reply_to, named=named)
        await require(context, command.allow)
        if command.needs_reply and reply_to is None:
            raise Refusal(
                "needs-reply",
                _("Type this command as a reply to the message that you mean."),
            )
        if speaker.room.private and not command.private_ok:
            raise Refusal("not-private", _("Type this in the room that it is about, not here."))
        if invocation.missing:
            asked = await forms.start(
                uow,
                invocation,
                room=speaker.room.id,
                account=speaker.account.id,
                reply_to=reply_to,
                language=_language(speaker.room.language),
                now=self.post.now(),
                last=await command.last(context, invocation.args) if command.last else None,
            )
            if isinstance(asked, forms.Asked):
                await self._put(uow, speaker, asked)
                return
        try:
            document = await command.run(context, invocation.args)
        except forms.Lacks as lacks:
            asked = await forms.ask_again(
                uow,
                invocation,
                lacks,
                room=speaker.room.id,
                account=speaker.account.id,
                reply_to=reply_to,
                language=_language(speaker.room.language),
                now=self.post.now(),
            )
            await self._put(uow, speaker, asked)
            return
        rooms = [speaker.room.id]
        if context.scope is Scope.LINKED:
            rooms += await uow.bridges.linked(speaker.room.id)
        elif context.scope is Scope.INCIDENT:
            rooms = list(dict.fromkeys((*rooms, *await context.rooms())))
        await self.post.tell(
            uow,
            tuple(rooms),
            document,
            reply_to=speaker.message_id,
            received_at=speaker.received_at,
            elsewhere=Priority.TALK,
            about=context.about_number,
        )

    async def context(
        self, uow: UnitOfWork, speaker: Speaker, *, reply_to: int | None, named: int | None = None
    ) -> Context:
        """What a command by that person is given; see `Context` for the rest."""
        room = speaker.room
        return Context(
            uow=uow,
            now=self.post.now(),
            zone=await self._zone(uow, speaker, named),
            actor=await self._actor(uow, speaker),
            place=Place(room.id, room.language, room.title, room.private),
            registry=self.registry,
            actions=Showing(self.post),
            reply_to=reply_to,
            message=speaker.message_id,
            named=named,
            means=self.means,
        )

    async def _actor(self, uow: UnitOfWork, speaker: Speaker) -> Actor:
        account = speaker.account
        person = await uow.people.person(account.person_id)
        accounts = await uow.people.accounts(account.person_id)
        return Actor(
            account=account.id,
            person_id=account.person_id,
            name=account.name,
            agency=(person.agency if person else None) or speaker.room.agency,
            admin=self.is_admin(frozenset(each.id for each in accounts)),
        )

    async def say_here(self, uow: UnitOfWork, speaker: Speaker, document: Document) -> int:
        """Answer in that room alone; the message's id."""
        return await self.post.tell(
            uow,
            (speaker.room.id,),
            document,
            reply_to=speaker.message_id,
            received_at=speaker.received_at,
        )


async def _card(uow: UnitOfWork, message_id: int) -> Reference | None:
    """The thing that a message shows, if it is a card."""
    card = await uow.cards.of_message(message_id)
    if card is None:
        return None
    whole = card.letter == "I"
    return Reference(card.letter, card.number, None if whole else card.incident_id)


async def _named(uow: UnitOfWork, given: Mapping[str, Value], reply_to: int | None) -> int | None:
    """The number of the incident that the values of a command name: `I3` as its `incident`, the
    `I3` of `I3-R12`, or that of the card it is typed in reply to."""
    whole = given.get("incident")
    if isinstance(whole, Reference):
        return whole.number
    for value in given.values():
        if isinstance(value, Reference) and value.incident is not None:
            return value.incident
    card = None if reply_to is None else await uow.cards.of_message(reply_to)
    return None if card is None else card.incident_id


def _language(language: str) -> Language:
    return "zh" if language == "zh" else "en" if language == "en" else "both"
