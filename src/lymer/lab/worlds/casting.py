"""Fills a plan: operators with engines and botnets, customers with operations and campaigns."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np

from lymer.lab.addresses import Blocks, dotted
from lymer.lab.draws import Draw
from lymer.lab.engines.engine import TRAITS, Engine, draw_engine
from lymer.lab.names import Names
from lymer.lab.networks.pool import DAY_SECONDS, Pool
from lymer.lab.receivers.sites import draw_sites
from lymer.lab.texts.pitch import (
    MANNERS,
    MODERN_MANNERS,
    UNSEEN_MANNERS,
    Writer,
    draw_links,
    rewrite,
)
from lymer.lab.texts.sentences import news_pool
from lymer.lab.texts.template import Noise
from lymer.lab.worlds.plan import (
    Actor,
    Botnet,
    Campaign,
    Host,
    Job,
    MailList,
    Operation,
    Plan,
    Shape,
)

SPAM_THEMES = (
    "pharmacy", "casino", "adult", "replica", "stock", "software", "loan", "diploma", "job",
    "phishing", "greeting", "diet", "advance",
)  # fmt: skip

SALADS = 3
"""Bases of chaff in a world; engines that share one quote the same news."""


def open_plan(shape: Shape, seed: int, scale: float) -> Plan:
    """A plan with receivers and common ground, but nobody in it yet."""
    draw = Draw(seed, shape.name)
    names = Names(draw.child("names"))
    noise = Noise(draw.child("noise").random)
    blocks = Blocks(draw.child("blocks"))
    day = date.fromisoformat(shape.start)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    traps = max(12, int(shape.traps * min(1.0, scale) ** 0.5))
    plan = Plan(
        shape=shape,
        draw=draw,
        scale=scale,
        names=names,
        noise=noise,
        blocks=blocks,
        start_at=int(start.timestamp()),
        sites=draw_sites(
            draw.child("sites"), names, blocks, noise,
            count=shape.sites, traps=traps, modern=shape.modern, every=shape.every,
        ),
    )  # fmt: skip
    shares = [draw.spread(1, 6) for _ in plan.sites]
    for site, share in zip(plan.sites, shares, strict=True):
        site.share = share / sum(shares)
    for number in range(SALADS):
        base = draw.child(f"salad{number}")
        plan.pools[f"news{number}"] = news_pool(base, names, 1500)
        pairs = [f"{base.pick(names.words)} {base.pick(names.words)}" for _ in range(800)]
        plan.pools[f"news{number} words"] = pairs
    plan.free_mail = [names.shared() for _ in range(4)]
    plan.shorteners = [names.shared() for _ in range(2)]
    plan.answering = [f"{names.local_part()}@{draw.pick(plan.free_mail)}" for _ in range(2)]
    plan.footers = [
        f"Checked by {names.fresh().capitalize()} version {draw.whole(1, 9)}.{draw.whole(0, 99)}",
        f"Get your free mailbox at http://www.{plan.free_mail[0]}/",
        f"Sent through {names.fresh().capitalize()}, the mail service for everybody",
    ]
    cloud, webmail = names.domain(), names.domain()
    block = blocks.hosting()
    plan.clouds = [
        Host(dotted(block + 10 + n), f"out-{n:02d}.relay.{cloud}", cloud) for n in range(12)
    ]
    plan.webmail = [Host(dotted(block + 100 + n), f"web{n}.{webmail}", webmail) for n in range(4)]
    plan.local_block = blocks.access()
    forms = (
        "",
        "",
        "h{a}-{b}-{c}-{d}.dyn",
        "{d}.{c}.{b}.{a}.pool",
        "dsl-{x}",
        "{x}.cable",
        "ip{x}",
    )
    for _ in range(40):
        form = draw.pick(forms)
        plan.providers.append(f"{form}.{names.domain()}" if form else "")
    roles = (("updater", 80), ("ntp", 123), ("dns", 53), ("mx", 25), ("cdn", 80), ("updater", 443))
    for role, port in roles:
        plan.beacons += [(blocks.server(), port, role) for _ in range(draw.whole(1, 3))]
    return plan


def add_actor(plan: Plan, role: str, *, linked: bool, why: str) -> Actor:
    first, last = plan.names.person()
    taken = {actor.name for actor in plan.actors}
    while f"{first} {last}" in taken:
        first, last = plan.names.person()
    actor = Actor(f"actor-{len(plan.actors):03d}", f"{first} {last}", role, linked, why)
    plan.actors.append(actor)
    return actor


def add_engine(plan: Plan) -> Engine:
    number = len(plan.engines)
    engine = draw_engine(
        plan.draw.child(f"engine{number}"), f"engine-{number:03d}", plan.names, plan.noise,
        plan.free_mail, modern=plan.shape.modern,
        trait=TRAITS[number] if plan.shape.every and number < len(TRAITS) else "",
    )  # fmt: skip
    plan.engines.append(engine)
    return engine


def add_botnet(plan: Plan, operator: str, engine: Engine, size: int) -> Botnet:
    """A botnet of about `size` bots over the whole world (fewer at small scales)."""
    number = len(plan.botnets)
    draw = plan.draw.child(f"botnet{number}")
    botnet_id = f"botnet-{number:03d}"
    pool = Pool(
        draw, botnet_id, plan.blocks,
        size=max(15, int(size * min(1.0, plan.scale) ** 0.5)),
        days=plan.shape.days,
        churn=draw.pick((0.02, 0.1, 0.25, 0.5, 0.8)),
        duty=draw.between(0.25, 0.8),
        turnover=draw.between(0.3, 0.9),
        nat_share=draw.between(0.01, 0.1),
        local_block=plan.local_block,
        local_share=draw.between(0.01, 0.05),
    )  # fmt: skip
    ports = (80, 443, 8080, 1080, 4915, 6667, draw.whole(1025, 65000), draw.whole(1025, 65000))
    controllers = [(plan.blocks.server(), draw.pick(ports)) for _ in range(draw.pick((1, 1, 2, 3)))]
    botnet = Botnet(botnet_id, operator, engine, pool, controllers)
    # Infected PCs tend to be infected twice: with a bot of an earlier botnet of somebody else.
    others = [b for b in plan.botnets if b.operator != operator]
    if others and draw.chance(0.5):
        pool.share_machines(draw.pick(others).pool, draw.between(0.02, 0.1))
    plan.botnets.append(botnet)
    return botnet


def add_operation(
    plan: Plan, account: str, theme: str, brand: str | None = None, domains: int | None = None
) -> Operation:
    number = len(plan.operations)
    draw = plan.draw.child(f"operation{number}")
    names = plan.names
    count = domains if domains is not None else draw.pick((1, 1, 3, 10, 40))
    pool = [names.throwaway() if draw.chance(0.9) else names.shared() for _ in range(count)]
    boxes = [f"{names.local_part()}@{draw.pick(plan.free_mail)}" for _ in range(draw.whole(1, 3))]
    # What unrelated customers use alike proves nothing about them.
    if domains is None and draw.chance(0.08):
        pool = [draw.pick(plan.shorteners)]
    if draw.chance(0.15):
        boxes[0] = draw.pick(plan.answering)
    operation = Operation(
        f"operation-{number:03d}", account, theme, brand or names.fresh().capitalize(), pool, boxes
    )
    plan.operations.append(operation)
    return operation


def _manner(plan: Plan, draw: Draw) -> str:
    """The manner of the next campaign: every one in turn, where the world has every one."""
    options = MODERN_MANNERS if plan.shape.modern else MANNERS
    if not plan.shape.every:
        return draw.style(options, UNSEEN_MANNERS if draw.chance(0.4) else ())
    if not plan.manners:
        # Two drop boxes, so that strangers may share one.
        deck = [*sorted(set(options)), "dropbox", *(UNSEEN_MANNERS if draw.unseen else ())]
        plan.manners = draw.some(deck, len(deck))
    return plan.manners.pop()


def _counts(draw: Draw, total: int, days: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """`total` messages over `days`, in waves."""
    rng = draw.numpy("counts")
    shares = rng.dirichlet(np.full(days, draw.pick((0.7, 2.0, 6.0))))
    counts = rng.multinomial(total, shares).astype(np.int64)
    return np.asarray(counts, dtype=np.int64)


def _mail_list(plan: Plan, draw: Draw, hits: float, size: int | None) -> MailList:
    """A list with as many traps as are needed for `hits` deliveries in one pass, or all of them."""
    everyone = [trap for site in plan.sites for trap in site.traps]
    traps = draw.some(everyone, max(3, round(hits)))
    number = len(plan.lists)
    name = draw.pick(
        (plan.names.fresh(1, 2), plan.names.fresh(), f"base{number}", f"list_{number}")
    )
    size = size or int(draw.spread(200_000, 60_000_000))
    mail_list = MailList(f"{name}{number}.{draw.pick(('txt', 'lst', 'csv', 'dat'))}", size, traps)
    plan.lists.append(mail_list)
    return mail_list


def add_campaign(
    plan: Plan,
    operation: Operation,
    engine: Engine,
    *,
    kind: str = "botnet",
    botnets: Sequence[Botnet] = (),
    hosts: Sequence[Host] = (),
    seen: int,
    start: int,
    days: int,
    manner: str | None = None,
    language: str | None = None,
    lines: Sequence[str] = (),
    list_size: int | None = None,
    targets: int | None = None,
    footer: str = "",
    again: Campaign | None = None,
) -> Campaign:
    """A campaign that traps will see about `seen` times.

    `targets` is how many mails are ordered in all; `again` is a campaign whose last template this
    one uses once more, maybe with another engine.
    """
    number = len(plan.campaigns)
    draw = plan.draw.child(f"campaign{number}")
    shape = plan.shape
    if again is not None:
        manner, language = again.manner, again.language
    manner = manner or _manner(plan, draw)
    domains = operation.domains
    if shape.every and kind in {"botnet", "unknown"}:
        # These manners always show a box or a link, and so does the first borrower of hosts, who
        # shares no account with anybody.
        first_borrower = kind == "unknown" and not any(c.kind == kind for c in plan.campaigns)
        if manner == "dropbox":
            operation.drop_boxes[0] = plan.answering[0]
        elif manner in {"short", "lookalike", "split", "phish"} or first_borrower:
            domains = plan.shorteners[:1]
            if domains[0] not in operation.domains:
                operation.domains.append(domains[0])
    language = language or ("en" if draw.chance(0.8) else draw.pick(shape.languages))
    days = max(1, min(days, shape.days - start))
    campaign_id = f"campaign-{number:04d}"
    salad = (
        f"news{int(engine.engine_id[-1]) % SALADS}" if engine.engine_id[-1].isdigit() else "news0"
    )
    if not footer and manner != "short" and draw.chance(0.3 if shape.every else 0.15):
        footer = draw.pick(plan.footers)
    writer = Writer(
        draw.child("writer"), plan.names, plan.noise,
        theme=operation.theme, brand=operation.brand, manner=manner, language=language,
        salad=salad, boxes=operation.drop_boxes, macros=engine.macros, footer=footer,
        lines=lines, name_words=engine.words,
    )  # fmt: skip
    versions = draw.pick((1, 1, 2, 3)) if days > 2 and kind == "botnet" else 1
    templates = [writer.version(f"{campaign_id}.v{v + 1}", v + 1) for v in range(versions)]
    if again is not None:
        last = again.templates[-1]
        templates = [rewrite(last, f"{campaign_id}.v1", plan.noise, engine.macros)]
    accept, progress = draw.between(0.3, 0.85), draw.between(0.8, 1.0)
    mail_list = _mail_list(plan, draw.child("list"), seen / (accept * progress), list_size)
    where = {trap: n for n, site in enumerate(plan.sites) for trap in site.traps}
    # A short list is used again until its traps have been hit as often as the plan asks for.
    passes = max(1, -(-seen // max(1, int(len(mail_list.traps) * accept))))
    share = min(1.0, seen / (len(mail_list.traps) * passes * accept))
    if targets is not None:
        share = draw.between(0.95, 0.97)
        passes = max(1, round(seen / (len(mail_list.traps) * accept * share)))
        mail_list.size = targets // passes
    targeted = mail_list.size * passes
    sent = int(targeted * share)
    # What traps see is a sample of what was accepted, so it varies as samples do.
    hits = draw.numpy("hits").binomial(len(mail_list.traps) * passes, share * accept)
    campaign = Campaign(
        campaign_id=campaign_id,
        operation=operation,
        kind=kind,
        engine=engine,
        engine_known=kind in {"botnet", "unknown"},
        templates=templates,
        links=draw_links(
            draw.child("links"), plan.noise, domains,
            tracking=shape.modern or kind != "botnet",
        ),
        botnets=list(botnets),
        hosts=list(hosts),
        account=operation.account,
        start=start,
        counts=_counts(draw, max(1, int(hits)), days),
        manner=manner,
        language=language,
        mail_list=mail_list,
        loyalty=draw.whole(0, 2),
        pools=plan.pools,
        persona=draw.whole(0, len(engine.personas) - 1),
        reply_to=manner == "dropbox",
        targeted=targeted,
        sent=sent,
        accepted=int(sent * accept),
        passes=passes,
        traps=[(where[trap], trap) for trap in mail_list.traps],
    )  # fmt: skip
    plan.campaigns.append(campaign)
    if kind == "botnet":
        _add_jobs(plan, campaign, draw.child("jobs"))
    return campaign


def _add_jobs(plan: Plan, campaign: Campaign, draw: Draw) -> None:
    """One order per template version, all together the campaign's numbers."""
    operators = {botnet.operator for botnet in campaign.botnets}
    server = plan.hosted_server if operators == {plan.hosted_operator} else None
    versions = len(campaign.templates)
    begin = plan.start_at + campaign.start * DAY_SECONDS
    span = len(campaign.counts) * DAY_SECONDS
    for number, template in enumerate(campaign.templates):
        first, last = number * span // versions, (number + 1) * span // versions - 60
        part = [
            total // versions for total in (campaign.targeted, campaign.sent, campaign.accepted)
        ]
        plan.jobs.append(
            Job(
                job_id=f"job-{len(plan.jobs):04d}",
                account=campaign.account,
                campaign=campaign,
                template_file=f"{template.template_id}.tpl",
                list_file=campaign.mail_list.list_file,
                targets=part[0],
                sent=part[1],
                accepted=part[2],
                started_at=begin + first,
                ended_at=begin + last,
                price=round(part[0] / 1e6 * draw.between(20, 120), 2),
                server=server,
            )
        )


def shares_of(draw: Draw, total: int, count: int, spread: float) -> list[int]:
    """`total` cut into `count` uneven parts of at least three."""
    weights = [draw.spread(1, spread) for _ in range(count)]
    return [max(3, int(total * weight / sum(weights))) for weight in weights]
