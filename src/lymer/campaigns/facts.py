"""What is known of every shape, as arrays: the ground on which shapes are compared."""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array

from lymer.engine import answer
from lymer.features import SKETCH_SIZE, steady_traits

Codes = npt.NDArray[np.int32]

_FACTS = """
SELECT s.shape, s.message_count, f.sketch, f.word_count, f.subject_skeleton,
       f.traits, f.link_form, p.picture_hash, m.charset, m.from_address, m.list_id,
       split_part(m.layout, '|', 1) AS mime,
       regexp_replace(split_part(m.layout, '|', 2), '[0-9]+', '', 'g') AS lines,
       split_part(m.layout, '|', 3) AS tags
FROM shapes s
JOIN messages m ON m.message_id = s.first_id
JOIN fingerprints f ON f.message_id = s.first_id
LEFT JOIN (
    SELECT message_id, arg_min(picture_hash, position) AS picture_hash
    FROM attachments WHERE picture_hash IS NOT NULL GROUP BY message_id
) p ON p.message_id = s.first_id
ORDER BY s.shape
"""

_TIMES = """
SELECT s.shape, epoch(min(m.received_at)) AS first_at, epoch(max(m.received_at)) AS last_at
FROM shape_messages s JOIN messages m ON m.message_id = s.message_id
GROUP BY s.shape ORDER BY s.shape
"""

_USED = """
CREATE OR REPLACE TEMP TABLE used AS
SELECT DISTINCT sm.shape, s.kind, s.value
FROM selectors s JOIN shape_messages sm ON sm.message_id = s.message_id
"""

_SHARED = """
CREATE OR REPLACE TEMP TABLE shared AS
SELECT kind, value, CAST(row_number() OVER (ORDER BY kind, value) - 1 AS BIGINT) AS number
FROM (
    SELECT kind, value FROM used GROUP BY kind, value HAVING count(*) > 1
    UNION ALL
    -- What only one shape has says that it has some, and is never shared.
    SELECT DISTINCT kind, NULL FROM used
)
"""

_NUMBERED = """
SELECT DISTINCT u.shape, coalesce(s.number, n.number) AS number
FROM used u
LEFT JOIN shared s ON s.kind = u.kind AND s.value = u.value
JOIN shared n ON n.kind = u.kind AND n.value IS NULL
ORDER BY number, u.shape
"""


@dataclass(frozen=True)
class Selectors:
    """Selectors of shapes: entry i says that `shape[i]` has selector `number[i]`, both (n,)."""

    shape: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    kinds: list[str]
    values: list[str | None]
    """Null for what only one shape has: those stand together, by kind, under one number."""
    rarity: npt.NDArray[np.float64]
    """By selector: 1 where all shapes that have it are of one make, less the more makes share it.
    What many unlike mails share is a common thing: a brand's host, a footer, a quoted number."""


@dataclass(frozen=True)
class Facts:
    """Of each of n shapes; a code of -1 stands for nothing."""

    message_count: npt.NDArray[np.int64]
    sketches: npt.NDArray[np.uint32]
    """(n, SKETCH_SIZE); meaningless where `has_text` is false."""
    has_text: npt.NDArray[np.bool_]
    words: npt.NDArray[np.int64]
    codes: dict[str, Codes]
    """By name: mime, lines, tags, subject, dialect, form, charset, sender, list, and the traits
    of the dialect: from, id, date, folding, boundary, forged, odd."""
    pictures: npt.NDArray[np.uint64]
    """Perceptual hash of the first picture; 0 where there is none."""
    richness: npt.NDArray[np.float64]
    """Parts that its layout has, of lines and of tags: (n, 2)."""
    first_at: npt.NDArray[np.float64]
    last_at: npt.NDArray[np.float64]
    """Unix seconds; NaN where no receipt is known."""
    selectors: Selectors
    by_kind: dict[str, csr_array]
    """By group of kinds, (n, selectors): the rarity of each selector that a shape has."""

    @property
    def count(self) -> int:
        return len(self.message_count)


# The rarity of what only one shape has: present, and as good as nothing where it meets itself.
UNSHARED = 1e-18
# An overlap below this is none.
NOTHING = 1e-8

GROUPS = {
    "domain": ("domain", "host"),
    "drop": ("mailbox", "phone", "wallet", "ticker"),
    "picture": ("picture", "attachment"),
    "word": ("word",),
    "name": ("name",),
    "page": ("page",),
}


CODED = {
    "mime": "mime",
    "lines": "lines",
    "tags": "tags",
    "subject": "subject_skeleton",
    "dialect": "traits",
    "form": "link_form",
    "charset": "charset",
    "sender": "from_address",
    "list": "list_id",
}
"""Name of a code, and the column of `describe_shapes` that it stands for."""


def describe_shapes(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """A row a shape, in their order; needs the tables that `collapse` makes.

    The traits are the steady ones: a dialect stays the same when the month turns.
    """
    rows = answer(connection, _FACTS)
    encoded = rows["traits"].combine_chunks().dictionary_encode()
    told = [
        None if text is None else steady_traits(text) for text in encoded.dictionary.to_pylist()
    ]
    steady = pa.array(told, pa.string()).take(encoded.indices)
    return rows.set_column(rows.schema.get_field_index("traits"), "traits", steady)


def gather(connection: duckdb.DuckDBPyConnection) -> Facts:
    """The facts of all shapes; needs the tables that `collapse` makes."""
    rows = describe_shapes(connection)
    times = answer(connection, _TIMES)
    sketches = rows["sketch"].combine_chunks()
    has_text = np.asarray(sketches.is_valid())
    matrix = np.zeros((rows.num_rows, SKETCH_SIZE), dtype=np.uint32)
    texts = b"".join(sketches.drop_null().to_pylist())
    matrix[has_text] = np.frombuffer(texts, dtype="<u4").reshape(-1, SKETCH_SIZE)
    codes = {name: _codes(rows[column]) for name, column in CODED.items()}
    codes |= _traits(rows["traits"])
    richness = np.stack([_parts(rows["lines"], r"\S+"), _parts(rows["tags"], r"[a-z]+")], axis=1)
    selectors = _selectors(connection, codes)
    return Facts(
        message_count=rows["message_count"].to_numpy(),
        sketches=matrix,
        has_text=has_text,
        words=rows["word_count"].to_numpy(),
        codes=codes,
        pictures=np.array(
            [int(text, 16) if text else 0 for text in rows["picture_hash"].to_pylist()],
            dtype=np.uint64,
        ),
        richness=richness,
        first_at=times["first_at"].to_numpy().astype(np.float64),
        last_at=times["last_at"].to_numpy().astype(np.float64),
        selectors=selectors,
        by_kind={
            group: _matrix(selectors, kinds, rows.num_rows) for group, kinds in GROUPS.items()
        },
    )


def _codes(column: pa.ChunkedArray) -> Codes:
    """Equal strings to equal numbers; null and empty to -1."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = np.array(encoded.indices.fill_null(-1), dtype=np.int32)
    words = encoded.dictionary.to_pylist()
    if "" in words:
        codes[codes == words.index("")] = -1
    return codes


_TRAITS = {
    "from": "From ",
    "id": "Message-ID ",
    "date": "Date ",
    "folding": "Content-Type ",
    "boundary": "boundary ",
    "forged": "forged Received ",
}


def _traits(column: pa.ChunkedArray) -> dict[str, Codes]:
    """Each trait of the dialect by itself; `odd` is all that contradicts."""
    encoded = column.combine_chunks().dictionary_encode()
    told = [split_traits(text) for text in encoded.dictionary.to_pylist()]
    return {
        name: _codes(
            pa.chunked_array(
                [pa.array([traits[name] for traits in told], pa.string()).take(encoded.indices)]
            )
        )
        for name in (*_TRAITS, "odd")
    }


def split_traits(text: str | None) -> dict[str, str | None]:
    """The traits of a dialect by name."""
    traits = (text or "").split("; ")
    left = [trait for trait in traits if not trait.startswith((*_TRAITS.values(), "MIME "))]
    named = {
        name: next((trait for trait in traits if trait.startswith(label)), None)
        for name, label in _TRAITS.items()
    }
    return {**named, "odd": "; ".join(left)}


def _parts(column: pa.ChunkedArray, pattern: str) -> npt.NDArray[np.float64]:
    counts = pa.compute.count_substring_regex(column, pattern)
    return np.asarray(counts.to_numpy(), dtype=np.float64)


def _selectors(connection: duckdb.DuckDBPyConnection, codes: dict[str, Codes]) -> Selectors:
    connection.execute(_USED)
    connection.execute(_SHARED)
    names = answer(connection, "SELECT kind, value FROM shared ORDER BY number")
    rows = answer(connection, _NUMBERED)
    shape = rows["shape"].to_numpy().astype(np.int64)
    number = rows["number"].to_numpy().astype(np.int64)
    make = codes["tags"].astype(np.int64) * (1 << 31) + codes["lines"]
    makes = np.unique(np.stack((number, make[shape]), axis=1), axis=0)[:, 0]
    spread = np.bincount(makes, minlength=names.num_rows)
    rarity = 1.0 / (1.0 + np.log2(np.maximum(spread, 1)))
    rarity[np.asarray(names["value"].combine_chunks().is_null())] = UNSHARED
    return Selectors(shape, number, names["kind"].to_pylist(), names["value"].to_pylist(), rarity)


def _matrix(selectors: Selectors, kinds: tuple[str, ...], count: int) -> csr_array:
    wanted = np.isin(np.array(selectors.kinds, dtype=object), kinds)
    kept = wanted[selectors.number] if len(selectors.number) else np.zeros(0, dtype=bool)
    number = selectors.number[kept]
    return csr_array(
        (np.sqrt(selectors.rarity[number]), (selectors.shape[kept], number)),
        shape=(count, len(selectors.kinds)),
    )
