"""What is wrong in lianzhi.toml or the environment is one line that names it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.catalogues import Catalogues, Spoken
from bot.settings import BadSettings, load
from bot.terminal import Terminal

TELEGRAM = '[telegram]\ntoken = "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"\n'


@dataclass(frozen=True)
class Bad:
    """A file, and the line that refuses it in each language."""

    toml: str
    en: str
    zh: str


TABLE = {
    "unknown key": Bad(
        '[telegram]\ntokn = "x"\ntoken = "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"',
        'lianzhi.toml:2: telegram.tokn: unknown key (did you mean "token"?)',
        "lianzhi.toml:2: telegram.tokn：没有这个配置项（是不是“token”？）",
    ),
    "map tiles without the place of a tile": Bad(
        '[map]\ntiles = "https://tile.example.org/{z}/{x}.png"\nattribution = ""',
        "lianzhi.toml:2: map.tiles: must be an address with {z} {x} {y} once each, as in "
        "https://tile.example.org/{z}/{x}/{y}.png",
        "lianzhi.toml:2: map.tiles：应为网址，{z} {x} {y}各出现一次，例如 "
        "https://tile.example.org/{z}/{x}/{y}.png",
    ),
    "map tiles that are nobody's": Bad(
        '[map]\ntiles = "https://tile.example.org/{z}/{x}/{y}.png"',
        'lianzhi.toml:2: map.tiles: say in "attribution" whose map it is: it is drawn on each '
        "picture",
        "lianzhi.toml:2: map.tiles：请在“attribution”中写明地图来源，图上会标注",
    ),
    "a key of a section within a section": Bad(
        f"{TELEGRAM}[telegram.quotas]\nper_second = 0",
        "lianzhi.toml:4: telegram.quotas.per_second: must be at least 1",
        "lianzhi.toml:4: telegram.quotas.per_second：不得小于 1",
    ),
    "a key of a section that is written on one line": Bad(
        f"{TELEGRAM}quotas = {{ per_second = 0 }}",
        "lianzhi.toml:3: telegram.quotas.per_second: must be at least 1",
        "lianzhi.toml:3: telegram.quotas.per_second：不得小于 1",
    ),
    "a key with dots, and another section of that name's beginning": Bad(
        f"[general]\n\n{TELEGRAM}quotas.per_group_minute = 20\nquotas.per_second = 0",
        "lianzhi.toml:6: telegram.quotas.per_second: must be at least 1",
        "lianzhi.toml:6: telegram.quotas.per_second：不得小于 1",
    ),
    "talk that is kept for longer than there is time": Bad(
        "[retention]\ntalk_days = 99999999999",
        "lianzhi.toml:2: retention.talk_days: must be at most 36500",
        "lianzhi.toml:2: retention.talk_days：不得大于 36500",
    ),
    "a web room that no address can name": Bad(
        '[[room]]\nid = "web:.."',
        'lianzhi.toml:2: room[1].id: "web:.." can be no part of an address; write it as in '
        "web:command",
        "lianzhi.toml:2: room[1].id：“web:..”不能用作网址的一部分，应写成 web:command 的形式",
    ),
    "the general topic of a forum": Bad(
        f'{TELEGRAM}[[room]]\nid = "telegram:-1001234567890/1"',
        'lianzhi.toml:4: room[1].id: "telegram:-1001234567890/1" is the general topic; write '
        "telegram:-1001234567890",
        "lianzhi.toml:4: room[1].id：“telegram:-1001234567890/1”是综合话题，请写成 "
        "telegram:-1001234567890",
    ),
    "a Telegram room by its name": Bad(
        f'{TELEGRAM}[[room]]\nid = "telegram:@command"',
        'lianzhi.toml:4: room[1].id: "telegram:@command" is no Telegram room; write it as in '
        "telegram:-1001234567890",
        "lianzhi.toml:4: room[1].id：“telegram:@command”不是 Telegram 群，应写成 "
        "telegram:-1001234567890 的形式",
    ),
    "unknown section": Bad(
        '\n[databse]\nurl = "sqlite+aiosqlite:///x.db"',
        'lianzhi.toml:2: databse: unknown key (did you mean "database"?)',
        "lianzhi.toml:2: databse：没有这个配置项（是不是“database”？）",
    ),
    "unknown key like no other": Bad(
        "[general]\nxyzzy = 1",
        "lianzhi.toml:2: general.xyzzy: unknown key",
        "lianzhi.toml:2: general.xyzzy：没有这个配置项",
    ),
    "unknown key in the second of two rooms": Bad(
        '[[room]]\nid = "web:a"\n[[room]]\nid = "web:b"\nlang = "zh"',
        'lianzhi.toml:5: room[2].lang: unknown key (did you mean "language"?)',
        "lianzhi.toml:5: room[2].lang：没有这个配置项（是不是“language”？）",
    ),
    "a number for text": Bad(
        "[telegram]\ntoken = 5",
        "lianzhi.toml:2: telegram.token: must be text in quotes",
        "lianzhi.toml:2: telegram.token：应为带引号的文字",
    ),
    "text for a list": Bad(
        '[general]\nadmins = "telegram:1"',
        'lianzhi.toml:2: general.admins: must be a list, as in ["a", "b"]',
        'lianzhi.toml:2: general.admins：应为列表，如 ["a", "b"]',
    ),
    "text for a section": Bad(
        'general = "zh"',
        "lianzhi.toml:1: general: must be a section",
        "lianzhi.toml:1: general：应为一节配置",
    ),
    "a language that is none": Bad(
        '[[room]]\nid = "web:a"\nlanguage = "fr"',
        'lianzhi.toml:3: room[1].language: must be "zh" | "en" | "both"',
        'lianzhi.toml:3: room[1].language：只能是："zh" | "en" | "both"',
    ),
    "a mode that is none": Bad(
        TELEGRAM + 'mode = "push"',
        'lianzhi.toml:3: telegram.mode: must be "polling" | "webhook"',
        'lianzhi.toml:3: telegram.mode：只能是："polling" | "webhook"',
    ),
    "a time zone that is none": Bad(
        '[general]\ntimezone = "Asia/Shangai"',
        'lianzhi.toml:2: general.timezone: no time zone "Asia/Shangai" '
        '(did you mean "Asia/Shanghai"?)',
        "lianzhi.toml:2: general.timezone：没有时区“Asia/Shangai”（是不是“Asia/Shanghai”？）",
    ),
    "an account without a network": Bad(
        '[general]\nadmins = ["telegram:1", "li"]',
        'lianzhi.toml:2: general.admins[2]: "li" is not of the form network:id',
        "lianzhi.toml:2: general.admins[2]：“li”应写成“网络:编号”的形式，如 telegram:123",
    ),
    "an account of no network": Bad(
        '[general]\nadmins = ["telegrm:1"]',
        'lianzhi.toml:2: general.admins[1]: no network "telegrm" (did you mean "telegram"?)',
        "lianzhi.toml:2: general.admins[1]：没有网络“telegrm”（是不是“telegram”？）",
    ),
    "a room of a network without a section": Bad(
        '[[room]]\nid = "matrix:!a:hs"\nlanguage = "zh"',
        'lianzhi.toml:2: room[1].id: "matrix:!a:hs" needs a section [matrix]',
        "lianzhi.toml:2: room[1].id：要用“matrix:!a:hs”，需有 [matrix] 一节",
    ),
    "an undeclared room of a network without a section": Bad(
        TELEGRAM + '[[bridge]]\nname = "N"\nrooms = ["telegram:-1", "matrix:!a:hs"]',
        'lianzhi.toml:5: bridge[1].rooms[2]: "matrix:!a:hs" needs a section [matrix]',
        "lianzhi.toml:5: bridge[1].rooms[2]：要用“matrix:!a:hs”，需有 [matrix] 一节",
    ),
    "a room without an id": Bad(
        '[[room]]\nlanguage = "zh"',
        "lianzhi.toml:1: room[1].id: is missing",
        "lianzhi.toml:1: room[1].id：缺少这一项",
    ),
    "the same room twice": Bad(
        '[[room]]\nid = "web:a"\n[[room]]\nid = "web:a"',
        'lianzhi.toml:4: room[2].id: the room "web:a" is there twice',
        "lianzhi.toml:4: room[2].id：房间“web:a”重复了",
    ),
    "the same room twice in a bridge": Bad(
        '[[bridge]]\nname = "N"\nrooms = ["web:a", "web:b", "web:a"]',
        'lianzhi.toml:3: bridge[1].rooms[3]: the room "web:a" is there twice',
        "lianzhi.toml:3: bridge[1].rooms[3]：房间“web:a”重复了",
    ),
    "a bridge of one room": Bad(
        '[[bridge]]\nname = "N"\nrooms = ["web:a"]',
        "lianzhi.toml:3: bridge[1].rooms: needs at least 2 entries",
        "lianzhi.toml:3: bridge[1].rooms：至少要有 2 项",
    ),
    "two bridges of one name": Bad(
        '[[bridge]]\nname = "N"\nrooms = ["web:a", "web:b"]\n'
        '[[bridge]]\nname = "N"\nrooms = ["web:a", "web:c"]',
        'lianzhi.toml:5: bridge[2].name: the name "N" is taken by another bridge',
        "lianzhi.toml:5: bridge[2].name：名称“N”已被另一个桥接使用",
    ),
    "a secret and its file": Bad(
        TELEGRAM + 'token_file = "t"',
        'lianzhi.toml:3: telegram.token_file: "token" and "token_file" exclude each other',
        "lianzhi.toml:3: telegram.token_file：“token”和“token_file”只能填一个",
    ),
    "a secret's file that is not there": Bad(
        '[telegram]\ntoken_file = "nowhere"',
        "lianzhi.toml:2: telegram.token_file: nowhere cannot be read: No such file or directory",
        "lianzhi.toml:2: telegram.token_file：nowhere 读不出来：No such file or directory",
    ),
    "a database that we do not speak": Bad(
        '[database]\nurl = "mysql://x/y"',
        "lianzhi.toml:2: database.url: begin it with sqlite+aiosqlite:/// or postgresql+asyncpg://",
        "lianzhi.toml:2: database.url：应以 sqlite+aiosqlite:/// 或 postgresql+asyncpg:// 开头",
    ),
    "a database that forgets": Bad(
        '[database]\nurl = "sqlite+aiosqlite:///:memory:"',
        "lianzhi.toml:2: database.url: name the database file: sqlite+aiosqlite:///lianzhi.db",
        "lianzhi.toml:2: database.url：请写明数据库文件，如 sqlite+aiosqlite:///lianzhi.db",
    ),
    "a database in no folder": Bad(
        '[database]\nurl = "sqlite+aiosqlite:////nowhere/at/all/lianzhi.db"',
        "lianzhi.toml:2: database.url: there is no folder /nowhere/at/all",
        "lianzhi.toml:2: database.url：没有目录 /nowhere/at/all",
    ),
    "a folder for a database": Bad(
        '[database]\nurl = "sqlite+aiosqlite:////tmp"',
        "lianzhi.toml:2: database.url: /tmp is a folder, not a file",
        "lianzhi.toml:2: database.url：/tmp 是目录，不是文件",
    ),
    "a bracket that is missing": Bad(
        '[general]\nadmins = ["telegram:1"\n\n[web]\n',
        "lianzhi.toml:4: this line is not TOML; is a quote or a bracket missing?",
        "lianzhi.toml:4：这一行不符合 TOML 格式，是不是少了引号或括号？",
    ),
}


def refusal(error: BadSettings, language: Spoken) -> str:
    """The first line, as the terminal shows it."""
    return Terminal(language, Catalogues.load()).text(error.problems[0])


@pytest.mark.parametrize("bad", TABLE.values(), ids=TABLE.keys())
def test_a_bad_file_is_refused_with_one_line_that_names_the_place(bad: Bad, tmp_path: Path) -> None:
    """The line names file, line and key, says what is wrong, and is in the asked language."""
    (tmp_path / "lianzhi.toml").write_text(bad.toml, encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load(here=tmp_path)
    assert refusal(caught.value, "en") == bad.en
    assert refusal(caught.value, "zh") == bad.zh


def test_webhook_mode_without_its_address_is_refused(tmp_path: Path) -> None:
    """A contradiction inside a section names the section."""
    (tmp_path / "lianzhi.toml").write_text(TELEGRAM + 'mode = "webhook"', encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load(here=tmp_path)
    line = refusal(caught.value, "en")
    assert line.startswith("lianzhi.toml:1: telegram")
    assert "webhook_url" in line


def test_a_named_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Defaults would hide a slip in --config."""
    with pytest.raises(BadSettings) as caught:
        load(Path("etc/x.toml"), here=tmp_path)
    assert refusal(caught.value, "en") == (
        "etc/x.toml: there is no such file; lianzhi init writes one"
    )


def test_every_problem_is_found_at_once(tmp_path: Path) -> None:
    """`lianzhi check` shows them all, so that nobody mends one after the other."""
    (tmp_path / "lianzhi.toml").write_text(
        '[general]\ntimezone = "x"\nadmins = [1]\n[[room]]\n', encoding="utf-8"
    )
    with pytest.raises(BadSettings) as caught:
        load(here=tmp_path)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "LIANZHI_TELEGRAM__TOKN",
            "x",
            'LIANZHI_TELEGRAM__TOKN: unknown key (did you mean "token"?)',
        ),
        (
            "LIANZHI_TELEGRM__TOKEN",
            "x",
            'LIANZHI_TELEGRM__TOKEN: unknown key (did you mean "TELEGRAM"?)',
        ),
        (
            "LIANZHI_GENERAL__ADMINS",
            "telegram:1",
            'LIANZHI_GENERAL__ADMINS: must be JSON, as in ["a", "b"]',
        ),
        ("LIANZHI_ROOM", "web:a", 'LIANZHI_ROOM: must be JSON, as in ["a", "b"]'),
        (
            "LIANZHI_GENERAL__TIMEZONE",
            "Mars",
            'LIANZHI_GENERAL__TIMEZONE: no time zone "Mars"; write it as in "Asia/Shanghai"',
        ),
    ],
)
def test_a_bad_variable_is_refused_by_its_name(
    name: str, value: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who set it in the environment does not look for it in the file."""
    monkeypatch.setenv(name, value)
    (tmp_path / "lianzhi.toml").write_text(TELEGRAM, encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load(here=tmp_path)
    assert refusal(caught.value, "en") == line


@pytest.mark.parametrize(
    "toml",
    [
        '[telegram]\ntoken = ["s3cr3t-s3cr3t"]',
        '[telegram]\ntoken = "s3cr3t-s3cr3t"',
        '[telegram]\ntoken = "123456:AAAAAAAAAAAAAAAAAAA"\nwebhook_secret = "s3cr3t s3cr3t"',
        '[matrix]\nhomeserver = "https://hs"\nuser_id = "@a:hs"\npassword = 3\n'
        'access_token = "s3cr3t"',
        '[database]\nurl = "mysql://me:s3cr3t@h/db"',
        '[database]\nurl = "postgresql://me:s3cr3t@h/db"\nurk = "s3cr3t"',
    ],
)
def test_a_refusal_never_repeats_a_secret(toml: str, tmp_path: Path) -> None:
    """Neither its lines nor its repr hold the value that was refused."""
    (tmp_path / "lianzhi.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load(here=tmp_path)
    assert caught.value.__context__ is None
    told = repr(caught.value) + "".join(repr(each) for each in caught.value.problems)
    assert "s3cr3t" not in told


def test_a_data_file_with_a_slip_stops_the_start_and_is_named(tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    (packs / "cycle.toml").write_text("[[meeting]\n", "utf-8")
    (packs / "stock.toml").write_text("warn_days = [30]\n", "utf-8")
    file = tmp_path / "lianzhi.toml"
    file.write_text('[general]\npacks = "packs"\n', "utf-8")
    with pytest.raises(BadSettings) as refused:
        load(file)
    (problem,) = refused.value.problems
    said = Terminal("en", Catalogues.load()).text(problem)
    assert f"lianzhi.toml:2: general.packs: {packs / 'cycle.toml'} cannot be read" in said


def test_a_folder_of_data_files_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "lianzhi.toml"
    file.write_text('[general]\npacks = "nowhere"\n', "utf-8")
    with pytest.raises(BadSettings) as refused:
        load(file)
    said = Terminal("en", Catalogues.load()).text(refused.value.problems[0])
    assert "there is no folder" in said
