"""Reading the configuration: one file, the environment over it, checked as a whole."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError, create_model
from pydantic_settings import SettingsError

from bot.catalogues import Spoken
from bot.settings.lines import Loc, line_of
from bot.settings.model import (
    PREFIX,
    BridgeWish,
    Configuration,
    Door,
    Map,
    Operation,
    Retention,
    Routing,
    Weather,
    environment_over_file,
    near,
)
from bot.settings.problems import BadSettings, Origin, described
from bot.settings.shape import (
    absolute,
    is_json,
    models_in,
    secrets_of,
    sqlite_file,
    written_as_json,
)
from bot.transports.base import Network, RoomWish, networks
from workflows.text import Msg, _

DEFAULT_FILE = "lianzhi.toml"
"""The file that is read, when it is there, if none is named."""

LOCAL_ROOMS = (RoomWish("web:zh", "zh"), RoomWish("web:en", "en"))
"""The rooms of this machine's browser, while the configuration names no web room."""

LOCAL_BRIDGE = BridgeWish("联指 Lianzhi", tuple(room.room for room in LOCAL_ROOMS))
"""What links the local rooms: with each other, never with a room of the configuration."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration that holds together. Paths are absolute."""

    database_url: str = field(repr=False)
    data: Path
    """The folder for what must survive a restart beside the database; not made yet."""
    timezone: ZoneInfo
    admins: tuple[str, ...]
    rooms: tuple[RoomWish, ...]
    """Every room that a `[[room]]` or a `[[bridge]]` names, and the local ones."""
    bridges: tuple[BridgeWish, ...]
    networks: tuple[Network, ...]
    """The networks to run: those with a section, and those that always run."""
    sections: Mapping[str, BaseModel]
    """By name of the network; there is one for each of `networks`."""
    operation: Operation = field(default_factory=Operation)
    retention: Retention = field(default_factory=Retention)
    routing: Routing = field(default_factory=Routing)
    weather: Weather = field(default_factory=Weather)
    door: Door = field(default_factory=Door)
    map: Map = field(default_factory=Map)
    packs: Path | None = None
    """The folder of the operator's own data files (`workflows.shelf`)."""
    file: Path | None = None
    """The file that was read, None if there was none."""
    speak: Spoken = "en"
    """The language of the terminal."""

    @property
    def database_file(self) -> Path | None:
        """The file of a SQLite database; None on PostgreSQL."""
        return sqlite_file(self.database_url)

    def rooms_of(self, network: str) -> tuple[RoomWish, ...]:
        """The rooms of one network."""
        return tuple(room for room in self.rooms if room.room.startswith(f"{network}:"))


def load(
    config: Path | None = None,
    *,
    here: Path | None = None,
    speak: Spoken = "en",
    known: tuple[Network, ...] | None = None,
) -> Settings:
    """Read `config`, or `lianzhi.toml` in `here` if it is there, and the environment over it.

    `here` is the current directory and `known` is `networks()` unless given. Raises
    `BadSettings`, which names every problem.
    """
    here = (here or Path.cwd()).absolute()
    known = networks() if known is None else known
    if config is None:
        file = here / DEFAULT_FILE
        file_or_none = file if file.is_file() else None
    else:
        file_or_none = here / config
    text = _text(file_or_none, config) if file_or_none else ""
    name = str(config) if config else DEFAULT_FILE
    environment = {
        key: value for key, value in os.environ.items() if key.upper().startswith(PREFIX)
    }
    folder = file_or_none.parent if file_or_none else here
    reader = _Reader(Origin(name, text, environment), folder, known)
    settings = reader.settings(_toml(name, text))
    return replace(settings, file=file_or_none, speak=speak)


def _text(file: Path, named: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problem = _("there is no such file; lianzhi init writes one")
    except UnicodeDecodeError:
        problem = _("is not UTF-8 text")
    except OSError as error:
        problem = _("cannot be read: {reason}", reason=error.strerror or str(error))
    place = str(named or DEFAULT_FILE)
    raise BadSettings(_("{place}: {problem}", place=place, problem=problem))


def _toml(name: str, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        if at is None:
            at = re.search(r"()()\(at end of document\)", str(error))
        line = at[1] if at and at[1] else str(len(text.splitlines()) or 1)
        problem = _("this line is not TOML; is a quote or a bracket missing?")
        raise BadSettings(
            _("{place}: {problem}", place=f"{name}:{line}", problem=problem)
        ) from None


class _Reader:
    """One reading, with the problems that it has met."""

    def __init__(self, origin: Origin, folder: Path, known: tuple[Network, ...]) -> None:
        self._origin = origin
        self._folder = folder
        self._known = {network.name: network for network in known}
        self._problems: list[tuple[int, Msg]] = []
        """With the line of the file; 0 for a variable."""
        self._unread: set[Loc] = set()
        """The keys whose secret could not be read; that was told."""

    def settings(self, values: dict[str, object]) -> Settings:
        """The whole, or `BadSettings`."""
        self._misnamed_variables()
        values = self._with_secrets(values, from_file=True)
        configuration = self._validated(values)
        if configuration is None or self._problems:
            raise self._bad()
        rooms, bridges = self._rooms(configuration)
        sections = self._sections(configuration)
        self._contradictions(configuration, bridges, sections)
        url, packs = self._database(configuration), self._packs(configuration)
        if self._problems:
            raise self._bad()
        data = configuration.general.data
        beside = (sqlite_file(url) or self._folder / "postgresql").parent
        return Settings(
            database_url=url,
            data=self._folder / data.expanduser() if data else beside / "lianzhi-data",
            timezone=configuration.general.zone,
            admins=configuration.general.admins,
            rooms=rooms,
            bridges=bridges,
            networks=tuple(self._known[name] for name in sections),
            sections=sections,
            operation=configuration.operation,
            retention=configuration.retention,
            routing=configuration.routing,
            weather=configuration.weather,
            door=configuration.door,
            map=configuration.map,
            packs=packs,
        )

    def _found(self, loc: Loc, text: Msg) -> None:
        line = line_of(self._origin.text, loc) or 0
        self._problems.append((line, self._origin.problem(loc, text)))

    def _bad(self) -> BadSettings:
        """All problems in the order of the file."""
        ordered = sorted(self._problems, key=lambda problem: problem[0])
        return BadSettings(*(text for _line, text in ordered))

    def _misnamed_variables(self) -> None:
        """The settings library passes over variables of sections that it does not know."""
        sections = [*Configuration.model_fields, *self._known]
        for name in self._origin.environment:
            section, nested, _key = name.upper().removeprefix(PREFIX).partition("__")
            if nested and section.lower() not in sections:
                meant = near(section.lower(), sections)
                problem = (
                    _('unknown key (did you mean "{near}"?)', near=meant.upper())
                    if meant
                    else _("unknown key")
                )
                text = _("{place}: {problem}", place=name, problem=problem)
                self._problems.append((0, text))

    def _with_secrets(
        self, values: dict[str, object], *, from_file: bool = False
    ) -> dict[str, object]:
        """Each `KEY_file` of a secret `KEY` replaced by what the file holds."""
        made = dict(values)
        for name, network in self._known.items():
            section = made.get(name)
            if not isinstance(section, dict):
                continue
            made[name] = section = dict(section)
            for key in secrets_of(network.settings):
                if f"{key}_file" in section:
                    path = section.pop(f"{key}_file")
                    loc: Loc = (name, f"{key}_file")
                    if from_file and key in section:
                        self._found(
                            loc,
                            _('"{key}" and "{file}" exclude each other', key=key, file=loc[1]),
                        )
                    secret = self._secret(loc, path)
                    section[key] = secret or "unread"
                    if not secret:
                        self._unread.add((name, key))
        return made

    def _secret(self, loc: Loc, path: object) -> str:
        if not isinstance(path, str) or not path:
            self._found(loc, _("must be a path in quotes"))
            return ""
        try:
            found = (self._folder / Path(path).expanduser()).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "UTF-8"
            self._found(loc, _("{path} cannot be read: {reason}", path=path, reason=str(reason)))
            return ""
        if not found:
            self._found(loc, _("{path} is empty", path=path))
        return found

    def _validated(self, values: dict[str, object]) -> Configuration | None:
        base = environment_over_file(partial(self._with_secrets))
        # pydantic declares what makes a field as Any.
        fields: dict[str, Any] = {
            name: (network.settings | None, None) for name, network in self._known.items()
        }
        model: Callable[..., Configuration] = create_model("Configuration", __base__=base, **fields)
        try:
            return model(**values)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                if each["loc"] not in self._unread:
                    self._found(each["loc"], described(each, self._keys(each["loc"])))
        except SettingsError as error:
            names = re.findall(r'"(\w+)"', str(error))
            self._found(
                self._unreadable(names[0] if names else ""),
                _("must be JSON, as in {example}", example='["a", "b"]'),
            )
        return None

    def _unreadable(self, section: str) -> Loc:
        """The key whose variable is not the JSON that a list or a section needs."""
        for name, value in self._origin.environment.items():
            loc = tuple(name.lower().removeprefix(PREFIX.lower()).split("__"))
            if loc[0] == section and written_as_json(self._annotation(loc)) and not is_json(value):
                return loc
        return (section,)

    def _annotation(self, loc: Loc) -> object:
        """What the model declares at `loc`."""
        name = str(loc[0])
        if len(loc) == 1:
            return tuple
        model: type[BaseModel] | None = (
            self._known[name].settings
            if name in self._known
            else next(iter(models_in(Configuration.model_fields[name].annotation)), None)
        )
        inner = model.model_fields.get(str(loc[1])) if model else None
        return inner.annotation if inner else None

    def _keys(self, loc: Loc) -> list[str]:
        """The keys that are known where the last of `loc` stands."""
        model: type[BaseModel] = Configuration
        names = [part for part in loc if isinstance(part, str)]
        if len(names) == 1:
            return [*Configuration.model_fields, *self._known]
        for name in names[:-1]:
            if model is Configuration and name in self._known:
                model = self._known[name].settings
                continue
            inner = model.model_fields.get(name)
            models = models_in(inner.annotation) if inner else []
            if not models:
                return []
            model = models[0]
        return [*model.model_fields, *(f"{key}_file" for key in secrets_of(model))]

    def _rooms(
        self, configuration: Configuration
    ) -> tuple[tuple[RoomWish, ...], tuple[BridgeWish, ...]]:
        """Rooms and bridges, with those of this machine while no web room is named."""
        rooms = {
            room.id: RoomWish(room.id, room.language, room.agency) for room in configuration.room
        }
        bridges = [BridgeWish(bridge.name, bridge.rooms) for bridge in configuration.bridge]
        local = {room.room: room for room in LOCAL_ROOMS}
        for bridge in bridges:
            for room in bridge.rooms:
                rooms.setdefault(room, local.get(room, RoomWish(room, "both")))
        if "web" in self._known and not any(room.startswith("web:") for room in rooms):
            rooms.update(local)
            bridges.append(LOCAL_BRIDGE)
        return tuple(rooms.values()), tuple(bridges)

    def _sections(self, configuration: Configuration) -> dict[str, BaseModel]:
        made = {}
        for name, network in self._known.items():
            section = configuration.section(name)
            if section is None and network.always:
                section = network.settings()
            if section is not None:
                made[name] = absolute(section, self._folder)
        return made

    def _contradictions(
        self,
        configuration: Configuration,
        bridges: tuple[BridgeWish, ...],
        sections: Mapping[str, BaseModel],
    ) -> None:
        declared: set[str] = set()
        for number, room in enumerate(configuration.room):
            loc: Loc = ("room", number, "id")
            self._network_of(loc, room.id, sections)
            if room.id in declared:
                self._found(loc, _('the room "{room}" is there twice', room=room.id))
            declared.add(room.id)
        names: set[str] = set()
        for number, bridge in enumerate(bridges):
            if bridge.name in names:
                text = _('the name "{name}" is taken by another bridge', name=bridge.name)
                self._found(("bridge", number, "name"), text)
            names.add(bridge.name)
            for each, id in enumerate(bridge.rooms):
                loc = ("bridge", number, "rooms", each)
                if id in bridge.rooms[:each]:
                    self._found(loc, _('the room "{room}" is there twice', room=id))
                elif id not in declared:
                    self._network_of(loc, id, sections)
        for number, admin in enumerate(configuration.general.admins):
            self._network_of(("general", "admins", number), admin, None)
        if configuration.map.tiles is not None and configuration.map.attribution is None:
            self._found(
                ("map", "tiles"),
                _('say in "attribution" whose map it is: it is drawn on each picture'),
            )

    def _network_of(self, loc: Loc, id: str, sections: Mapping[str, BaseModel] | None) -> None:
        """Complain unless the network of `id` is known and, given `sections`, has one."""
        name = id.partition(":")[0]
        if name not in self._known:
            meant = near(name, list(self._known))
            self._found(
                loc,
                _('no network "{name}" (did you mean "{near}"?)', name=name, near=meant)
                if meant
                else _('no network "{name}"', name=name),
            )
        elif sections is not None and name not in sections:
            self._found(
                loc,
                _('"{id}" needs a section {section}', id=id, section=f"[{name}]"),
            )
        elif sections is not None and (problem := self._known[name].unfit(id)) is not None:
            self._found(loc, problem)

    def _packs(self, configuration: Configuration) -> Path | None:
        """The operator's data files, each of which has to be TOML: a slip in one would be met in
        the middle of an incident."""
        if configuration.general.packs is None:
            return None
        folder = self._folder / configuration.general.packs.expanduser()
        loc: Loc = ("general", "packs")
        if not folder.is_dir():
            self._found(loc, _("there is no folder {path}", path=str(folder)))
            return None
        for file in sorted(folder.glob("*.toml")):
            try:
                tomllib.loads(file.read_text("utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
                text = _("{path} cannot be read: {reason}", path=str(file), reason=str(error))
                self._found(loc, text)
        return folder

    def _database(self, configuration: Configuration) -> str:
        url = configuration.database.url.get_secret_value()
        file = sqlite_file(url)
        if file is None:
            return url
        data = configuration.general.data
        if data is not None and "url" not in configuration.database.model_fields_set:
            return f"sqlite+aiosqlite:///{self._folder / data.expanduser() / file.name}"
        file = self._folder / file.expanduser()
        loc: Loc = ("database", "url")
        if file.is_dir():
            self._found(loc, _("{path} is a folder, not a file", path=str(file)))
        elif not file.parent.is_dir():
            self._found(loc, _("there is no folder {path}", path=str(file.parent)))
        query = url.partition("?")[2]
        return f"sqlite+aiosqlite:///{file}" + (f"?{query}" if query else "")
