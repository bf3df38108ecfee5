"""Stretches real mail for tests of scale: every mail many times, with what varies changed.

Changed are the slots a mailing would change: Message-ID, boundary, dates (all shifted alike),
the address of the injecting client, the recipients' mailbox names, digits, noise words and the
paths of links. One copy changes the same word in the same way everywhere, so a mail stays whole;
words, links' hosts, header order, tags and the MIME tree stay, so near-duplicates stay such.
"""

import re
import time
from calendar import timegm
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from lymer.errors import UsageError
from lymer.lab.addresses import CLASS_E, CLASS_E_SIZE, dotted

WINDOW = 500
"""Mails held at a time; their copies are interleaved."""

SHIFT_SECONDS = 28 * 86400
"""Copies are spread over four weeks."""

PROGRESS_EVERY = 1000

_TABLES = 509
"""Permutations of letters and digits, at least; a copy of a mail has one of its own."""

_CLASSES = (b"0123456789", b"abcdef", b"ghijklmnopqrstuvwxyz", b"ABCDEF", b"GHIJKLMNOPQRSTUVWXYZ")
"""A letter changes within its class only: hex stays hex, and case stays."""

_MONTHS = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
           b"Dec"]  # fmt: skip
_DAYS = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"]

_DATE = (
    rb"(?:(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?P<comma>,?[ ]+))?"
    rb"(?P<day>[ 0-3]?[0-9])[ ](?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ ]"
    rb"(?P<year>(?:19|20)[0-9]{2})[ ](?P<clock>[0-2][0-9]:[0-5][0-9]:[0-6][0-9])"
)
_NOISE = rb"(?<![A-Za-z0-9=#&%])[0-9]+(?:[A-Za-z0-9]{5,})?|(?<![A-Za-z0-9=])[bcdfghjklmnpqrstvwxz]{5,}(?![A-Za-z])"
"""Digits, with what follows when it is long, and words without a vowel. Not after "=", "%", "#"
or "&": those are escapes and colours."""
_LONG = rb"(?<![A-Za-z0-9=])[0-9]{1,8}[A-Za-z][A-Za-z0-9]{4,}"
"""Queue ids and the like, from their first digit on."""
_PATH = rb"https?://[^\s/<>\"']+/(?P<path>[^\s<>\"']+)"

_HEAD_SLOT = re.compile(_DATE + rb"|(?P<word>" + _LONG + rb")")
_BODY_SLOT = re.compile(
    # Passed over whole: styles, encoded letters, character references.
    rb"(?P<skip>(?is:<style.{0,5000}?</style>)|=[0-9A-F]{2}|=\r?\n|&#[0-9]+;)"
    rb"|(?P<link>" + _PATH + rb")|(?P<tag><[a-zA-Z/!][^>]{0,2000}>)"
    rb"|(?P<word>" + _NOISE + rb")"
)
_TAG_LINK = re.compile(_PATH)
_ID = re.compile(rb"(?im)^message-id:\s*<?([^@<>\s]+)")
_SUBJECT = re.compile(rb"(?im)^subject:(?:(?!=\?).)*$")
"""A subject without encoded words, which are no text to change."""
_BOUNDARY = re.compile(rb"(?i)boundary=\"?([^\"\s;]+)")
_BASE64 = re.compile(rb"(?im)^content-transfer-encoding:[ \t]*base64\b")
_GAP = re.compile(rb"\r?\n\r?\n")
_RECEIVED = re.compile(rb"(?im)^received:((?:.*)(?:\n[ \t].*)*)")
_BY = re.compile(rb"\bby\s+([^\s;()]+)")
_ADDRESS = re.compile(rb"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])")
_RECIPIENT = re.compile(
    rb"(?im)(?:^(?:delivered-to|x-original-to|envelope-to|to):[^\n<]{0,200}?<?|\bfor\s+<?)"
    rb"([a-z0-9._+-]{2,64})@[a-z0-9.-]+"
)

Slot = Callable[["Copy"], bytes]


@dataclass(slots=True)
class Copy:
    """What one copy changes: a permutation of letters, a shift of time, the client's address."""

    table: bytes
    shift: int
    client: bytes


Piece = bytes | Slot


def stretch(
    paths: Sequence[Path],
    out: Path,
    *,
    times: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write every mail under `paths` `times` times into the mbox `out`; gives how many it wrote.

    `paths` are mboxes, files of one mail, or folders of these. The same seed gives the same bytes.
    """
    if times < 1:
        raise UsageError(f"The number of times must be 1 or more, not {times}.")
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist.")
    if out.exists():
        raise UsageError(f"{out} exists already. Name a new file.")
    source = Random(seed)
    tables = [_table(source) for _ in range(max(times, _TABLES))]
    written = 0
    mails = (cut(mail) for mail in _mails(paths))
    with out.open("wb", buffering=1 << 20) as box:
        number = 0
        while window := list(islice(mails, WINDOW)):
            for copy_number in range(times):
                for at, pieces in enumerate(window):
                    # Two copies of one mail never share a table.
                    table = tables[(copy_number + 31 * (number + at)) % len(tables)]
                    client = dotted(CLASS_E + int(source.random() * CLASS_E_SIZE)).encode()
                    copy = Copy(table, int(source.random() * SHIFT_SECONDS), client)
                    box.write(b"".join([p if type(p) is bytes else p(copy) for p in pieces]))  # type: ignore[operator]
                    written += 1
                    if progress is not None and written % PROGRESS_EVERY == 0:
                        progress(written)
            number += len(window)
    if not written:
        out.unlink()
        raise UsageError("There is no mail in " + ", ".join(map(str, paths)) + ".")
    if progress is not None:
        progress(written)
    return written


def _table(source: Random) -> bytes:
    table = bytearray(range(256))
    for letters in _CLASSES:
        for old, new in zip(letters, source.sample(letters, len(letters)), strict=True):
            table[old] = new
    return bytes(table)


def _mails(paths: Iterable[Path]) -> Iterator[bytes]:
    """The bytes of every mail, without its From line; files that hold no mail are passed over."""
    for path in paths:
        if path.is_dir():
            yield from _mails(sorted(path.iterdir()))
        elif path.is_file():
            yield from _in_file(path)


def _in_file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        first = file.readline()
        if not first.startswith(b"From "):
            if re.match(rb"[A-Za-z][A-Za-z0-9-]*:", first):
                yield first + file.read()
            return
        lines: list[bytes] = []
        for line in file:
            if line.startswith(b"From ") and (not lines or not lines[-1].strip()):
                if lines:
                    yield b"".join(lines)
                lines = []
            else:
                lines.append(line)
        if lines:
            yield b"".join(lines)


def cut(mail: bytes) -> list[Piece]:
    """The mail cut into constant pieces and slots, its From line first and a blank line last."""
    head, gap, body = _halves(mail)
    names = _names(head)
    client = _client(head)
    pieces: list[Piece] = [b"From stretch@lab.invalid ", _from_line, b"\n"]
    subject = _SUBJECT.search(head)
    start, end = subject.span() if subject else (0, 0)
    _cut(head[:start], _HEAD_SLOT, names, client, pieces)
    _cut(head[start:end], _BODY_SLOT, names, client, pieces)
    _cut(head[end:], _HEAD_SLOT, names, client, pieces)
    pieces.append(gap)
    for text, is_base64 in _parts(head, body):
        # A letter changed in base64 would change a picture, which mailings do not do that way.
        _cut(text, None if is_base64 else _BODY_SLOT, names, client, pieces)
    if not any(callable(piece) for piece in pieces[3:]):
        pieces[3:3] = [b"X-Copy: ", lambda copy: b"a1b2c3d4e5f6".translate(copy.table), b"\n"]
    if not mail.endswith(b"\n"):
        pieces.append(b"\n")
    pieces.append(b"\n")
    return _joined(pieces)


def _halves(mail: bytes) -> tuple[bytes, bytes, bytes]:
    end = _GAP.search(mail)
    if end is None:
        return mail, b"", b""
    return mail[: end.start()], mail[end.start() : end.end()], mail[end.end() :]


def _names(head: bytes) -> list[bytes]:
    """What changes wherever it stands: the Message-ID, boundaries, recipients' mailbox names."""
    names = [match[1] for match in _ID.finditer(head)]
    names += [m[1] for m in _BOUNDARY.finditer(head) if re.search(rb"[0-9A-Za-z]{6}", m[1])]
    names += [match[1] for match in _RECIPIENT.finditer(head)]
    return sorted({name for name in names if len(name) > 2}, key=lambda name: (-len(name), name))


def _client(head: bytes) -> bytes:
    """The peer of the last receiver that its neighbour knows by name; empty if there is none."""
    lines = [match[1] for match in _RECEIVED.finditer(head)]
    for number, line in enumerate(lines):
        by = _BY.search(line)
        peer = _ADDRESS.search(line[: by.start()] if by else line)
        if peer is None:
            continue
        below = _BY.search(lines[number + 1]) if number + 1 < len(lines) else None
        if below is None or below[1].lower() not in line[: by.start() if by else None].lower():
            return b"" if peer[0].startswith((b"127.", b"10.", b"192.168.")) else peer[0]
    return b""


def _parts(head: bytes, body: bytes) -> Iterator[tuple[bytes, bool]]:
    """The body in stretches of text, each with whether it is base64."""
    if _BASE64.search(head):
        yield body, True
        return
    at = 0
    for match in _BASE64.finditer(body):
        gap = _GAP.search(body, match.end())
        if gap is None or gap.end() < at:
            continue
        end = body.find(b"\n--", gap.end())
        end = len(body) if end < 0 else end
        yield body[at : gap.end()], False
        yield body[gap.end() : end], True
        at = end
    yield body[at:], False


def _cut(
    text: bytes,
    slots: re.Pattern[bytes] | None,
    names: list[bytes],
    client: bytes,
    pieces: list[Piece],
) -> None:
    """Append the text's pieces: names and the client first, the other slots between them."""
    known = [span for name in names for span in _places(text, name)]
    if client:
        known += _places(text, client)
    known.sort()
    at = 0
    for start, end in known:
        if start < at:
            continue
        _slots(text[at:start], slots, pieces)
        word = text[start:end]
        pieces.append(_client_slot if word == client else _changed(word))
        at = end
    _slots(text[at:], slots, pieces)


def _places(text: bytes, word: bytes) -> Iterator[tuple[int, int]]:
    """Where the word stands by itself."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            yield at, end
        at = text.find(word, end)


def _slots(text: bytes, slots: re.Pattern[bytes] | None, pieces: list[Piece]) -> None:
    at = 0
    for match in slots.finditer(text) if slots is not None else ():
        kind = match.lastgroup
        if kind == "skip":
            continue
        pieces.append(text[at : match.start()])
        at = match.end()
        if kind == "word":
            pieces.append(_changed(match[0]))
        elif kind == "tag" or kind in {"link", "path"}:
            _links(match[0], pieces)
        else:
            pieces.append(_date_slot(match))
    pieces.append(text[at:])


def _links(text: bytes, pieces: list[Piece]) -> None:
    """A link or a tag: the paths of its links change, but not their endings."""
    at = 0
    for match in _TAG_LINK.finditer(text):
        stem = re.sub(rb"\.[A-Za-z]{2,5}$", b"", match["path"])
        pieces.append(text[at : match.start("path")])
        if b"=" in stem or b"%" in stem or b"&" in stem:
            # Escapes and quoted-printable must stay what they are: only whole words change.
            _words(stem, pieces)
        else:
            pieces.append(_changed(stem))
        at = match.start("path") + len(stem)
    pieces.append(text[at:])


_SAFE = re.compile(rb"(?<![A-Za-z0-9%=&#])[A-Za-z0-9]{3,}")


def _words(text: bytes, pieces: list[Piece]) -> None:
    at = 0
    for match in _SAFE.finditer(text):
        pieces += [text[at : match.start()], _changed(match[0])]
        at = match.end()
    pieces.append(text[at:])


def _changed(word: bytes) -> Slot:
    return lambda copy: word.translate(copy.table)


def _client_slot(copy: Copy) -> bytes:
    return copy.client


def _date_slot(match: re.Match[bytes]) -> Slot:
    """A date, shifted; its layout stays."""
    hour, minute, second = (int(part) for part in match["clock"].split(b":"))
    month = _MONTHS.index(match["month"]) + 1
    base = timegm((int(match["year"]), month, int(match["day"]), hour, minute, second))
    comma = match["comma"]
    width = len(match["day"])
    fill = b" " if match["day"].startswith(b" ") else b"0"

    def render(copy: Copy) -> bytes:
        t = time.gmtime(base + copy.shift)
        day = b"%d" % t.tm_mday
        return b"%b%b %b %d %02d:%02d:%02d" % (
            b"" if comma is None else _DAYS[t.tm_wday] + comma,
            day.rjust(width, fill), _MONTHS[t.tm_mon - 1], t.tm_year, t.tm_hour, t.tm_min, t.tm_sec,
        )  # fmt: skip

    return render


_EPOCH = 1_000_000_000
"""September 2001: where the From lines of the copies begin."""


def _from_line(copy: Copy) -> bytes:
    t = time.gmtime(_EPOCH + copy.shift)
    return b"%b %b %2d %02d:%02d:%02d %d" % (
        _DAYS[t.tm_wday], _MONTHS[t.tm_mon - 1], t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec,
        t.tm_year,
    )  # fmt: skip


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbouring constants made one, in which no line starts with "From "."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += piece
        elif piece != b"":
            joined.append(piece)
    # The first piece is the copy's own From line.
    return [
        piece.replace(b"\nFrom ", b"\n>From ") if isinstance(piece, bytes) else piece
        for piece in joined
    ]
