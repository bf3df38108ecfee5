"""MinHash sketches of word shingles (Broder 1997), for a whole batch at a time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from lymer.features.tokens import Hashes

SKETCH_SIZE = 64
# Pairs: of a text whose every sentence rotates its words, runs of three hardly recur.
SHINGLE_WORDS = 2
_SEED = 20071017
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
# Shingles looked at per text: a longer one is represented by its beginning.
_SHINGLE_COUNT = 4000


def shingles_of(hashes: Hashes) -> Hashes:
    """Numbers of all pairs of neighbouring words, (n - 1,) uint64; of the word where it is one."""
    if len(hashes) < SHINGLE_WORDS:
        return hashes
    hashes = hashes[: _SHINGLE_COUNT + SHINGLE_WORDS - 1]
    count = len(hashes) - SHINGLE_WORDS + 1
    mixed = np.zeros(count, dtype=np.uint64)
    for place, factor in enumerate(_MIX):
        part = hashes[place : place + count] * factor
        mixed = (mixed ^ (part ^ (part >> np.uint64(29)))) * _MIX[0]
    return mixed


def sketches_of(texts: Sequence[Hashes]) -> list[bytes | None]:
    """The sketch of each text as bytes (64 little-endian uint32); None for an empty text."""
    shingles = [shingles_of(text) for text in texts]
    offsets = np.zeros(len(texts) + 1, dtype=np.uint64)
    np.cumsum([len(s) for s in shingles], out=offsets[1:])
    if not offsets[-1]:
        return [None] * len(texts)
    flat = np.ascontiguousarray(np.concatenate(shingles))
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, SKETCH_SIZE, _SEED)
    rows = np.array(matrix.to_rows(), dtype="<u4")
    return [row.tobytes() if len(s) else None for row, s in zip(rows, shingles, strict=True)]


def agreement(
    one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]
) -> npt.NDArray[np.float64]:
    """Estimated Jaccard similarity of sketches, row by row: (n, 64) and (n, 64) to (n,)."""
    share: npt.NDArray[np.float64] = (one == other).mean(axis=1)
    return share
