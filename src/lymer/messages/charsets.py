"""Bytes of a text part to text, whatever charset was declared, or none, or an invented one."""

import codecs
import re
from functools import lru_cache

# Labels as mail clients and browsers take them (WHATWG Encoding, section 4.2): the label names
# an old subset, the text is written in its superset.
_SUPERSETS = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "iso_8859-1": "cp1252", "iso-8859-1-windows": "cp1252", "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030",
    "x-gbk": "gb18030", "gb_2312-80": "gb18030", "ks_c_5601": "cp949", "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949", "euc_kr": "cp949", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "ksc5601": "cp949", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
    "big5": "cp950", "x-mac-roman": "mac_roman", "macintosh": "mac_roman",
    "unicode-1-1-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8", "utf8": "utf-8",
}  # fmt: skip
# Labels that say "I do not know": no charset was declared.
_NO_CHARSETS = frozenset(
    {
        *("default", "unknown", "unknown-8bit", "x-unknown", "8bit", "binary", "none"),
        *("x-user-defined", "us-ascii", "ascii", "ansi_x3.4-1968"),
    }
)
# Python codecs that are no charsets: they compute, or take quadratic time.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "unicode_escape", "undefined"}
)
# Charsets whose bytes look like ASCII without being it.
_SEVEN_BIT = ("utf-7", "utf-16", "utf-32", "iso2022", "iso-2022", "hz")
_LABEL = re.compile(r"[a-z0-9][\w.:+-]{0,39}")

# Soft hyphen, zero-width and direction marks, variation selectors: they only split words.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)


@lru_cache(maxsize=1024)
def find_codec(label: str) -> str | None:
    """Python's name of the codec for a declared charset; None when it names none."""
    label = label.strip().strip("\"'").lower()
    label = _SUPERSETS.get(label, label)
    if _LABEL.fullmatch(label) is None:
        return None
    try:
        name = codecs.lookup(label).name
        # Codecs that turn bytes into bytes refuse here.
        b"a".decode(name, "replace")
    except (LookupError, ValueError):
        return None
    if name in _NOT_CHARSETS:
        return None
    return _SUPERSETS.get(name, name)


def decode_text(data: bytes, declared: str | None, defects: list[str]) -> str:
    """Text of `data`; never raises, keeps every byte that means something.

    Defects: `charset_unknown` (a label that names no charset), `charset_damaged` (the bytes are
    not in the declared charset), `undeclared_8bit`, `nul_bytes`.
    """
    text = _decode(data, declared, defects)
    if "\0" in text:
        defects.append("nul_bytes")
        text = text.replace("\0", "")
    return text


def _decode(data: bytes, declared: str | None, defects: list[str]) -> str:
    codec = None
    if declared and declared.lower() not in _NO_CHARSETS:
        codec = find_codec(declared)
        if codec is None:
            defects.append("charset_unknown")
        elif codec == "ascii":
            codec = None
        elif codec.startswith(_SEVEN_BIT):
            try:
                # A lone surrogate (UTF-7 can write one) cannot be stored.
                return data.decode(codec).encode("utf-8", "replace").decode("utf-8")
            except ValueError:
                defects.append("charset_damaged")
                codec = None
    if data.isascii():
        return data.decode("ascii")
    if codec is None:
        if "charset_unknown" not in defects and "charset_damaged" not in defects:
            defects.append("undeclared_8bit")
    elif codec == "cp1252":
        # Five bytes have no meaning there; nothing else can go wrong.
        return data.decode(codec, "replace")
    else:
        try:
            return data.decode(codec)
        except ValueError:
            defects.append("charset_damaged")
    try:
        return data.decode("utf-8")
    except ValueError:
        return data.decode(codec or "cp1252", "replace")


def remove_invisible(text: str) -> str:
    """`text` without the characters that are there but not seen."""
    if text.isascii():
        return text
    try:
        # Far faster than a search: Latin-1 has but one such character.
        text.encode("latin-1")
    except UnicodeEncodeError:
        return _INVISIBLE.sub("", text)
    return text.replace("\xad", "")
