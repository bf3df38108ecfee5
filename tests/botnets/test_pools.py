"""Pools of bots whose truth is known: joined, parted, left open."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from botnet_tables import BEGIN, Pool

from lymer.botnets.pools import LinkingRule, find_pools
from lymer.botnets.pools import Pool as Found
from lymer.botnets.resightings import SLOT_SECONDS, Sightings, compare

RULE = LinkingRule()
Sent = list[tuple[int, datetime]]


def found(campaigns: list[Sent]) -> list[Found]:
    """The pools of campaigns, each a list of address numbers and times."""
    rows = [
        (piece, client, int((at - BEGIN).total_seconds()) // SLOT_SECONDS)
        for piece, sent in enumerate(campaigns)
        for client, at in sent
    ]
    piece, client, slot = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    client = np.unique(client, return_inverse=True)[1]
    return find_pools(compare(Sightings(piece, client, slot, len(campaigns))), RULE)


def pieces(campaigns: list[Sent]) -> list[list[int]]:
    return [pool.pieces for pool in found(campaigns)]


def test_pools_of_one_engine_come_apart() -> None:
    pools = [Pool(seed, 150) for seed in (1, 2, 3)]
    campaigns = [pool.send(120, day, 3) for day in (0, 3, 6) for pool in pools]
    assert pieces(campaigns) == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    for pool in found(campaigns):
        assert pool.is_apart
        for link in pool.links.values():
            assert link.p_value < 1e-6
            assert link.shared > 10 * link.by_chance


@pytest.mark.parametrize(("twins", "mails"), [(10, 60), (10, 200), (20, 200), (20, 600)])
def test_pcs_with_two_infections_do_not_join_pools(twins: int, mails: int) -> None:
    one, other = Pool(1, 200), Pool(2, 200)
    other.share(one, twins)
    campaigns = [pool.send(mails, day, 2) for day in (0, 2, 4) for pool in (one, other)]
    assert pieces(campaigns) == [[0, 2, 4], [1, 3, 5]]


def test_a_customer_of_two_botnets_is_in_both_and_joins_nothing() -> None:
    one, other = Pool(1, 100), Pool(2, 100)
    campaigns = [one.send(150, 0, 3), other.send(150, 0, 3)]
    campaigns += [one.send(150, 3, 3) + other.send(150, 3, 3)]
    campaigns += [one.send(150, 6, 3), other.send(150, 6, 3)]
    assert pieces(campaigns) == [[0, 2, 3], [1, 2, 4]]


def test_one_campaign_alone_ties_no_others_together() -> None:
    # Weeks apart, with addresses that change every other day: only the long campaign in the
    # middle meets both ends, and its two ends may be two botnets.
    pool = Pool(1, 60, change=0.5)
    first, long, last = pool.send(120, 0, 2), pool.send(600, 2, 16), pool.send(120, 18, 2)
    assert all(len(part) == 2 for part in pieces([first, long, last]))


def test_too_thin_a_sample_gives_no_claim() -> None:
    one, other = Pool(1, 3000), Pool(2, 3000)
    campaigns = [pool.send(24, day, 3) for day in (0, 3, 6) for pool in (one, other)]
    assert pieces(campaigns) == []


def test_a_campaign_by_itself_is_a_botnet_only_where_others_would_have_shown_its_clients() -> None:
    one, other = Pool(1, 40), Pool(2, 40)
    dense = [one.send(200, 0, 4), other.send(200, 1, 4)]
    assert pieces(dense) == [[0], [1]]
    # Far apart in time nobody knows whether addresses lasted so long.
    far = [one.send(200, 4, 4), other.send(200, 200, 4)]
    assert pieces(far) == []


def test_what_a_short_campaign_shows_bounds_what_chance_may_show_later() -> None:
    # A small pool that lasts says what is likely after weeks in this engine, and that would be
    # much for a large pool whose addresses change: but its campaigns show how fast they do.
    lasting, changing = Pool(104, 20, change=0), Pool(204, 400, change=0.15)
    campaigns = [lasting.send(400, 0, 20), *(changing.send(150, day, 2) for day in (0, 10, 20))]
    assert pieces(campaigns) == [[1, 2, 3]]


@pytest.mark.parametrize("seed", range(4))
def test_pcs_that_are_on_for_a_part_of_the_day_do_not_join_pools(seed: int) -> None:
    # Each comes again a day later, hardly ever on the same day: that bounds nothing. Ten of 200
    # are in both pools.
    rng = np.random.default_rng(seed)
    one, other = np.arange(200), np.r_[:10, 1010:1200]
    campaigns = [
        [
            (int(bot), BEGIN + timedelta(days=day, hours=6 * int(bot % 4)))
            for day in range(6 * wave, 6 * wave + 3)
            for bot in rng.choice(bots, 50)
        ]
        for wave in range(3)
        for bots in (one, other)
    ]
    assert pieces(campaigns) == [[0, 2, 4], [1, 3, 5]]


@pytest.mark.parametrize("count", [80, 1100])
def test_campaigns_that_can_show_no_link_cost_others_none(count: int) -> None:
    # Two campaigns share three clients of some fourteen. The others are so small and of pools so
    # large that none could show a client of theirs, even of one pool.
    campaigns = [Pool(number, 500).send(9, number % 40, 3) for number in range(count)]
    bots = Pool(99_977, 40)
    campaigns += [bots.send(16, day, 2) for day in (3, 5)]
    [pool] = found(campaigns)
    assert {piece: link.shared for piece, link in pool.links.items()} == {count: 3, count + 1: 3}


def test_links_of_noise_are_rare() -> None:
    # Thirty campaigns of thirty pools; chance gives some pairs an address in common.
    campaigns = [Pool(seed, 80).send(60, 0, 2) for seed in range(1, 31)]
    rng = np.random.default_rng(5)
    for _ in range(15):
        a, b = rng.choice(30, 2, replace=False).tolist()
        campaigns[a].append((campaigns[b][0][0], campaigns[a][0][1]))
    assert not [pool for pool in found(campaigns) if len(pool.pieces) > 1]


def test_the_order_of_campaigns_does_not_matter() -> None:
    pools = [Pool(seed, 150) for seed in (1, 2)]
    campaigns = [pool.send(100, day, 3) for day in (0, 3, 6) for pool in pools]
    order = [5, 3, 1, 0, 2, 4]
    turned = pieces([campaigns[at] for at in order])
    assert sorted(sorted(order[p] for p in part) for part in turned) == pieces(campaigns)


def test_nothing_is_found_in_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert find_pools(compare(Sightings(none, none, none, 0)), RULE) == []


def test_rates_are_counted_by_lag() -> None:
    piece = np.array([0, 0, 0, 1], dtype=np.int64)
    client = np.array([7, 7, 8, 7], dtype=np.int64)
    slot = np.array([0, 1, 1, 9], dtype=np.int64)
    seen = compare(Sightings(piece, client, slot, 2))
    around = seen.around(seen.history) @ seen.history.T
    # Within campaign 0: three sightings with themselves, and two pairs of different slots, below a
    # day, of which one met.
    assert around[:, 0, 0].tolist() == [9, 0, 0, 0, 0]
    assert seen.met_within[0].tolist() == [1, 0, 0, 0, 0]
    # Between: three pairs some two days apart, two of them of one address.
    assert around[:, 0, 1].tolist() == [0, 0, 3, 0, 0]
    assert seen.met[0, 1].tolist() == [0, 0, 2, 0, 0]
