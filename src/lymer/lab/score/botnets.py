"""Step 6: are campaigns linked that one botnet sent, and bots put where they belong?

A campaign may run on two botnets, so links are judged in pairs of true campaigns: linked in
truth when they share a botnet, found linked when the found campaigns that hold most of them do.
Recall is taken over all pairs, and over those that the traps let be told.
"""

from collections.abc import Hashable, Sequence

from scipy.sparse import coo_array, csr_array

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Finding, Findings, share
from lymer.lab.score.naming import true_names
from lymer.lab.score.tellable import tellable_groups

BEST = dict.fromkeys(
    (
        "pair_precision",
        "pair_recall",
        "pair_recall_tellable",
        "lawful_kept_out",
        "bots_assigned",
        "bots_right",
    ),
    1.0,
)

_CAMPAIGNS = """
SELECT h.campaign_id, c.kind, c.botnet_ids,
       list(DISTINCT b.botnet_id) FILTER (b.botnet_id IS NOT NULL) AS found_ids
FROM homes h
JOIN true_campaigns c ON c.campaign_id = h.campaign_id
LEFT JOIN found_botnet_campaigns b ON b.campaign_id = h.found_id
WHERE h.seen > 1
GROUP BY h.campaign_id, c.kind, c.botnet_ids
ORDER BY h.campaign_id
"""

_SEEN_BOTS = "SELECT DISTINCT botnet_id, client_ip FROM sent WHERE botnet_id IS NOT NULL"
_FOUND_BOTS = "SELECT DISTINCT botnet_id, client_ip FROM found_bots WHERE client_ip IS NOT NULL"


def measure(both: Both) -> Findings:
    """Pairs of campaigns, lawful senders kept out, bots by address."""
    both.place()
    rows = both.ask(_CAMPAIGNS, botnet_campaigns=("botnet_id", "campaign_id")).to_pylist()
    true = _linked([row["botnet_ids"] or () for row in rows])
    found = _linked([row["found_ids"] or () for row in rows])
    together = true.multiply(found).nnz
    told = tellable_groups(both)
    tellable = _linked([told.get(row["campaign_id"], ()) for row in rows])
    lawful = [row for row in rows if row["kind"] != "botnet"]
    return {
        "pair_precision": share(together, found.nnz, "no campaigns linked"),
        "pair_recall": share(together, true.nnz, "no campaigns share a botnet"),
        "pair_recall_tellable": share(
            tellable.multiply(found).nnz,
            tellable.nnz,
            "no botnet's campaigns can be told to be one's",
        ),
        "lawful_kept_out": share(
            sum(not row["found_ids"] for row in lawful), len(lawful), "no lawful campaigns"
        ),
        **_bots(both),
    }


def _linked(groups: Sequence[Sequence[Hashable]]) -> "csr_array":
    """The pairs of campaigns (i < j) that share a group, as a sparse matrix of ones."""
    numbers: dict[Hashable, int] = {}
    where = [
        (row, numbers.setdefault(name, len(numbers)))
        for row, names in enumerate(groups)
        for name in names
    ]
    rows, columns = zip(*where, strict=True) if where else ((), ())
    member = coo_array(
        ([1] * len(where), (rows, columns)), shape=(len(groups), max(1, len(numbers)))
    ).tocsr()
    shared = (member @ member.T).tocoo()
    above = shared.row < shared.col
    return coo_array(
        ([1] * int(above.sum()), (shared.row[above], shared.col[above])), shape=shared.shape
    ).tocsr()


def _bots(both: Both) -> dict[str, Finding]:
    names = true_names(both)
    listed = both.ask(_FOUND_BOTS, bots=("botnet_id", "client_ip")).to_pylist()
    claimed = {(names.get(row["botnet_id"]), row["client_ip"]) for row in listed}
    seen = {(row["botnet_id"], row["client_ip"]) for row in both.ask(_SEEN_BOTS).to_pylist()}
    right = sum((names.get(row["botnet_id"]), row["client_ip"]) in seen for row in listed)
    return {
        "bots_assigned": share(len(seen & claimed), len(seen), "no bots sent mail"),
        "bots_right": share(right, len(listed), "no bots listed"),
    }
