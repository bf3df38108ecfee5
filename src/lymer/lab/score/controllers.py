"""Step 10: does a botnet's controller lead its list, before what everybody visits?"""

from collections import defaultdict

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Finding, Findings, share
from lymer.lab.score.naming import true_names

BEST = {"rank": 1.0, "first": 1.0, "named": 1.0, "beacons_above": 0.0}

Endpoint = tuple[str, int]

_LISTED = """
SELECT botnet_id, ip, port FROM found_controllers WHERE botnet_id IS NOT NULL
ORDER BY botnet_id, score DESC NULLS LAST, p_value NULLS LAST, ip, port
"""
_TRUE = "SELECT botnet_id, ip, port, role FROM true_controllers"
_SENDERS = "SELECT DISTINCT botnet_id FROM sent WHERE botnet_id IS NOT NULL"


def measure(both: Both) -> Findings:
    """By found botnet with a list: where its first true controller stands in it.

    A list without one counts as if it came right after the last entry.
    """
    names = true_names(both)
    true: dict[str, set[Endpoint]] = defaultdict(set)
    beacons: set[Endpoint] = set()
    for row in both.ask(_TRUE).to_pylist():
        endpoint = (row["ip"], row["port"])
        if row["role"] == "controller":
            true[row["botnet_id"]].add(endpoint)
        else:
            beacons.add(endpoint)
    lists: dict[str, list[Endpoint]] = defaultdict(list)
    columns = ("ip", "port", "botnet_id", "score", "p_value")
    for row in both.ask(_LISTED, controllers=columns).to_pylist():
        lists[row["botnet_id"]].append((row["ip"], row["port"]))
    ranks: list[int] = []
    above: list[int] = []
    named: set[str] = set()
    for botnet, listed in lists.items():
        name = names.get(botnet, "")
        rank = next((n for n, end in enumerate(listed) if end in true[name]), len(listed))
        ranks.append(rank + 1)
        above.append(sum(endpoint in beacons for endpoint in listed[:rank]))
        if rank < len(listed):
            named.add(name)
    senders = {row["botnet_id"] for row in both.ask(_SENDERS).to_pylist()}
    nothing = "no botnet has a list"
    return {
        "rank": _mean(ranks, nothing),
        "first": share(sum(rank == 1 for rank in ranks), len(ranks), nothing),
        "named": share(len(named & senders), len(senders), "no botnet sent mail"),
        "beacons_above": _mean(above, nothing),
    }


def _mean(values: list[int], nothing: str) -> Finding:
    if not values:
        return Finding(None, 0, nothing)
    return Finding(sum(values) / len(values), len(values))
