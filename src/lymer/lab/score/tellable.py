"""Which campaigns of a botnet the traps let anybody tell to be of one.

Two campaigns whose mail came from no address in common, nor by way of others, cannot be linked by
whoever knows addresses only, and one address in common may be chance. So a plain test is made with
the truth in hand: true campaigns, each botnet's part in them, true clients, and how often addresses
of different botnets of this world are the same. It knows nothing of times and engines, so a finder
may do better; and a finder does not know chance, so it may do worse.
"""

from collections.abc import Mapping

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import poisson

from lymer.lab.score.both import Both

LEVEL = 0.01
"""False discovery rate of the plain test: what the aim for the precision of pairs leaves."""

_PARTS = """
SELECT DISTINCT s.botnet_id, s.campaign_id, s.client_ip
FROM sent s JOIN homes h ON h.campaign_id = s.campaign_id AND h.seen > 1
WHERE s.is_member AND s.botnet_id IS NOT NULL AND s.client_ip IS NOT NULL
ORDER BY ALL
"""


def tellable_groups(both: Both) -> Mapping[str, list[int]]:
    """By campaign_id the groups it is in: campaigns of one group can be told to be of one botnet.

    A part is what one botnet sent of a campaign of two messages and more. Two parts are tied where
    they share more addresses than chance gives (Poisson), at a false discovery rate of LEVEL over
    all pairs of parts (Benjamini and Hochberg 1995). Chance is the rate at which an address of one
    part is that of another one of a different botnet, with one meeting more than there was. A group
    is what ties between parts of one botnet hold together, be it through others. There is none
    where the world has one botnet: there is nothing to tell it from.
    """
    both.place()
    rows = both.ask(_PARTS).to_pylist()
    parts: dict[tuple[str, str], int] = {}
    clients: dict[str, int] = {}
    where = [
        (
            parts.setdefault((row["botnet_id"], row["campaign_id"]), len(parts)),
            clients.setdefault(row["client_ip"], len(clients)),
        )
        for row in rows
    ]
    botnet = np.unique([name for name, _ in parts], return_inverse=True)[1]
    if not where or not botnet.max():
        return {}
    at, client = np.array(where).T
    had = coo_array((np.ones(len(at)), (at, client)), shape=(len(parts), len(clients))).tocsr()
    shared = (had @ had.T).tocoo()
    is_pair = shared.row < shared.col
    one, other, count = shared.row[is_pair], shared.col[is_pair], shared.data[is_pair]
    is_of_one = botnet[one] == botnet[other]
    size = np.asarray(had.sum(axis=1)).ravel()
    apart = (size.sum() ** 2 - (np.bincount(botnet, weights=size) ** 2).sum()) / 2
    rate = (count[~is_of_one].sum() + 1) / apart
    p_value = poisson.sf(count - 1, rate * size[one] * size[other])
    # Pairs that share nothing are tested too, and come after all others.
    tested = len(parts) * (len(parts) - 1) / 2
    ranked = np.sort(p_value)
    passed = ranked[ranked <= LEVEL * np.arange(1, len(ranked) + 1) / tested]
    is_tied = is_of_one & (p_value <= passed.max(initial=-1.0))
    ties = coo_array(
        (np.ones(int(is_tied.sum())), (one[is_tied], other[is_tied])), shape=2 * (len(parts),)
    )
    group = connected_components(ties, directed=False)[1]
    groups: dict[str, list[int]] = {}
    for (_, campaign), number in zip(parts, group.tolist(), strict=True):
        groups.setdefault(campaign, []).append(number)
    return groups
