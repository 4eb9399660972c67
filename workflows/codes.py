"""Codes that people read to each other, also over a radio."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without the signs that are taken for one another: 0 O, 1 I L."""


def new_code(length: int = 8) -> str:
    """A code that cannot be guessed; 8 signs hold 39 bits."""
    return "".join(secrets.choice(ALPHABET) for _position in range(length))


def read_code(typed: str) -> str:
    """A code as somebody typed it: any case, with spaces or hyphens."""
    return "".join(sign for sign in typed.upper() if sign not in " -–—\u3000")
