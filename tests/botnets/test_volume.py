"""Numbers of mails: what was seen, and what a captured list makes of it."""

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lymer.botnets.volume import count_seen, scale_up


def accepted(hits: int, traps: int, size: int) -> tuple[float, float, float]:
    [found] = [v for v in scale_up(hits, traps, size) if v.stage == "accepted"]
    assert found.low is not None
    assert found.point is not None
    assert found.high is not None
    return found.low, found.point, found.high


@pytest.mark.parametrize(
    ("traps", "share", "passes"), [(400, 0.5, 1), (60, 0.05, 1), (8, 0.3, 1), (50, 0.6, 7)]
)
def test_the_interval_holds_the_truth(traps: int, share: float, passes: int) -> None:
    rng = np.random.default_rng(1)
    size = 1_000_000
    truth = size * passes * share
    hits = rng.binomial(traps * passes, share, size=400)
    found = [accepted(int(n), traps, size) for n in hits]
    held = np.mean([low <= truth <= high for low, _, high in found])
    assert held >= 0.93
    assert np.mean([point for _, point, _ in found]) == pytest.approx(truth, rel=0.05)


def test_more_traps_say_more() -> None:
    few, many = accepted(5, 10, 1_000_000), accepted(500, 1000, 1_000_000)
    assert few[1] == many[1] == 500_000
    assert many[2] - many[0] < 0.15 * (few[2] - few[0])


def test_known_values() -> None:
    # Clopper-Pearson for 3 of 20 is 0.0321 to 0.3789; Garwood for 30 is 20.24 to 42.83.
    assert accepted(3, 20, 1000)[0] == pytest.approx(32.1, abs=0.1)
    assert accepted(3, 20, 1000)[2] == pytest.approx(378.9, abs=0.1)
    assert accepted(30, 10, 1000)[0] == pytest.approx(2024.1, abs=0.1)
    assert accepted(30, 10, 1000)[2] == pytest.approx(4282.7, abs=0.1)


@given(st.integers(-2, 50), st.integers(-2, 50), st.integers(-2, 10**9))
def test_any_numbers_give_an_interval_in_order_or_nothing(hits: int, traps: int, size: int) -> None:
    found = scale_up(hits, traps, size)
    if hits < 0 or traps < 1 or size < traps:
        assert found == []
        return
    low, point, high = accepted(hits, traps, size)
    assert 0 <= low <= point <= high
    assert high > 0
    for volume in found:
        # More is targeted and sent than accepted, nobody knows how much.
        if volume.stage != "accepted":
            assert (volume.low, volume.point, volume.high) == (low, None, None)


def test_without_a_list_only_what_was_seen() -> None:
    base = duckdb.connect()
    base.execute("CREATE TABLE campaign_messages (campaign_id VARCHAR, message_id VARCHAR)")
    base.execute("INSERT INTO campaign_messages VALUES ('b','1'), ('a','2'), ('a','3')")
    rows = count_seen(base).to_pylist()
    assert [(r["campaign_id"], r["stage"], r["low"], r["point"], r["high"]) for r in rows] == [
        ("a", "seen", 2, 2, 2),
        ("b", "seen", 1, 1, 1),
    ]
    assert all("no captured recipient list" in row["why"] for row in rows)
