"""`lianzhi init`: write the configuration by asking for it.

Every answer is checked when it is given. Secrets are not shown; the file is for its owner alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import available_timezones

import typer
from pydantic import BaseModel, ValidationError

from bot.catalogues import Spoken, language_of
from bot.check import MEMORY, of_network, report, show
from bot.settings import DEFAULT_FILE, BadSettings, Settings, load
from bot.settings.model import Bridge, General, Room
from bot.settings.problems import described
from bot.terminal import Terminal
from bot.transports.base import Network, networks
from storage import Store
from workflows.text import Msg, _

POSTGRESQL = "postgresql+asyncpg://lianzhi:PASSWORD@127.0.0.1/lianzhi"

Value = str | tuple[str, ...]
Section = dict[str, Value]


@dataclass(slots=True)
class Answers:
    """What was answered so far, by section."""

    sections: dict[str, Section] = field(default_factory=dict)
    rooms: list[Section] = field(default_factory=list)
    bridge: Section | None = None


def write_configuration(config: Path | None, terminal: Terminal) -> int:
    """Ask, write the file and offer to try it; 0 if it was written, 1 if it was left as it was.

    Raises `typer.Abort` when the person gives up; nothing is written then.
    """
    file = Path.cwd() / (config or DEFAULT_FILE)
    if not file.parent.is_dir():
        raise BadSettings(
            _("{place}: {problem}", place=str(config),
              problem=_("there is no folder {path}", path=str(file.parent)))
        )  # fmt: skip
    asking = Asking(replace(terminal, language=_language(terminal)))
    if file.exists() and not asking.whether(
        _("{path} exists. Replace it? The old one is kept beside it.", path=str(file)), False
    ):
        asking.say(_("{path} stays as it is.", path=str(file)))
        return 1
    answers = asking.everything(file.parent)
    written(file, text_of(answers, asking.terminal))
    asking.say(_("{path} is written; only you can read it.", path=str(file)))
    if asking.whether(_("Try every part now?"), True):
        asyncio.run(report(file, asking.terminal))
    asking.say(_("Start with: {command}", command=_command(config)))
    return 0


def _command(config: Path | None) -> str:
    return f"lianzhi run --config {config}" if config else "lianzhi run"


def _language(terminal: Terminal) -> Spoken:
    """Asked in both languages, since it is not known yet which one is read."""
    while True:
        answer = typer.prompt("语言 / Language (中文 zh, English en)", default=terminal.language)
        if language := language_of(answer):
            return language


@dataclass(frozen=True, slots=True)
class Asking:
    """The questions, in the person's language."""

    terminal: Terminal

    def say(self, msg: Msg) -> None:
        """Print a line."""
        self.terminal.say(msg)

    def whether(self, question: Msg, otherwise: bool) -> bool:
        """Yes or no, typed in either language."""
        yes, no = ("y", "yes", "是", "好", "1"), ("n", "no", "否", "不", "0")
        hint = _("yes/no")
        while True:
            shown = f"{self.terminal.text(question)} ({self.terminal.text(hint)})"
            default = self.terminal.text(_("yes") if otherwise else _("no"))
            answer = str(typer.prompt(shown, default=default)).strip().lower()
            if answer in yes or answer in no:
                return answer in yes

    def line(
        self,
        question: Msg,
        valid: Callable[[str], Msg | None],
        *,
        default: str = "",
        secret: bool = False,
    ) -> str:
        """One line that `valid` has nothing against; asked again until then."""
        while True:
            answer = str(
                typer.prompt(
                    self.terminal.text(question),
                    default=default,
                    hide_input=secret,
                    show_default=bool(default) and not secret,
                )
            ).strip()
            problem = valid(answer)
            if problem is None:
                return answer
            self.say(problem)

    def everything(self, folder: Path) -> Answers:
        """All questions in their order."""
        known = {network.name: network for network in networks()}
        answers = Answers()
        if "telegram" in known:
            self.terminal.out("— Telegram —")
            if section := self.telegram(known["telegram"], folder):
                answers.sections["telegram"] = section
        if "matrix" in known:
            self.terminal.out("— Matrix —")
            if section := self.matrix(known["matrix"]):
                answers.sections["matrix"] = section
        self.say(_("— General —"))
        answers.sections["general"] = self.general()
        self.rooms(answers)
        return answers

    def telegram(self, network: Network, folder: Path) -> Section | None:
        """The token, tried out where Telegram can be reached; None to do without."""
        self.say(
            _(
                "@BotFather in Telegram makes a bot and gives its token. Send it /setprivacy too "
                "and choose Disable: otherwise the bot hears only commands."
            )
        )
        while True:
            token = self.line(
                _("Token (not shown; empty: no Telegram)"),
                lambda answer: _against(network, {"token": answer}, "token") if answer else None,
                secret=True,
            )
            if not token:
                return None
            address = self.line(
                _("Address of the Bot API (another one only for a server of your own)"),
                lambda answer: _against(network, {"api_base_url": answer}, "api_base_url"),
                default=str(network.settings.model_fields["api_base_url"].default),
            )
            section: Section = {"token": token, "api_base_url": address}
            if asyncio.run(self.tried(network, section, folder)) or self.whether(
                _("Use this token all the same?"), False
            ):
                return section

    async def tried(self, network: Network, values: Section, folder: Path) -> bool:
        """Whether the network's own check finds nothing wrong; it is shown either way."""
        self.say(_("Trying it …"))
        settings = Settings(
            database_url=MEMORY,
            data=folder / "lianzhi-data",
            timezone=self.terminal.zone,
            admins=(),
            rooms=(),
            bridges=(),
            networks=(network,),
            sections={network.name: network.settings.model_validate(values)},
        )
        store = await Store.open(MEMORY)
        well = True
        try:
            async for finding in of_network(network, settings, store, self.terminal):
                show(finding, self.terminal)
                well = well and finding.ok
        finally:
            await store.close()
        return well

    def matrix(self, network: Network) -> Section | None:
        """The account that the bot uses; None to do without."""
        self.say(
            _(
                "The bot needs a Matrix account of its own, made as any person's is; nobody else "
                "may use it."
            )
        )
        homeserver = self.line(
            _("Homeserver, as in https://matrix.example.org (empty: no Matrix)"),
            lambda answer: (
                _against(network, {"homeserver": answer}, "homeserver") if answer else None
            ),
        )
        if not homeserver:
            return None
        user = self.line(
            _("The bot's user id, as in @lianzhi:example.org"),
            lambda answer: _against(network, {"user_id": answer}, "user_id"),
        )
        key = "password" if self.whether(
            _("Log in with a password? (no: with an access token)"), True
        ) else "access_token"  # fmt: skip
        question = _("Password (not shown)") if key == "password" else _("Access token (not shown)")
        whole = {"homeserver": homeserver, "user_id": user}
        secret = self.line(
            question, lambda answer: _against(network, {**whole, key: answer}, key), secret=True
        )
        return {**whole, key: secret}

    def general(self) -> Section:
        """Time zone, administrators."""
        zone = self.line(
            _("Time zone"), lambda answer: _against(General, {"timezone": answer}, "timezone"),
            default=own_zone(),
        )  # fmt: skip
        self.say(
            _(
                "Administrators may set up rooms and bridges. /me answers with one's account, as "
                "in telegram:123456789 or matrix:@li:example.org."
            )
        )
        admins = self.line(
            _("Administrators' accounts, with spaces between (may be empty)"),
            lambda answer: _against(General, {"admins": tuple(answer.split())}, "admins"),
        )
        return {"timezone": zone, "admins": tuple(admins.split())}

    def rooms(self, answers: Answers) -> None:
        """Rooms and how they are linked: all of them with each other, or none."""
        self.say(
            _(
                "Rooms need no ids here: bring the bot into a group and write /bridge new there, "
                "then /bridge join in the other. Whoever knows the ids can name them now."
            )
        )
        usable = {*answers.sections, "web"} - {"general"}
        known = {network.name: network for network in networks()}

        def valid(answer: str) -> Msg | None:
            if not answer:
                return None
            if any(room["id"] == answer for room in answers.rooms):
                return _('the room "{room}" is there twice', room=answer)
            if problem := _against(Room, {"id": answer}, "id"):
                return problem
            name = answer.partition(":")[0]
            if name not in usable:
                return _('"{id}" needs a section {section}', id=answer, section=f"[{name}]")
            return known[name].unfit(answer) if name in known else None

        while room := self.line(
            _("Room, as in telegram:-1001234567890 or matrix:!abc:example.org (empty: no more)"),
            valid,
        ):
            language = self.line(
                _("Its language (zh, en, both)"),
                lambda answer: _against(Room, {"id": "web:x", "language": answer}, "language"),
                default="both",
            )
            answers.rooms.append({"id": room, "language": language})
        if len(answers.rooms) >= 2 and self.whether(_("Link these rooms with each other?"), True):
            name = self.line(
                _("Name of the link"),
                lambda answer: _against(Bridge, {"name": answer}, "name"),
                default=self.terminal.text(_("Joint channel")),
            )
            ids = tuple(str(room["id"]) for room in answers.rooms)
            answers.bridge = {"name": name, "rooms": ids}


def _against(where: Network | type[BaseModel], values: Mapping[str, Value], key: str) -> Msg | None:
    """What the model has against this key among `values`; keys still to come do not count."""
    model = where.settings if isinstance(where, Network) else where
    try:
        model.model_validate(values)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            if each["loc"] and each["loc"][0] == key:
                return described(each, list(model.model_fields))
    return None


def own_zone() -> str:
    """This machine's time zone, if it has a name, else Asia/Shanghai."""
    named = os.environ.get("TZ", "").lstrip(":")
    link = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    zones = available_timezones()
    places = (each for each in (named, link) if each in zones and "/" in each)
    return next((each for each in places if not each.startswith("Etc/")), "Asia/Shanghai")


def text_of(answers: Answers, terminal: Terminal) -> str:
    """The file, with comments in the person's language."""
    lines: list[str] = []

    def comment(msg: Msg) -> None:
        lines.extend(f"# {line}" for line in terminal.text(msg).splitlines())

    def table(header: str, values: Mapping[str, Value]) -> None:
        lines.append(header)
        lines.extend(f"{key} = {toml(value)}" for key, value in values.items())
        lines.append("")

    made = datetime.now(UTC).date().isoformat()
    comment(_("Lianzhi's configuration, written by lianzhi init on {date}.", date=made))
    comment(
        _("lianzhi check tries it; README describes every key. It holds secrets: keep it 0600.")
    )
    lines.append("")
    # Named here, the file would be looked for beside this one, where a service may not write.
    comment(_("All is kept in a SQLite file among the other data, unless a database is named:"))
    lines += ["# [database]", f'# url = "{POSTGRESQL}"', ""]
    for name in ("telegram", "matrix"):
        if section := answers.sections.get(name):
            table(f"[{name}]", section)
    table("[general]", answers.sections["general"])
    if not answers.rooms:
        comment(_("Rooms can be linked in chat with /bridge, or here:"))
        lines += [
            "# [[room]]",
            '# id = "telegram:-1001234567890"',
            '# language = "zh"',
            "# [[bridge]]",
            '# name = "…"',
            '# rooms = ["telegram:-1001234567890", "matrix:!abc:example.org"]',
        ]
    for room in answers.rooms:
        table("[[room]]", room)
    if answers.bridge:
        table("[[bridge]]", answers.bridge)
    return "\n".join(lines).rstrip() + "\n"


def toml(value: Value) -> str:
    """A TOML string or list of strings."""
    if isinstance(value, str):
        # What JSON escapes, TOML reads alike; it also wants DEL escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{_joined(toml(each) for each in value)}]"


def _joined(values: Iterable[str]) -> str:
    return ", ".join(values)


def written(file: Path, text: str) -> None:
    """Put the text in place, readable by its owner alone, once it has proved to be usable.

    A file that was there is kept as `NAME.old`. Raises `BadSettings`.
    """
    # mkstemp makes the file with mode 0600.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".lianzhi-", suffix=".toml")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        load(draft)
        if file.exists():
            file.replace(file.with_name(f"{file.name}.old"))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
