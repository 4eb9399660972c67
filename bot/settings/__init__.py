"""What the operator decides: `lianzhi.toml`, the environment over it, and what holds without."""

from bot.settings.load import DEFAULT_FILE, Settings, load
from bot.settings.model import BridgeWish
from bot.settings.problems import BadSettings

__all__ = ["DEFAULT_FILE", "BadSettings", "BridgeWish", "Settings", "load"]
