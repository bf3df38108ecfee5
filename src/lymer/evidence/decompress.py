"""Compressed streams (gz, bz2, xz, zst), read in bounded memory and with a bound on what comes out.

RFC 1952 (gzip), RFC 8878 (Zstandard). Several streams one after the other are one stream, as
their own tools have it. Damage ends the stream; what came before it is kept.
"""

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from lymer.evidence.limits import Limits
from lymer.evidence.streams import Stream

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_INPUT_BYTES = 64 << 10
# libzstd refuses a larger window; 2^29 bytes is the limit of 512 MiB for every decoder.
_ZSTD_WINDOW_LOG = 29
_DAMAGE = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, ValueError, EOFError, MemoryError)


class Budget:
    """What one archive may still expand to, charged to the archives around it as well.

    Once it is used up, the streams of this archive end; they say `bomb_refused`. What comes out
    is measured by the compressed bytes read, or by `size_bytes`, the size of an archive whose
    members may overlap.
    """

    def __init__(
        self, limits: Limits, parent: "Budget | None" = None, size_bytes: int | None = None
    ) -> None:
        self.is_blown = False
        self._taken = size_bytes or 0
        self._is_sized = size_bytes is not None
        self._limits = limits
        self._parent = parent
        self._own = 0
        self._below = 0

    @property
    def is_refused(self) -> bool:
        """Is this archive, or one around it, a bomb?"""
        return self.is_blown or (self._parent is not None and self._parent.is_refused)

    def take(self, size: int) -> None:
        """Note that `size` compressed bytes were read."""
        if not self._is_sized:
            self._taken += size

    def spend(self, size: int) -> None:
        """Note that `size` bytes came out."""
        limits = self._limits
        self._own += size
        self._check(self._own, limits.free_expansion_bytes)
        around = self._parent
        while around is not None:
            around._below += size
            around._check(around._below, limits.nested_expansion_bytes)
            around = around._parent

    def _check(self, size: int, free_bytes: int) -> None:
        limits = self._limits
        is_bomb = size > free_bytes and size > limits.expansion_ratio * self._taken
        if is_bomb or self._own + self._below > limits.expanded_bytes:
            self.is_blown = True


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflate:
    """zlib in the shape of the other decoders."""

    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        # An error throws away all that the call had made: with a copy the call can be repeated
        # in small steps, up to the damage itself.
        data = self._inner.unconsumed_tail + data
        before = self._inner.copy()
        try:
            out = self._inner.decompress(data, max_length)
        except zlib.error:
            saved = b""
            for at in range(len(data)):
                try:
                    saved += before.decompress(data[at : at + 1])
                except zlib.error:
                    break
            raise _DamagedError(saved) from None
        self.needs_input = not self._inner.unconsumed_tail and len(out) < max_length
        return out


class _DamagedError(Exception):
    """Damage met, and what was read before it."""

    def __init__(self, saved: bytes) -> None:
        super().__init__("damaged")
        self.saved = saved


class Expanded:
    """What a compressed stream expands to.

    `method` is gz, bz2, xz, zst, or deflate (without a frame, in a zip). With `is_single`, what
    follows the first compressed stream is left alone.
    """

    def __init__(
        self,
        source: Stream,
        method: str,
        budget: Budget,
        limits: Limits,
        *,
        is_single: bool = False,
    ) -> None:
        self.fault: str | None = None
        self.has_garbage = False
        self._source = source
        self._make = _DECODERS[method](limits)
        self._decoder = self._make()
        self._budget = budget
        self._is_single = is_single
        self._is_ended = False
        self._input = b""

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        while not self._is_ended:
            if self._budget.is_refused:
                return self._end("bomb_refused")
            try:
                data = self._step(size)
            except _DamagedError as damage:
                self._end("damaged")
                return self._spent(damage.saved)
            except _DAMAGE:
                return self._end("damaged")
            if data:
                return self._spent(data)
        return b""

    def rest(self) -> bytes:
        """Input that was read but not used: what follows a single stream."""
        return self._input

    def _spent(self, data: bytes) -> bytes:
        self._budget.spend(len(data))
        return data

    def _end(self, fault: str | None) -> bytes:
        self.fault = self.fault or fault
        self._is_ended = True
        return b""

    def _step(self, size: int) -> bytes:
        decoder = self._decoder
        if decoder.eof:
            return self._next_stream(size)
        if decoder.needs_input and not self._input:
            self._input = self._pull()
            if not self._input:
                return self._end(self._source.fault or "truncated")
        data, self._input = self._input, b""
        out = decoder.decompress(data, size)
        self._input = decoder.unused_data
        return out

    def _next_stream(self, size: int) -> bytes:
        if self._is_single:
            return self._end(None)
        # Tapes and some tools pad with NULs.
        rest = self._input.lstrip(b"\0") or self._pull().lstrip(b"\0")
        while not rest:
            more = self._pull()
            if not more:
                return self._end(self._source.fault)
            rest = more.lstrip(b"\0")
        self._decoder = self._make()
        try:
            out = self._decoder.decompress(rest, size)
        except _DamagedError as damage:
            if damage.saved:
                raise
            self.has_garbage = True
            return self._end(None)
        except _DAMAGE:
            self.has_garbage = True
            return self._end(None)
        self._input = self._decoder.unused_data
        return out

    def _pull(self) -> bytes:
        data = self._source.read(_INPUT_BYTES)
        self._budget.take(len(data))
        return data


def _gzip(_: Limits) -> Callable[[], _Decoder]:
    return lambda: _Inflate(31)


def _deflate(_: Limits) -> Callable[[], _Decoder]:
    return lambda: _Inflate(-15)


def _bzip2(_: Limits) -> Callable[[], _Decoder]:
    return bz2.BZ2Decompressor


def _xz(limits: Limits) -> Callable[[], _Decoder]:
    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=limits.decoder_bytes)


def _zstandard(_: Limits) -> Callable[[], _Decoder]:
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
    return lambda: zstd.ZstdDecompressor(options=options)


_DECODERS: dict[str, Callable[[Limits], Callable[[], _Decoder]]] = {
    "gz": _gzip,
    "deflate": _deflate,
    "bz2": _bzip2,
    "xz": _xz,
    "zst": _zstandard,
}
