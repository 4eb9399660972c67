"""What a phone shows that scans the QR code of a waybill: what to send to the bot.

The page changes nothing and tells nothing of the goods: who takes them over is whoever sends the
line from a chat, where we know who that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aiohttp import web

from bot.door import Knock
from workflows.custody import rules
from workflows.text import _

_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body{{font:18px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:0;padding:2rem 1.2rem;
background:#eef1f4;color:#16202b;max-width:34rem}}
code{{display:block;font-size:1.35rem;font-weight:700;background:#fff;border-radius:.5rem;
padding:1rem;margin:1rem 0;user-select:all;-webkit-user-select:all;overflow-wrap:anywhere}}
</style><h1>{title}</h1><p>{how}</p><code>{line}</code><p>{copy}</p></html>"""


def routes(knock: Knock) -> Sequence[web.RouteDef]:
    """The page of each waybill."""

    async def page(request: web.Request) -> web.Response:
        code = rules.read(request.match_info["code"])
        async with knock.store.read() as uow:
            known = code is not None and await uow.custody.known(code)
        if code is None or not known:
            return knock.refused(request, request.match_info["code"])

        def both(text: str) -> str:
            return escape(text).replace(" / ", "<br>")

        speech = knock.post.speech
        how = speech.text(
            _(
                "If you take these goods over, send this line to the bot in your chat. Nothing is "
                "recorded before that."
            ),
            "both",
        )
        copy = speech.text(_("Hold the line to copy it."), "both")
        body = _PAGE.format(
            title=escape(speech.text(_("Waybill"), "both")),
            how=both(how),
            line=escape(f"/custody {rules.shown(code)}"),
            copy=both(copy),
        )
        policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        return web.Response(
            text=body, content_type="text/html", headers={"Content-Security-Policy": policy}
        )

    return [web.get("/w/{code}", page)]
