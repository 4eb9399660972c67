"""A Telegram Bot API server of the project's own, written from the Bot API documentation.

It listens on a real loopback port and keeps its state, whatever becomes of the bot's process.
Unknown and mistyped parameters are refused with a 400, where the real server overlooks them.

In a test::

    async with BotApi() as api:                        # BotApi(port=0, clock=Clock())
        token = api.bot().token                        # bot(token, username, can_read_all_…=True)
        li = api.user("李雷", "lilei", "zh-hans")
        group = api.supergroup("指挥部", li, admins=[api.bots[token]])   # also group, private(li)
        bot = Bot(token, base_url=api.url + "/bot", base_file_url=api.url + "/file/bot")

People act (each returns the stored `Message`; ids are `message.id`)::

        said = group.say(li, "/help", reply_to=None, thread=None, entities=None, quote=None)
        group.send(li, "photo", caption="图")          # document voice audio video animation …
        group.send(li, "document", b"…", name="a.pdf", mime="application/pdf", size=30_000_000)
        group.album(li, [("photo", PNG), ("photo", PNG)], caption="…")
        group.send_location(li, 31.2, 121.5, live_period=600); group.move_location(id, …)
        group.send_venue(…); group.send_contact(…); group.send_poll(…); group.send_dice(li)
        group.edit(said, "new text"); group.delete(said); group.forward(li, said)
        group.react(li, said, "👀"); group.pin(li, said); group.rename(li, "新标题")
        group.join(person, by=li); group.leave(person); group.leave(bot_account, by=li)   # kicked
        group.promote(bot_account, "can_pin_messages"); group.demote(…); group.mute(bot_account)
        topic = forum.topic(li, "物资"); forum.close_topic(li, topic.id)
        new = basic_group.migrate(li); api.private(li).block()
        answer = await group.press(li, message, "callback_data or label")   # waits for the answer
        press = group.press_now(li, message, "ok"); answer = await press.answered(timeout=5)

What can be seen::

        group.messages, group.from_bots, group.texts, group.message(id)
            # .text .entities .reply_to .edited .deleted .reactions .buttons .content .thread .kind
        await group.wait_for(lambda message: message.text == "好", timeout=5)
        await group.wait_count(3)                      # messages of bots
        await api.wait_call("setMyCommands"); await api.until(lambda: …); await api.confirmed()
        api.calls, api.calls_of("sendMessage")         # .params .status .accepted .time .result

What goes wrong::

        api.faults.next("sendMessage", "429", chat=group.id, retry_after=3)   # method "*" = any
            # 429 400 401 403 500 502 reset hang garbage; processed but the answer is lost:
            # lost_reset lost_close lost_hang; times=N; "download" is the file download
        await api.outage(); await api.recover()
        api.flood.enable()                             # 30/s, 1/s per chat, 20/60 s per group
        api.clock.advance(25 * 3600)

As a process of its own: `python -m tests.servers.botapi --port 0 --token T` prints one line of
JSON with `url`, `control`, `token`; see `tests.servers.botapi.control`.
"""

from tests.servers.botapi.clock import Clock
from tests.servers.botapi.people import PNG, Chat
from tests.servers.botapi.server import BotApi

__all__ = ["PNG", "BotApi", "Chat", "Clock"]
