"""A real browser for the web rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.integration.web.world import World, world
from tests.servers.parts import need

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Watch:
    """What a page did that it must not: errors, violations, requests to elsewhere."""

    def __init__(self, page: Page, url: str) -> None:
        self.complaints: list[str] = []
        self._url = url
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", lambda line: self._console(line.type, line.text))
        page.on("request", lambda request: self._request(request.url))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def _console(self, kind: str, text: str) -> None:
        offline = "ERR_INTERNET_DISCONNECTED" in text or "ERR_CONNECTION" in text
        if kind == "error" and not offline:
            self.complaints.append(f"console: {text}")

    def _request(self, url: str) -> None:
        allowed = (self._url, self._url.replace("http", "ws", 1), "blob:", "data:")
        if not url.startswith(allowed):
            self.complaints.append(f"request: {url}")


Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    path = need("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(path), args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[World]:
    """Two linked rooms, open to this machine."""
    async with world(tmp_path) as made:
        yield made


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One person's browser profile."""
    made = await browser.new_context(viewport={"width": 1280, "height": 800})
    made.set_default_timeout(8000)
    yield made
    await made.close()


@pytest.fixture
async def visit(context: BrowserContext, rooms: World) -> AsyncIterator[Open]:
    """Opens the rooms; at the end, no page may have done what it must not."""
    watches: list[Watch] = []

    async def go(path: str = "/", *, names: bool = True, url: str | None = None) -> Page:
        page = await context.new_page()
        watches.append(Watch(page, url or rooms.url))
        await page.goto((url or rooms.url) + path)
        if names:
            await page.locator("section.room input.name").first.wait_for()
            for index, name in enumerate(("王建国", "Emma Clarke")):
                field = page.locator("input.name").nth(index)
                if await field.count() and await field.is_visible():
                    await field.fill(name)
        return page

    yield go
    assert [each for watch in watches for each in watch.complaints] == []
