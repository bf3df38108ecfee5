"""How many mails of a campaign, as far as the books and lists of a server fix the scale.

The books are the seller's own numbers: they are given as such, and checked against what the traps
on the list got, where a list holds traps.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from lymer.botnets import VOLUMES, scale_up

_STAGES: dict[str, Callable[["Ordered"], int | None]] = {
    "targeted": lambda job: job.targets,
    "sent": lambda job: job.sent,
    "accepted": lambda job: job.accepted,
}


@dataclass(frozen=True)
class VolumeRule:
    """How far the books' sums may be off."""

    low: float = 0.97
    """Of the sum: mails counted twice, or a job that belongs to another campaign."""
    high: float = 1.03
    """The same upwards, with the orders that follow on, which may be of the same mailing."""


@dataclass(frozen=True)
class Ordered:
    """What one job says of its campaign."""

    server: str
    job_id: str
    campaign_id: str | None
    """None: not joined."""
    chain: int
    """Orders to one list, one after the other, are one chain."""
    targets: int | None
    sent: int | None
    accepted: int | None
    recipients: str | None


def count_ordered(
    jobs: Sequence[Ordered],
    trap_mails: Mapping[tuple[str, str], int],
    trap_counts: Mapping[str, int],
    list_counts: Mapping[str, int],
    rule: VolumeRule | None = None,
) -> pa.Table:
    """Rows of VOLUMES for the campaigns of `jobs`.

    `trap_mails`: list and campaign to mails at the traps on the list; `trap_counts` and
    `list_counts`: traps and addresses in the captured part of each list.
    """
    rule = rule or VolumeRule()
    by_campaign: dict[str, list[Ordered]] = defaultdict(list)
    by_chain: dict[tuple[str, int], list[Ordered]] = defaultdict(list)
    for job in jobs:
        by_chain[job.server, job.chain].append(job)
        if job.campaign_id is not None:
            by_campaign[job.campaign_id].append(job)
    rows = []
    for campaign, own in sorted(by_campaign.items()):
        check = _check(campaign, own, trap_mails, trap_counts, list_counts)
        names = ", ".join(job.job_id for job in own[:5]) + (" ..." if len(own) > 5 else "")
        chains = dict.fromkeys((job.server, job.chain) for job in own)
        more = [job for chain in chains for job in by_chain[chain] if job not in own]
        for stage in _STAGES:
            values = [_STAGES[stage](job) for job in own]
            known = [value for value in values if value is not None]
            if not known:
                continue
            total = float(sum(known))
            is_whole = len(known) == len(values)
            why = f"the books of {own[0].server} say so, jobs {names}"
            if not is_whole:
                why += f"; {len(values) - len(known)} jobs have no number"
            most = total
            if more:
                most += sum(_STAGES[stage](job) or 0 for job in more)
                why += (
                    f"; {len(more)} more orders to the same list follow on: made by another "
                    "template, they may be of the same mailing"
                )
            rows.append(
                (
                    campaign, stage, rule.low * total, total,
                    rule.high * most if is_whole else None, why + check,
                )
            )  # fmt: skip
    return pa.Table.from_batches([VOLUMES.batch(rows)])


def _check(
    campaign: str,
    own: Sequence[Ordered],
    trap_mails: Mapping[tuple[str, str], int],
    trap_counts: Mapping[str, int],
    list_counts: Mapping[str, int],
) -> str:
    """What the traps on the lists say of the same number, in words."""
    lists = sorted({job.recipients for job in own if job.recipients})
    hits = sum(trap_mails.get((name, campaign), 0) for name in lists)
    traps = sum(trap_counts.get(name, 0) for name in lists)
    size = sum(list_counts.get(name, 0) for name in lists)
    targets = sum(job.targets or 0 for job in own)
    found = [one for one in scale_up(hits, traps, size) if one.stage == "accepted"]
    if not found or not size or not targets or found[0].low is None or found[0].high is None:
        return ""
    # The captured part of a list stands for the whole of it.
    grown = targets / size
    return (
        f"; {hits} mails at {traps} traps on the lists would make {found[0].low * grown:,.0f} to "
        f"{found[0].high * grown:,.0f} accepted"
    )
