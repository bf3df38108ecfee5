"""Runs a plan: day by day, bots wake, campaigns send, receivers stamp, files and truth grow.

Memory holds one day at a time: the live bots, and an event (a few numbers) per message of the day.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lymer.lab.addresses import dotted
from lymer.lab.networks.flows import LocalBot
from lymer.lab.networks.pool import DAY_SECONDS, PoolDay, address_lists
from lymer.lab.receivers.sites import trusted
from lymer.lab.server.folder import NodeSeen
from lymer.lab.texts.template import Context
from lymer.lab.truth import SCHEMAS, Truth
from lymer.lab.worlds.boxes import Boxes
from lymer.lab.worlds.composing import compose, context, set_trap
from lymer.lab.worlds.plan import Campaign, Plan
from lymer.lab.worlds.strangers import Strangers

FORMAT = 1
"""Version of the layout of a world's folder."""

PROGRESS_EVERY = 1000

Event = tuple[int, int, int, int, int]
"""Second of the day; campaign (or -1 minus the kind of stranger); botnet of the campaign (-1: a
host); position of bot or host; trap of the campaign."""


@dataclass
class Run:
    """What the day loop leaves for the flows and the server: the days of the flows only."""

    local: dict[int, list[LocalBot]] = field(default_factory=dict)
    """By day: live bots inside the provider's network."""
    nodes: list[NodeSeen] = field(default_factory=list)
    """Live bots of the hosted operator."""


NODES_A_DAY = 400
"""Bots of one botnet and day that reach the node log, at most."""


def _write_bot_days(truth: Truth, plan: Plan, number: int, today: PoolDay, day: date) -> None:
    botnet = plan.botnets[number]
    count = len(today.bots)
    if not count:
        return
    ids = [botnet.pool.bot_id(bot) for bot in today.bots.tolist()]
    truth.add_columns(
        "bot_days",
        (
            pa.repeat(botnet.botnet_id, count),
            ids,
            pa.repeat(pa.scalar(day, type=pa.date32()), count),
            address_lists(today),
            pa.repeat(True, count),
        ),
    )


def run(
    plan: Plan,
    out: Path,
    progress: Callable[[int], None] | None,
    after: Callable[[Run, Truth], None],
) -> None:
    """Write mail, ham and the truth; `after` writes what needs the last message."""
    rng = plan.draw.numpy("run")
    source = plan.draw.child("messages").random
    ctx = context(plan, source)
    first_day = date.fromisoformat(plan.shape.start)
    strangers = Strangers(plan)
    left = Run()
    done = 0
    watched = range(plan.shape.days // 2, plan.shape.days // 2 + plan.shape.flow_days)
    with Boxes(out) as boxes, Truth(out / "truth") as truth:
        for day in range(plan.shape.days):
            midnight = plan.start_at + day * DAY_SECONDS
            today = first_day + timedelta(days=day)
            for number, botnet in enumerate(plan.botnets):
                live = botnet.pool.advance(day)
                _write_bot_days(truth, plan, number, live, today)
                if day in watched:
                    _note(plan, left, day, number, live)
            events = _events(plan, rng, day)
            events += strangers.events(rng, day)
            events.sort()
            for second, which, part, position, trap in events:
                at = midnight + second
                if which < 0:
                    strangers.write(ctx, boxes, truth, -1 - which, day, at)
                else:
                    campaign = plan.campaigns[which]
                    _write(plan, ctx, boxes, truth, campaign, part, position, trap, day, at)
                done += 1
                if progress is not None and done % PROGRESS_EVERY == 0:
                    progress(done)
        after(left, truth)
        _write_plan(plan, truth)
    if progress is not None:
        progress(done)


def _note(plan: Plan, left: Run, day: int, number: int, live: PoolDay) -> None:
    """Keep what flows and server will show of a botnet on a day."""
    botnet = plan.botnets[number]
    local = (live.first >> 14) == (plan.local_block >> 14)
    left.local.setdefault(day, []).extend(
        LocalBot(number, dotted(address)) for address in live.first[local].tolist()
    )
    if botnet.operator == plan.hosted_operator:
        pairs = zip(live.bots.tolist(), live.first.tolist(), strict=True)
        left.nodes += [
            NodeSeen(day, botnet.botnet_id, botnet.pool.bot_id(bot), dotted(address))
            for bot, address in list(pairs)[:NODES_A_DAY]
        ]


def _seconds(rng: np.random.Generator, rhythm: str, count: int) -> "np.ndarray[Any, Any]":
    """Seconds of the day, by the rhythm of an engine."""
    if rhythm == "bursts":
        starts = rng.integers(0, DAY_SECONDS, size=max(1, count // 40 + 1))
        seconds = starts[rng.integers(0, len(starts), size=count)] + rng.exponential(
            600, size=count
        )
        return (seconds % DAY_SECONDS).astype(np.int64)
    if rhythm == "office":
        return (rng.normal(13 * 3600, 3 * 3600, size=count) % DAY_SECONDS).astype(np.int64)
    return rng.integers(0, DAY_SECONDS, size=count)


def _events(plan: Plan, rng: np.random.Generator, day: int) -> list[Event]:
    """The messages of campaigns on a day, in no order."""
    events: list[Event] = []
    for number, campaign in enumerate(plan.campaigns):
        at = day - campaign.start
        if not 0 <= at < len(campaign.counts):
            continue
        count = int(campaign.counts[at])
        seconds = _seconds(rng, campaign.engine.rhythm, count).tolist()
        traps = rng.integers(0, len(campaign.traps), size=count).tolist()
        if campaign.hosts:
            picks = rng.integers(0, len(campaign.hosts), size=count).tolist()
            events += [(s, number, -1, h, t) for s, h, t in zip(seconds, picks, traps, strict=True)]
            continue
        parts = rng.integers(0, len(campaign.botnets), size=count)
        for part, botnet in enumerate(campaign.botnets):
            mine = np.flatnonzero(parts == part).tolist()
            positions = botnet.pool.pick(rng, len(mine), campaign.loyalty, 0.85).tolist()
            # With nobody live in a tiny pool that day, nothing is sent.
            events += [
                (seconds[m], number, part, p, traps[m])
                for m, p in zip(mine, positions, strict=False)
            ]
    return events


def _write(
    plan: Plan,
    ctx: Context,
    boxes: Boxes,
    truth: Truth,
    campaign: Campaign,
    part: int,
    position: int,
    trap_number: int,
    day: int,
    at: int,
) -> None:
    """Compose, stamp and store one message of a campaign."""
    number, trap = campaign.traps[trap_number]
    site = plan.sites[number]
    set_trap(ctx, site, trap)
    botnet_id = bot_id = None
    if part < 0:
        message, template = compose(plan, campaign, ctx, day, at, 0, -1, campaign.hosts[position])
    else:
        botnet = campaign.botnets[part]
        pool = botnet.pool
        address = pool.address(position, at % DAY_SECONDS)
        bot = int(pool.today.bots[position])
        message, template = compose(plan, campaign, ctx, day, at, address, bot, None)
        botnet_id, bot_id = botnet.botnet_id, pool.bot_id(bot)
    whole = site.stamp(ctx, at).encode() + message
    path = f"ham/{site.mbox}" if campaign.in_ham else f"mail/{site.mbox}"
    message_id = boxes.add(path, whole, ctx.mail_from, at)
    campaign.seen += 1
    campaign.first_at = campaign.first_at or at
    campaign.last_at = at
    truth.add(
        "messages",
        (
            message_id, path, campaign.message_kind, campaign.campaign_id,
            campaign.operation.operation_id, template.template_id,
            campaign.engine.engine_id if campaign.engine_known else None,
            botnet_id, bot_id, ctx.client_ip, at, trap, None, None,
        ),
    )  # fmt: skip


def _write_plan(plan: Plan, truth: Truth) -> None:
    """The tables of the truth that do not grow with the messages."""
    for c in plan.campaigns:
        if not c.seen:
            continue
        truth.add(
            "campaigns",
            (
                c.campaign_id, c.operation.operation_id, c.kind,
                c.engine.engine_id if c.engine_known else None, c.templates[0].template_id,
                [b.botnet_id for b in c.botnets], c.account or None, c.first_at, c.last_at,
                c.targeted, c.sent, c.accepted, c.seen, c.operation.theme, c.manner, c.language,
            ),
        )  # fmt: skip
        for t in c.templates:
            slots = [[s.kind, s.low, s.high, s.name] for s in t.slots]
            row = (t.template_id, c.campaign_id, t.version, t.subject_source, t.body_source)
            truth.add("templates", (*row, json.dumps(slots)))
    for o in plan.operations:
        row_o = (o.operation_id, o.account or None, o.theme, o.brand, o.domains, o.drop_boxes)
        truth.add("operations", row_o)
    for b in plan.botnets:
        row_b = (b.botnet_id, b.operator, b.engine.engine_id, b.pool.size, b.pool.churn)
        truth.add("botnets", row_b)
        for ip, port in b.controllers:
            truth.add("controllers", (b.botnet_id, ip, port, "controller"))
    for ip, port, role in plan.beacons:
        truth.add("controllers", (None, ip, port, role))
    for account in plan.accounts:
        truth.add("accounts", (account.account, account.role, account.actor))
    for j in plan.jobs:
        truth.add(
            "jobs",
            (
                j.job_id, j.account, j.campaign.campaign_id, j.template_file, j.list_file,
                j.targets, j.sent, j.accepted, j.started_at, j.ended_at, j.price, j.server,
            ),
        )  # fmt: skip
    for m in plan.lists:
        row_m = (m.list_file, m.size, len(m.traps), m.kept_lines, m.kept_traps)
        truth.add("lists", row_m)
    for a in plan.actors:
        truth.add("actors", (a.actor, a.name, a.role, a.linked, a.why))


def describe(plan: Plan, out: Path, local_network: str | None) -> None:
    """Write world.json: what a case may be told, and which truth there is."""
    about = {
        "world": plan.shape.name,
        "seed": plan.draw.seed,
        "scale": plan.scale,
        "format": FORMAT,
        "starts": plan.shape.start,
        "days": plan.shape.days,
        "trusted": trusted(plan.sites),
        "traps": {site.name: len(site.traps) for site in plan.sites},
        "local_network": local_network,
        "server": plan.hosted_server or None,
        "truth": sorted(SCHEMAS),
    }
    text = json.dumps(about, indent=1, sort_keys=True) + "\n"
    (out / "world.json").write_text(text, encoding="utf-8")
