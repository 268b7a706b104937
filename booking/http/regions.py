"""Names of regions in the reader's language: provinces of China, countries, and all others as they were typed."""

from functools import cache

from babel import Locale
from flask_babel import get_locale

PROVINCES = (
    ("Anhui", "安徽"), ("Beijing", "北京"), ("Chongqing", "重庆"), ("Fujian", "福建"), ("Gansu", "甘肃"),
    ("Guangdong", "广东"), ("Guangxi", "广西"), ("Guizhou", "贵州"), ("Hainan", "海南"), ("Hebei", "河北"),
    ("Heilongjiang", "黑龙江"), ("Henan", "河南"), ("Hong Kong", "香港"), ("Hubei", "湖北"), ("Hunan", "湖南"),
    ("Inner Mongolia", "内蒙古"), ("Jiangsu", "江苏"), ("Jiangxi", "江西"), ("Jilin", "吉林"), ("Liaoning", "辽宁"),
    ("Macao", "澳门"), ("Ningxia", "宁夏"), ("Qinghai", "青海"), ("Shaanxi", "陕西"), ("Shandong", "山东"),
    ("Shanghai", "上海"), ("Shanxi", "山西"), ("Sichuan", "四川"), ("Taiwan", "台湾"), ("Tianjin", "天津"),
    ("Tibet", "西藏"), ("Xinjiang", "新疆"), ("Yunnan", "云南"), ("Zhejiang", "浙江"),
)  # fmt: skip
LANGUAGES = ("en", "zh")


def region_name(text: str) -> str:
    """The region as the reader's language calls it, whichever of ours it was typed in."""
    return _names(get_locale().language).get(text.strip().casefold(), text)


@cache
def _names(language: str) -> dict[str, str]:
    """By each name of a region, in small letters, the one of this language; a province comes before a country."""
    english, chinese = (_countries(one) for one in LANGUAGES)
    known = [(english[code], chinese[code]) for code in english.keys() & chinese.keys()]
    own = LANGUAGES.index(language)
    return {name.casefold(): pair[own] for pair in (*known, *PROVINCES) for name in pair}


def _countries(language: str) -> dict[str, str]:
    """Their names by codes of two letters; longer codes stand for continents and the like."""
    territories = Locale(language).territories.items()
    return {str(code): str(name) for code, name in territories if str(code).isalpha() and len(str(code)) == 2}
