"""The header block, split by ourselves: order, case, folding and repeats are evidence."""

import re
from functools import lru_cache

from lymer.messages.reading import Header

# RFC 5322 sets no limit; these stop a message made to exhaust a reader. The whole header
# block of the largest mail in the SpamAssassin corpus is 12 kB.
HEADER_BYTES = 1 << 20
HEADER_COUNT = 2000

# Also with the line ends doubled, CR CR LF, that broken gateways write.
_BLANK_LINE = re.compile(rb"\r?\n\r*\n|\r\r(?!\n)")
# A field name is printable ASCII without the colon (RFC 5322 section 2.2).
_NAME_CHARACTERS = 256
_NAME = re.compile(rf"([!-9;-~]{{1,{_NAME_CHARACTERS}}})[ \t]*")
# Where a line break is not a fold.
_FIELD_END = re.compile(r"\n(?![ \t])")


def split_headers(raw: bytes) -> tuple[list[Header], int, list[str]]:
    """Split a message into its headers, top first.

    Returns the headers, the offset of the body, and defects: `headers_cut`,
    `header_damaged` (a line that is no field), `headers_8bit` (undeclared 8-bit text),
    `headers_nul`, `no_body`.
    """
    defects: list[str] = []
    if raw[:1] in (b"\n", b"\r"):
        # Nothing but a body: the blank line comes first.
        return [], 2 if raw[:2] == b"\r\n" else 1, ["no_headers"]
    end, body_start = _find_end(raw)
    block = raw[:end]
    if end == HEADER_BYTES < len(raw):
        defects.append("headers_cut")
    elif end == body_start:
        defects.append("no_body")
    if b"\0" in block:
        block = block.replace(b"\0", b"")
        defects.append("headers_nul")
    if block.isascii():
        text = block.decode("ascii")
    else:
        defects.append("headers_8bit")
        text = _decode(block)
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    headers: list[Header] = []
    for field in _FIELD_END.split(text.removesuffix("\n")) if text else ():
        written_name, colon, written = field.partition(":")
        if len(written_name) > _NAME_CHARACTERS:
            written_name = written_name.rstrip(" \t")[: _NAME_CHARACTERS + 1]
        name = _read_name(written_name)
        if name is None or not colon:
            if "header_damaged" not in defects:
                defects.append("header_damaged")
            continue
        if len(headers) >= HEADER_COUNT:
            if "headers_cut" not in defects:
                defects.append("headers_cut")
            break
        headers.append(Header(name, written))
    if not headers:
        defects.append("no_headers")
    return headers, body_start, defects


def _find_end(raw: bytes) -> tuple[int, int]:
    """Where the header block ends, and where the body begins: there too if there is none."""
    end = raw.find(b"\n\n", 0, HEADER_BYTES)
    if end >= 0 and b"\r" not in raw[:end]:
        return end, end + 2
    blank = _BLANK_LINE.search(raw, 0, HEADER_BYTES)
    if blank is not None:
        return blank.start(), blank.end()
    end = min(len(raw), HEADER_BYTES)
    return end, end


@lru_cache(maxsize=4096)
def _read_name(written: str) -> str | None:
    """What stands before the colon as a field name; None when it is none."""
    name = _NAME.fullmatch(written)
    return name.group(1) if name is not None else None


def _decode(block: bytes) -> str:
    """Undeclared 8-bit text: UTF-8 when it is that (RFC 6532), else what Windows wrote."""
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        return block.decode("cp1252", "replace")
