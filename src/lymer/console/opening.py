"""The original of one message, opened for the eye: headers as they stand, the boundary, parts."""

import binascii
from dataclasses import dataclass, field
from typing import Any

from lymer.case import Case
from lymer.evidence import RAW
from lymer.messages import (
    MESSAGE,
    PLAIN,
    Header,
    PartHead,
    decode_text,
    decode_transfer,
    open_part,
    read_batch,
    read_head,
    split_headers,
    split_parts,
)

_PARTS = 60
_DEPTH = 12
# What a frame shows of a part.
_PART_BYTES = 2_000_000


@dataclass(frozen=True)
class Part:
    """One part of a message, with where it lies in it."""

    depth: int
    media_type: str
    charset: str | None
    encoding: str
    name: str | None
    disposition: str
    start_bytes: int
    size_bytes: int


@dataclass
class Opened:
    """What the eye wants of a message."""

    headers: list[Header] = field(default_factory=list)
    first_sender_header: int = 0
    parts: list[Part] = field(default_factory=list)
    html: str | None = None
    pictures: list[bytes] = field(default_factory=list)


def open_message(case: Case, message_id: str, data: bytes) -> Opened:
    """Open the bytes of a message. Whatever they are, something comes of it."""
    batch = RAW.batch([(message_id, None, None, len(data), None, None, [], data)])
    reading = read_batch(batch, case.trust())[0]
    headers, body_start, _ = split_headers(data)
    opened = Opened(headers, reading.first_sender_header)
    head = read_head((header.name.lower(), header.value) for header in headers)
    _Opener(data, opened).walk(head, body_start, len(data), 0)
    return opened


class _Opener:
    def __init__(self, data: bytes, opened: Opened) -> None:
        self._data = data
        self._opened = opened

    def walk(self, head: PartHead, start: int, end: int, depth: int) -> None:
        """Note the part that lies there, and those within it."""
        if len(self._opened.parts) >= _PARTS:
            return
        self._opened.parts.append(
            Part(
                depth, head.media_type, head.charset, head.encoding, head.name, head.disposition,
                start, end - start,
            )
        )  # fmt: skip
        if depth >= _DEPTH:
            return
        if head.media_type.startswith("multipart/") and head.boundary:
            inner = MESSAGE if head.media_type == "multipart/digest" else PLAIN
            split = split_parts(self._data, start, end, head.boundary, _PARTS)
            for first, last in split.parts:
                part, body = open_part(self._data, first, last, inner)
                self.walk(part, body, last, depth + 1)
        elif head.media_type == "message/rfc822" and not head.encoding.startswith("base64"):
            part, body = open_part(self._data, start, end, PLAIN)
            self.walk(part, body, end, depth + 1)
        elif head.media_type == "text/html" and self._opened.html is None:
            self._opened.html = decode_text(self._decoded(head, start, end), head.charset, [])
        elif head.media_type.startswith("image/") and "svg" not in head.media_type:
            self._opened.pictures.append(self._decoded(head, start, end))

    def _decoded(self, head: PartHead, start: int, end: int) -> bytes:
        defects: list[Any] = []
        data = self._data[start : min(end, start + _PART_BYTES)]
        try:
            return decode_transfer(data, head.encoding, defects)[0]
        except (ValueError, binascii.Error):
            return data
