"""Rich text: one sanitised HTML subset between Telegram, Matrix and the browser.

Pure functions without a chat SDK. Everything that comes from a person passes `from_plain`,
`clean`, `from_telegram` or `from_matrix` first and is `Html` from there on.
"""

from bot.richtext.apart import OPENING, margin, told_apart
from bot.richtext.chars import (
    COLONS,
    first_graphemes,
    is_blank,
    safe_file_name,
    safe_name,
    safe_text,
)
from bot.richtext.compose import author, with_author, with_quote
from bot.richtext.matrix import from_matrix, to_matrix
from bot.richtext.model import (
    AccountOf,
    Html,
    MatrixText,
    ResolveMention,
    TargetMention,
    TelegramText,
    TgEntity,
    nobody,
)
from bot.richtext.neutral import clean, from_plain, is_account
from bot.richtext.plain import excerpt, to_plain
from bot.richtext.split import (
    MATRIX_BYTES,
    TELEGRAM_CAPTION,
    TELEGRAM_TEXT,
    split_caption,
    split_html,
    split_telegram,
)
from bot.richtext.telegram import Units, from_telegram, to_telegram, utf16_length

__all__ = [
    "COLONS",
    "MATRIX_BYTES",
    "OPENING",
    "TELEGRAM_CAPTION",
    "TELEGRAM_TEXT",
    "AccountOf",
    "Html",
    "MatrixText",
    "ResolveMention",
    "TargetMention",
    "TelegramText",
    "TgEntity",
    "Units",
    "author",
    "clean",
    "excerpt",
    "first_graphemes",
    "from_matrix",
    "from_plain",
    "from_telegram",
    "is_account",
    "is_blank",
    "margin",
    "nobody",
    "safe_file_name",
    "safe_name",
    "safe_text",
    "split_caption",
    "split_html",
    "split_telegram",
    "to_matrix",
    "to_plain",
    "to_telegram",
    "told_apart",
    "utf16_length",
    "with_author",
    "with_quote",
]
