"""The agreement of two groupings, against the definitions written out over all pairs."""

from itertools import combinations
from math import isclose, log

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lymer.lab.score.partitions import compare

_labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=14)


def _measured(true: list[int], found: list[int]) -> dict[str, float | None]:
    agreement = compare(
        pa.array(true, pa.int64()), pa.array(found, pa.int64()), np.ones(len(true), dtype=np.int64)
    )
    return {name: finding.value for name, finding in agreement.findings().items()}


def test_five_things_by_hand() -> None:
    # Truth {0 1 2} {3 4}, found {0 1} {2 3 4}. Together in truth: 01 02 12 34; found: 01 23 24 34.
    measured = _measured([0, 0, 0, 1, 1], [0, 0, 1, 1, 1])
    assert measured["pair_precision"] == pytest.approx(2 / 4)
    assert measured["pair_recall"] == pytest.approx(2 / 4)
    # Chance gives 4 * 4 / 10 pairs, the most is 4: (2 - 1.6) / (4 - 1.6).
    assert measured["adjusted_rand"] == pytest.approx(1 / 6)
    assert measured["bcubed_precision"] == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert measured["bcubed_recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert measured["macro_recall"] == pytest.approx((1 / 3 + 1) / 2)
    assert measured["macro_purity"] == pytest.approx((1 + 2 / 3) / 2)
    assert measured["number_ratio"] == 1.0


def test_one_giant_does_not_decide() -> None:
    """Two small groups torn apart beside a giant that is whole: the macro mean shows it."""
    true = [0] * 1000 + [1, 1, 2, 2]
    found = [0] * 1000 + [1, 2, 3, 4]
    measured = _measured(true, found)
    assert measured["pair_recall"] is not None
    assert measured["pair_recall"] > 0.999
    assert measured["macro_recall"] == pytest.approx(1 / 3)


def test_counts_stand_for_things() -> None:
    true, found = pa.array(["a", "a", "b", "a"]), pa.array(["x", "y", "y", "x"])
    counted = compare(true, found, np.array([1, 1, 2, 1]))
    assert (
        counted.findings()
        == compare(
            pa.array(["a", "a", "a", "b", "b"]),
            pa.array(["x", "x", "y", "y", "y"]),
            np.ones(5, int),
        ).findings()
    )


def test_nothing_to_measure_is_not_a_number() -> None:
    alone = _measured([0, 1, 2], [0, 1, 2])
    assert alone["pair_precision"] is None
    assert alone["pair_recall"] is None
    assert alone["macro_purity"] is None
    assert alone["adjusted_rand"] == 1.0
    assert _measured([], [])["v_measure"] is None


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_labels)
def test_as_defined_over_all_pairs(things: list[tuple[int, int]]) -> None:
    true, found = [t for t, _ in things], [f for _, f in things]
    measured = _measured(true, found)
    a = b = c = d = 0
    for (t, f), (u, g) in combinations(things, 2):
        a += t == u and f == g
        b += t == u and f != g
        c += t != u and f == g
        d += t != u and f != g
    _same(measured["pair_precision"], a / (a + c) if a + c else None)
    _same(measured["pair_recall"], a / (a + b) if a + b else None)
    # Adjusted Rand from the four counts of pairs (Steinley 2004).
    below = (a + b) * (b + d) + (a + c) * (c + d)
    _same(measured["adjusted_rand"], 2 * (a * d - b * c) / below if below else 1.0)
    size = len(things)
    precision = recall = 0.0
    for t, f in things:
        both = sum(u == t and g == f for u, g in things)
        precision += both / found.count(f) / size
        recall += both / true.count(t) / size
    _same(measured["bcubed_precision"], precision)
    _same(measured["bcubed_recall"], recall)
    homogeneity, completeness = _known(true, found), _known(found, true)
    _same(measured["homogeneity"], homogeneity)
    _same(measured["completeness"], completeness)
    both_ = homogeneity + completeness
    _same(measured["v_measure"], 2 * homogeneity * completeness / both_ if both_ > 1e-12 else 0.0)


def _known(one: list[int], other: list[int]) -> float:
    """1 - H(one | other) / H(one), by its definition as a sum over values."""
    size = len(one)
    whole = -sum(one.count(x) / size * log(one.count(x) / size) for x in set(one))
    left = 0.0
    for y in set(other):
        inside = [o for o, p in zip(one, other, strict=True) if p == y]
        for x in set(inside):
            left -= inside.count(x) / size * log(inside.count(x) / len(inside))
    return 1 - left / whole if whole else 1.0


def _same(measured: float | None, expected: float | None) -> None:
    if expected is None or measured is None:
        assert measured is expected
    else:
        assert isclose(measured, expected, abs_tol=1e-9), (measured, expected)
