"""The header block, split by ourselves: order, case, folding and repeats are evidence."""

import re

from lymer.messages.reading import Header

# RFC 5322 sets no limit; these stop a message made to exhaust a reader. The whole header
# block of the largest mail in the SpamAssassin corpus is 12 kB.
HEADER_BYTES = 1 << 20
HEADER_COUNT = 2000
VALUE_CHARACTERS = 1 << 16

# Also with the line ends doubled, CR CR LF, that broken gateways write.
_BLANK_LINE = re.compile(rb"\r?\n\r*\n|\r\r(?!\n)")
# A field name is printable ASCII without the colon (RFC 5322 section 2.2).
_FIELD = re.compile(r"([!-9;-~]{1,256})[ \t]*:[ \t]*([^\n]*(?:\n[ \t]+[^\n]*)*)(?:\n|$)")
_FOLD = re.compile(r"\n([ \t]+)")


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
    end = _BLANK_LINE.search(raw, 0, HEADER_BYTES)
    if end is not None:
        block, body_start = raw[: end.start()], end.end()
    elif len(raw) > HEADER_BYTES:
        block, body_start = raw[:HEADER_BYTES], HEADER_BYTES
        defects.append("headers_cut")
    else:
        block, body_start = raw, len(raw)
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
    position, length = 0, len(text)
    match = _FIELD.match
    while position < length:
        field = match(text, position)
        if field is None:
            if "header_damaged" not in defects:
                defects.append("header_damaged")
            line_end = text.find("\n", position)
            position = length if line_end < 0 else line_end + 1
            continue
        if len(headers) >= HEADER_COUNT:
            if "headers_cut" not in defects:
                defects.append("headers_cut")
            break
        position = field.end()
        name, value = field.group(1, 2)
        folding = ""
        if "\n" in value:
            fold = _FOLD.search(value)
            folding = fold.group(1) if fold else ""
            value = _FOLD.sub(" ", value)
        headers.append(Header(name, value[:VALUE_CHARACTERS].rstrip(), folding))
    if not headers:
        defects.append("no_headers")
    return headers, body_start, defects


def _decode(block: bytes) -> str:
    """Undeclared 8-bit text: UTF-8 when it is that (RFC 6532), else what Windows wrote."""
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        return block.decode("cp1252", "replace")
