"""MIME structure (RFC 2045, 2046, 2183, 2231): what a part says it is, and where its parts lie.

Our own few lines instead of a mail library: a part is found by `bytes.find`, nothing is copied
before it is wanted, and there is no input that they refuse.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from lymer.messages.addresses import decode_words
from lymer.messages.charsets import find_codec

# A field of a part is never longer; a longer one is not searched to its end.
_FIELD_CHARACTERS = 4000
_NAME_CHARACTERS = 255
_TYPE_CHARACTERS = 80
# Header blocks of parts in the SpamAssassin corpus are below 1 kB.
_BLOCK_BYTES = 1 << 16

_BLANK_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(
    rb"^(content-(?:type|transfer-encoding|disposition))[ \t]*:"
    rb"[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD_LINE = re.compile(rb"[!-9;-~]{1,256}[ \t]*:")
_MEDIA_TYPE = re.compile(r"\s*\"?([\w.+*!#$&^-]+/[\w.+*!#$&^-]+)")
_PARAMETER = re.compile(r";\s*([\w*.-]{1,40})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;]*))")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True, frozen=True)
class PartHead:
    """What a part says about itself. `encoding` as it stands; `disposition` lower case."""

    media_type: str = "text/plain"
    charset: str | None = None
    boundary: str | None = None
    encoding: str = ""
    name: str | None = None
    disposition: str = ""
    is_declared: bool = False


PLAIN = PartHead()
MESSAGE = PartHead(media_type="message/rfc822")


def read_head(fields: Iterable[tuple[str, str]]) -> PartHead:
    """What the Content-* fields say; of repeated ones the first counts. Names are lower case."""
    content_type = disposition = encoding = ""
    for name, value in fields:
        if name == "content-type":
            content_type = content_type or value[:_FIELD_CHARACTERS]
        elif name == "content-transfer-encoding":
            encoding = encoding or value[:_TYPE_CHARACTERS].strip().lower()
        elif name == "content-disposition":
            disposition = disposition or value[:_FIELD_CHARACTERS]
    return _head(content_type, encoding, disposition)


@lru_cache(maxsize=512)
def _head(content_type: str, encoding: str, disposition: str) -> PartHead:
    parameters = _parameters(content_type)
    declared = _MEDIA_TYPE.match(content_type)
    name = None
    if disposition:
        named = _parameters(disposition)
        name = named.get("filename")
    return PartHead(
        media_type=declared.group(1).lower()[:_TYPE_CHARACTERS] if declared else "text/plain",
        charset=(parameters.get("charset") or "").strip().lower()[:_TYPE_CHARACTERS] or None,
        boundary=parameters.get("boundary") or None,
        encoding=encoding,
        name=_clean_name(name or parameters.get("name")),
        disposition=disposition.partition(";")[0].strip().lower(),
        is_declared=declared is not None,
    )


def _parameters(value: str) -> dict[str, str]:
    """Parameters of a structured field by lower-case name; RFC 2231 pieces put together."""
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, quoted, bare in _PARAMETER.findall(value):
        text = _ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted or bare.strip().strip('"')
        base, star, mark = name.lower().partition("*")
        if not star:
            found.setdefault(base, text)
            continue
        number = mark.rstrip("*")
        position = int(number) if number.isdecimal() else 0
        pieces.setdefault(base, []).append((position, mark.endswith("*") or not mark, text))
    for base, parts in pieces.items():
        found[base] = _join(sorted(parts))
    return found


def _join(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 section 4.1: charset'language'text in the first piece, %-encoded where marked."""
    codec = "utf-8"
    if pieces[0][1] and pieces[0][2].count("'") >= 2:
        charset, _, rest = pieces[0][2].split("'", 2)
        codec = find_codec(charset) or codec
        pieces = [(0, True, rest), *pieces[1:]]
    data = b"".join(
        unquote_to_bytes(text) if is_encoded else text.encode("utf-8", "replace")
        for _, is_encoded, text in pieces
    )
    return data.decode(codec, "replace")


def _clean_name(name: str | None) -> str | None:
    if not name:
        return None
    name = decode_words(name).encode("utf-8", "replace").decode("utf-8")
    return name.replace("\0", "").strip()[:_NAME_CHARACTERS] or None


def open_part(data: bytes, start: int, end: int, default: PartHead) -> tuple[PartHead, int]:
    """Head of the part in `data[start:end]`, and the offset of its body.

    A part without a header block, or with something else in its place, is all body.
    """
    if data.startswith((b"\n", b"\r\n"), start, end):
        return default, start + (1 if data[start] == 10 else 2)
    blank = _BLANK_LINE.search(data, start, min(end, start + _BLOCK_BYTES))
    if _FIELD_LINE.match(data, start, end) is None:
        return default, start
    block_end, body_start = (blank.start(), blank.end()) if blank else (end, end)
    fields = [
        (name.decode("ascii").lower(), _text(value))
        for name, value in _FIELD.findall(data[start:block_end])
    ]
    if not fields:
        return default, body_start
    head = read_head(fields)
    if not head.is_declared and default is not PLAIN:
        return default, body_start
    return head, body_start


def _text(value: bytes) -> str:
    value = b" ".join(value.split())
    if value.isascii():
        return value.decode("ascii")
    try:
        return value.decode("utf-8")
    except ValueError:
        return value.decode("cp1252", "replace")


@dataclass(slots=True)
class Split:
    """Spans of the parts of a multipart, and of what stands outside of them."""

    parts: list[tuple[int, int]]
    preamble_end: int
    epilogue_start: int
    is_closed: bool


def split_parts(data: bytes, start: int, end: int, boundary: str, limit: int) -> Split:
    """Spans of the parts in `data[start:end]` (RFC 2046 section 5.1.1), at most `limit`.

    Beyond the limit, the last span holds all the rest. The line break before a delimiter
    belongs to the delimiter. No delimiter at all: no parts, and all of it is preamble.
    """
    mark = b"--" + boundary.rstrip().encode("utf-8", "replace")
    size = len(mark)
    spans: list[tuple[int, int]] = []
    opened = -1
    preamble_end = end
    # Undecodable boundaries are found as they were written, where the head was 8-bit UTF-8.
    position = data.find(mark, start, end)
    while position >= 0:
        after = position + size
        if position == start or data[position - 1] in b"\r\n":
            is_last = data.startswith(b"--", after, end)
            tail = after + 2 if is_last else after
            line_end = data.find(b"\n", tail, end)
            if line_end < 0:
                line_end = end
            if not data[tail:line_end].strip(b" \t\r"):
                before = position
                if before > start and data[before - 1] == 10:
                    before -= 1
                    if before > start and data[before - 1] == 13:
                        before -= 1
                if opened >= 0:
                    if len(spans) + 1 >= limit:
                        break
                    spans.append((opened, max(opened, before)))
                else:
                    preamble_end = before
                if is_last:
                    return Split(spans, preamble_end, min(line_end + 1, end), True)
                opened = after = min(line_end + 1, end)
            else:
                after = max(after, line_end)
        position = data.find(mark, after, end)
    if opened >= 0:
        spans.append((opened, end))
    return Split(spans, preamble_end, end, False)
