"""Streams of bytes that are read once, and that say why when they end before their end."""

import hashlib
import io
from typing import IO, Protocol

from lymer.evidence.limits import CHUNK_BYTES


class Stream(Protocol):
    """Bytes that come once."""

    @property
    def fault(self) -> str | None:
        """Why the stream is not whole, as a defect; known for certain only at its end."""

    def read(self, size: int) -> bytes:
        """At least one and at most `size` bytes; none only at the end."""


class Consumed:
    """Source bytes read so far over all sources."""

    def __init__(self) -> None:
        self.total = 0


class FileStream:
    """An open file, counted as it is read. A disk that fails ends it early."""

    def __init__(self, file: IO[bytes], consumed: Consumed) -> None:
        self.fault: str | None = None
        self._file = file
        self._consumed = consumed

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        try:
            data = self._file.read(size)
        except OSError:
            self.fault = "unreadable"
            return b""
        self._consumed.total += len(data)
        return data


class MemoryStream:
    """Bytes at hand."""

    def __init__(self, data: bytes) -> None:
        self.fault: str | None = None
        self._file = io.BytesIO(data)

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        return self._file.read(size)


class Tape:
    """A stream whose head can be looked at before it is read; hashed as it runs by."""

    def __init__(self, stream: Stream, *, is_hashed: bool) -> None:
        self._stream = stream
        self._ahead = b""
        self._at = 0
        self._hash = hashlib.sha256() if is_hashed else None
        self.size_bytes = 0

    @property
    def fault(self) -> str | None:
        """See `Stream`."""
        return self._stream.fault

    def peek(self, size: int) -> bytes:
        """The next bytes without consuming them: `size` or more, fewer only before the end."""
        ahead = self._ahead[self._at :]
        while len(ahead) < size:
            chunk = self._pull(size - len(ahead))
            if not chunk:
                break
            ahead += chunk
        self._ahead, self._at = ahead, 0
        return ahead

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        if self._at < len(self._ahead):
            data = self._ahead[self._at : self._at + size]
            self._at += len(data)
            return data
        if size >= CHUNK_BYTES:
            return self._pull(size)
        # Small reads are served from one large one.
        self._ahead = self._pull(CHUNK_BYTES)
        self._at = min(size, len(self._ahead))
        return self._ahead[:size]

    def read_exactly(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end."""
        data = self.read(size)
        if len(data) == size or not data:
            return data
        parts = [data]
        missing = size - len(data)
        while missing and (data := self.read(missing)):
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """Let `size` bytes run by; returns how many there were."""
        left = size
        while left and (data := self.read(min(left, CHUNK_BYTES))):
            left -= len(data)
        return size - left

    def drain(self) -> None:
        """Let the rest run by, so that the hash is of everything."""
        self._ahead, self._at = b"", 0
        while self._pull(CHUNK_BYTES):
            pass

    def digest(self) -> str | None:
        """SHA-256 (hex) of what has run by, when it was hashed."""
        return self._hash.hexdigest() if self._hash else None

    def _pull(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.size_bytes += len(data)
        if self._hash:
            self._hash.update(data)
        return data
