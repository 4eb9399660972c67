"""Runs the server as a process of its own: `python -m tests.servers.botapi --port 0`."""

import argparse
import asyncio
import json
import signal
import sys

from aiohttp import web

from tests.servers.botapi.control import Control
from tests.servers.botapi.server import BotApi


async def serve(port: int, control_port: int, token: str) -> None:
    """Serves until SIGTERM or SIGINT; prints one line of JSON once both ports listen."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with BotApi(port) as api:
        if token:
            api.bot(token)
        runner = web.AppRunner(Control(api).app(), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", control_port)
        await site.start()
        control = f"http://127.0.0.1:{runner.addresses[0][1]}/_control"
        print(json.dumps({"url": api.url, "control": control, "token": token}), flush=True)
        await stop.wait()
        await runner.cleanup()


def main(arguments: list[str]) -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="tests.servers.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the Bot API's port; 0: a free one")
    parser.add_argument("--control-port", type=int, default=0, help="the control port; 0: free")
    parser.add_argument("--token", default="", help="makes a bot with this token")
    given = parser.parse_args(arguments)
    asyncio.run(serve(given.port, given.control_port, given.token))


if __name__ == "__main__":
    main(sys.argv[1:])
