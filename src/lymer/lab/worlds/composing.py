"""Makes one message of a campaign: the context of its bot or host, rendered and stamped."""

import random

from lymer.lab.addresses import dotted
from lymer.lab.engines.bodies import Drawn, build, encode_word
from lymer.lab.engines.engine import Letter
from lymer.lab.receivers.sites import Site
from lymer.lab.texts.pitch import Template
from lymer.lab.texts.template import Context
from lymer.lab.worlds.plan import Campaign, Host, Plan

_PRIME = 2654435761
"""Knuth's multiplier: spreads neighbouring bot numbers."""


def reverse_name(plan: Plan, address: int) -> str:
    """The reverse name of an access address; empty for providers that keep none."""
    pattern = plan.providers[(address >> 14) * _PRIME % (1 << 32) % len(plan.providers)]
    if not pattern:
        return ""
    a, b, c, d = (address >> shift & 255 for shift in (24, 16, 8, 0))
    return (
        pattern.replace("{a}", str(a)).replace("{b}", str(b)).replace("{c}", str(c))
        .replace("{d}", str(d)).replace("{x}", f"{address:08x}")
    )  # fmt: skip


def context(plan: Plan, source: random.Random) -> Context:
    return Context(random=source, pools=plan.pools)


def set_trap(ctx: Context, site: Site, trap: str) -> None:
    ctx.rcpt = trap
    ctx.user, _, ctx.rdomain = trap.partition("@")
    ctx.trap_host = site.stages[-1].host


def compose(
    plan: Plan,
    campaign: Campaign,
    ctx: Context,
    day: int,
    at: int,
    address: int,
    bot: int,
    host: Host | None,
) -> tuple[bytes, Template]:
    """The message as the site receives it, without the site's own headers.

    `ctx` already knows the trap. `bot` is the bot's number, or -1 for a host that stays.
    """
    engine = campaign.engine
    pick = ctx.random.random
    if host is None:
        ctx.client_ip = dotted(address)
        ctx.reverse = reverse_name(plan, address)
        ctx.from_domain = ""
        ctx.helo = engine.helo(ctx)
        # One PC in eight has a wrong clock, by up to nine hours either way.
        skew = (bot * _PRIME >> 8) % 64800 - 32400 if bot * _PRIME % 8 == 3 else 0
    else:
        ctx.client_ip, ctx.reverse, ctx.helo = host.ip, host.name, host.name
        skew = 0
    ctx.sent_at = at - 2 - int(pick() * 20) + skew
    zones = engine.zones
    zone = zones[
        (bot if engine.zone_by_bot and bot >= 0 else int(pick() * len(zones))) % len(zones)
    ]
    ctx.zone, ctx.zone_seconds = zone
    if campaign.sender is not None:
        ctx.first, ctx.last, ctx.from_address = campaign.sender
    else:
        ctx.first, ctx.last, ctx.from_address = engine.from_parts(ctx)
        if host is not None:
            ctx.from_address = f"{ctx.from_address.partition('@')[0]}@{host.domain}"
    ctx.from_domain = ctx.from_address.partition("@")[2]
    if engine.envelope == "same" or host is not None:
        ctx.mail_from = ctx.from_address
    elif engine.envelope == "fresh":
        ctx.mail_from = engine.from_parts(ctx)[2]
    else:
        ctx.mail_from = ""
    if engine.sticky == "message" and host is None:
        at_persona, persona = pick(), 0
        while engine.persona_weights[persona] < at_persona:
            persona += 1
    elif engine.sticky == "bot" and host is None:
        persona = bot * _PRIME % len(engine.personas)
    else:
        persona = campaign.persona % len(engine.personas)
    template = campaign.template_on(day)
    if host is not None and campaign.kind == "snowshoe":
        ctx.host = host.domain
        ctx.link = campaign.links.form(ctx)
    else:
        campaign.links.set(ctx, day)
    ctx.broken = ""
    if engine.failure_share and template.breakable and pick() < engine.failure_share:
        ctx.broken = template.breakable[int(pick() * len(template.breakable))]
    ctx.variables = {"aligned": "yes"} if campaign.aligned else {}
    if template.picture is not None:
        ctx.token = ctx.variables["cid"] = f"{ctx.random.getrandbits(64):016x}@{ctx.user}"
    charset = template.charset
    drawn = Drawn(
        template.text(ctx).encode(charset, "replace") if template.text is not None else None,
        template.html(ctx).encode(charset, "replace") if template.html is not None else None,
        template.picture.render(ctx) if template.picture is not None else None,
    )
    content, body = build(
        drawn, charset, engine.parts, engine.boundaries[engine.personas[persona].genuine], ctx
    )
    letter = Letter(
        subject=encode_word(template.subject(ctx), charset, engine.subject_encoding),
        content=content,
    )
    if template.reply_box and campaign.reply_to:
        letter.reply_to = template.reply_box[int(pick() * len(template.reply_box))]
    head = engine.compose_head(ctx, letter, persona)
    return head.encode(charset, "replace") + b"\n" + body, template
