"""A sample of the messages, at a cost that does not grow with the pile."""

import itertools
from collections.abc import Iterator, Sequence
from typing import IO

from lymer.evidence.kinds import HEAD_BYTES, recognise
from lymer.evidence.limits import Limits
from lymer.evidence.mbox import find_separator, split
from lymer.evidence.reader import Found, Reader, Resume
from lymer.evidence.sources import Source, open_file, source_files
from lymer.evidence.streams import Consumed, FileStream, MemoryStream

# Headers are what a survey is for.
_MESSAGE_BYTES = 256 << 10
_SAMPLE_BYTES = 256 << 20
# A file is worth looking into as far as this, however many there are.
_FILE_BYTES = 1 << 20
_WINDOWS = 64


def sample(sources: Sequence[Source], count: int) -> Iterator[bytes]:
    """Up to `count` raw messages (cut at 256 KiB each), the same ones every time.

    Of a plain mbox the first part and windows spaced evenly, of many files some spaced evenly,
    of archives the first messages.
    """
    # Two walks instead of a list: a pile may have more files than fit in memory.
    file_count = sum(1 for path in _files(sources))
    if not file_count or count < 1:
        return
    chosen_count = min(count, file_count)
    numbers = (index * file_count // chosen_count for index in range(chosen_count))
    most_bytes = max(_SAMPLE_BYTES // chosen_count, _FILE_BYTES)
    left = count
    wanted = next(numbers)
    done = 0
    for number, path in enumerate(_files(sources)):
        if number != wanted:
            continue
        share = -(-left // (chosen_count - done))
        for raw in _messages(path, share, most_bytes):
            left -= 1
            yield raw
        done += 1
        following = next(numbers, None)
        if following is None or left <= 0:
            return
        wanted = following


def _files(sources: Sequence[Source]) -> Iterator[str]:
    return itertools.chain.from_iterable(source_files(source) for source in sources)


def _messages(path: str, count: int, most_bytes: int) -> Iterator[bytes]:
    """Up to `count` messages of one file, from about `most_bytes` bytes of it."""
    try:
        with open_file(path) as file:
            size = file.seek(0, 2)
            file.seek(0)
            is_mbox = recognise(file.read(HEAD_BYTES), path) == "mbox"
            file.seek(0)
            if is_mbox and size > most_bytes:
                yield from itertools.islice(_spread(file, size, count, most_bytes), count)
            else:
                yield from itertools.islice(_first(file, path, most_bytes), count)
    except OSError:
        # What cannot be read is noted when it is sealed.
        return


def _first(file: IO[bytes], name: str, most_bytes: int) -> Iterator[bytes]:
    limits = Limits(message_bytes=_MESSAGE_BYTES, expanded_bytes=most_bytes)
    reader = Reader(limits, Resume(), Consumed())
    stream = _Bounded(FileStream(file, Consumed()), most_bytes)
    for event in reader.unsealed(stream, file, name):
        if isinstance(event, Found):
            yield event.raw


def _spread(file: IO[bytes], size: int, count: int, most_bytes: int) -> Iterator[bytes]:
    """Half from the beginning, half from windows further on."""
    left = count
    head_bytes = most_bytes // 2
    head = split(_Bounded(FileStream(file, Consumed()), head_bytes), _MESSAGE_BYTES)
    for piece in itertools.islice(head, -(-count // 2)):
        left -= 1
        yield piece.data
    for index in range(_WINDOWS):
        share = -(-left // (_WINDOWS - index))
        # Windows begin behind the head and leave the last one room before the end.
        file.seek(head_bytes + (size - head_bytes) * index // _WINDOWS)
        window = file.read(head_bytes // _WINDOWS)
        start = find_separator(window)
        if start is None or not share:
            continue
        rest = MemoryStream(window[start:])
        pieces = list(itertools.islice(split(rest, _MESSAGE_BYTES), share + 1))
        # The last one may be cut by the window.
        for piece in pieces[: share if len(pieces) > share else -1]:
            left -= 1
            yield piece.data


class _Bounded:
    """The first part of a stream."""

    def __init__(self, stream: FileStream, size: int) -> None:
        self.fault: str | None = None
        self._stream = stream
        self._left = size

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        data = self._stream.read(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        return data
