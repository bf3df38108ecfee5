"""Bytes into lines of text, whatever the charset, with a bound on every line."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lymer.evidence import Tape

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK_BYTES = 1 << 20
# Beyond this share of control characters it is no text.
_CONTROL_SHARE = 0.02
_CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})


def guess_charset(head: bytes) -> str | None:
    """The charset of a text by its first bytes; None when it is no text."""
    for mark, charset in _BOMS:
        if head.startswith(mark):
            return charset
    if not head:
        return "ascii"
    if b"\0" in head:
        return _wide(head)
    if len(head.translate(None, _CONTROLS)) < (1 - _CONTROL_SHARE) * len(head):
        return None
    if head.isascii():
        return "utf-8"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _single(head)
    return "utf-8"


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Western text is a NUL."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _single(head: bytes) -> str:
    """A charset of one byte a character: Cyrillic words are all high bytes, Western ones not."""
    high = [byte for byte in head if byte > 0x7F]
    pairs = sum(one > 0xBF and two > 0xBF for one, two in pairwise(head))
    if pairs < 0.5 * len(high):
        return "cp1252"
    # Most letters are small ones: they lie in the upper half in cp1251, in the lower in KOI8-R.
    return "cp1251" if 2 * sum(byte >= 0xE0 for byte in high) > len(high) else "koi8-r"


@dataclass
class LineCounts:
    """What became of the lines."""

    lines: int = 0
    too_long: int = 0


def decoded(tape: Tape, charset: str) -> Iterator[str]:
    """The text of `tape` in pieces; what cannot be decoded becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder(charset)("replace")
    while data := tape.read(_CHUNK_BYTES):
        if text := decoder.decode(data):
            yield text
    if text := decoder.decode(b"", final=True):
        yield text


def lines(tape: Tape, charset: str, line_chars: int, counts: LineCounts) -> Iterator[str]:
    """The lines of `tape` without their ends. Longer ones are cut, and counted."""
    rest = ""
    is_skipping = False
    end = None
    for chunk in decoded(tape, charset):
        if end is None:
            # Old Macs end lines with CR alone.
            end = "\r" if "\r" in chunk and "\n" not in chunk else "\n"
        parts = chunk.split(end)
        for part in parts[:-1]:
            line, rest = rest + part, ""
            if is_skipping:
                is_skipping = False
                continue
            if len(line) > line_chars:
                counts.too_long += 1
                line = line[:line_chars]
            counts.lines += 1
            yield line.rstrip("\r")
        if not is_skipping:
            rest += parts[-1]
            if len(rest) > line_chars:
                counts.too_long += 1
                counts.lines += 1
                yield rest[:line_chars]
                rest, is_skipping = "", True
    if rest and not is_skipping:
        counts.lines += 1
        yield rest.rstrip("\r")
