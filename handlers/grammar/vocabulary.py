"""Words with one meaning everywhere: units, levels, languages, yes and no."""

from __future__ import annotations

import re


def _table(names: dict[str, str]) -> dict[str, str]:
    """Each word to what it stands for, from rows of words apart by spaces."""
    return {word: meaning for meaning, words in names.items() for word in words.split()}


LEVELS = _table(
    {
        "I": "i 1 ⅰ 一 壹 特别重大 特大",
        "II": "ii 2 ⅱ 二 贰 重大 major",
        "III": "iii 3 ⅲ 三 叁 较大 serious",
        "IV": "iv 4 ⅳ 四 肆 一般 general",
    }
)
LEVEL = re.compile(
    r"(?:level|等级|级别)?[ :]?(?:(extremely serious)|"
    + "|".join(sorted(LEVELS, key=len, reverse=True)).join("()")
    + r")[ ]?(?:级|事件)?"
)
LANGUAGES = _table(
    {
        "zh": "zh zh-cn zh-hans zh_cn cn chinese 中文 汉语 简体中文 中",
        "en": "en en-us en-gb english 英文 英语 英",
        "both": "both zh+en en+zh bilingual 双语 中英文 中英双语 中英 都要",
    }
)
ANSWERS = _table(
    {
        "yes": "yes y yeah ok true 是 是的 好 好的 对 确认 同意 可以 ✅",
        "no": "no n nope false 否 不 不是 不要 不同意 不可以 ❌",
    }
)
_LATIN_UNITS = (
    "mm|cm|m|km|ft|mm2|m2|m3|m²|m³|km2|km²|sqm|ha|mg|g|kg|t|ton|tons|tonne|tonnes|lb|lbs|ml|l|"
    "litre|litres|liter|liters|gal|bbl|kw|kva|mw|kwh|v|bar|psi|mpa|h|pcs|sets|boxes|rolls|bags|"
    "pairs|units|barrels|pallets|crates|box|roll|bag|pair|barrel|pallet|crate|bottle|bottles|kit|"
    "kits|pack|packs|carton|cartons|jin|x|×"
)
_CHINESE_UNITS = (
    "毫米 厘米 千米 公里 平方米 平方公里 平米 立方米 立方 平方 米 公顷 亩 公斤 千克 毫克 "
    "克 斤 吨 毫升 升 加仑 千瓦时 千瓦 千伏安 兆瓦 兆帕 度 人次 台套 台班 台 "
    "辆 架 艘 条 只 个 名 人 位 套 件 箱 包 袋 桶 瓶 "
    "盒 卷 顶 张 床 把 根 支 组 队 批 车 份 双 块 片 "
    "小时 天 "
)
UNIT = re.compile(
    r"[ \t]{0,2}(?:(?P<latin>"
    + "|".join(sorted(_LATIN_UNITS.split("|"), key=len, reverse=True))
    + r")(?![a-z0-9²³])|(?P<zh>"
    + "|".join(sorted(_CHINESE_UNITS.split(), key=len, reverse=True))
    + "))"
)
