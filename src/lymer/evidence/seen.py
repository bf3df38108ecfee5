"""The set of messages that a case already holds, in 16 bytes a message."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# 128 of the 256 bits: among 10^12 messages two alike by chance have odds of 1 in 10^14.
_PREFIX_BYTES = 16
_PREFIX_DIGITS = 2 * _PREFIX_BYTES
_PENDING = 1 << 16

Prefixes = npt.NDArray[np.bytes_]


class SeenMessages:
    """A growing set of message ids: a few sorted arrays and a small set of late-comers.

    `known` holds arrays of ids (Arrow arrays or sequences of hex strings).
    """

    def __init__(self, known: Iterable[Any] = ()) -> None:
        self._sorted: list[Prefixes] = []
        self._pending: set[bytes] = set()
        self._count = 0
        for ids in known:
            prefixes = np.unique(_prefixes_of(ids))
            self._count += len(prefixes)
            self._push(prefixes)

    def __len__(self) -> int:
        return self._count

    def add_new(self, ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Add `ids`; true where an id was in neither the set nor an earlier place of `ids`."""
        fresh = np.ones(len(ids), dtype=np.bool_)
        if not ids:
            return fresh
        prefixes = _prefixes_of(ids)
        for known in self._sorted:
            places = np.searchsorted(known, prefixes)
            places[places == len(known)] = 0
            fresh &= known[places] != prefixes
        pending = self._pending
        before = len(pending)
        for index in np.flatnonzero(fresh).tolist():
            prefix = bytes.fromhex(ids[index][:_PREFIX_DIGITS])
            if prefix in pending:
                fresh[index] = False
            else:
                pending.add(prefix)
        self._count += len(pending) - before
        if len(pending) >= _PENDING:
            joined = np.frombuffer(b"".join(pending), dtype=f"S{_PREFIX_BYTES}")
            self._push(np.sort(joined))
            pending.clear()
        return fresh

    def _push(self, prefixes: Prefixes) -> None:
        """Add a sorted array, merging so that the arrays shrink by half or more each."""
        if not len(prefixes):
            return
        while self._sorted and len(self._sorted[-1]) < 2 * len(prefixes):
            # A stable sort merges runs that are sorted already.
            prefixes = np.sort(np.concatenate([self._sorted.pop(), prefixes]), kind="stable")
        self._sorted.append(prefixes)


def _prefixes_of(ids: Any) -> Prefixes:
    """The first 128 bits of hex ids; numpy pads with NULs, so fixed width loses nothing."""
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.combine_chunks()
    if isinstance(ids, pa.Array):
        ids = pc.utf8_slice_codeunits(ids, 0, _PREFIX_DIGITS).to_pylist()
        digits = "".join(ids)
    else:
        digits = "".join([each[:_PREFIX_DIGITS] for each in ids])
    return np.frombuffer(bytes.fromhex(digits), dtype=f"S{_PREFIX_BYTES}")
