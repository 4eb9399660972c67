"""Methods that send messages without files, copy and forward."""

from tests.servers.botapi.errors import Json, bad_request
from tests.servers.botapi.files import media_json
from tests.servers.botapi.messages import CAPTIONED
from tests.servers.botapi.methods.call import Call
from tests.servers.botapi.methods.media import resolve
from tests.servers.botapi.people import forward_origin, poll_json

ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def send_message(call: Call) -> object:
    """sendMessage"""
    chat = call.chat(write=True)
    text, entities = call.message_text()
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    options = call.params.object("link_preview_options")
    if options:
        content["link_preview_options"] = options
    return call.add(chat, "text", content, "text messages").to_json()


def send_location(call: Call) -> object:
    """sendLocation"""
    chat = call.chat(write=True)
    return call.add(chat, "location", {"location": place(call)}, "text messages").to_json()


def send_venue(call: Call) -> object:
    """sendVenue"""
    chat = call.chat(write=True)
    spot = place(call)
    venue: Json = {"location": spot}
    for name in ("title", "address"):
        value = call.params.text(name)
        if not value:
            raise bad_request(f"venue {name} must be non-empty")
        venue[name] = value
    return call.add(chat, "venue", {"venue": venue, "location": spot}, "text messages").to_json()


def send_contact(call: Call) -> object:
    """sendContact"""
    chat = call.chat(write=True)
    contact: Json = {}
    for name in ("phone_number", "first_name"):
        value = call.params.text(name)
        if not value:
            raise bad_request(f"{name.replace('_', ' ')} is empty")
        contact[name] = value
    for name in ("last_name", "vcard"):
        if call.params.text(name):
            contact[name] = call.params.text(name)
    return call.add(chat, "contact", {"contact": contact}, "text messages").to_json()


def send_poll(call: Call) -> object:
    """sendPoll"""
    chat = call.chat(write=True)
    question = call.params.text("question")
    if not question:
        raise bad_request("poll question must be non-empty")
    if len(question) > 300:
        raise bad_request("poll question length must not exceed 300")
    options = [_option(each) for each in call.params.array("options") or []]
    if not 1 <= len(options) <= 12:
        raise bad_request(
            "poll must have at least 1 answer option"
            if not options
            else "poll can't have more than 12 answer options"
        )
    extra: Json = {}
    if "is_anonymous" in call.params:
        extra["is_anonymous"] = call.params.flag("is_anonymous")
    if "allows_multiple_answers" in call.params:
        extra["allows_multiple_answers"] = call.params.flag("allows_multiple_answers")
    poll = poll_json(f"5{next(call.world.numbers):016d}", question, options, extra)
    return call.add(chat, "poll", {"poll": poll}, "polls").to_json()


def send_dice(call: Call) -> object:
    """sendDice"""
    chat = call.chat(write=True)
    emoji = call.params.text("emoji", "🎲")
    return call.add(chat, "dice", {"dice": {"emoji": emoji, "value": 4}}, "dice").to_json()


def send_sticker(call: Call) -> object:
    """sendSticker"""
    chat = call.chat(write=True)
    file = resolve(call, "sticker", call.params.values.get("sticker"))
    return call.add(chat, "sticker", {"sticker": media_json(file)}, "stickers").to_json()


def send_chat_action(call: Call) -> object:
    """sendChatAction"""
    call.chat(write=True)
    if call.params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def copy_message(call: Call) -> object:
    """copyMessage"""
    chat = call.chat(write=True)
    source = call.target(call.chat(name="from_chat_id"), "message to copy")
    if source.is_service:
        raise bad_request("message can't be copied")
    content = dict(source.content)
    if "caption" in call.params and source.kind in CAPTIONED:
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content |= call.caption()
    return {"message_id": call.add(chat, source.kind, content, "text messages").id}


def forward_message(call: Call) -> object:
    """forwardMessage"""
    chat = call.chat(write=True)
    source = call.target(call.chat(name="from_chat_id"), "message to forward")
    if source.is_service:
        raise bad_request("message can't be forwarded")
    thread = call.params.optional_integer("message_thread_id")
    chat.check_may_send(call.bot, "text messages", thread)
    origin = forward_origin(source)
    content = dict(source.content)
    return chat.add(call.bot, source.kind, content, thread=thread, forward_origin=origin).to_json()


def place(call: Call) -> Json:
    """The `Location` that a call gives, checked."""
    for name, limit in (("latitude", 90), ("longitude", 180)):
        if name not in call.params:
            raise bad_request(f"{name} is empty")
        if not abs(call.params.number(name)) <= limit:
            raise bad_request("wrong location coordinates specified")
    result: Json = {
        "latitude": call.params.number("latitude"),
        "longitude": call.params.number("longitude"),
    }
    period = call.params.optional_integer("live_period")
    if period:
        if not (60 <= period <= 86400 or period == 0x7FFFFFFF):
            raise bad_request("wrong live location period specified")
        result["live_period"] = period
    accuracy = call.params.number("horizontal_accuracy")
    if accuracy:
        result["horizontal_accuracy"] = accuracy
    for name in ("heading", "proximity_alert_radius"):
        value = call.params.optional_integer(name)
        if value:
            result[name] = value
    return result


def _option(option: object) -> str:
    text = option.get("text") if isinstance(option, dict) else option
    if not isinstance(text, str):
        raise bad_request("expected an option to be of type String")
    if not text:
        raise bad_request("poll options must be non-empty")
    if len(text) > 100:
        raise bad_request("poll options length must not exceed 100")
    return text
