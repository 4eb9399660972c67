"""What is installed is whole: it runs from any directory, with nothing of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from bot.catalogues import po_path, read
from tests.servers.parts import ROOT
from tests.servers.process import Process, answers, free_port

FLOORS = ("bot", "handlers", "workflows", "storage")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built distribution."""
    out = tmp_path_factory.mktemp("dist")
    said(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, cwd=ROOT)
    (built,) = out.glob("lianzhi-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, and the libraries of this one."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = said(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home
    ).strip()
    # A directory named in a .pth file comes after the environment's own, and its own .pth files
    # (the checkout, where it is installed for development) are not followed.
    (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    said(
        *(sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"),
        *("install", "--quiet", "--no-index", "--no-deps", "--ignore-installed", wheel),
        cwd=home,
    )
    return home / "bin"


def outside() -> dict[str, str]:
    """The environment variables without those that lead back to the checkout or configure."""
    return {
        name: text
        for name, text in os.environ.items()
        if name != "PYTHONPATH" and not name.startswith("LIANZHI_")
    }


def said(*command: str | Path, cwd: Path) -> str:
    """What a command prints that must succeed."""
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=cwd, env=outside()
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def a_translation() -> tuple[str, str]:
    """Some sentence of the checkout's catalogue, in English and Chinese."""
    return next(
        (each.id, each.string)
        for each in read(po_path(ROOT / "locale", "zh"))
        if isinstance(each.id, str) and each.id and isinstance(each.string, str) and each.string
    )


def test_the_wheel_holds_the_floors_and_their_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(FLOORS)
    data = {
        path.relative_to(ROOT).as_posix()
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert data <= names
    assert {
        "bot/_locale/messages.pot",
        "bot/_locale/zh_CN/LC_MESSAGES/messages.po",
        "bot/_locale/en/LC_MESSAGES/messages.po",
    } <= names


def test_the_installed_packages_are_their_own_and_speak_chinese(
    installed: Path, tmp_path: Path
) -> None:
    english, chinese = a_translation()
    program = """
import locale, sys, bot, handlers, workflows, storage
from bot.catalogues import Catalogues, directory
assert "site-packages" not in locale.__file__, locale.__file__
print(*(each.__file__ for each in (bot, handlers, workflows, storage)), directory(), sep="\\n")
print(Catalogues.load().text(sys.argv[1], "zh"))
"""
    *places, spoken = said(
        *(installed / "python", "-X", "utf8", "-c", program, english), cwd=tmp_path
    ).splitlines()
    assert len(places) == 5
    assert all(place.startswith(str(installed.parent)) for place in places)
    assert spoken == chinese


def test_the_command_explains_itself_from_another_directory(
    installed: Path, tmp_path: Path
) -> None:
    for command in ([installed / "lianzhi"], [installed / "python", "-m", "bot"]):
        shown = said(*command, "--help", cwd=tmp_path)
        assert all(word in shown for word in ("run", "init", "check", "invite"))


def test_the_bridge_runs_from_another_directory_without_configuration(
    installed: Path, tmp_path: Path
) -> None:
    port = free_port()
    process = Process.start(
        [installed / "lianzhi", "run"],
        log=tmp_path / "log",
        cwd=tmp_path,
        env={**outside(), "LIANZHI_WEB__LISTEN": f"127.0.0.1:{port}"},
    )
    try:
        # The page is there a moment before the line that names it.
        address = f"http://127.0.0.1:{port}"
        process.await_life(lambda: answers(port, "/") and address in process.printed(), 30)
        assert process.stop() == 0, process.printed()
    finally:
        process.kill()
