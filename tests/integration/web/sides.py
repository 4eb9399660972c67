"""Where things are on the page, and writing there."""

from __future__ import annotations

from playwright.async_api import Locator, Page


def side(page: Page, index: int) -> Locator:
    """The left (0) or right (1) room."""
    return page.locator("section.room").nth(index)


def field(page: Page, index: int) -> Locator:
    """Where that room's messages are written."""
    return side(page, index).locator("textarea")


async def say(page: Page, index: int, text: str) -> None:
    """Write and send."""
    await field(page, index).fill(text)
    await field(page, index).press("Enter")
