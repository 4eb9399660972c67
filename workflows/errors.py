"""What goes wrong in a way that a person can mend."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.text import Msg, Param


class Refusal(Exception):
    """A request that is not carried out, with the reason and what to do instead.

    `code` is stable and is what the ledger and tests name; `text` says what is wrong and
    what to type or whom to ask; its parameters are the refusal's parameters. `ways` are what
    can be done instead by a tap: what each is called, and its command line. `argument` is the one
    of the command that would have to be another, where all else is right.
    """

    def __init__(
        self,
        code: str,
        text: Msg,
        ways: Sequence[tuple[str, str]] = (),
        *,
        argument: str | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.ways = tuple(ways)
        self.argument = argument

    @property
    def params(self) -> dict[str, Param]:
        """The parameters of the text, by name."""
        return dict(self.text.params)
