"""What the tests of the Bot API server share."""

from collections.abc import AsyncIterator

import httpx
import pytest
from telegram import Bot

from tests.servers.botapi import BotApi
from tests.servers.botapi.accounts import BotAccount
from tests.servers.botapi.errors import Json
from tests.servers.botapi.server import BotApi as Server


class Caller:
    """Calls methods as bare HTTP and returns the whole answer."""

    def __init__(self, api: Server, account: BotAccount, client: httpx.AsyncClient) -> None:
        self.base = f"{api.url}/bot{account.token}"
        self.client = client

    async def __call__(self, method: str, /, **params: object) -> Json:
        """The body of the answer to a JSON request."""
        response = await self.client.post(f"{self.base}/{method}", json=params)
        body = response.json()
        assert isinstance(body, dict)
        assert response.status_code == body.get("error_code", 200)
        return body

    async def refusal(self, method: str, /, **params: object) -> str:
        """The description of an answer that must be an error."""
        body = await self(method, **params)
        assert body["ok"] is False, body
        return str(body["description"])

    async def result(self, method: str, /, **params: object) -> Json:
        """The result of an answer that must be a success and an object."""
        body = await self(method, **params)
        assert body["ok"] is True, body
        result = body["result"]
        assert isinstance(result, dict)
        return result


@pytest.fixture
async def api() -> AsyncIterator[Server]:
    """A running server without anybody."""
    async with BotApi() as server:
        yield server


@pytest.fixture
def account(api: Server) -> BotAccount:
    """The bot."""
    return api.bot()


@pytest.fixture
async def call(api: Server, account: BotAccount) -> AsyncIterator[Caller]:
    """Bare calls by the bot."""
    async with httpx.AsyncClient(timeout=20) as client:
        yield Caller(api, account, client)


@pytest.fixture
async def bot(api: Server, account: BotAccount) -> AsyncIterator[Bot]:
    """The bot through python-telegram-bot."""
    client = Bot(account.token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot")
    async with client:
        yield client
