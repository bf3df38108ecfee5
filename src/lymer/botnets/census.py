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
    mixed: float = 0.15
    """Chance that of several campaigns the one that most rests on itself had another botnet too:
    a customer of two, or two campaigns taken for one."""
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
    rest: Ints
    """Of these, those of other campaigns than the one with most clients that no other shows."""


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
    live = whole = _interval(convert, weights, rule, is_bound=is_bound)
    rest = [counts[counts > 0] for counts in (seen.rest[seen.day == number] for number in numbers)]
    rest = [counts for counts in rest if len(counts)]
    if rest:
        totals_of_rest = total_grid(rest, reach=1000, size=100)
        pooled_rest = np.sum([shapes.day(counts, totals_of_rest) for counts in rest], axis=0)
        convert_rest = _Convert(
            totals_of_rest, changes, np.mean([len(counts) for counts in rest]), rule
        )
        live = _lowered(
            whole,
            (convert, weights),
            (convert_rest, pooled_rest[:, :1] if is_bound else pooled_rest + prior),
            rule,
        )
    of_days = by_day if is_bound else _with_neighbours(by_day, totals, prior, rule.drift)
    mails = float(np.mean([counts.sum() for counts in days]))
    return Population(
        first_day=first,
        last_day=last,
        footprint=len(np.unique(seen.address[inside])),
        live=live,
        days={
            int(number): _scaled_low(
                _interval(
                    convert, one[:, :1] if is_bound else one, rule, is_bound=live.high is None
                ),
                live.low / whole.low,
                rule,
            )
            for number, one in zip(numbers.tolist(), of_days, strict=True)
        },
        change_share=float(changes @ CHANGES),
        mails_per_bot=mails / live.point if live.point else None,
        mails_per_bot_low=mails / live.high if live.high else None,
        mails_per_bot_high=mails / live.low,
        why=_why(
            days,
            last - first + 1,
            doubletons,
            live,
            float(changes @ CHANGES),
            is_bound=is_bound,
            is_lowered=live.low < whole.low,
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

    def spread(self, log_weights: Reals) -> tuple[Reals, Reals]:
        """Numbers of bots, rising, and how likely each is, for log weights of (addresses, shapes).

        The likelihoods sum to 1.
        """
        marginal = np.asarray(logsumexp(log_weights, axis=1))
        weights = np.exp(marginal - marginal.max())
        likely = (weights[:, None, None] * self._weights).ravel()[self._order]
        return self._bots, likely / likely.sum()


def _quantiles(bots: Reals, likely: Reals, shares: Sequence[float]) -> list[float]:
    spread = likely.cumsum()
    at = np.searchsorted(spread, np.array(shares) * spread[-1])
    return [float(found) for found in bots[np.minimum(at, len(spread) - 1)]]


def _interval(
    convert: _Convert, log_weights: Reals, rule: CensusRule, *, is_bound: bool
) -> Interval:
    """From log weights of (numbers of addresses, shapes)."""
    low, point, high = _quantiles(*convert.spread(log_weights), (_LOW, _MIDDLE, _HIGH))
    if is_bound or high > rule.widest * low:
        # The least there may be have an address each.
        return Interval(low * (1 - rule.sharing), None, None)
    return Interval(low, point if high <= rule.widest_with_point * low else None, high)


def _lowered(
    whole: Interval,
    of_all: tuple[_Convert, Reals],
    of_rest: tuple[_Convert, Reals],
    rule: CensusRule,
) -> Interval:
    """The interval where one campaign may have had a second botnet: those bots are not this one's.

    A part is never more than the whole, so what the rest tells is let speak for the low end only.
    """
    bots, likely = of_all[0].spread(of_all[1])
    fewer, as_likely = of_rest[0].spread(of_rest[1])
    bots = np.concatenate([bots, fewer])
    likely = np.concatenate([(1 - rule.mixed) * likely, rule.mixed * as_likely])
    order = bots.argsort(kind="stable")
    [low] = _quantiles(bots[order], likely[order], (_LOW,))
    if whole.high is None:
        low *= 1 - rule.sharing
    return _scaled_low(whole, min(1.0, low / whole.low), rule)


def _scaled_low(live: Interval, factor: float, rule: CensusRule) -> Interval:
    """An interval with another low end, and what it then still can say."""
    low = live.low * factor
    if live.high is None or live.high > rule.widest * low:
        return Interval(low, None, None)
    return Interval(
        low, live.point if live.high <= rule.widest_with_point * low else None, live.high
    )


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
    is_lowered: bool,
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
    if is_lowered:
        words.append(
            "the low end allows for a second botnet in the campaign with most clients of its own"
        )
    return "; ".join(words)


# Of a campaign with several botnets a client is listed for one only where its other campaigns
# show it too. Such clients are the busy ones, seen again by the choice, so the census goes by the
# campaigns that are the botnet's alone.
_SEEN = """
WITH own AS (
    SELECT botnet_id, campaign_id
    FROM (SELECT *, count(*) OVER (PARTITION BY campaign_id) AS homes FROM botnet_campaigns)
    QUALIFY homes = min(homes) OVER (PARTITION BY botnet_id)
),
mails AS (
    SELECT DISTINCT b.botnet_id, b.client_ip, c.campaign_id, m.received_at, m.message_id
    FROM bots b
    JOIN own c ON c.botnet_id = b.botnet_id
    JOIN campaign_messages g ON g.campaign_id = c.campaign_id
    JOIN messages m ON m.message_id = g.message_id AND m.client_ip = b.client_ip
    WHERE m.received_at IS NOT NULL
),
alone AS (
    -- The campaign of each botnet with most clients that no other of its campaigns shows.
    SELECT botnet_id, campaign_id
    FROM (
        SELECT botnet_id, client_ip, min(campaign_id) AS campaign_id
        FROM mails GROUP BY botnet_id, client_ip HAVING count(DISTINCT campaign_id) = 1
    )
    GROUP BY botnet_id, campaign_id
    QUALIFY row_number() OVER (
        PARTITION BY botnet_id ORDER BY count(*) DESC, campaign_id
    ) = 1
)
SELECT m.botnet_id, CAST(floor(epoch(m.received_at) / 86400) AS BIGINT) AS day, m.client_ip,
       CAST(count(DISTINCT m.message_id) AS BIGINT) AS mails,
       CAST(count(DISTINCT m.message_id) FILTER (a.campaign_id IS NULL) AS BIGINT) AS rest
FROM mails m
LEFT JOIN alone a ON a.botnet_id = m.botnet_id AND a.campaign_id = m.campaign_id
GROUP BY ALL
ORDER BY m.botnet_id, day, m.client_ip
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
            part["rest"].to_numpy(),
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
