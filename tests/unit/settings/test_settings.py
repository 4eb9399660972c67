"""What a configuration means: defaults, rooms, bridges, paths, secrets, the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings, load
from bot.transports.base import RoomWish, networks

TOKEN = "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
OTHER = "654321:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"


def read(folder: Path, toml: str = "") -> Settings:
    """The settings of a folder with this file."""
    (folder / "lianzhi.toml").write_text(toml, encoding="utf-8")
    return load(here=folder)


def token(settings: Settings) -> str:
    """Telegram's token."""
    value = dict(settings.sections["telegram"])["token"]
    assert isinstance(value, SecretStr)
    return value.get_secret_value()


def test_without_a_file_two_linked_rooms_are_served_to_this_machine(tmp_path: Path) -> None:
    """SQLite and the browser, no account anywhere."""
    settings = load(here=tmp_path)
    assert settings.file is None
    assert settings.database_file == tmp_path / "lianzhi.db"
    assert settings.data == tmp_path / "lianzhi-data"
    assert settings.rooms == (RoomWish("web:zh", "zh"), RoomWish("web:en", "en"))
    assert [bridge.rooms for bridge in settings.bridges] == [("web:zh", "web:en")]
    assert [network.name for network in settings.networks] == ["web"]
    assert settings.timezone.key == "Asia/Shanghai"
    assert not list(tmp_path.iterdir()), "reading the configuration makes nothing"


def test_every_networks_section_refuses_unknown_keys() -> None:
    """A network that forgot would let a misspelt key pass in silence."""
    found = networks()
    assert {network.name for network in found} >= {"matrix", "telegram", "web"}
    for network in found:
        assert network.settings.model_config.get("extra") == "forbid", network.name


def test_the_local_rooms_stay_apart_from_the_configured_bridges(tmp_path: Path) -> None:
    """With a file, the browser's rooms are still there, linked with each other only."""
    settings = read(
        tmp_path,
        f'[telegram]\ntoken = "{TOKEN}"\n'
        '[[room]]\nid = "telegram:-1"\nlanguage = "zh"\nagency = "消防"\n'
        '[[bridge]]\nname = "N"\nrooms = ["telegram:-1", "telegram:-100/5"]\n',
    )
    assert settings.rooms_of("telegram") == (
        RoomWish("telegram:-1", "zh", "消防"),
        RoomWish("telegram:-100/5", "both"),
    )
    assert {room.room for room in settings.rooms_of("web")} == {"web:zh", "web:en"}
    assert {bridge.rooms for bridge in settings.bridges} == {
        ("telegram:-1", "telegram:-100/5"),
        ("web:zh", "web:en"),
    }


@pytest.mark.parametrize(
    "toml",
    [
        '[[room]]\nid = "web:desk"\nlanguage = "en"',
        '[[bridge]]\nname = "N"\nrooms = ["web:desk", "web:zh"]',
    ],
)
def test_whoever_names_web_rooms_has_those_alone(tmp_path: Path, toml: str) -> None:
    """The local pair is for installations that say nothing of web rooms."""
    settings = read(tmp_path, toml)
    assert "web:desk" in {room.room for room in settings.rooms}
    assert "web:en" not in {room.room for room in settings.rooms}
    assert len(settings.bridges) == toml.count("[[bridge]]")


def test_a_local_room_in_a_bridge_keeps_its_language(tmp_path: Path) -> None:
    """`web:zh` is Chinese although no [[room]] says so; other undeclared rooms read both."""
    settings = read(tmp_path, '[[bridge]]\nname = "N"\nrooms = ["web:desk", "web:zh"]')
    assert {room.room: room.language for room in settings.rooms} == {
        "web:desk": "both",
        "web:zh": "zh",
    }


def test_paths_start_at_the_files_folder(tmp_path: Path) -> None:
    """The file can be named from anywhere."""
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "secret").write_text(f"{TOKEN}\n")
    (folder / "l.toml").write_text(
        '[database]\nurl = "sqlite:///here.db"\n[telegram]\ntoken_file = "secret"\n'
        '[matrix]\nhomeserver = "https://hs"\nuser_id = "@a:hs"\npassword = "p"\n'
        'store_path = "keys"\n'
    )
    settings = load(Path("etc/l.toml"), here=tmp_path)
    assert settings.database_url == f"sqlite+aiosqlite:///{folder}/here.db"
    assert settings.data == folder / "lianzhi-data"
    assert token(settings) == TOKEN
    assert dict(settings.sections["matrix"])["store_path"] == folder / "keys"
    assert settings.file == folder / "l.toml"


def test_the_data_folder_stands_beside_the_database_or_where_it_is_told(tmp_path: Path) -> None:
    """Keys and media are found where the database's backup looks for them."""
    (tmp_path / "var").mkdir()
    beside = read(tmp_path, '[database]\nurl = "sqlite+aiosqlite:///var/l.db"')
    assert beside.data == tmp_path / "var" / "lianzhi-data"
    told = read(tmp_path, '[general]\ndata = "/srv/lianzhi"')
    assert told.data == Path("/srv/lianzhi")
    postgres = read(tmp_path, '[database]\nurl = "postgresql://u:p@h/db"')
    assert postgres.data == tmp_path / "lianzhi-data"
    assert postgres.database_url == "postgresql+asyncpg://u:p@h/db"
    assert postgres.database_file is None


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Single keys are replaced and the rest of the section stands."""
    monkeypatch.setenv("LIANZHI_TELEGRAM__TOKEN", OTHER)
    monkeypatch.setenv("LIANZHI_TELEGRAM__QUOTAS__PER_SECOND", "7")
    monkeypatch.setenv("LIANZHI_GENERAL__ADMINS", '["telegram:1"]')
    monkeypatch.setenv("LIANZHI_DEBUG", "")
    settings = read(
        tmp_path,
        f'[telegram]\ntoken = "{TOKEN}"\napi_base_url = "http://127.0.0.1:1"\n'
        '[general]\nadmins = []\ntimezone = "Europe/Paris"\n',
    )
    section = settings.sections["telegram"]
    assert token(settings) == OTHER
    assert dict(section)["api_base_url"] == "http://127.0.0.1:1"
    assert dict(dict(section)["quotas"])["per_second"] == 7
    assert settings.admins == ("telegram:1",)
    assert settings.timezone.key == "Europe/Paris"


def test_a_variable_alone_brings_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container needs no file."""
    monkeypatch.setenv("LIANZHI_TELEGRAM__TOKEN", TOKEN)
    assert "telegram" in load(here=tmp_path).sections


def test_a_secrets_file_in_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two places there is no contradiction: the environment wins."""
    (tmp_path / "secret").write_text(OTHER)
    monkeypatch.setenv("LIANZHI_TELEGRAM__TOKEN_FILE", str(tmp_path / "secret"))
    assert token(read(tmp_path, f'[telegram]\ntoken = "{TOKEN}"')) == OTHER


def test_a_variable_goes_before_a_secrets_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round: the file names a secret's file, the environment has the secret."""
    (tmp_path / "secret").write_text(TOKEN)
    monkeypatch.setenv("LIANZHI_TELEGRAM__TOKEN", OTHER)
    assert token(read(tmp_path, '[telegram]\ntoken_file = "secret"')) == OTHER


def test_secrets_are_not_in_the_repr(tmp_path: Path) -> None:
    """What is logged or shown of settings by mistake gives nothing away."""
    settings = read(
        tmp_path,
        '[database]\nurl = "postgresql://me:hush-db@h/db"\n'
        f'[telegram]\ntoken = "{TOKEN}"\nwebhook_secret = "hush-hook"\n'
        '[matrix]\nhomeserver = "https://hs"\nuser_id = "@a:hs"\npassword = "hush-pass"\n',
    )
    shown = repr(settings) + str(settings)
    assert TOKEN not in shown
    assert "hush" not in shown


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / "lianzhi.toml").write_bytes(b"\xef\xbb\xbf[general]\ntimezone = 'UTC'\n")
    assert load(here=tmp_path).timezone.key == "UTC"
