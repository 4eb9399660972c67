"""A real Synapse on a free loopback port, in a directory of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import aiohttp

from tests.servers.matrixevents import decoded, text_of
from tests.servers.person import Person
from tests.servers.process import Process, answers, free_port

SERVER_NAME = "hs.test"
_SECRET = "registration-is-for-tests-only"

_QUICK = {"per_second": 10_000, "burst_count": 10_000}
_GENEROUS = {
    "rc_message": _QUICK,
    "rc_registration": _QUICK,
    "rc_admin_redaction": _QUICK,
    "rc_joins_per_room": _QUICK,
    "rc_room_creation": _QUICK,
    "rc_media_create": _QUICK,
    "rc_reports": _QUICK,
    "rc_key_requests": _QUICK,
    "rc_login": {"address": _QUICK, "account": _QUICK, "failed_attempts": _QUICK},
    "rc_joins": {"local": _QUICK, "remote": _QUICK},
    "rc_invites": {"per_room": _QUICK, "per_user": _QUICK, "per_issuer": _QUICK},
}


class Synapse:
    """One homeserver process. It outlives its own outages: `stop`, then `start` again.

    The limits of a fresh Synapse (0.2 messages a second) hold only with `default_limits`;
    `settings` are further top-level keys of homeserver.yaml.
    """

    def __init__(
        self,
        python: Path,
        *,
        default_limits: bool = False,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self._python = python
        self._home = Path(tempfile.mkdtemp(prefix="lianzhi-hs-"))
        self._process: Process | None = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._configure({} if default_limits else _GENEROUS, settings or {})

    def _configure(self, limits: Mapping[str, object], settings: Mapping[str, object]) -> None:
        # YAML contains JSON, so that no YAML library is needed here.
        home = self._home
        config: dict[str, object] = {
            "server_name": SERVER_NAME,
            "public_baseurl": f"{self.url}/",
            "pid_file": str(home / "pid"),
            "signing_key_path": str(home / "signing.key"),
            "media_store_path": str(home / "media"),
            "log_config": str(home / "log.yaml"),
            "listeners": [
                {
                    "port": self.port,
                    "type": "http",
                    "bind_addresses": ["127.0.0.1"],
                    "resources": [{"names": ["client", "media"]}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(home / "store.db")}},
            "registration_shared_secret": _SECRET,
            "macaroon_secret_key": "macaroons-are-for-tests-only",
            "form_secret": "forms-are-for-tests-only",
            "bcrypt_rounds": 4,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "report_stats": False,
            "url_preview_enabled": False,
            "presence": {"enabled": False},
            "push": {"enabled": False},
            **limits,
            **settings,
        }
        logs = {
            "version": 1,
            "formatters": {"line": {"format": "%(asctime)s %(name)s %(levelname)s %(message)s"}},
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": "WARNING", "handlers": ["out"]},
        }
        (home / "homeserver.yaml").write_text(json.dumps(config))
        (home / "log.yaml").write_text(json.dumps(logs))
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        (home / "signing.key").write_text(f"ed25519 a_test {seed}\n")

    def start(self) -> None:
        """Start, on the same port and store as before, and wait until it serves.

        Blocks for seconds: from a coroutine, `await asyncio.to_thread(synapse.start)`.
        """
        self._process = Process.start(
            [self._python, "-m", "synapse.app.homeserver", "-c", self._home / "homeserver.yaml"],
            log=self._home / "log",
            cwd=self._home,
        )
        self._process.await_life(lambda: answers(self.port, "/health"), 60)

    def stop(self) -> None:
        """End the process; the store stays. Blocks, as `start` does."""
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        """SIGKILL the process."""
        if self._process is not None:
            self._process.kill()

    def freeze(self) -> None:
        """Connections are taken and requests heard, but nothing is answered until `thaw`."""
        if self._process is not None:
            self._process.freeze()

    def thaw(self) -> None:
        """Go on after `freeze`."""
        if self._process is not None:
            self._process.thaw()

    def printed(self) -> str:
        """The log so far: warnings and errors."""
        return "" if self._process is None else self._process.printed()

    def close(self) -> None:
        """Kill, and remove all that it stored."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Account:
    """A registered account, for logging in with a library of one's own."""

    user_id: str
    password: str
    access_token: str
    device_id: str


class Homeserver:
    """A homeserver as one test sees it: people to act as, gone at the end of the block.

    `url` is where the people talk to it; give a bot under test a proxy's address instead to
    make its network fail while the people's works.
    """

    def __init__(self, synapse: Synapse) -> None:
        self.synapse = synapse
        self.url = synapse.url
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def user(self, name: str, *, display_name: str | None = None) -> Person:
        """A new person; the account is `name` with a random tail, so that names never clash.

        The display name is `name` unless given.
        """
        return self.person(await self.register(name, display_name=display_name or name))

    def person(self, account: Account) -> Person:
        """Somebody who acts with an account that was registered before."""
        return Person(self._http, self.url, account.user_id, account.access_token)

    async def lift_limits(self, admin: Account, user_id: str) -> None:
        """Exempt one user from the message limit, as an operator does by the admin API."""
        path = f"/_synapse/admin/v1/users/{quote(user_id)}/override_ratelimit"
        unlimited = {"messages_per_second": 0, "burst_count": 0}
        await self.person(admin).request("POST", path, unlimited)

    async def register(
        self, name: str, *, display_name: str | None = None, admin: bool = False
    ) -> Account:
        """A new account with password and token, `admin` of the server or not."""
        path = f"{self.url}/_synapse/admin/v1/register"
        async with self._http.get(path) as answer:
            nonce = text_of(await decoded(answer), "nonce")
        localpart, password = f"{name}-{secrets.token_hex(4)}", secrets.token_urlsafe(12)
        role = "admin" if admin else "notadmin"
        signed = "\0".join([nonce, localpart, password, role]).encode()
        body = {
            "nonce": nonce,
            "username": localpart,
            "password": password,
            "admin": admin,
            "displayname": display_name or name,
            "mac": hmac.new(_SECRET.encode(), signed, hashlib.sha1).hexdigest(),
        }
        async with self._http.post(path, json=body) as answer:
            made = await decoded(answer)
        return Account(
            user_id=text_of(made, "user_id"),
            password=password,
            access_token=text_of(made, "access_token"),
            device_id=text_of(made, "device_id"),
        )
