"""What kind of evidence some bytes are, by their content; names are only hints."""

import re
import struct
import zlib

from lymer.evidence.mbox import find_envelope, find_separator

HEAD_BYTES = 64 << 10

ARCHIVES = ("tar", "zip", "gz", "bz2", "xz", "zst")
FOLDERS = ("folder", "maildir", "mh")

_MAGIC = (
    (b"\x1f\x8b", "gz"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08PK\x03\x04", "zip"),
)
_BZ2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_ZST_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MSG_STREAM = "__properties_version1.0".encode("utf-16-le")

_ZIP_MEMBER = struct.Struct("<4s2xHH8xL4xHH")
_WORKBOOK_PART = re.compile(
    rb"xl/(?:workbook\.xml|worksheets/|sharedStrings\.xml|styles\.xml|theme/|_rels/)"
)
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_DEFLATED, _MEMBER_BYTES = 8, 4 << 20

_HEADER_LINE = re.compile(rb"([!-9;-~]{1,76})[ \t]*:")
# One of these is enough to know mail; of the weaker ones it takes two.
_STRONG = frozenset(
    b"received return-path message-id delivered-to mime-version dkim-signature x-mailer "
    b"x-original-to envelope-to authentication-results".split()
)
_WEAK = frozenset(
    b"from to subject date cc bcc reply-to sender content-type content-transfer-encoding "
    b"x-priority list-id user-agent references in-reply-to".split()
)
_MAX_HEADER_LINES = 400
_MESSAGE_SUFFIXES = (".eml", ".mai", ".mail", ".rfc822")
_MBOX_SUFFIXES = (".mbox", ".mbx")


def recognise(head: bytes, name: str) -> str:
    """The kind of a file or member by its first `HEAD_BYTES` bytes.

    `name` is its path within what was given, and decides only where content leaves it open: a
    file in a maildir's `cur` or `new`, or one called `.eml`, is a message however damaged.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if _BZ2.match(head):
        return "bz2"
    if _ZST_SKIPPABLE.match(head):
        return "zst"
    folder, _, base = name.rpartition("/")
    suffix = "." + base.lower().rpartition(".")[2]
    if head.startswith(_OLE):
        return "msg" if suffix == ".msg" or _MSG_STREAM in head else "other"
    if is_tar_header(head[:512]):
        return "tar"
    if find_envelope(head) is not None or (
        suffix in _MBOX_SUFFIXES and find_separator(head) is not None
    ):
        return "mbox"
    if _has_mail_header(head):
        return "eml"
    if folder.rpartition("/")[2] in ("cur", "new"):
        return "eml"
    is_text = b"\0" not in head[:512]
    if is_text and (suffix in _MESSAGE_SUFFIXES or (suffix in _MBOX_SUFFIXES and head)):
        return "eml"
    # The tail of a split mbox begins in the middle of a message.
    return "mbox" if is_text and find_separator(head) is not None else "other"


def is_spreadsheet(head: bytes) -> bool:
    """Is it a zip that is a workbook: Office Open XML (ISO/IEC 29500), or OpenDocument's (26300)?

    By the names of its first members, or the type that OpenDocument puts first.
    """
    at = 0
    while head.startswith(b"PK\x03\x04", at) and at + 30 <= len(head):
        _, flags, method, packed, name_bytes, extra_bytes = _ZIP_MEMBER.unpack_from(head, at)
        name = head[at + 30 : at + 30 + name_bytes]
        at += 30 + name_bytes + extra_bytes
        if _WORKBOOK_PART.match(name):
            return True
        if name == b"mimetype":
            return head.startswith(_OPEN_DOCUMENT, at)
        if flags & 8:
            # The size stands behind the bytes: they must be unpacked to find their end.
            if method != _DEFLATED:
                return False
            inflate = zlib.decompressobj(-15)
            try:
                inflate.decompress(head[at:], _MEMBER_BYTES)
            except zlib.error:
                return False
            if not inflate.eof:
                return False
            at = head.find(b"PK\x03\x04", len(head) - len(inflate.unused_data))
            if at < 0:
                return False
        else:
            at += packed
    return False


def is_tar_header(block: bytes) -> bool:
    """Does the block's checksum hold (POSIX.1-1988 ustar and the forms before it)?"""
    if len(block) < 512 or not block[0]:
        return False
    stated = read_octal(block[148:156])
    if stated is None:
        return False
    rest = block[:148] + b" " * 8 + block[156:]
    # Some old writers summed signed bytes.
    return stated in (sum(rest), sum(rest) - 256 * sum(byte > 127 for byte in rest))


def read_octal(field: bytes) -> int | None:
    """A number field of a tar header: octal digits, or base 256 (GNU); None if it is neither."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    if not digits:
        return 0
    return int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else None


def _has_mail_header(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf\r\n")
    known = set()
    start = 0
    for number in range(_MAX_HEADER_LINES):
        found = _HEADER_LINE.match(text, start)
        at, start = start, text.find(b"\n", start) + 1
        if not found:
            # A quoted envelope line may stand first; other text there is no mail.
            if number == 0 and not text.startswith((b">From ", b"From ")):
                return False
            if not start or not text[at:start].strip():
                return False
            continue
        field = found[1].lower()
        if field in _STRONG:
            return True
        if field in _WEAK:
            known.add(field)
            if len(known) >= 2:
                return True
        if not start:
            return False
    return False
