"""Files that people and bots send."""

import struct
from dataclasses import dataclass

from tests.servers.botapi.errors import Json, bad_request

MAX_DOWNLOAD = 20 * 1024 * 1024
_FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "voice": "voice",
    "audio": "music",
    "video": "videos",
    "animation": "animations",
    "sticker": "stickers",
    "video_note": "video_notes",
}
_MIME = {
    "photo": "image/jpeg",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "animation": "video/mp4",
    "sticker": "image/webp",
    "video_note": "video/mp4",
    "document": "application/octet-stream",
}
_SUFFIX = {"photo": "jpg", "voice": "oga", "audio": "mp3", "sticker": "webp", "document": "bin"}
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")


@dataclass(frozen=True)
class StoredFile:
    """A file's bytes and how it is called; `size` may exceed `data` for a pretended large file."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    data: bytes
    size: int

    @property
    def path(self) -> str:
        """The `file_path` below /file/bot<token>/."""
        suffix = self.name.rpartition(".")[2] if "." in self.name else _SUFFIX.get(self.kind, "mp4")
        return f"{_FOLDERS[self.kind]}/file_{self.unique_id}.{suffix}"

    def base(self) -> Json:
        """The fields that every kind of file has."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }


class FileStore:
    """All files by id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def put(
        self, kind: str, data: bytes, name: str = "", mime: str = "", size: int | None = None
    ) -> StoredFile:
        """Stores a file; `size` pretends another size than that of `data`."""
        number = len(self._by_id) + 1
        file = StoredFile(
            file_id=f"{kind[:2].upper()}AD{number:010d}{kind}",
            unique_id=f"AQAD{number:08d}",
            kind=kind,
            name=name,
            mime=mime or _MIME[kind],
            data=data,
            size=len(data) if size is None else size,
        )
        self._by_id[file.file_id] = file
        self._by_path[file.path] = file
        return file

    def get(self, file_id: str) -> StoredFile | None:
        """The file with that id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """The file behind a `file_path`."""
        return self._by_path.get(path)


def media_json(file: StoredFile, extra: Json | None = None) -> object:
    """The `PhotoSize` array, `Document`, `Voice`, … object of a file."""
    more = {key: value for key, value in (extra or {}).items() if value is not None}
    result: Json = file.base()
    if file.kind == "photo":
        width, height = image_size(file.data)
        small = {**result, "file_id": file.file_id, "width": min(90, width)}
        small |= {"file_unique_id": file.unique_id + "s", "height": min(90, height)}
        return [small, {**result, "width": width, "height": height}]
    if file.kind != "sticker" and file.kind != "video_note":
        result["mime_type"] = file.mime
    if file.kind in ("document", "audio", "video", "animation") and file.name:
        result["file_name"] = file.name
    if file.kind in ("voice", "audio", "video", "animation", "video_note"):
        result["duration"] = more.pop("duration", 1)
    if file.kind in ("video", "animation"):
        result |= {"width": more.pop("width", 320), "height": more.pop("height", 240)}
    if file.kind == "video_note":
        result["length"] = more.pop("length", 240)
    if file.kind == "sticker":
        result |= {"type": "regular", "width": 512, "height": 512}
        result |= {"is_animated": False, "is_video": False}
    return result | more


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels; exact for PNG, 800 x 600 for other pictures."""
    if data.startswith(_IMAGES[0]) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    return 800, 600


def check_picture(data: bytes) -> None:
    """Raises what the server answers to a photo that is no picture."""
    if not data.startswith(_IMAGES):
        raise bad_request("IMAGE_PROCESS_FAILED")
