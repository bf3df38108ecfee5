"""Sketches: their agreement is the Jaccard similarity, within what 64 values can tell."""

import random

import numpy as np
import pytest

from lymer.features import SKETCH_SIZE, Tokens, agreement
from lymer.features.sketch import shingles_of, sketches_of


def sketch(texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
    tokens = Tokens()
    found = sketches_of([words.hashes for words in tokens.split(texts)])
    return np.array([np.frombuffer(one or b"", dtype="<u4") for one in found])


def jaccard(one: str, other: str) -> float:
    tokens = Tokens()
    texts = [words.hashes for words in tokens.split([one, other])]
    a, b = (set(shingles.tolist()) for shingles in shingles_of(texts))
    return len(a & b) / len(a | b)


def changed(draw: random.Random, words: list[str], share: float) -> list[str]:
    return [f"other{draw.randrange(10**6)}z" if draw.random() < share else w for w in words]


def test_agreement_is_jaccard() -> None:
    draw = random.Random(11)
    vocabulary = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in ("ler", "nim", "tos")]
    pairs = []
    for number in range(300):
        words = draw.choices(vocabulary, k=draw.randrange(60, 200))
        pairs.append((" ".join(words), " ".join(changed(draw, words, (number % 30) / 60))))
    estimate = agreement(sketch([a for a, _ in pairs]), sketch([b for _, b in pairs]))
    truth = np.array([jaccard(a, b) for a, b in pairs])
    assert np.ptp(truth) > 0.7
    error = estimate - truth
    # A share of 64 draws: standard error at most 1/16; of 300 means, less than a hundredth.
    assert abs(error.mean()) < 0.015
    assert error.std() < 0.07
    assert np.abs(error).max() < 0.27


def test_equal_and_foreign_texts() -> None:
    texts = ["one two three four five six seven", "eight nine ten eleven twelve thirteen"]
    found = sketch(texts)
    assert found.shape == (2, SKETCH_SIZE)
    assert agreement(found, found).tolist() == [1, 1]
    assert agreement(found[:1], found[1:])[0] < 0.1


def test_order_of_words_counts() -> None:
    words = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(100)]
    draw = random.Random(5)
    shuffled = draw.sample(words, len(words))
    found = sketch([" ".join(words), " ".join(shuffled)])
    assert agreement(found[:1], found[1:])[0] < 0.2


def test_a_text_without_words_has_no_sketch() -> None:
    tokens = Tokens()
    texts = [w.hashes for w in tokens.split(["", "one two three four five six", "--"])]
    none, some, signs = sketches_of(texts)
    assert none is None
    assert signs is None
    assert some is not None
    assert len(some) == 4 * SKETCH_SIZE
    assert sketches_of([]) == []
    assert sketches_of(texts[:1]) == [None]


def test_a_sketch_does_not_depend_on_its_neighbours() -> None:
    tokens = Tokens()
    gardens = [f"the {n} gnomes of garden {letter}" for n, letter in enumerate("abcdefgh")]
    texts = [words.hashes for words in tokens.split([*gardens, "one", "", "two"])]
    assert sketches_of(texts) == [sketches_of([text])[0] for text in texts]


@pytest.mark.parametrize("length", [1, 2, 3, 5000])
def test_short_and_long(length: int) -> None:
    tokens = Tokens()
    text = " ".join("abcdefghij"[n % 10] * (1 + n // 10 % 9) for n in range(length))
    (found,) = sketches_of([tokens.split([text])[0].hashes])
    assert found is not None
