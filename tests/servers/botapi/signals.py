"""Waiting for something to become true in the server without polling."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Signals:
    """Re-evaluates waiting conditions whenever the state has changed."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def changed(self) -> None:
        """To be called after each change; costs one evaluation per waiter."""
        for check, future in list(self._waiting):
            if future.done():
                continue
            try:
                if check():
                    future.set_result(None)
            except Exception as error:
                future.set_exception(error)

    async def until(self, condition: Callable[[], T | None], timeout: float = 10.0) -> T:
        """The first true value of `condition`; TimeoutError after `timeout` seconds."""
        found: list[T] = []

        def check() -> bool:
            value = condition()
            if value is None or not value:
                return False
            found.append(value)
            return True

        if not check():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            entry = (check, future)
            self._waiting.append(entry)
            try:
                async with asyncio.timeout(timeout):
                    await future
            finally:
                self._waiting.remove(entry)
        return found[0]
