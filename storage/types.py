"""Column types that keep a promise on both databases."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC and read back aware; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def as_json(value: object) -> str:
    """JSON as PostgreSQL can hold it: U+0000, which it refuses, becomes U+FFFD
    (https://www.postgresql.org/docs/15/datatype-json.html)."""
    return _NUL.sub(r"\1\\ufffd", json.dumps(value))


class _Json(TypeDecorator[Any]):
    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        # 2.5 MB that a process with SQLite has no use for.
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB(none_as_null=True))


JsonColumn = _Json(none_as_null=True)
"""JSON text on SQLite, JSONB on PostgreSQL."""
