"""How dialects are mixed in campaigns, and by single clients: one software under two faces, or two.

A software that changes its face from mail to mail mixes its faces in every campaign in much the
same shares, and a bot that mails twice shows two of them as often as chance has it. Two kinds of
software may meet in a campaign as well (one customer, two botnets; or it was put together wrongly),
but then each client keeps to one of them, save PCs with two infections.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from lymer.botnets.pools import log_ratio
from lymer.engine import answer

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Of a client's mails in one campaign; more of them would be one sender's word.
_MOST_MAILS = 5

_FACES = """
CREATE OR REPLACE TEMP TABLE faces AS
SELECT dense_rank() OVER (ORDER BY c.campaign_id) - 1 AS campaign, f.dialect_id, m.client_ip,
       row_number() OVER (
           PARTITION BY c.campaign_id, m.client_ip ORDER BY m.received_at, m.message_id
       ) AS place
FROM campaign_messages c
JOIN campaigns k ON k.campaign_id = c.campaign_id
JOIN messages m ON m.message_id = c.message_id
JOIN fingerprints f ON f.message_id = c.message_id
WHERE k.kind NOT IN ('bulk', 'snowshoe') AND m.carriage = 'direct' AND m.client_ip IS NOT NULL
"""

_COUNTS = """
SELECT CAST(campaign AS BIGINT) AS campaign, dialect_id, CAST(count(*) AS BIGINT) AS mails
FROM faces GROUP BY campaign, dialect_id ORDER BY campaign, dialect_id
"""

_PAIRS = """
SELECT CAST(a.campaign AS BIGINT) AS campaign, a.dialect_id AS one, b.dialect_id AS other,
       CAST(count(*) AS BIGINT) AS pairs
FROM faces a
JOIN faces b ON b.campaign = a.campaign AND b.client_ip = a.client_ip AND b.place = a.place + 1
WHERE b.place <= $most
GROUP BY a.campaign, a.dialect_id, b.dialect_id
ORDER BY a.campaign, a.dialect_id, b.dialect_id
"""


@dataclass(frozen=True)
class Mixing:
    """Variants by number, in campaigns of what bots may have sent."""

    campaign_count: int
    campaign: Ints
    variant: Ints
    mails: Ints
    """Of a variant in a campaign; arrays of one length."""
    pair_campaign: Ints
    one: Ints
    other: Ints
    pairs: Ints
    """Mails that a client sent one after the other in a campaign; arrays of one length."""


@dataclass(frozen=True)
class Mixed:
    """Pairs of groups that meet in campaigns; arrays of one length."""

    one: Ints
    other: Ints
    by_clients: Floats
    """Log-likelihood ratio of one software against two, from clients that show both."""
    by_campaigns: Floats
    """The same, from campaigns that hold both."""


def gather_mixing(connection: duckdb.DuckDBPyConnection, of_dialect: Mapping[str, int]) -> Mixing:
    """From what `connection` shows; the table `faces` is left in it."""
    connection.execute(_FACES)
    counts = answer(connection, _COUNTS).to_pydict()
    pairs = answer(connection, _PAIRS, {"most": _MOST_MAILS}).to_pydict()

    def numbers(names: list[str]) -> Ints:
        return np.array([of_dialect[name] for name in names], dtype=np.int64)

    def integers(values: list[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    campaign = integers(counts["campaign"])
    return Mixing(
        campaign_count=int(campaign.max()) + 1 if len(campaign) else 0,
        campaign=campaign,
        variant=numbers(counts["dialect_id"]),
        mails=integers(counts["mails"]),
        pair_campaign=integers(pairs["campaign"]),
        one=numbers(pairs["one"]),
        other=numbers(pairs["other"]),
        pairs=integers(pairs["pairs"]),
    )


def weigh(mixing: Mixing, group: Ints, apart: float) -> Mixed:
    """What speaks for groups of variants being one; `group` numbers them, -1 leaves one out.

    `apart` is how often two kinds of software meet, as a share of how often one would.
    """
    count = int(group.max()) + 1
    mails = _by_campaign(mixing, group, mixing.variant, mixing.campaign, mixing.mails, count)
    is_own = group[mixing.one] == group[mixing.other]
    own = _by_campaign(
        mixing,
        group,
        mixing.one[is_own],
        mixing.pair_campaign[is_own],
        mixing.pairs[is_own],
        count,
    )
    crossed: dict[tuple[int, int], Floats] = {}
    for campaign, one, other, pairs in zip(
        mixing.pair_campaign[~is_own].tolist(),
        group[mixing.one[~is_own]].tolist(),
        group[mixing.other[~is_own]].tolist(),
        mixing.pairs[~is_own].tolist(),
        strict=True,
    ):
        key = (min(one, other), max(one, other))
        if key[0] >= 0:
            crossed.setdefault(key, np.zeros(mixing.campaign_count))[campaign] += pairs
    present = csr_array((mails > 0).astype(np.float64))
    met = coo_array(present @ present.T)
    is_above = (met.coords[0] < met.coords[1]) & (met.data >= 2)
    one, other = met.coords[0][is_above].astype(np.int64), met.coords[1][is_above].astype(np.int64)
    found = np.array(
        [
            _of_pair(mails[a], mails[b], own[a] + own[b], crossed.get((a, b)), apart)
            for a, b in zip(one.tolist(), other.tolist(), strict=True)
        ]
    ).reshape(-1, 2)
    return Mixed(one, other, found[:, 0], found[:, 1])


def _by_campaign(
    mixing: Mixing, group: Ints, variant: Ints, campaign: Ints, counts: Ints, count: int
) -> Floats:
    table = np.zeros((count, mixing.campaign_count))
    groups = group[variant]
    is_in = groups >= 0
    np.add.at(table, (groups[is_in], campaign[is_in]), counts[is_in])
    return table


def _of_pair(
    one: Floats, other: Floats, own: Floats, crossed: Floats | None, apart: float
) -> tuple[float, float]:
    """By clients, by campaigns; all arrays run over campaigns."""
    both = one + other
    together = (one > 0) & (other > 0)
    share = one[together] / both[together]
    cross = crossed[together] if crossed is not None else np.zeros(len(share))
    seen = float(cross.sum())
    expected = float(((own[together] + cross) * 2 * share * (1 - share)).sum())
    overall = one.sum() / both.sum()
    mails = both[both > 0]
    holding = float((1 - overall**mails - (1 - overall) ** mails).sum())
    return (
        float(log_ratio(np.array(seen), np.array(expected), np.array(apart * expected + 1e-3))),
        float(
            log_ratio(
                np.array(float(together.sum())), np.array(holding), np.array(apart * holding + 1e-3)
            )
        ),
    )
