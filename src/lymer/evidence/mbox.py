"""An mbox, split into its messages: mboxo, mboxrd, mboxcl and mboxcl2, with LF or CRLF.

There is no standard (RFC 4155 describes a default). A message begins after an envelope line
("From " and a sender and a date) at the start of the file or after a blank line; that line and
the one blank line before the next are not part of it. A Content-Length that leads exactly to the
next envelope line or the end is believed (mboxcl2 does not quote "From " lines within a body);
any other is ignored. Nothing is unquoted: the bytes are evidence.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lymer.evidence.identity import write_name
from lymer.evidence.streams import Stream

_LINE_BYTES = 1000
_HEADER_BYTES = 1 << 20
_READ_BYTES = 2 << 20
_BOM = b"\xef\xbb\xbf"

_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = rb"[ \t]+\d{1,2}:\d{2}(?::\d{2})?"
_ENVELOPE = re.compile(
    # A sender: a word, a quoted word, list archives' "user at host", or nothing at all.
    rb'From (?:(?:"[^"\r\n]{0,320}"\S*|\S{1,320}(?: at \S{1,320})?)[ \t]+|[ \t]*)'
    rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+)?"
    rb"(?:"
    rb"" + _MONTH + rb"[ \t]+\d{1,2},?(?:[ \t]+\d{4})?" + _CLOCK + rb"|"  # asctime
    rb"\d{1,2}[ \t-]" + _MONTH + rb"[ \t-]\d{2,4}" + _CLOCK + rb"|"  # as in a Date header
    rb"\d{4}-\d{2}-\d{2}[T \t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?"
    rb")"
    # Year and zone in any order, and what UUCP adds.
    rb"(?:[ \t]+(?:\d{4}|[+-]\d{2}:?\d{2}|[A-Za-z]{1,5}|\([^)\r\n]{0,40}\))){0,4}"
    rb"(?:[ \t]+remote from [^\r\n]*)?[ \t]*\r?(?:\n|\Z)"
)
_LENGTH = re.compile(rb"(?:^|\n)content-length:[ \t]*(\d{1,12})[ \t\r]*(?:\n|$)")
_BLANK_LINES = re.compile(rb"(?:\r?\n)*")


@dataclass(slots=True)
class Piece:
    """One message as it lies in its container.

    `data` is cut at the reader's limit, and then `digest` (SHA-256, hex) is of the whole.
    """

    offset_bytes: int
    length_bytes: int
    data: bytes
    digest: str | None
    envelope: str | None
    defects: list[str]


def find_envelope(head: bytes) -> int | None:
    """Where the first envelope line of an mbox begins, when nothing but blanks is before it."""
    start = len(_BOM) if head.startswith(_BOM) else 0
    start = _end_of_blanks(head, start)
    return start if _ENVELOPE.match(head, start, start + _LINE_BYTES) else None


def find_separator(window: bytes) -> int | None:
    """Where an envelope line begins that follows a blank line."""
    at = window.find(b"\nFrom ")
    while at >= 0:
        if _blank_before(window, at) and _ENVELOPE.match(window, at + 1, at + 1 + _LINE_BYTES):
            return at + 1
        at = window.find(b"\nFrom ", at + 1)
    return None


def split(stream: Stream, keep_bytes: int) -> Iterator[Piece]:
    """The messages of the mbox, in order; at most `keep_bytes` of each are kept."""
    return _Splitter(stream, keep_bytes).pieces()


def whole(stream: Stream, keep_bytes: int) -> Iterator[Piece]:
    """All of the stream as one message."""
    kept = bytearray()
    digest = None
    length = 0
    while chunk := stream.read(_READ_BYTES):
        if digest is None and length + len(chunk) > keep_bytes:
            digest = hashlib.sha256(kept)
        if digest is not None:
            digest.update(chunk)
        kept += chunk[: max(keep_bytes - length, 0)]
        length += len(chunk)
    defects = ["message_cut"] if digest else []
    yield Piece(0, length, bytes(kept), digest.hexdigest() if digest else None, None, defects)


class _Splitter:
    """The state of one pass: a window of the stream, and where the current message began.

    Two bytes before the message stay in the window, to see a blank line at its very start.
    """

    def __init__(self, stream: Stream, keep_bytes: int) -> None:
        self._stream = stream
        self._keep_bytes = keep_bytes
        self._window = b""
        self._base = 0  # offset of the window in the stream
        self._is_ended = False
        # Of a message beyond the limit: its first bytes and its hash. What was hashed leaves the
        # window, and the message then begins at a negative place in it.
        self._kept = b""
        self._hash: Any = None

    def pieces(self) -> Iterator[Piece]:
        while len(self._window) < _READ_BYTES and (chunk := self._stream.read(_READ_BYTES)):
            self._window += chunk
        begin, envelope = self._first()
        first = begin
        scan = max(begin - 1, 0)
        while True:
            at = self._window.find(b"\nFrom ", scan)
            if at < 0 or (len(self._window) < at + 1 + _LINE_BYTES and not self._is_ended):
                if at < 0 and self._is_ended:
                    break
                scan = at if at >= 0 else max(len(self._window) - 5, scan)
                moved = self._more(begin)
                begin, scan = begin - moved, scan - moved
                continue
            found = _ENVELOPE.match(self._window, at + 1, at + 1 + _LINE_BYTES)
            if not found or not _blank_before(self._window, at):
                scan = at + 1
                continue
            claimed = self._claimed_end(begin, at)
            if claimed is not None:
                if len(self._window) < claimed + _LINE_BYTES and not self._is_ended:
                    scan = at
                    moved = self._more(begin)
                    begin, scan = begin - moved, scan - moved
                    continue
                start = _end_of_blanks(self._window, claimed)
                agreed = _ENVELOPE.match(self._window, start, start + _LINE_BYTES)
                if agreed and self._window[start - 1 : start] == b"\n":
                    found, at = agreed, start - 1
                elif self._is_ended and claimed <= start == len(self._window):
                    break
            yield self._piece(begin, max(_end_before(self._window, at), begin), envelope)
            begin, scan = found.end(), found.end() - 1
            envelope = self._text(found)
        end = _end_before(self._window, len(self._window))
        if envelope is not None or end > first:
            yield self._piece(begin, max(end, begin), envelope)

    def _first(self) -> tuple[int, str | None]:
        start = find_envelope(self._window)
        if start is None:
            return 0, None
        found = _ENVELOPE.match(self._window, start, start + _LINE_BYTES)
        assert found
        return found.end(), self._text(found)

    def _text(self, found: re.Match[bytes]) -> str:
        return write_name(found.group().rstrip(b"\r\n"))

    def _more(self, begin: int) -> int:
        """Read on; returns by how much everything in the window moved to the left."""
        chunk = self._stream.read(_READ_BYTES)
        if not chunk:
            self._is_ended = True
            return 0
        window = self._window
        if len(window) - begin > self._keep_bytes + 2 * _LINE_BYTES:
            moved = self._let_go(begin)
        else:
            moved = max(begin - 2, 0)
        self._base += moved
        self._window = window[moved:] + chunk
        return moved

    def _let_go(self, begin: int) -> int:
        """Hash and drop what is surely inside a message that is beyond the limit."""
        window = self._window
        until = len(window) - 2 * _LINE_BYTES
        if self._hash is None:
            self._hash = hashlib.sha256()
            self._kept = window[begin : begin + self._keep_bytes]
        self._hash.update(memoryview(window)[max(begin, 0) : until])
        return until

    def _piece(self, begin: int, end: int, envelope: str | None) -> Piece:
        defects = [] if envelope is not None else ["no_envelope_line"]
        offset = self._base + begin
        length = end - begin
        if self._hash is None and length <= self._keep_bytes:
            return Piece(offset, length, self._window[begin:end], None, envelope, defects)
        defects.append("message_cut")
        digest = self._hash or hashlib.sha256()
        digest.update(memoryview(self._window)[max(begin, 0) : end])
        kept = self._kept or self._window[begin : begin + self._keep_bytes]
        self._hash, self._kept = None, b""
        return Piece(offset, length, kept, digest.hexdigest(), envelope, defects)

    def _claimed_end(self, begin: int, at: int) -> int | None:
        """Where the message ends by its Content-Length, when that is after `at`."""
        if self._hash is not None:
            return None
        window = self._window
        limit = min(at + 1, begin + _HEADER_BYTES)
        stop = window.find(b"\n\n", begin, limit)
        if stop < 0:
            stop = limit
        crlf = window.find(b"\n\r\n", begin, stop)
        body = crlf + 3 if crlf >= 0 else stop + 2
        header = window[begin : crlf + 1 if crlf >= 0 else stop + 1].lower()
        # Most mail has none, and this look is far cheaper than the pattern.
        if b"content-length:" not in header:
            return None
        found = _LENGTH.search(header)
        if not found:
            return None
        claimed = body + int(found[1])
        return claimed if at + 1 < claimed <= begin + self._keep_bytes else None


def _blank_before(window: bytes, at: int) -> bool:
    """Does the line feed at `at` end an empty line?"""
    before = window[max(at - 2, 0) : at]
    return before.endswith(b"\n") or before == b"\n\r"


def _end_before(window: bytes, at: int) -> int:
    """The end of the message whose envelope line follows the line feed at `at`.

    At the end of the file `at` is just behind it, where writers leave a blank line too.
    """
    end = at if at == len(window) else at + 1
    if window[max(end - 2, 0) : end] == b"\n\n":
        return end - 1
    if window[max(end - 3, 0) : end] == b"\n\r\n":
        return end - 2
    return end


def _end_of_blanks(window: bytes, start: int) -> int:
    found = _BLANK_LINES.match(window, start)
    return found.end() if found else start
