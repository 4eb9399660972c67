"""The command `lianzhi`: what it takes, and how each failure is told in one line.

What a command needs is imported in it, so that `--help` costs nothing and `run` starts fast.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.catalogues import Catalogues, language_of
from bot.terminal import Terminal, language_option, terminal_language
from workflows.errors import Refusal
from workflows.text import Msg, _

if TYPE_CHECKING:
    from bot.settings import Settings

OK, WRONG, REFUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: well; something is wrong; nothing was begun; Ctrl-C."""

LONGEST_DAYS = 36_500
"""For how long an invitation may open a room; longer is for ever."""

Done = TypeVar("Done")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    language = language_option(given, terminal_language(os.environ))
    terminal = Terminal(language, Catalogues.load())
    try:
        result = application(terminal)(given, prog_name="lianzhi", standalone_mode=False)
    except typer.Abort:
        terminal.complain(_("Stopped; nothing was changed."))
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return failed(error, terminal)
    return result if isinstance(result, int) else OK


def failed(error: Exception, terminal: Terminal) -> int:
    """Tell of a failure in one line; the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":
        terminal.err(str(getattr(error, "message", "")))
        return REFUSED
    expected = explained(error)
    if expected is not None:
        for line in expected:
            terminal.complain(line)
        return REFUSED
    import structlog

    reference = secrets.token_hex(4)
    structlog.stdlib.get_logger(__name__).error("unexpected", reference=reference, exc_info=error)
    terminal.complain(
        _("Something unexpected went wrong; the log names it {reference}.", reference=reference)
    )
    return WRONG


def explained(error: Exception) -> tuple[Msg, ...] | None:
    """The lines that explain an expected failure; None for one that nobody expected."""
    if isinstance(error, ExceptionGroup):
        return explained(error.exceptions[0]) if len(error.exceptions) == 1 else None
    # Without these modules nothing can have raised their exceptions.
    if "bot.settings" in sys.modules:
        from bot.settings import BadSettings

        if isinstance(error, BadSettings):
            return error.problems[:1]
    if isinstance(error, Refusal):
        return (error.text,)
    if "storage" in sys.modules:
        from storage import StoreUnavailable
        from storage.schema import SchemaNewer

        if isinstance(error, SchemaNewer):
            return (newer_schema(error.found),)
        if isinstance(error, StoreUnavailable):
            return (_("The database cannot be used: {reason}", reason=str(error)),)
    return misread(error)


def newer_schema(found: str) -> Msg:
    """What is said of a database of a later version."""
    return _(
        "The database was written by a later version of Lianzhi (schema {found}); "
        "install that version, or restore the backup from before the upgrade.",
        found=found,
    )


def misread(error: Exception) -> tuple[Msg, ...] | None:
    """What is wrong with a command line; None if that is not what the error is about."""
    message = getattr(error, "format_message", None)
    if message is None:
        return None
    hint = _("lianzhi --help shows what there is.")
    kind, option = type(error).__name__, str(getattr(error, "option_name", ""))
    if kind == "NoSuchOption":
        return (_('There is no option "{option}".', option=option), hint)
    if kind == "BadOptionUsage":
        return (_('The option "{option}" needs a value.', option=option), hint)
    if kind == "MissingParameter":
        parameter = getattr(error, "param", None)
        names = (getattr(parameter, each, None) for each in ("metavar", "human_readable_name"))
        return (_("{name} is missing.", name=next((str(each) for each in names if each), "")), hint)
    return (_("The command line cannot be read: {reason}", reason=str(message())), hint)


def program_version() -> str:
    """The version of the installed distribution."""
    try:
        return version("lianzhi")
    except PackageNotFoundError:
        return "0"


def begin() -> None:
    """Set up what every command that works has."""
    from bot.logs import configure

    configure(debug=bool(os.environ.get("LIANZHI_DEBUG")))
    # What is written holds everybody's words, and keys.
    os.umask(0o077)


def _spoken(language: str | None) -> str | None:
    """`language`, if it is one of ours."""
    if language is not None and language_of(language) is None:
        raise Refusal(
            "cli.language",
            _('The language "{language}" is not spoken here; it is zh or en.', language=language),
        )
    return language


def application(terminal: Terminal) -> Callable[..., object]:
    """The commands, with their help in the terminal's language."""
    text = terminal.text
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help=text(_("One incident channel across Telegram, Matrix and the browser.")),
    )
    ledger = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    app.add_typer(ledger, name="ledger", help=text(_("The record of every state change.")))

    keys = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    app.add_typer(keys, name="keys", help=text(_("The keys of encrypted Matrix rooms.")))

    config_help = text(_("The configuration; lianzhi.toml in this folder if it is there."))
    config_option = typer.Option("--config", "-c", metavar="FILE", help=config_help)
    lang_option = typer.Option(
        "--lang", metavar="zh|en", help=text(_("Language of the terminal.")), callback=_spoken
    )

    def settings(config: Path | None) -> "Settings":
        from bot.settings import load

        begin()
        return load(config, speak=terminal.language)

    @app.callback(invoke_without_command=True)
    def lianzhi(
        show: Annotated[bool, typer.Option("--version", help=text(_("Show the version.")))] = False,
        lang: Annotated[str | None, lang_option] = None,
    ) -> None:
        if show:
            terminal.out(f"lianzhi {program_version()}")
            raise typer.Exit

    @app.command(help=text(_("Run until stopped.")))
    def run(
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        from bot.operation.interpreter import lean

        lean()
        chosen = settings(config)
        from bot.app import run as run_app

        return wait(run_app(chosen, say=terminal.out))

    @app.command(help=text(_("Write the configuration by answering questions.")))
    def init(
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        begin()
        from bot.wizard import write_configuration

        # Not inside an event loop: there the first Ctrl-C would only ask the loop to stop.
        return write_configuration(config, terminal)

    @app.command(help=text(_("Try every part, and say what is wrong and how to mend it.")))
    def check(
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        from bot.check import report

        begin()
        return wait(report(config, terminal))

    @app.command(help=text(_("Make, list or revoke links that let people into web rooms.")))
    def invite(
        name: Annotated[
            str | None, typer.Argument(metavar="NAME", help=text(_("Whose link it is.")))
        ] = None,
        room: Annotated[
            str | None, typer.Argument(metavar="ROOM", help=text(_("The room, as in web:zh.")))
        ] = None,
        days: Annotated[
            int | None,
            typer.Option(
                "--days",
                min=1,
                max=LONGEST_DAYS,
                help=text(_("How long it opens; for ever if not given.")),
            ),
        ] = None,
        show: Annotated[
            bool, typer.Option("--list", help=text(_("Show the links that were made.")))
        ] = False,
        revoke: Annotated[
            str | None,
            typer.Option("--revoke", metavar="ID", help=text(_("Close one of them."))),
        ] = None,
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        chosen = settings(config)
        from bot import invitations

        if show:
            return wait(invitations.show(chosen, terminal))
        if revoke is not None:
            return wait(invitations.revoke(chosen, terminal, revoke))
        if name is None or room is None:
            raise Refusal(
                "invite.incomplete",
                _("Say who and where, as in: {example}", example="lianzhi invite 李明 web:zh"),
            )
        return wait(invitations.make(chosen, terminal, name=name, room=room, days=days))

    @app.command(help=text(_("Copy everything into one file, also while running.")))
    def backup(
        file: Annotated[
            Path, typer.Argument(metavar="FILE", help=text(_("The file to be written.")))
        ],
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        chosen = settings(config)
        from bot.operation.backup import back_up

        return wait(back_up(chosen, terminal.say, file))

    @app.command(help=text(_("Bring everything back from such a file.")))
    def restore(
        file: Annotated[
            Path, typer.Argument(metavar="FILE", help=text(_("What lianzhi backup has written.")))
        ],
        force: Annotated[
            bool,
            typer.Option(
                "--force", help=text(_("Replace what is there; it is kept with .old at its name."))
            ),
        ] = False,
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        chosen = settings(config)
        from bot.operation.restore import restore as bring_back

        local = replace(terminal, zone=chosen.timezone)
        return wait(bring_back(chosen, local.say, file, force=force))

    @app.command(help=text(_("Write an incident's timeline to a file, CSV or JSON.")))
    def export(
        incident: Annotated[
            str, typer.Argument(metavar="I3", help=text(_("The incident's number.")))
        ],
        file: Annotated[
            Path,
            typer.Argument(metavar="FILE", help=text(_("The file; .csv or .json says which."))),
        ],
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        chosen = settings(config)
        from bot.exporting import export as write_timeline

        return wait(write_timeline(chosen, terminal.say, terminal.catalogues, incident, file))

    phrase_help = text(_("A file whose first line is the passphrase; asked for if not given."))
    phrase_option = typer.Option("--passphrase-file", metavar="FILE", help=phrase_help)

    @keys.command("export", help=text(_("Write them to a file, encrypted with a passphrase.")))
    def export_keys(
        file: Annotated[
            Path, typer.Argument(metavar="FILE", help=text(_("The file to be written.")))
        ],
        phrase: Annotated[Path | None, phrase_option] = None,
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        chosen = settings(config)
        from bot.keys import export, passphrase

        return wait(export(chosen, terminal, file, passphrase(terminal, phrase, twice=True)))

    @keys.command("import", help=text(_("Add those of such a file; stop the process first.")))
    def import_keys(
        file: Annotated[
            Path,
            typer.Argument(
                metavar="FILE", help=text(_("What this program or another client has written."))
            ),
        ],
        phrase: Annotated[Path | None, phrase_option] = None,
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        chosen = settings(config)
        from bot.keys import bring, passphrase

        return wait(bring(chosen, terminal, file, passphrase(terminal, phrase, twice=False)))

    @ledger.command(help=text(_("Prove that no entry was altered, removed or moved.")))
    def verify(
        heads: Annotated[
            list[str] | None,
            typer.Option(
                "--head",
                metavar="HEAD",
                help=text(_("A head that was posted into a room, as in 41:3f2a9c…; also several.")),
            ),
        ] = None,
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        chosen = settings(config)
        from bot.operation.ledger import verify as verify_ledger

        return wait(verify_ledger(chosen, terminal.say, terminal.complain, tuple(heads or ())))

    @ledger.command(
        "export", help=text(_("Write it to a file, with a verifier that needs only Python."))
    )
    def export_ledger(
        file: Annotated[
            Path, typer.Argument(metavar="FILE", help=text(_("The file to be written.")))
        ],
        config: Annotated[Path | None, config_option] = None,
        lang: Annotated[str | None, lang_option] = None,
    ) -> int:
        chosen = settings(config)
        from bot.operation.ledger import export

        return wait(export(chosen, terminal.say, file))

    return app


def wait(work: Coroutine[object, object, Done]) -> Done:
    """Run to the end, on the faster event loop where there is one for the system."""
    faster: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as faster
    with asyncio.Runner(loop_factory=faster) as runner:
        return runner.run(work)
