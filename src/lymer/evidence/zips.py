"""The members of a zip (PKWARE APPNOTE 6.3), by its table of contents or, when that is lost,
by the header before each member.

`zipfile` reads the table; the members are read here, so that a damaged one gives what it has.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from lymer.evidence.decompress import Budget, Expanded
from lymer.evidence.identity import escapes, write_name
from lymer.evidence.limits import Limits
from lymer.evidence.streams import Stream
from lymer.evidence.tar import Member

_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_ENCRYPTED, _SIZE_FOLLOWS = 0x1, 0x8
_UNKNOWN_SIZE = 0xFFFFFFFF
_SEARCH_BYTES = 1 << 20
_STORED = 0
_SYMLINK, _FILE_TYPE = 0o120000, 0o170000
_METHODS = {8: "deflate", 12: "bz2", 93: "zst", 95: "xz"}
_TABLE_ERRORS = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
)


class _Bounded:
    """A seekable file that refuses to be read in pieces beyond the limit: `zipfile` reads the
    whole table of contents at once, however long it claims to be."""

    def __init__(self, file: IO[bytes], most_bytes: int) -> None:
        self._file = file
        self._most_bytes = most_bytes
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._most_bytes:
            raise ValueError("the table of contents is too large")
        # To its end a zip is read only from shortly before it.
        return self._file.read(size if size >= 0 else self._most_bytes)


class _Section:
    """A part of a seekable file."""

    def __init__(self, file: IO[bytes], at: int, size: int) -> None:
        self.fault: str | None = None
        self._file = file
        self.at = at
        self._left = size

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        if not self._left:
            return b""
        try:
            self._file.seek(self.at)
            data = self._file.read(min(size, self._left))
        except OSError:
            self.fault = "unreadable"
            return b""
        if not data:
            self.fault = "truncated"
        self.at += len(data)
        self._left -= len(data)
        return data


class _Checked:
    """A member's bytes, with its checksum compared at the end."""

    def __init__(self, stream: Stream, checksum: int | None) -> None:
        self._stream = stream
        self._stated = checksum
        self._found = 0
        self.fault: str | None = None

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        data = self._stream.read(size)
        self._found = zlib.crc32(data, self._found)
        if not data:
            self.fault = self._stream.fault
            if self.fault is None and self._stated not in (None, self._found):
                self.fault = "bad_checksum"
        return data


class _Stored:
    """An uncompressed member, counted like the others: members of a bomb may overlap."""

    def __init__(self, source: Stream, budget: Budget) -> None:
        self.fault: str | None = None
        self._source = source
        self._budget = budget

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        if self._budget.is_refused:
            self.fault = "bomb_refused"
            return b""
        data = self._source.read(size)
        self.fault = self._source.fault
        self._budget.spend(len(data))
        return data


def zip_members(
    file: IO[bytes], size: int, budget: Budget, limits: Limits, defects: list[str]
) -> Iterator[Member]:
    """The members in the table's order; each must be read before the next is asked for.

    `file` is seekable and `size` bytes long. What is wrong with the zip is added to `defects`.
    """
    bounded: Any = _Bounded(file, limits.directory_bytes)
    try:
        with zipfile.ZipFile(bounded) as table:
            entries = table.infolist()
    except _TABLE_ERRORS:
        defects.append("truncated")
        yield from _salvage(file, size, budget, limits)
        return
    for entry in entries:
        if not entry.is_dir():
            yield _listed(file, entry, budget, limits)


def _listed(file: IO[bytes], entry: zipfile.ZipInfo, budget: Budget, limits: Limits) -> Member:
    name = write_name(entry.filename.encode("utf-8", "surrogateescape"))
    if (entry.external_attr >> 16) & _FILE_TYPE == _SYMLINK:
        return Member(name, None, "link_refused")
    if escapes(name):
        return Member(name, None, "path_escape")
    if entry.flag_bits & _ENCRYPTED:
        return Member(name, None, "encrypted")
    try:
        file.seek(entry.header_offset)
        header = file.read(_LOCAL.size)
    except (OSError, ValueError):
        header = b""
    if len(header) < _LOCAL.size or not header.startswith(_LOCAL_MAGIC):
        return Member(name, None, "damaged")
    *_, name_bytes, extra_bytes = _LOCAL.unpack(header)
    at = entry.header_offset + _LOCAL.size + name_bytes + extra_bytes
    section = _Section(file, at, entry.compress_size)
    stream = _open(section, entry.compress_type, budget, limits)
    if stream is None:
        return Member(name, None, "unsupported_compression")
    return Member(name, _Checked(stream, entry.CRC))


def _salvage(file: IO[bytes], size: int, budget: Budget, limits: Limits) -> Iterator[Member]:
    """Without a table of contents: each member by the header before it."""
    at = _find_header(file, 0)
    while at is not None:
        file.seek(at)
        header = file.read(_LOCAL.size)
        if len(header) < _LOCAL.size:
            return
        _, _, flags, method, _, _, checksum, packed, _, name_bytes, extra = _LOCAL.unpack(header)
        name = write_name(file.read(name_bytes).split(b"\0", 1)[0])
        start = at + _LOCAL.size + name_bytes + extra
        is_sized = not flags & _SIZE_FOLLOWS and packed != _UNKNOWN_SIZE
        section = _Section(file, start, packed if is_sized else max(size - start, 0))
        stream = None
        if escapes(name):
            yield Member(name, None, "path_escape")
        elif flags & _ENCRYPTED:
            yield Member(name, None, "encrypted")
        elif not name.endswith("/"):
            # Stored bytes of unknown length have no end that could be trusted.
            if is_sized or method != _STORED:
                stream = _open(section, method, budget, limits)
            if stream is None:
                yield Member(name, None, "unsupported_compression")
            else:
                yield Member(name, _Checked(stream, checksum if is_sized else None))
        if is_sized:
            following = start + packed
        else:
            following = section.at - len(stream.rest()) if isinstance(stream, Expanded) else start
        at = _find_header(file, following)


def _open(source: Stream, method: int, budget: Budget, limits: Limits) -> Stream | None:
    if method == _STORED:
        return _Stored(source, budget)
    if method in _METHODS:
        return Expanded(source, _METHODS[method], budget, limits, is_single=True)
    return None


def _find_header(file: IO[bytes], start: int) -> int | None:
    """Where the next header of a member begins."""
    at = start
    tail = b""
    while True:
        file.seek(at)
        chunk = file.read(_SEARCH_BYTES)
        if not chunk:
            return None
        found = (tail + chunk).find(_LOCAL_MAGIC)
        if found >= 0:
            return at - len(tail) + found
        at += len(chunk)
        tail = (tail + chunk)[-3:]
