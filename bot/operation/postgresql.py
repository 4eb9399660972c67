"""Copies of a PostgreSQL database, by its own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from workflows.errors import Refusal
from workflows.text import _


def dump(url: str, target: Path) -> None:
    """Write the database, as of one moment, to `target`. Raises `Refusal`."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(url: str, source: Path) -> None:
    """Bring what `dump` wrote into an empty database, all or nothing. Raises `Refusal`."""
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run("pg_restore", url, *options, f"--dbname={_variables(url)['PGDATABASE']}", str(source))


def _run(name: str, url: str, *arguments: str) -> None:
    program = shutil.which(name)
    if program is None:
        raise Refusal(
            "postgresql-program",
            _(
                "{program} is not on this machine. Install PostgreSQL's client programs, of the"
                " server's version or newer.",
                program=name,
            ),
        )
    # The password is in the environment, where other people of this machine cannot read it.
    done = subprocess.run(
        [program, "--no-password", *arguments],
        env={**os.environ, **_variables(url)},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
        raise Refusal(
            "postgresql-failed",
            _("{program} did not succeed: {reason}", program=name, reason=reason),
        )


def _variables(url: str) -> dict[str, str]:
    """https://www.postgresql.org/docs/15/libpq-envars.html"""
    parts = urlsplit(url)
    given = {
        "PGHOST": parts.hostname or (parse_qs(parts.query).get("host") or [""])[0],
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    return {key: value for key, value in given.items() if value}
