"""Methods that send files, and getFile."""

from tests.servers.botapi.errors import ApiError, Json, bad_request
from tests.servers.botapi.files import MAX_DOWNLOAD, StoredFile, check_picture, media_json
from tests.servers.botapi.messages import Message
from tests.servers.botapi.methods.call import Call, caption_fields
from tests.servers.botapi.params import Upload

MAX_PHOTO = 10 * 1024 * 1024
MAX_UPLOAD = 50 * 1024 * 1024
ALBUM_KINDS = frozenset(("photo", "video", "document", "audio"))
_RIGHTS = {"photo": "photos", "video": "videos", "audio": "audios", "voice": "voice messages"}
_EXTRA = ("duration", "width", "height", "performer", "title", "length")


def send_photo(call: Call) -> object:
    """sendPhoto"""
    return _send(call, "photo")


def send_document(call: Call) -> object:
    """sendDocument"""
    return _send(call, "document")


def send_voice(call: Call) -> object:
    """sendVoice"""
    return _send(call, "voice")


def send_audio(call: Call) -> object:
    """sendAudio"""
    return _send(call, "audio")


def send_video(call: Call) -> object:
    """sendVideo"""
    return _send(call, "video")


def send_animation(call: Call) -> object:
    """sendAnimation"""
    return _send(call, "animation")


def send_video_note(call: Call) -> object:
    """sendVideoNote"""
    return _send(call, "video_note")


def send_media_group(call: Call) -> object:
    """sendMediaGroup"""
    chat = call.chat(write=True)
    items = call.params.array("media")
    if items is None:
        raise bad_request("media is empty")
    if not 2 <= len(items) <= 10:
        raise bad_request("there must be from 2 to 10 messages in the album")
    contents = [input_media(call, each) for each in items]
    kinds = {kind for kind, _ in contents}
    if not kinds <= ALBUM_KINDS:
        wrong = min(kinds - ALBUM_KINDS)
        raise bad_request(
            f"can't parse InputMedia: type \"{wrong}\" can't be used in sendMediaGroup"
        )
    if len(kinds) > 1 and kinds != {"photo", "video"}:
        kind = "Documents" if "document" in kinds else "Audio"
        raise bad_request(f"{kind} can't be mixed with other media types")
    thread = call.params.optional_integer("message_thread_id")
    chat.check_may_send(call.bot, "photos", thread)
    reply_to, quote = call.reply(chat, thread)
    group = f"1{next(call.world.numbers):016d}"
    sent: list[Message] = [
        chat.add(
            call.bot,
            kind,
            content,
            reply_to=reply_to,
            quote=quote,
            thread=thread,
            media_group_id=group,
            silent=call.params.flag("disable_notification"),
        )
        for kind, content in contents
    ]
    return [message.to_json() for message in sent]


def get_file(call: Call) -> object:
    """getFile"""
    file_id = call.params.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = call.world.files.get(file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {**file.base(), "file_path": file.path}


def input_media(call: Call, item: object) -> tuple[str, Json]:
    """Kind and content of one `InputMedia`."""
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    kind, media = item.get("type"), item.get("media")
    if not isinstance(kind, str) or kind not in ALBUM_KINDS | {"animation"}:
        raise bad_request("can't parse InputMedia: invalid type")
    if not isinstance(media, str) or not media:
        raise bad_request("can't parse InputMedia: Can't find field \"media\"")
    file = resolve(call, kind, media)
    text = item.get("caption")
    mode = item.get("parse_mode")
    caption, entities = call.format(
        text if isinstance(text, str) else "",
        item.get("caption_entities"),
        mode if isinstance(mode, str) else "",
    )
    extra: Json = {name: item[name] for name in _EXTRA if item.get(name) is not None}
    content: Json = {kind: media_json(file, extra), **caption_fields(caption, entities)}
    if item.get("has_spoiler") is True:
        content["has_media_spoiler"] = True
    return kind, content


def resolve(call: Call, kind: str, given: object) -> StoredFile:
    """The file behind an upload, an attach:// name or a file_id; URLs cannot be fetched here."""
    if isinstance(given, str) and given.startswith("attach://"):
        given = call.params.uploads.get(given.removeprefix("attach://"))
    if isinstance(given, Upload):
        if not given.data:
            raise bad_request("file must be non-empty")
        if len(given.data) > (MAX_PHOTO if kind == "photo" else MAX_UPLOAD):
            raise ApiError(413, "Request Entity Too Large")
        if kind == "photo":
            check_picture(given.data)
        return call.world.files.put(kind, given.data, given.name, given.mime)
    if not isinstance(given, str) or not given:
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if "://" in given:
        raise bad_request("failed to get HTTP URL content")
    file = call.world.files.get(given)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(
            f"can't use file of type {file.kind.title()} as {kind.replace('_', ' ').title()}"
        )
    return file


def _send(call: Call, kind: str) -> object:
    chat = call.chat(write=True)
    file = resolve(call, kind, call.params.values.get(kind))
    extra: Json = {name: call.params.values[name] for name in _EXTRA if name in call.params}
    content: Json = {kind: media_json(file, extra)}
    if kind == "animation":
        content["document"] = {**file.base(), "mime_type": file.mime}
    if kind != "video_note":
        content |= call.caption()
    if call.params.flag("has_spoiler"):
        content["has_media_spoiler"] = True
    return call.add(chat, kind, content, _RIGHTS.get(kind, "documents")).to_json()
