"""The `[telegram]` section of the configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from bot.transports.base import Limits
from workflows.errors import Refusal
from workflows.text import _

MEGABYTE = 1_048_576
_TOKEN = re.compile(r"(\d{1,19}):[A-Za-z0-9_-]{3,}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)


class Quotas(BaseModel):
    """How much may be sent: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_second: int = Field(default=30, ge=1)
    """Messages a second of the whole bot."""
    per_chat_second: float = Field(default=1, gt=0)
    """Messages a second in one chat."""
    per_group_minute: int = Field(default=20, ge=1)
    """Messages in any 60 seconds in one group."""

    def limits(self) -> Limits:
        """As windows of calls and seconds."""
        return Limits(
            together=(self.per_second, 1.0),
            each=((1, 1 / self.per_chat_second),),
            group=((self.per_group_minute, 60.0),),
        )


class TelegramSettings(BaseModel):
    """How the bot is reached. Exactly one of `token` and `token_file` is needed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr | None = None
    token_file: Path | None = None
    api_base_url: str = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str | None = None
    """The public https address; its path is served too."""
    webhook_listen: str | None = None
    """`host:port` on which this process takes what comes to `webhook_url`."""
    webhook_secret: SecretStr | None = None
    quotas: Quotas = Quotas()
    poll_seconds: int = Field(default=25, ge=1, le=50)
    """How long one getUpdates waits for something to happen."""
    answer_seconds: float = Field(default=20, gt=0)
    """How long any other call waits for its answer."""
    max_download_mb: int = Field(default=20, ge=1)
    max_upload_mb: int = Field(default=50, ge=1)
    """https://core.telegram.org/bots/api#sending-files; a local Bot API server has more."""

    @field_validator("token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value().strip()):
            raise ValueError("token is not a bot token such as 123456:ABC-DEF")
        return value

    @field_validator("api_base_url")
    @classmethod
    def _base(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("api_base_url must be an http or https address")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _whole(self) -> TelegramSettings:
        if (self.token is None) == (self.token_file is None):
            raise ValueError("exactly one of token and token_file is needed")
        if self.mode == "webhook":
            missing = [
                name
                for name in ("webhook_url", "webhook_listen", "webhook_secret")
                if getattr(self, name) is None
            ]
            if missing:
                raise ValueError(f'mode = "webhook" needs {", ".join(missing)}')
        if self.webhook_listen is not None:
            self.listen_address()
        if self.webhook_secret is not None and not _SECRET.fullmatch(
            self.webhook_secret.get_secret_value()
        ):
            raise ValueError("webhook_secret may hold A-Z, a-z, 0-9, _ and -, up to 256")
        return self

    def listen_address(self) -> tuple[str, int]:
        """Host and port of `webhook_listen`; ValueError if it is not `host:port`."""
        host, _colon, port = (self.webhook_listen or "").rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError('webhook_listen must be "host:port"')
        return host.strip("[]"), int(port)

    def read_token(self) -> str:
        """The token itself, from the file where there is one; Refusal if that cannot be."""
        if self.token is not None:
            return self.token.get_secret_value().strip()
        path = self.token_file
        assert path is not None
        try:
            token = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Refusal(
                "telegram-token-file",
                _(
                    "The file {path} with Telegram's token cannot be read: {reason}.",
                    path=str(path),
                    reason=type(error).__name__,
                ),
            ) from error
        if not _TOKEN.fullmatch(token):
            raise Refusal(
                "telegram-token-file",
                _("The file {path} does not hold a Telegram bot token.", path=str(path)),
            )
        return token


def bot_id(token: str) -> int:
    """The bot's user id, which is the first part of its token."""
    return int(token.partition(":")[0])
