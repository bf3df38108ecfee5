"""Campaigns from hosts that stay where they are: lawful bulk, snowshoe, and spam through the
machines of others: hacked web hosts, rented relays, stolen webmail accounts.
"""

from collections.abc import Sequence
from dataclasses import replace

from lymer.lab.addresses import CLASS_E, CLASS_E_SIZE, dotted
from lymer.lab.draws import Draw
from lymer.lab.engines.engine import Engine, draw_engine
from lymer.lab.engines.personas import draw_persona
from lymer.lab.engines.tokens import cut
from lymer.lab.lawful.signing import draw_signature
from lymer.lab.receivers.hops import stamp
from lymer.lab.texts.template import Context
from lymer.lab.worlds.casting import add_campaign, add_operation
from lymer.lab.worlds.plan import Host, Operation, Plan

LINKING = ("html", "both", "chaff", "prose")
"""Manners that show a link in every mail, in worlds of all ages."""
LAWFUL_THEMES = ("shop", "everyday", "shop")


def lawful_engine(plan: Plan, name: str, domain: str, *, modern: bool) -> Engine:
    """The mailer of a lawful (or snowshoe) sender: one persona, list and signature headers."""
    draw = plan.draw.child(f"mailer/{name}")
    engine = draw_engine(draw, name, plan.names, plan.noise, plan.free_mail, modern=modern)
    engine.personas = engine.personas[:1]
    engine.persona_weights = [1.0]
    engine.plans = engine.plans[:1]
    engine.forged = lambda _: ""
    engine.failure_share = 0.0
    engine.parts = replace(engine.parts, charset_claim="")
    engine.extra_top = ""
    signature = draw_signature(draw, plan.noise, modern=modern)
    list_headers = draw.pick((0, 1, 1, 2))
    bulk = draw.pick(("", "Precedence: bulk\n", f"X-Campaign: {draw.hex(8)}\n"))
    sign = modern or draw.chance(0.5)

    def tail(ctx: Context) -> str:
        host = ctx.from_domain or domain
        text = bulk
        if list_headers:
            text += f"List-Unsubscribe: <http://{host}/u?i={ctx.random.getrandbits(40):x}>\n"
        if list_headers == 2:
            text += f"List-ID: <news.{host}>\n"
        return text + signature(ctx, host) if sign else text

    engine.tail = tail
    return engine


def host_block(plan: Plan, draw: Draw, domains: Sequence[str], count: int) -> list[Host]:
    """`count` hosts, each under one of the domains, in blocks of benchmark addresses."""
    hosts: list[Host] = []
    base = plan.blocks.hosting()
    for number in range(count):
        if number and number % 30 == 0:
            base = plan.blocks.hosting()
        domain = domains[number % len(domains)]
        label = draw.pick(("mail", "mx", "out", "mta", "smtp", "news"))
        ip = dotted(base + 2 + number % 200)
        hosts.append(Host(ip, f"{label}{number + 1}.{domain}", domain))
    return hosts


def add_bulk(plan: Plan, seen: int, *, in_ham: bool = False) -> None:
    """A lawful sender with several mailings, `seen` messages together."""
    number = len(plan.operations)
    draw = plan.draw.child(f"bulk{number}")
    operation = add_operation(plan, "", draw.pick(LAWFUL_THEMES), domains=1)
    domain = operation.domains[0]
    engine = lawful_engine(plan, f"mailer-{number:03d}", domain, modern=plan.shape.modern)
    hosts = host_block(plan, draw, [domain], draw.pick((1, 2, 4)))
    if plan.shape.modern and draw.chance(0.4):
        hosts = plan.clouds
    issues = max(1, min(seen // 3, draw.whole(1, 6)))
    language = draw.pick(plan.shape.languages)
    street = f"{operation.brand}, {draw.whole(1, 99)} {plan.names.fresh().capitalize()} Street"
    first = operation.brand
    for issue in range(issues):
        campaign = add_campaign(
            plan, operation, engine, kind="bulk", hosts=hosts, seen=max(1, seen // issues),
            start=min(plan.shape.days - 1, issue * plan.shape.days // issues), days=2,
            manner=draw.pick(("html", "both", "both", "prose")), language=language, footer=street,
            list_size=int(draw.spread(2_000, 400_000)),
        )  # fmt: skip
        campaign.sender = (first, draw.pick(("News", "Shop", "Team")), f"news@{domain}")
        campaign.aligned, campaign.in_ham = True, in_ham


def add_snowshoe(plan: Plan, seen: int) -> None:
    """A sender that spreads one mailing thinly over many domains and addresses."""
    number = len(plan.operations)
    draw = plan.draw.child(f"snowshoe{number}")
    count = draw.pick((12, 30, 80))
    operation = add_operation(plan, "", draw.pick(("loan", "shop", "diet", "job")), domains=count)
    engine = lawful_engine(plan, f"mailer-{number:03d}", operation.domains[0], modern=True)
    hosts = host_block(plan, draw, operation.domains, count)
    parts = draw.whole(1, 3)
    for part in range(parts):
        days = draw.whole(3, 10)
        campaign = add_campaign(
            plan, operation, engine, kind="snowshoe", hosts=hosts, seen=max(2, seen // parts),
            start=min(plan.shape.days - 1, part * plan.shape.days // parts), days=days,
            manner=draw.pick(("html", "both", "prose")), language="en",
        )  # fmt: skip
        campaign.aligned = True


def add_shop(plan: Plan, seen: int) -> None:
    """A lawful shop that confirms orders: one form, filled for one customer at a time."""
    number = len(plan.operations)
    draw = plan.draw.child(f"shop{number}")
    operation = add_operation(plan, "", "shop", domains=1)
    domain = operation.domains[0]
    engine = lawful_engine(plan, f"shop-{number:03d}", domain, modern=plan.shape.modern)
    days = plan.shape.days
    campaign = add_campaign(
        plan, operation, engine, kind="bulk", hosts=host_block(plan, draw, [domain], 1),
        seen=max(2, seen), start=0, days=days, manner="receipt",
        language=draw.pick(plan.shape.languages), list_size=int(draw.spread(2_000, 400_000)),
    )  # fmt: skip
    name = draw.pick(("orders", "billing", "noreply", "service"))
    campaign.sender = (operation.brand, draw.pick(("Orders", "Service")), f"{name}@{domain}")
    campaign.aligned, campaign.in_ham = True, True


def add_hacked(plan: Plan, operation: Operation, seen: int, *, start: int, days: int) -> None:
    """Spam from a script on web hosts that were broken into: few, steady, and the heaviest."""
    number = len(plan.campaigns)
    draw = plan.draw.child(f"hacked{number}")
    engine = _borrowed(plan, draw, f"script-{number:03d}", "php")
    hosts: list[Host] = []
    for _ in range(draw.whole(2, 5)):
        domain = plan.names.domain()
        label = draw.pick(("www", "web", "host", "server", "vps"))
        ip = dotted(plan.blocks.hosting() + draw.whole(2, 250))
        hosts.append(Host(ip, f"{label}{draw.whole(1, 90)}.{domain}", domain))
    script = f"{draw.pick(plan.names.words)}.php"
    user = draw.pick((33, 48, 80, 99, draw.whole(500, 2000)))
    engine.extra_top = ""
    queue = cut(plan.noise.upper, 11)

    def submitted(ctx: Context) -> str:
        when = stamp(ctx.sent_at, "+0000", 0)
        return f"Received: by {ctx.helo} (Postfix, from userid {user})\n\tid {queue(ctx)}; {when}\n"

    engine.forged = submitted
    engine.tail = lambda _: f"X-PHP-Originating-Script: {user}:{script}\n"
    add_campaign(
        plan,
        operation,
        engine,
        kind="unknown",
        hosts=hosts,
        seen=seen,
        start=start,
        days=days,
        manner=draw.pick(LINKING),
    )


def add_rented(plan: Plan, operation: Operation, seen: int, *, start: int, days: int) -> None:
    """Spam through a relay service that lawful senders use too, from accounts of its own there."""
    number = len(plan.campaigns)
    draw = plan.draw.child(f"rented{number}")
    engine = _borrowed(plan, draw, f"rented-{number:03d}", "bare")
    cloud = plan.clouds[0].domain
    hosts = [
        Host(host.ip, host.name, f"{plan.names.fresh()}.{cloud}")
        for host in draw.some(plan.clouds, 8)
    ]
    signature = draw_signature(draw, plan.noise, modern=True)
    engine.tail = lambda ctx: signature(ctx, ctx.from_domain)
    add_campaign(
        plan,
        operation,
        engine,
        kind="unknown",
        hosts=hosts,
        seen=seen,
        start=start,
        days=days,
        manner=draw.pick(LINKING),
    ).aligned = True


def add_webmail(plan: Plan, operation: Operation, seen: int, *, start: int, days: int) -> None:
    """Spam typed by a robot into the webmail of stolen accounts."""
    number = len(plan.campaigns)
    draw = plan.draw.child(f"webmail{number}")
    engine = _borrowed(plan, draw, f"webmail-{number:03d}", "roundcube")
    homes = [dotted(CLASS_E + draw.whole(0, CLASS_E_SIZE - 1)) for _ in range(draw.whole(2, 9))]
    queue = cut(plan.noise.lower, 12)

    def injected(ctx: Context) -> str:
        home = homes[int(ctx.random.random() * len(homes))]
        when = stamp(ctx.sent_at, "+0000", 0)
        return (
            f"Received: from [{home}] by {ctx.helo} with HTTP id {queue(ctx)};\n\t{when}\n"
            f"X-Originating-IP: [{home}]\n"
        )

    engine.forged = injected
    signature = draw_signature(draw, plan.noise, modern=True)
    engine.tail = lambda ctx: signature(ctx, ctx.from_domain)
    add_campaign(
        plan, operation, engine, kind="unknown", hosts=plan.webmail, seen=seen, start=start,
        days=days, manner=draw.pick(LINKING),
    ).aligned = True  # fmt: skip


def _borrowed(plan: Plan, draw: Draw, name: str, family: str) -> Engine:
    """The software behind spam from other people's hosts: one pose, nothing forged."""
    engine = draw_engine(
        draw, name, plan.names, plan.noise, plan.free_mail, modern=plan.shape.modern,
        pose=draw_persona(draw, family),
    )  # fmt: skip
    engine.sticky = "campaign"
    return engine
