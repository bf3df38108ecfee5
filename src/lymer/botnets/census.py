"""How many bots of a botnet are live on a day: an interval, or a bound, or nothing.

The days of a window are so many recaptures of a population that keeps its size, each taken by
itself, since addresses change from day to day. Within a day the addresses that were seen once,
twice and more often tell how many were not seen at all (`abundance`), given how unequally bots
send; that is estimated from all days together. What is then known of addresses is turned into bots
by how fast addresses change (`churn`). Which estimators were compared, and what comes out where:
docs/census.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import stats
from scipy.special import logsumexp

from lymer.botnets.abundance import Shapes, total_grid
from lymer.botnets.churn import CHANGES, weigh_changes
from lymer.botnets.tables import LIVE_DAYS, POPULATIONS
from lymer.engine import answer

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_EPOCH = date(1970, 1, 1)
_LOW, _MIDDLE, _HIGH = 0.025, 0.5, 0.975


@dataclass(frozen=True)
class CensusRule:
    """Defaults are from simulations with the lab's pools, seeds below 100 (docs/census.md)."""

    window_share: float = 0.8
    """The window is the shortest run of days with so much of what sightings tell."""
    spread: float = 1.0
    """Of the logarithm of bots' rates, before anything is seen; and the doubt about it."""
    spread_doubt: float = 0.3
    least_doubletons: int = 5
    """Addresses seen exactly twice on a day, over the window, for an interval: with fewer the
    unseen are anybody's guess, and only a bound is given."""
    full_coverage: float = 0.8
    """Or so large a share of the mails from addresses seen more than once (Good's coverage): then
    few are unseen."""
    widest: float = 10.0
    """High over low, up to which there is a high end at all."""
    widest_with_point: float = 2.2
    """High over low, up to which there is a point."""
    changes_within_day: float = 0.5
    """Of the changes of an address, those that show a bot under both addresses in one day."""
    sharing: float = 0.04
    """Bots without an address of their own: NAT. As a share of the bots."""
    doubt: float = 0.1
    """What no model sees (log terms), and what is added for each e-fold of addresses unseen."""
    unseen_doubt: float = 0.03
    drift: float = 0.35
    """How far the live number of one day is from the window's (log terms)."""


@dataclass(frozen=True)
class Sightings:
    """What each address of one botnet sent on each day; arrays of one length."""

    day: Ints
    """Days since 1970-01-01 (UTC)."""
    address: Ints
    """Addresses by number."""
    mails: Ints


@dataclass(frozen=True)
class Interval:
    """Live bots. Without a high end it is a bound; without a point that end is all there is."""

    low: float
    point: float | None
    high: float | None


@dataclass(frozen=True)
class Population:
    """What is known of the size of a botnet. Days since 1970-01-01; both ends are included."""

    first_day: int
    last_day: int
    footprint: int
    live: Interval
    days: dict[int, Interval]
    """By day with sightings."""
    change_share: float
    """Chance that an address changes in a day."""
    mails_per_bot: float | None
    """Mails seen of a live bot on a day with sightings; None without a point."""
    mails_per_bot_low: float | None
    """The same at the high end of the live number; None without one."""
    mails_per_bot_high: float
    """At its low end: no more than so many."""
    why: str


def count_bots(seen: Sightings, rule: CensusRule, shapes: Shapes) -> Population:
    """The size of one botnet from its sightings, of which there is at least one."""
    first, last = _window(seen, rule.window_share)
    inside = (seen.day >= first) & (seen.day <= last)
    numbers = np.unique(seen.day[inside])
    days = [seen.mails[seen.day == number] for number in numbers]
    changes = weigh_changes(seen.day, seen.address, seen.mails)
    totals = total_grid(days, reach=1000, size=100)
    by_day = [shapes.day(counts, totals) for counts in days]
    pooled = np.sum(by_day, axis=0)
    doubletons = sum(int((counts == 2).sum()) for counts in days)
    prior = shapes.prior(rule.spread, rule.spread_doubt)
    convert = _Convert(totals, changes, np.mean([len(counts) for counts in days]), rule)
    # With hardly anything seen twice, all bots alike is the case that needs the fewest of them.
    covered = 1 - sum(int((counts == 1).sum()) for counts in days) / seen.mails[inside].sum()
    is_bound = doubletons < rule.least_doubletons and covered < rule.full_coverage
    weights = pooled[:, :1] if is_bound else pooled + prior
    live = _interval(convert, weights, rule, is_bound=is_bound)
    of_days = by_day if is_bound else _with_neighbours(by_day, totals, prior, rule.drift)
    mails = float(np.mean([counts.sum() for counts in days]))
    return Population(
        first_day=first,
        last_day=last,
        footprint=len(np.unique(seen.address[inside])),
        live=live,
        days={
            int(number): _interval(
                convert, one[:, :1] if is_bound else one, rule, is_bound=live.high is None
            )
            for number, one in zip(numbers.tolist(), of_days, strict=True)
        },
        change_share=float(changes @ CHANGES),
        mails_per_bot=mails / live.point if live.point else None,
        mails_per_bot_low=mails / live.high if live.high else None,
        mails_per_bot_high=mails / live.low,
        why=_why(
            days, last - first + 1, doubletons, live, float(changes @ CHANGES), is_bound=is_bound
        ),
    )


def _window(seen: Sightings, share: float) -> tuple[int, int]:
    """The shortest run of days that holds `share` of what sightings tell."""
    first = int(seen.day.min())
    mails = np.bincount(seen.day - first, weights=seen.mails)
    # Pairs of sightings tell of the unseen: more than linear, less than their square, since the
    # same bots make many of them.
    told = np.concatenate([[0.0], np.cumsum(mails**1.5)])
    need = share * told[-1] * (1 - 1e-12)
    ends = np.searchsorted(told, told[:-1] + need)
    lengths = np.where(ends <= len(mails), ends - np.arange(len(mails)), len(mails) + 1)
    start = int(lengths.argmin())
    return first + start, first + int(ends[start]) - 1


class _Convert:
    """Addresses into bots: spreads each number of addresses over what it may mean."""

    def __init__(self, totals: Reals, changes: Reals, seen: np.floating, rule: CensusRule) -> None:
        steps = stats.norm.ppf((np.arange(21) + 0.5) / 21)
        log_totals = np.log(totals)
        unseen = np.maximum(log_totals - np.log(seen), 0)
        doubt = np.hypot(rule.doubt, rule.unseen_doubt * unseen)
        bots = (
            log_totals[:, None, None]
            - np.log1p(rule.changes_within_day * CHANGES)[None, :, None]
            - np.log1p(-rule.sharing)
            + doubt[:, None, None] * steps
        )
        self._weights = np.broadcast_to(changes[None, :, None] / len(steps), bots.shape)
        self._order = bots.ravel().argsort()
        self._bots = np.maximum(np.exp(bots.ravel()[self._order]), 1.0)

    def quantiles(self, weights: Reals, shares: Sequence[float]) -> list[float]:
        """Of the number of bots, for weights of the numbers of addresses."""
        spread = (weights[:, None, None] * self._weights).ravel()[self._order].cumsum()
        at = np.searchsorted(spread, np.array(shares) * spread[-1])
        return [float(bots) for bots in self._bots[np.minimum(at, len(spread) - 1)]]


def _interval(
    convert: _Convert, log_weights: Reals, rule: CensusRule, *, is_bound: bool
) -> Interval:
    """From log weights of (numbers of addresses, shapes)."""
    marginal = np.asarray(logsumexp(log_weights, axis=1))
    low, point, high = convert.quantiles(np.exp(marginal - marginal.max()), (_LOW, _MIDDLE, _HIGH))
    if is_bound or high > rule.widest * low:
        # The least there may be have an address each.
        return Interval(low * (1 - rule.sharing), None, None)
    return Interval(low, point if high <= rule.widest_with_point * low else None, high)


def _with_neighbours(
    by_day: Sequence[Reals], totals: Reals, prior: Reals, drift: float
) -> list[Reals]:
    """Log weights of each day's own number, which lies about that of the window as all days do.

    Each day tells of the window's number through its own; for a day's own number what the others
    tell of the window's is its prior.
    """
    steps = np.log(totals)[:, None] - np.log(totals)
    near = np.exp(-0.5 * (steps / drift) ** 2)
    near /= near.sum(axis=1, keepdims=True)

    def spread(log_weights: Reals) -> Reals:
        most = log_weights.max(axis=0)
        near_weights = np.maximum(near @ np.exp(log_weights - most), 1e-300)
        return np.asarray(np.log(near_weights) + most, dtype=np.float64)

    of_window = [spread(one) for one in by_day]
    together = np.sum(of_window, axis=0)
    return [
        one + prior + spread(together - told) for one, told in zip(by_day, of_window, strict=True)
    ]


def _why(
    days: Sequence[Ints],
    length: int,
    doubletons: int,
    live: Interval,
    changes: float,
    *,
    is_bound: bool,
) -> str:
    mails = sum(int(counts.sum()) for counts in days)
    once = sum(int((counts == 1).sum()) for counts in days)
    words = [
        f"{mails} mails on {len(days)} of {length} days",
        f"an address is seen once on a day {once} times, twice {doubletons} times",
        f"addresses change with a chance of about {changes:.2f} a day",
    ]
    if is_bound:
        words.append("a bound only: too few are seen again on a day to tell of the unseen")
    elif live.high is None:
        words.append("a bound only: the unseen may be ten times as many or more")
    elif live.point is None:
        words.append("an interval only: too wide for a point")
    return "; ".join(words)


# Of a campaign with several botnets a client is listed for one only where its other campaigns
# show it too. Such clients are the busy ones, seen again by the choice, so the census goes by the
# campaigns that are the botnet's alone.
_SEEN = """
SELECT b.botnet_id, CAST(floor(epoch(m.received_at) / 86400) AS BIGINT) AS day, b.client_ip,
       CAST(count(DISTINCT m.message_id) AS BIGINT) AS mails
FROM bots b
JOIN (
    SELECT botnet_id, campaign_id
    FROM (SELECT *, count(*) OVER (PARTITION BY campaign_id) AS homes FROM botnet_campaigns)
    QUALIFY homes = min(homes) OVER (PARTITION BY botnet_id)
) c ON c.botnet_id = b.botnet_id
JOIN campaign_messages g ON g.campaign_id = c.campaign_id
JOIN messages m ON m.message_id = g.message_id AND m.client_ip = b.client_ip
WHERE m.received_at IS NOT NULL
GROUP BY ALL
ORDER BY b.botnet_id, day, b.client_ip
"""

_HOURS = """
SELECT b.botnet_id, CAST(hour(m.received_at) AS BIGINT) AS hour,
       CAST(count(DISTINCT m.message_id) AS BIGINT) AS mails
FROM bots b
JOIN botnet_campaigns c ON c.botnet_id = b.botnet_id
JOIN campaign_messages g ON g.campaign_id = c.campaign_id
JOIN messages m ON m.message_id = g.message_id AND m.client_ip = b.client_ip
WHERE m.received_at IS NOT NULL
GROUP BY ALL
"""


@dataclass(frozen=True)
class Census:
    """The tables of a census."""

    populations: pa.Table
    live_days: pa.Table


def take_census(connection: duckdb.DuckDBPyConnection, rule: CensusRule | None = None) -> Census:
    """The size of every botnet with a dated sighting.

    `connection` shows bots, botnet_campaigns, campaign_messages and messages, its time zone being
    UTC.
    """
    rule = rule or CensusRule()
    shapes = Shapes()
    seen = answer(connection, _SEEN)
    names = seen["botnet_id"].to_numpy()
    hours: dict[str, list[int]] = {}
    for row in answer(connection, _HOURS).to_pylist():
        hours.setdefault(row["botnet_id"], [0] * 24)[row["hour"]] = row["mails"]
    populations, live_days = [], []
    for name in dict.fromkeys(names.tolist()):
        part = seen.filter(pa.array(names == name))
        address = part["client_ip"].combine_chunks().dictionary_encode().indices
        sightings = Sightings(
            part["day"].to_numpy(),
            np.asarray(address, dtype=np.int64),
            part["mails"].to_numpy(),
        )
        size = count_bots(sightings, rule, shapes)
        populations.append(
            (
                name, size.footprint, size.live.low, size.live.point, size.live.high,
                _midnight(size.first_day), _midnight(size.last_day + 1),
                size.change_share, size.mails_per_bot, size.mails_per_bot_low,
                size.mails_per_bot_high, hours[name], size.why,
            )
        )  # fmt: skip
        for day, live in size.days.items():
            counts = sightings.mails[sightings.day == day]
            live_days.append(
                (name, _EPOCH + timedelta(days=day), int(counts.sum()), len(counts),
                 live.low, live.point, live.high)
            )  # fmt: skip
    return Census(
        pa.Table.from_batches([POPULATIONS.batch(populations)]),
        pa.Table.from_batches([LIVE_DAYS.batch(live_days)]),
    )


def _midnight(day: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
