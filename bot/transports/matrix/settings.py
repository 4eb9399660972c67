"""The section `[matrix]`: where the homeserver is and as whom to log in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from workflows.text import _

_USER = re.compile(r"@[^\s:]+:[^\s]+")


def _homeserver(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(_("must be a web address, as in {example}", example='"https://hs.org"'))
    return text.rstrip("/")


def _user_id(text: str) -> str:
    if not _USER.fullmatch(text):
        raise ValueError(_("must be a full user id, as in {example}", example='"@bot:hs.org"'))
    return text


class MatrixSettings(BaseModel):
    """The account of the bot. Exactly one of `access_token` and `password` is given.

    `store_path` holds the encryption keys (default: `matrix-store` in the data folder). After an
    outage about `gap_events` events of each room are fetched; what lies before them is told of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    homeserver: Annotated[str, AfterValidator(_homeserver)]
    user_id: Annotated[str, AfterValidator(_user_id)]
    access_token: SecretStr | None = None
    password: SecretStr | None = None
    device_id: str | None = None
    store_path: Path | None = None
    encryption: bool = True
    gap_events: Annotated[int, Field(ge=100)] = 1000

    @field_validator("password")
    @classmethod
    def _not_both(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and info.data.get("access_token") is not None:
            raise ValueError(
                _('"{key}" and "{file}" exclude each other', key="access_token", file="password")
            )
        return value

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.access_token is None and self.password is None:
            raise ValueError(_('needs "{one}" or "{other}"', one="access_token", other="password"))
        return self
