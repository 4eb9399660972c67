"""The types of rich text: the neutral form and the two wire forms. No chat SDK is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NewType, TypeAlias

Html = NewType("Html", str)
"""The neutral form: sanitised, balanced HTML made only by this package.

Tags: `b i u s code pre blockquote a br p ul ol li h3`–`h6 table thead tbody tr th td`;
a spoiler is `<span data-mx-spoiler>`, a code block may hold `<code class="language-x">`, a
mention is `<a data-account="telegram:123">Name</a>`, a list may begin with `<ol start="3">`, an
item be `<li value="7">`. A line ends with `<br>` outside `pre`.
"""


@dataclass(frozen=True, slots=True)
class TgEntity:
    """One Telegram message entity; `offset` and `length` are UTF-16 code units.

    `type` is the Bot API's name (`bold`, `text_link`, …); `url`, `language` and `user_id` are
    set for `text_link`, `pre` and `text_mention`.
    """

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class TelegramText:
    """A text or caption with entities, to be sent without a parse mode."""

    text: str
    entities: tuple[TgEntity, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixText:
    """`body`, `formatted_body` (None where there is no markup) and who is mentioned."""

    body: str
    formatted_body: str | None = None
    user_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetMention:
    """How a person is named on the network that a text goes to.

    `user_id` is the network's own id (Telegram's number, Matrix's `@user:server`);
    `username` is Telegram's public name without `@`; an empty `name` keeps the written one.
    """

    name: str = ""
    user_id: str | None = None
    username: str | None = None


ResolveMention: TypeAlias = Callable[[str], TargetMention | None]
"""From an account (`telegram:123`) to the person on the target network; None: not there."""

AccountOf: TypeAlias = Callable[[str], str | None]
"""From Telegram's `"123"` or `"@username"` to an account; None: unknown, stays text."""


def nobody(_key: str) -> None:
    """A resolver that knows no one: mentions become bold names."""
    return None
