"""The set of messages already seen."""

import hashlib
import random

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from lymer.evidence import SeenMessages


def name(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


@given(st.lists(st.lists(st.integers(0, 60), max_size=30), max_size=8), st.integers(0, 3))
def test_it_is_a_set(batches: list[list[int]], known_count: int) -> None:
    known = batches[:known_count]
    expected = {number for batch in known for number in batch}
    seen = SeenMessages([name(number) for number in batch] for batch in known)
    for batch in batches[known_count:]:
        mask = seen.add_new([name(number) for number in batch])
        for number, is_new in zip(batch, mask.tolist(), strict=True):
            assert is_new == (number not in expected)
            expected.add(number)


def test_it_takes_arrow_arrays_and_grows() -> None:
    rng = random.Random(1)
    first = [name(number) for number in range(5000)]
    seen = SeenMessages([pa.array(first[:2000]), pa.chunked_array([first[2000:4000]])])
    seen.add_new(first[4000:])
    assert len(seen) == 5000
    for start in range(0, 200_000, 4000):
        batch = [name(number) for number in range(start, start + 4000)]
        rng.shuffle(batch)
        fresh = seen.add_new(batch)
        assert fresh.sum() == max(4000 - max(5000 - start, 0), 0)
    assert len(seen) == 200_000
    assert not seen.add_new([name(number) for number in range(0, 200_000, 7)]).any()


def test_ids_with_zero_bytes_are_told_apart() -> None:
    ids = ["00" * 32, "00" * 15 + "01" + "00" * 16, "01" + "00" * 31, "ff" * 15 + "00" * 17]
    seen = SeenMessages([ids[:2]])
    assert seen.add_new(ids).tolist() == [False, False, True, True]
    assert SeenMessages([ids]).add_new(ids).tolist() == [False] * 4
