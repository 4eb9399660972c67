"""Where the web rooms are served."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from workflows.text import Msg, _

DEFAULT_LISTEN = "127.0.0.1:8080"
PORTS_TRIED = 20
"""How many ports from the default one on are tried where none is configured."""

WHOSE = "/whose"
"""Where whoever serves the rooms says of which installation it is."""


@dataclass(frozen=True, slots=True)
class Listen:
    """A host and a port to listen on; port 0 lets the system choose."""

    host: str
    port: int

    @staticmethod
    def parse(text: str) -> Listen:
        """Read `host:port` or `[v6]:port`; ValueError for anything else."""
        host, colon, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not port.isascii() or not port.isdigit():
            raise ValueError("must be an address and a port, such as 127.0.0.1:8080")
        if int(port) > 65535:
            raise ValueError("must have a port from 0 to 65535")
        return Listen(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether nobody on another machine can reach this address."""
        return is_loopback(self.host)

    def url(self, port: int) -> str:
        """The address for a browser on this machine."""
        host = self.host
        if host in ("0.0.0.0", "::"):
            host = "127.0.0.1" if host == "0.0.0.0" else "::1"
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine alone: localhost, 127.0.0.0/8, ::1."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(netloc: str) -> str:
    """The host of a Host header or URL authority, without its port; empty if unreadable."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _listen(text: str) -> str:
    Listen.parse(text)
    return text


def _public_url(text: str | None) -> str | None:
    if text is None:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://rooms.example.org")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be a scheme and a host, without a path")
    return f"{parts.scheme}://{parts.netloc.lower()}"


_NAME = re.compile(r"web:(?!\.{1,2}$)[^\s/\\?#%]{1,64}")


def unfit(room: str) -> Msg | None:
    """What is wrong with a configured room, whose name is part of an address."""
    if _NAME.fullmatch(room):
        return None
    return _('"{room}" can be no part of an address; write it as in {example}', room=room,
             example="web:command")  # fmt: skip


class WebSettings(BaseModel):
    """The section `[web]`.

    `public_url` is the address that people type when something stands in front of `listen`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: Annotated[str, AfterValidator(_listen)] = DEFAULT_LISTEN
    public_url: Annotated[str | None, AfterValidator(_public_url)] = None

    @property
    def address(self) -> Listen:
        """`listen`, taken apart."""
        return Listen.parse(self.listen)

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports to be tried: one that nobody has chosen gives way to those after it."""
        port = self.address.port
        return tuple(range(port, port + (1 if "listen" in self.model_fields_set else PORTS_TRIED)))

    @property
    def open(self) -> bool:
        """Whether the rooms need no invitation: nobody but this machine can come."""
        outside = self.public_url is not None and not is_loopback(
            urlsplit(self.public_url).hostname or ""
        )
        return self.address.loopback and not outside
