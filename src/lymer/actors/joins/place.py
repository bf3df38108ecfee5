"""Which campaign a job made: by its template's words, its time, its nodes and its list.

Each is evidence of its own, in units of natural log-odds, and none is needed: a mail without a
word is told by the time and the nodes.
"""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lymer.actors.joins.likeness import Likeness
from lymer.actors.joins.mail import Mails


@dataclass(frozen=True)
class PlacingRule:
    """When a job is taken for the maker of a campaign.

    Set on the lab's case-2007 and mixed worlds of seeds 1 to 9, where the right campaign's
    template explains 0.4 to 1 of its words (0.06 to 0.2 where the text is quoted news), and the
    best wrong one's 0.3 at most.
    """

    slack: timedelta = timedelta(hours=12)
    """Clocks of servers are local, and mail is late."""
    per_share: float = 5.0
    """What all words explained weigh, beside the logarithm of the share."""
    faint_share: float = 0.01
    """A share that means nothing: 2 % of it is in any other campaign."""
    per_other: float = 4.0
    """What it weighs that another template explains the mails better."""
    in_time: float = 1.5
    """Weight of mails in the job's time."""
    out_of_time: float = -4.0
    """Weight of a campaign of many mails of which none is in the job's time."""
    most_nodes: float = 6.0
    """What the nodes may weigh: they are shared by jobs of one day."""
    most_traps: float = 2.0
    """What the traps on the list may weigh: lists overlap."""
    rate_spread: float = 1.2
    """How far, in natural logarithms, the mails here of each mail sent differ between the jobs
    of one list; twice as far between lists."""
    most_rate: float = 1.5
    """What a number of mails that does not fit what was sent may weigh."""
    following: float = 1.5
    """That the next or last order of the same account to the same list made the campaign."""
    least: float = 2.0
    """A job whose best campaign has less is not joined."""
    surely: float = 3.5
    """One that has this is joined when it leads by `least_margin`, else by `faint_margin`."""
    faint_margin: float = 0.7
    both_share: float = 0.35
    """Two campaigns that the template explains so far are parts of one."""
    least_margin: float = 0.6
    """So far the second best must be behind."""


@dataclass
class Order:
    """A job as it is placed."""

    key: str
    template: int | None
    """Among the templates of the likeness."""
    started_at: datetime | None
    ended_at: datetime | None
    account: str | None
    recipients: str | None
    """Its list, as the books name it."""
    sent: int | None


@dataclass(frozen=True)
class Placing:
    """The best campaign for a job, or none."""

    campaign_id: str | None
    members_share: float | None
    why: str


@dataclass
class _Candidate:
    campaign_id: str
    score: float
    share: float
    members_share: float
    in_time: int
    total: int
    nodes: tuple[int, float]
    traps: tuple[int, float]


def log_odds(together: float, expected: float) -> float:
    """How much more often than by chance, as a signed log-likelihood ratio."""
    if together <= 0 or expected <= 0 or together <= expected:
        return 0.0
    return together * math.log(together / expected) - (together - expected)


def place_jobs(
    orders: Sequence[Order],
    likeness: Likeness,
    mails: Sequence[Mails],
    node_hits: Mapping[str, Mapping[str, int]],
    trap_hits: Mapping[str, Mapping[str, int]],
    rule: PlacingRule | None = None,
) -> list[Placing]:
    """The campaign of every order.

    `node_hits`: job to campaign, its clients that were nodes at work on the job. `trap_hits`:
    list to campaign, traps on the list that it reached.
    """
    rule = rule or PlacingRule()
    explained = [
        [(at, likeness.explain(mail)) for at, mail in campaign.samples] for campaign in mails
    ]
    by_nodes = _chances(node_hits)
    by_traps = _chances(trap_hits)
    weighed = [
        [
            _weigh(order, campaign, samples, by_nodes, by_traps, rule)
            for campaign, samples in zip(mails, explained, strict=True)
        ]
        for order in orders
    ]
    first = [_choose(candidates, rule) for candidates in weighed]
    _compare_rates(orders, weighed, first, rule)
    again = [_choose(candidates, rule) for candidates in weighed]
    _follow(orders, weighed, again, rule)
    return [_choose(candidates, rule) for candidates in weighed]


def _compare_rates(
    orders: Sequence[Order],
    weighed: Sequence[Sequence["_Candidate"]],
    placed: Sequence[Placing],
    rule: PlacingRule,
) -> None:
    """Weigh the number of mails by what was sent, as it is with the jobs that are placed."""
    rates: dict[str | None, dict[str, float]] = defaultdict(dict)
    for order, candidates, placing in zip(orders, weighed, placed, strict=True):
        for one in candidates:
            if one.campaign_id == placing.campaign_id and order.sent:
                rate = math.log((one.in_time + 0.5) / order.sent)
                rates[order.recipients][order.key] = rate
                rates[None][order.key] = rate
    for order, candidates in zip(orders, weighed, strict=True):
        if not order.sent:
            continue
        for known, spread in ((order.recipients, 1.0), (None, 2.0)):
            own = sorted(rate for key, rate in rates[known].items() if key != order.key)
            if not own or (known is None and len(own) < 3):
                continue
            usual = own[len(own) // 2]
            for one in candidates:
                off = math.log((one.in_time + 0.5) / order.sent) - usual
                cost = 0.5 * (off / (spread * rule.rate_spread)) ** 2
                one.score -= min(rule.most_rate, cost)
            break


def _follow(
    orders: Sequence[Order],
    weighed: Sequence[Sequence["_Candidate"]],
    placed: Sequence[Placing],
    rule: PlacingRule,
) -> None:
    """Weigh that orders of one account to one list, one after the other, are one mailing."""
    for order, candidates in zip(orders, weighed, strict=True):
        homes = {
            placing.campaign_id
            for other, placing in zip(orders, placed, strict=True)
            if placing.campaign_id is not None and _abut(order, other, rule)
        }
        for one in candidates:
            if one.campaign_id in homes:
                one.score += rule.following


def follow_ups(orders: Sequence[Order], rule: PlacingRule | None = None) -> list[int]:
    """For each order the number of the chain of orders that it is in: of one account to one list,
    one after the other."""
    rule = rule or PlacingRule()
    chain = list(range(len(orders)))
    for number, one in enumerate(orders):
        for earlier, other in enumerate(orders[:number]):
            if _abut(one, other, rule):
                joined, gone = chain[earlier], chain[number]
                chain = [joined if each == gone else each for each in chain]
    return chain


def _abut(one: Order, other: Order, rule: PlacingRule) -> bool:
    if one is other or one.account != other.account or one.recipients != other.recipients:
        return False
    if one.recipients is None or None in (
        one.started_at, one.ended_at, other.started_at, other.ended_at,
    ):  # fmt: skip
        return False
    gaps = (
        abs((two - three).total_seconds())
        for two, three in ((one.started_at, other.ended_at), (other.started_at, one.ended_at))
        if two is not None and three is not None
    )
    return min(gaps) <= rule.slack.total_seconds()


def _chances(
    hits: Mapping[str, Mapping[str, int]],
) -> dict[tuple[str, str], tuple[int, float]]:
    """For each pair its count, and what chance would give it."""
    rows: dict[str, int] = defaultdict(int)
    columns: dict[str, int] = defaultdict(int)
    total = 0
    for row, found in hits.items():
        for column, count in found.items():
            rows[row] += count
            columns[column] += count
            total += count
    return {
        (row, column): (count, rows[row] * columns[column] / total)
        for row, found in hits.items()
        for column, count in found.items()
    }


def _weigh(
    order: Order,
    campaign: Mails,
    samples: Sequence[tuple[datetime, Mapping[int, float]]],
    by_nodes: Mapping[tuple[str, str], tuple[int, float]],
    by_traps: Mapping[tuple[str, str], tuple[int, float]],
    rule: PlacingRule,
) -> _Candidate:
    total = len(campaign.times)
    start = order.started_at - rule.slack if order.started_at else None
    end = order.ended_at + rule.slack if order.ended_at else None
    first = bisect_left(campaign.times, start) if start else 0
    last = bisect_right(campaign.times, end) if end else total
    in_time = max(0, last - first)
    share, members, others = _explained(order, samples, start, end)
    score = rule.per_share * share + math.log((share + rule.faint_share) / rule.faint_share)
    # A mail that another template explains better was not made from this one.
    score -= rule.per_other * max(0.0, others - share)
    if start or end:
        if in_time:
            # The mails in time, and a little for how many of the campaign's they are.
            score += rule.in_time * (0.5 + 0.5 * in_time / total)
        else:
            score += rule.out_of_time * min(1.0, total / 5)
    # Of two halves of one campaign the larger one.
    score += 0.15 * math.log1p(in_time)
    nodes = by_nodes.get((order.key, campaign.campaign_id), (0, 0.0))
    score += min(rule.most_nodes, log_odds(*nodes))
    traps = by_traps.get((order.recipients or "", campaign.campaign_id), (0, 0.0))
    score += min(rule.most_traps, log_odds(*traps))
    return _Candidate(campaign.campaign_id, score, share, members, in_time, total, nodes, traps)


def _explained(
    order: Order,
    samples: Sequence[tuple[datetime, Mapping[int, float]]],
    start: datetime | None,
    end: datetime | None,
) -> tuple[float, float, float]:
    """How well the template explains the mails, the share that it explains best, and how well
    the best template of each explains them."""
    within = [
        found
        for at, found in samples
        if (start is None or at >= start) and (end is None or at <= end)
    ] or [found for _, found in samples]
    if not within:
        return 0.0, 0.0, 0.0
    best = [max(found.values(), default=0.0) for found in within]
    others = sum(best) / len(within)
    if order.template is None:
        return 0.0, 0.0, others
    own = [found.get(order.template, 0.0) for found in within]
    members = sum(
        share >= 0.95 * most and share > 0.03 for share, most in zip(own, best, strict=True)
    )
    return sum(own) / len(within), members / len(within), others


def _choose(candidates: Sequence[_Candidate], rule: PlacingRule) -> Placing:
    if not candidates:
        return Placing(None, None, "there are no campaigns")
    candidates = sorted(candidates, key=lambda one: (-one.score, one.campaign_id))
    best = candidates[0]
    said = _say(best)
    second = candidates[1] if len(candidates) > 1 else None
    if best.score < rule.least:
        return Placing(None, None, f"no campaign is near; the nearest, {best.campaign_id}: {said}")
    margin = rule.least_margin if best.score >= rule.surely else rule.faint_margin
    if second is not None and best.score - second.score < margin:
        if min(best.share, second.share) >= rule.both_share:
            # Two parts of one campaign: the one with more mails in the job's time.
            best, second = sorted((best, second), key=lambda one: (-one.in_time, one.campaign_id))
            return Placing(
                best.campaign_id,
                best.members_share,
                f"{_say(best)}; {second.campaign_id} is of the same template: {_say(second)}",
            )
        return Placing(
            None,
            None,
            f"not to be told: {best.campaign_id} ({said}) or {second.campaign_id} ({_say(second)})",
        )
    rest = f"; next {second.campaign_id}: {_say(second)}" if second is not None else ""
    return Placing(best.campaign_id, best.members_share, said + rest)


def _say(one: _Candidate) -> str:
    parts = [
        f"its template explains {one.share:.0%} of the words",
        f"{one.in_time} of {one.total} mails in its time",
    ]
    if one.nodes[0]:
        parts.append(f"{one.nodes[0]} clients among its nodes, {one.nodes[1]:.1f} by chance")
    if one.traps[0]:
        parts.append(f"{one.traps[0]} traps on its list, {one.traps[1]:.1f} by chance")
    return ", ".join(parts) + f" (log-odds {one.score:.1f})"
