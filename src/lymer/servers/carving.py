"""Files whose rows are not read: what they are, and the names and hosts that stand in them.

Raw files of database servers keep rows in pages whose columns are told elsewhere, or packed.
Guessing them would invent rows; the text in them is still there to be read, piece by piece.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from lymer.servers.sheets import Reading
from lymer.servers.tables import TEXTS

_CHUNK_BYTES = 1 << 20
# Printable text of some length: ASCII, UTF-8 beyond it, or UTF-16 of Western text.
_PIECE = re.compile(
    rb"(?:[\x20-\x7e]\x00){6,2048}"
    rb"|(?:[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){6,4096}"
)
_LONGEST = 4096
# Random bytes have some 3 % of such text.
_LEAST_SHARE = 0.1
_NOT_READ = "not_read"


@dataclass(frozen=True)
class Raw:
    """A raw format, and how its owner's own tools give its rows."""

    media: str
    advice: str


_MARKS = (
    (b"\xfe\xfe\x07\x01", Raw("MyISAM index", "its rows are in the .MYD beside it")),
    (b"\xfe\xfe\x07\x00", Raw("MyISAM index", "its rows are in the .MYD beside it")),
    (b"\x00\x01\x00\x00Standard Jet DB", Raw("Access database", "export it by mdb-export")),
    (b"\x00\x01\x00\x00Standard ACE DB", Raw("Access database", "export it by mdb-export")),
    (b"REDIS0", Raw("Redis snapshot", "load a copy into Redis and export it")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Raw("OLE file", "save an old spreadsheet as .xlsx")),
)  # fmt: skip
_INNODB = Raw(
    "InnoDB tablespace", "start MySQL on a copy of its whole data folder and dump it by mysqldump"
)
_FRM = Raw("MySQL table definition", "its rows are in the .MYD or .ibd beside it")
_POSTGRES = Raw(
    "PostgreSQL pages", "start PostgreSQL on a copy of its whole data folder and dump it by pg_dump"
)
_FSP_HEADER = 8
_PG_PAGE = 8192


def tell_raw(head: bytes) -> Raw | None:
    """The raw format that the first bytes are of.

    InnoDB: the header of page 0 (fil0fil.h, fsp0fsp.h); PostgreSQL: those of its first pages
    (bufpage.h); a MySQL .frm by its first bytes (MySQL internals manual).
    """
    for mark, raw in _MARKS:
        if head.startswith(mark):
            return raw
    if _is_innodb(head):
        return _INNODB
    if head[:2] == b"\xfe\x01" and len(head) > 64 and 7 <= head[2] <= 12:
        return _FRM
    pages = [head[at : at + 24] for at in range(0, min(len(head), 4 * _PG_PAGE), _PG_PAGE)]
    if len(head) >= _PG_PAGE and all(_is_postgres_page(page) for page in pages):
        return _POSTGRES
    return None


def _is_innodb(head: bytes) -> bool:
    if len(head) < 1024:
        return False
    number, kind, space = (
        head[4:8], int.from_bytes(head[24:26], "big"), head[34:38],
    )  # fmt: skip
    return number == b"\0\0\0\0" and kind == _FSP_HEADER and space == head[38:42]


def _is_postgres_page(page: bytes) -> bool:
    if len(page) < 24:
        return False
    lower, upper, special, sized = struct.unpack_from("<4H", page, 12)
    return sized in (0x2002, 0x2003, 0x2004) and 24 <= lower <= upper <= special <= _PG_PAGE


def read_raw(reading: Reading, raw: Raw) -> None:
    """A raw file: said to be unread, and looked through for text."""
    artifact = reading.artifact
    artifact.kind, artifact.media = "database", raw.media
    reading.note(_NOT_READ)
    pieces = carve(reading)
    artifact.why = (
        f"by its first bytes: {raw.media}; its rows are not read: {raw.advice}; "
        f"{pieces:,} pieces of text were looked through"
    )


def read_binary(reading: Reading, head: bytes) -> None:
    """Bytes of no known format: looked through where much of them is text."""
    printable = sum(len(found[0]) for found in _PIECE.finditer(head))
    if printable < _LEAST_SHARE * len(head):
        return
    pieces = carve(reading)
    reading.artifact.why = (
        f"no format that is known, but {printable / len(head):.0%} of its beginning is text; "
        f"{pieces:,} pieces of text were looked through"
    )


def carve(reading: Reading) -> int:
    """Text in the bytes that are left: entities, and the first of it as a text; how many pieces."""
    kept: list[str] = []
    chars = count = 0
    for piece in _pieces(reading):
        count += 1
        text = piece.replace(b"\0", b"").decode("utf-8", "replace")
        if chars < reading.limits.text_chars:
            kept.append(text)
            chars += len(text) + 1
        if "." in text or "@" in text:
            reading.entities.scan(text, count, "bytes")
    if kept:
        text = "\n".join(kept)[: reading.limits.text_chars]
        reading.take(TEXTS, [(reading.artifact.artifact_id, "", text)])
    return count


def _pieces(reading: Reading) -> Iterator[bytes]:
    rest = b""
    read = 0
    while data := reading.tape.read(_CHUNK_BYTES):
        read += len(data)
        data = rest + data
        rest = b""
        for found in _PIECE.finditer(data):
            # A piece at the end may go on in the next bytes.
            if found.end() == len(data) and len(found[0]) < _LONGEST:
                rest = found[0]
                break
            yield found[0]
        if read >= reading.limits.carved_bytes:
            reading.note("carving_cut")
            break
    if rest:
        yield rest
