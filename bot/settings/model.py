"""The shape of `lianzhi.toml`, except the networks' own sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from workflows.text import Msg, _

PREFIX = "LIANZHI_"
"""What an environment variable begins with that sets a key."""

ID = re.compile(r"[a-z][a-z0-9_]*:\S+")
"""`network:id`, of a room or an account."""

DATABASES = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
"""The address schemes that are understood, and the driver that each means."""

Language = Literal["zh", "en", "both"]


@dataclass(frozen=True, slots=True)
class BridgeWish:
    """A bridge that the configuration names: these rooms hear each other."""

    name: str
    rooms: tuple[str, ...]


class Unfit(ValueError):
    """A value that has the right type and cannot be used all the same; `text` says why."""

    def __init__(self, text: Msg) -> None:
        super().__init__(text)
        self.text = text


def _id(value: str) -> str:
    if not ID.fullmatch(value):
        raise Unfit(_('"{value}" is not of the form network:id', value=value))
    return value


def _zone(value: str) -> str:
    zones = available_timezones()
    if value in zones:
        return value
    tails = {zone.rsplit("/", 1)[-1].lower(): zone for zone in sorted(zones)}
    near = get_close_matches(value.lower().rsplit("/", 1)[-1], tails, n=1, cutoff=0.75)
    if near:
        raise Unfit(
            _('no time zone "{value}" (did you mean "{near}"?)', value=value, near=tails[near[0]])
        )
    raise Unfit(_('no time zone "{value}"; write it as in "Asia/Shanghai"', value=value))


def _database(value: SecretStr) -> SecretStr:
    scheme, colon, rest = value.get_secret_value().partition("://")
    if not colon or scheme not in DATABASES:
        raise Unfit(
            _("begin it with {sqlite} or {postgresql}", sqlite="sqlite+aiosqlite:///",
              postgresql="postgresql+asyncpg://")
        )  # fmt: skip
    if DATABASES[scheme].startswith("sqlite") and rest.strip("/") in ("", ":memory:"):
        raise Unfit(
            _("name the database file: {example}", example="sqlite+aiosqlite:///lianzhi.db")
        )
    return SecretStr(f"{DATABASES[scheme]}://{rest}")


Id = Annotated[str, AfterValidator(_id)]


class Section(BaseModel):
    """A part of the file: nothing in it goes unread."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Database(Section):
    """Where everything is kept."""

    url: Annotated[SecretStr, AfterValidator(_database)] = SecretStr(
        "sqlite+aiosqlite:///lianzhi.db"
    )


class General(Section):
    """What concerns the whole installation."""

    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    admins: tuple[Id, ...] = ()
    data: Path | None = None
    """The folder for what must survive a restart beside the database."""
    packs: Path | None = None
    """The folder of data files that take the place of ours (`workflows.shelf`)."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of `timezone`."""
        return ZoneInfo(self.timezone)


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host.strip("[]") or not re.fullmatch("[0-9]{1,5}", port):
        raise Unfit(_("must be an address and a port, as in {example}", example="127.0.0.1:8081"))
    if int(port) > 65535:
        raise Unfit(_("must have a port from 0 to 65535"))
    return value


class Operation(Section):
    """How the process is watched from outside."""

    listen: Annotated[str, AfterValidator(_listen)] | None = None
    """Where /healthz and /metrics are served; nowhere unless set."""
    unsent_minutes: int = Field(default=10, ge=1)
    """Age of the oldest unsent message from which on the process counts as ill."""
    least_free_mb: int = Field(default=200, ge=0)
    """Free megabytes of the disk below which the process counts as ill."""

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port of `listen`."""
        if self.listen is None:
            return None
        host, _colon, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class Retention(Section):
    """How long relayed talk is kept, in days; 0: for ever. The record is always kept."""

    talk_days: int = Field(default=0, ge=0, le=36_500)
    media_days: int = Field(default=0, ge=0, le=36_500)


def _server(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#]+", value):
        raise Unfit(_("must be an address as in {example}", example="http://127.0.0.1:5000"))
    return value.rstrip("/")


class Routing(Section):
    """A routing server with OSRM's table service, for travel times by road."""

    url: Annotated[str, AfterValidator(_server)] | None = None
    timeout: float = Field(default=5.0, gt=0, le=60)
    """Seconds after which its answer is waited for no longer."""
    profile: str = Field(default="driving", pattern=r"^[A-Za-z0-9_-]{1,40}$")


def _tiles(value: str) -> str:
    holders = sorted(re.findall(r"\{[^{}]*\}", value))
    bare = re.sub(r"\{[zxy]\}", "", value)
    if holders != ["{x}", "{y}", "{z}"] or not re.fullmatch(r"https?://[^\s/{}#]+[^\s{}#]*", bare):
        raise Unfit(
            _("must be an address with {holders} once each, as in {example}",
              holders="{z} {x} {y}", example="https://tile.example.org/{z}/{x}/{y}.png")
        )  # fmt: skip
    return value


class Map(Section):
    """A server of map tiles, which are laid under pictures of where things are."""

    tiles: Annotated[str, AfterValidator(_tiles)] | None = Field(default=None, repr=False)
    """Their address in the Web Mercator scheme; it may hold a key and is not logged."""
    attribution: str | None = Field(default=None, max_length=200)
    """Whose map it is, drawn on each picture; needed with `tiles`, "" where nobody asks for it."""
    timeout: float = Field(default=4.0, gt=0, le=30)
    """Seconds after which a picture is drawn without them."""
    deepest: int = Field(default=18, ge=0, le=22)
    """The finest zoom that the server has."""
    datum: Literal["WGS-84", "GCJ-02"] = "WGS-84"
    """GCJ-02 for servers of Chinese maps that shift places."""


class Door(Section):
    """A small web server for trackers, feeds and scanned codes."""

    listen: Annotated[str, AfterValidator(_listen)] | None = None
    """Where it is served; nowhere unless set."""
    url: Annotated[str, AfterValidator(_server)] | None = None
    """How others reach it, if not by `listen`: behind a proxy that speaks HTTPS."""
    secret: SecretStr | None = Field(default=None, min_length=16)
    """What signs the addresses that it gives; made and kept in the database unless set."""

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port of `listen`."""
        if self.listen is None:
            return None
        host, _colon, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def base(self) -> str | None:
        """The address that is given to others; None without a door."""
        return self.url or (None if self.listen is None else f"http://{self.listen}")


class Weather(Section):
    """A server with Open-Meteo's forecast API, for the weather in briefings."""

    url: Annotated[str, AfterValidator(_server)] | None = None
    timeout: float = Field(default=5.0, gt=0, le=60)
    """Seconds after which its answer is waited for no longer."""


class Room(Section):
    """A room that the bot is to serve."""

    id: Id
    language: Language = "both"
    agency: str | None = Field(default=None, min_length=1)


class Bridge(Section):
    """Rooms that hear each other."""

    name: str = Field(min_length=1)
    rooms: tuple[Id, ...] = Field(min_length=2)


class Configuration(BaseSettings):
    """Everything that can be set; each network's section is added as a field of its name."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
    )

    database: Database = Database()
    general: General = General()
    operation: Operation = Operation()
    retention: Retention = Retention()
    routing: Routing = Routing()
    weather: Weather = Weather()
    door: Door = Door()
    map: Map = Map()
    room: tuple[Room, ...] = ()
    bridge: tuple[Bridge, ...] = ()

    def section(self, network: str) -> BaseModel | None:
        """The section of a network, None if it has none."""
        found = getattr(self, network)
        return found if isinstance(found, BaseModel) else None


def environment_over_file(
    prepare: Callable[[dict[str, object]], dict[str, object]],
) -> type[Configuration]:
    """The configuration whose environment goes through `prepare` and wins over what is given."""

    class Environment(EnvSettingsSource):
        def __call__(self) -> dict[str, object]:
            return prepare(super().__call__())

    class Sourced(Configuration):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return Environment(settings_cls), init_settings

    return Sourced


def near(word: str, words: Sequence[str]) -> str | None:
    """The word that was probably meant."""
    found = get_close_matches(word, words, n=1, cutoff=0.6)
    return found[0] if found else None
