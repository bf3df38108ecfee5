"""The census on populations whose size is known, and its refusals."""

from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

from lymer.botnets.abundance import Shapes
from lymer.botnets.census import CensusRule, Population, Sightings, count_bots, take_census
from lymer.botnets.churn import CHANGES, weigh_changes

SHAPES = Shapes()
RULE = CensusRule()


def world(
    seed: int,
    *,
    bots: int,
    mails: float,
    change: float = 0.1,
    spread: float = 1.0,
    days: int = 12,
    duty: float = 0.6,
) -> tuple[Sightings, float]:
    """Sightings, and the mean of live bots; the bots' addresses change at some time of a day."""
    rng = np.random.default_rng(seed)
    rate = rng.lognormal(0, spread, bots)
    address = np.arange(bots)
    following = bots
    rows, live_counts = [], []
    for day in range(days):
        before = address.copy()
        moved = np.flatnonzero(rng.random(bots) < change)
        address[moved] = following + np.arange(len(moved))
        following += len(moved)
        # Half of the changes fall between the days.
        before[rng.random(bots) < 0.5] = -1
        old = np.where(before < 0, address, before)
        switch = rng.random(bots)
        live = np.flatnonzero(rng.random(bots) < duty)
        live_counts.append(len(live))
        chosen = rng.choice(live, rng.poisson(mails * len(live)), p=rate[live] / rate[live].sum())
        early = rng.random(len(chosen)) < switch[chosen]
        rows += [(day, a) for a in np.where(early, old[chosen], address[chosen]).tolist()]
    unique, counts = np.unique(np.array(rows), axis=0, return_counts=True)
    return Sightings(unique[:, 0], unique[:, 1], counts, np.zeros_like(counts)), float(
        np.mean(live_counts)
    )


def held(size: Population, truth: float) -> bool:
    live = size.live
    return live.low <= truth and (live.high is None or truth <= live.high)


@pytest.mark.parametrize(
    ("mails", "change"), [(2.0, 0.02), (2.0, 0.7), (0.6, 0.1), (0.6, 0.7), (0.15, 0.1)]
)
def test_the_interval_holds_the_truth_and_the_point_is_near(mails: float, change: float) -> None:
    sizes = [
        (count_bots(seen, RULE, SHAPES), truth)
        for seen, truth in (
            world(seed, bots=120 + 40 * seed, mails=mails, change=change) for seed in range(24)
        )
    ]
    assert sum(held(size, truth) for size, truth in sizes) >= 21
    points = [size.live.point / truth - 1 for size, truth in sizes if size.live.point]
    if mails >= 2:
        assert len(points) > 12
    if points:
        assert abs(np.median(points)) < 0.15
    # It says more than nothing: where there is a high end, it is within ten of the low one.
    assert all(s.live.high <= 10 * s.live.low for s, _ in sizes if s.live.high is not None)


def test_the_footprint_overcounts_where_addresses_change() -> None:
    seen, truth = world(3, bots=300, mails=1.0, change=0.7)
    size = count_bots(seen, RULE, SHAPES)
    assert size.footprint > 3 * truth
    assert held(size, truth)


def test_hardly_any_resighting_gives_a_bound_and_says_so() -> None:
    seen, truth = world(5, bots=4000, mails=0.01)
    size = count_bots(seen, RULE, SHAPES)
    assert size.live.point is None
    assert size.live.high is None
    assert 0 < size.live.low <= truth
    assert "bound" in size.why


def test_one_sighting_is_one_bot_at_least() -> None:
    one = np.array([13_000])
    size = count_bots(Sightings(one, np.array([0]), np.array([1]), np.array([0])), RULE, SHAPES)
    assert (size.first_day, size.last_day, size.footprint) == (13_000, 13_000, 1)
    assert 0.5 < size.live.low <= 1
    assert size.live.high is None
    assert set(size.days) == {13_000}


def test_everything_seen_again_and_again_is_counted_out() -> None:
    # 30 bots that send fifty mails each on each of ten days from addresses of their own.
    day = np.repeat(np.arange(10), 30)
    seen = Sightings(
        day, np.tile(np.arange(30), 10), np.full(300, 50), np.zeros(300, dtype=np.int64)
    )
    live = count_bots(seen, RULE, SHAPES).live
    assert live.low <= 30
    assert live.point is not None
    assert abs(live.point / 30 - 1) < 0.15
    assert live.high is not None
    assert live.high < 45


def test_days_have_intervals_of_their_own() -> None:
    # The botnet halves in the midst of the window.
    first, many = world(7, bots=400, mails=1.5, days=5)
    second, few = world(8, bots=200, mails=1.5, days=5)
    seen = Sightings(
        np.concatenate([first.day, second.day + 5]),
        np.concatenate([first.address, second.address + 10_000]),
        np.concatenate([first.mails, second.mails]),
        np.concatenate([first.rest, second.rest]),
    )
    days = count_bots(seen, CensusRule(window_share=1.0), SHAPES).days
    middles = [np.sqrt(days[day].low * (days[day].high or np.inf)) for day in range(10)]
    found = np.median(middles[:5]) / np.median(middles[5:])
    assert found == pytest.approx(many / few, rel=0.3)
    # Days of one size agree better than any of them is known.
    assert max(middles[:5]) < 1.3 * min(middles[:5])


@pytest.mark.parametrize("change", [0.02, 0.3, 0.7])
def test_the_speed_of_change_is_read_off_resightings(change: float) -> None:
    found = []
    for seed in range(6):
        seen, _ = world(seed, bots=200, mails=1.5, change=change)
        weights = weigh_changes(seen.day, seen.address, seen.mails)
        assert weights.sum() == pytest.approx(1)
        found.append(float(weights @ CHANGES))
    assert np.median(found) == pytest.approx(change, abs=0.1)


def test_without_resightings_every_speed_is_as_likely() -> None:
    weights = weigh_changes(np.array([1, 2]), np.array([0, 1]), np.array([1, 1]))
    assert weights == pytest.approx(1 / len(CHANGES))


def test_the_likelihood_is_the_integral_that_it_stands_for() -> None:
    counts = np.array([1, 1, 2, 7])
    totals = np.array([4.0, 9.5, 40.0])
    given = SHAPES.day(counts, totals)
    number = SHAPES.all.index((1.0, 0.33, 0.3))

    def chance(count: int, mean: float) -> float:
        scale = 0.33 + 0.67 * 0.3
        found = 0.0
        for share, factor in ((0.33, 1.0), (0.67, 0.3)):

            def sent(z: float, factor: float = factor) -> float:
                rate = mean * factor / scale * np.exp(z - 0.5)
                log = count * np.log(rate) - rate - gammaln(count + 1)
                return float(np.exp(log - z * z / 2) / np.sqrt(2 * np.pi))

            found += share * quad(sent, -8, 8)[0]
        return found

    for row, total in enumerate(totals.tolist()):
        mean = counts.sum() / total
        expected = gammaln(total + 1) - gammaln(total - 4 + 1)
        expected += (total - 4) * np.log(chance(0, mean))
        expected += sum(np.log(chance(int(count), mean)) for count in counts)
        assert given[row, number] == pytest.approx(expected, abs=0.01)


def test_counts_of_any_size_join_smoothly() -> None:
    # Where the exact chance ends and the smooth one begins nothing jumps.
    totals = np.array([3.0, 5.0, 9.0, 16.0])
    values = [SHAPES.day(np.array([count, 3, 1]), totals) for count in (59, 60, 61, 62)]
    steps = np.abs(np.diff(values, axis=0))
    # The narrowest shapes have no such counts.
    assert steps[:, :, 15:].max() < 0.3
    assert np.isfinite(SHAPES.day(np.array([1_000_000, 1]), totals)).all()


def _case(rows: list[tuple[str, str, datetime | None]]) -> duckdb.DuckDBPyConnection:
    """Messages of botnet b (campaign c): id, client, time."""
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'")
    names = ("message_id", "client_ip", "received_at")
    types = (pa.string(), pa.string(), pa.timestamp("us", tz="UTC"))
    columns = list(zip(*rows, strict=True))
    messages = pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)})
    base.register("given", messages)
    base.execute("CREATE TABLE messages AS SELECT * FROM given")
    base.execute(
        "CREATE TABLE campaign_messages AS SELECT 'c' AS campaign_id, message_id FROM given"
    )
    base.execute("CREATE TABLE botnet_campaigns AS SELECT 'b' AS botnet_id, 'c' AS campaign_id")
    base.execute(
        "CREATE TABLE bots AS SELECT DISTINCT 'b' AS botnet_id, client_ip FROM given "
        "WHERE client_ip <> '192.0.2.99'"
    )
    return base


def test_the_tables_of_a_case() -> None:
    midnight = datetime(2008, 1, 5, tzinfo=UTC)
    rows: list[tuple[str, str, datetime | None]] = [
        (f"{day}.{bot}.{n}", f"192.0.2.{bot}", midnight + timedelta(days=day, hours=n))
        for day in range(4) for bot in range(1, 21) for n in range(12)
    ]  # fmt: skip
    rows.append(("stranger", "192.0.2.99", midnight))
    rows.append(("undated", "192.0.2.1", None))
    census = take_census(_case(rows))
    [row] = census.populations.to_pylist()
    assert row["footprint"] == 20
    assert row["window_start_at"] == midnight
    assert row["window_end_at"] - row["window_start_at"] == timedelta(days=4)
    assert row["hours"] == [80] * 12 + [0] * 12
    assert row["live_low"] <= 20 <= row["live_high"]
    assert row["mails_per_bot"] == pytest.approx(240 / row["live"])
    assert row["mails_per_bot_low"] == pytest.approx(240 / row["live_high"])
    assert row["mails_per_bot_high"] == pytest.approx(240 / row["live_low"])
    days = census.live_days.to_pylist()
    assert [day["message_count"] for day in days] == [240] * 4
    assert [day["client_count"] for day in days] == [20] * 4


def test_a_botnet_without_a_dated_mail_has_no_number() -> None:
    census = take_census(_case([("a", "192.0.2.1", None)]))
    assert census.populations.num_rows == 0
    assert census.live_days.num_rows == 0


def test_a_campaign_of_two_botnets_tells_of_neither_size() -> None:
    # Of campaign d only those clients are b's that c showed too: the busy ones.
    midnight = datetime(2008, 1, 5, tzinfo=UTC)
    rows: list[tuple[str, str, datetime | None]] = [
        (f"c.{bot}", f"192.0.2.{bot}", midnight) for bot in range(1, 21)
    ]
    base = _case(rows)
    alone = take_census(base).populations.to_pylist()
    for bot in range(1, 21):
        for n in range(3):
            base.execute(
                "INSERT INTO messages VALUES (?, ?, ?)",
                [f"d.{bot}.{n}", f"192.0.2.{bot}", midnight + timedelta(hours=n)],
            )
            base.execute("INSERT INTO campaign_messages VALUES ('d', ?)", [f"d.{bot}.{n}"])
    base.execute("INSERT INTO botnet_campaigns VALUES ('b', 'd'), ('other', 'd')")
    together = take_census(base).populations.to_pylist()
    del alone[0]["hours"], together[0]["hours"]
    assert together == alone


def test_the_low_end_allows_for_a_second_botnet_in_one_campaign() -> None:
    # Campaign d, written as c at first, shows a third of the clients of c.
    midnight = datetime(2008, 1, 5, tzinfo=UTC)
    rows: list[tuple[str, str, datetime | None]] = [
        (f"{name}.{bot}.{n}", f"192.0.2.{bot}", midnight + timedelta(hours=n))
        for name, last in (("c", 60), ("d", 20))
        for bot in range(1, last + 1)
        for n in range(6)
    ]
    base = _case(rows)
    [of_one] = take_census(base).populations.to_pylist()
    base.execute("UPDATE campaign_messages SET campaign_id = message_id[1]")
    base.execute("INSERT INTO botnet_campaigns VALUES ('b', 'd')")
    census = take_census(base)
    [of_two] = census.populations.to_pylist()
    assert of_two["footprint"] == of_one["footprint"] == 60
    assert 14 < of_two["live_low"] < 22
    assert of_one["live_low"] > 40
    assert of_two["live_high"] == of_one["live_high"]
    assert "second botnet" in of_two["why"]
    assert "second botnet" not in of_one["why"]
    [day] = census.live_days.to_pylist()
    assert day["live_low"] < 22
