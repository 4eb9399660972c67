"""Calendar feeds: the meetings of an incident for whoever shows the token in its address."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from aiohttp import web

from bot.door import Knock
from bot.printing import MIMES, in_language
from bot.zones import zone_named
from handlers.cards import calendar
from handlers.printed.press import Press
from workflows.periods.feeds import digest

LONGEST_TOKEN = 100


def routes(knock: Knock) -> Sequence[web.RouteDef]:
    """`/calendar/TOKEN.ics`, as calendars ask for it every few minutes or hours."""
    press = Press()

    async def give(request: web.Request) -> web.Response:
        return await _give(knock, press, request)

    return [web.get("/calendar/{token}.ics", give, name="calendar")]


async def _give(knock: Knock, press: Press, request: web.Request) -> web.Response:
    token = request.match_info["token"]
    if len(token) > LONGEST_TOKEN:
        return knock.refused(request, token)
    async with knock.store.read() as uow:
        feed = await uow.periods.feed(digest(token))
        if feed is None or feed.ended_at is not None:
            return knock.refused(request, token)
        incident = await uow.incidents.get(feed.incident_id)
        assert incident is not None
        paper = await calendar.paper(uow, incident, knock.now())
    home = knock.post.speech
    speech = home.local(zone_named(incident.zone, home.zone), named=False)
    data = in_language(paper, feed.language, speech)
    made = await asyncio.to_thread(press.make, paper.template, paper.format, data)
    etag = f'"{hashlib.sha256(made).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=60"}
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=made, content_type=MIMES["ics"], charset="utf-8", headers=headers)
