"""Text from a case is hostile: nothing of it may steer a page, a reader's eye or a program."""

import re
import unicodedata

from lymer.case import defang

# Controls, what turns or hides text, lone surrogates, noncharacters, private use, tags.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U0001fffe-\U0001ffff"
    "\U000e0000-\U0010ffff]"
)
# A name or link that a program would open: something.something with a letter at its end.
_OPENING = re.compile(
    r"[a-z][a-z0-9+.-]*://\S+|[^\s,;|\[\]()<>\"']*[^\W_]\.[^\W\d_][^\s,;|\[\]()<>\"']*",
    re.IGNORECASE,
)
# Marks on one letter: languages need three, towers of them cover the lines above.
_MARKS = 4
# Line ends of code, and the isolates that `harmless` puts around what runs from right to left.
_KEPT = {character: character for character in "\n\u2068\u2069"}
NAME_LENGTH = 120
TEXT_LENGTH = 1_200


def harmless(value: object, length: int = TEXT_LENGTH) -> str:
    """A value as one line of at most about `length` characters, controls as visible escapes.

    What was cut is said. Null is "".
    """
    if value is None:
        return ""
    # Nothing beyond the cut is looked at: a subject may be a megabyte.
    whole = value if isinstance(value, str) else str(value)
    text = _STEERING.sub(_escape, _without_towers(whole[: length * 2]))
    if len(text) > length or len(whole) > length * 2:
        text = f"{text[:length].rstrip()} … ({len(whole):,} characters)"
    # Isolated, so that what is written from right to left moves nothing around it.
    return f"\u2068{text}\u2069" if _turns(text) else text


def lines(value: object, count: int, length: int = 160) -> str:
    """A text of several lines, each harmless, links defanged; at most `count` of them."""
    whole = str(value or "")[: count * length * 2]
    found = whole.splitlines()
    kept = [defanged(line, length) for line in found[:count]]
    if len(found) > count or len(str(value or "")) > len(whole):
        kept.append("… (cut here)")
    return "\n".join(kept)


def defanged(value: object, length: int = TEXT_LENGTH) -> str:
    """As `harmless`, with every link and host name in it such that no program opens it."""
    return _OPENING.sub(lambda found: defang(found.group()), harmless(value, length))


def _escape(found: re.Match[str]) -> str:
    return escape(found.group())


def steerless(text: str) -> str:
    """Any text of a report as it may stand there: lines may end, and nothing else may steer.

    Texts of a case went through `harmless` before; this holds for those that were forgotten.
    """
    return _STEERING.sub(lambda found: _KEPT.get(found.group()) or _escape(found), text)


def escape(character: str) -> str:
    """A character by its code point."""
    return f"\\u{{{ord(character):x}}}"


def _turns(text: str) -> bool:
    return not text.isascii() and any(
        unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text
    )


def _without_towers(text: str) -> str:
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MARKS:
            kept.append(character)
    return "".join(kept)
