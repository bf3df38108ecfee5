"""Receiving sites: which hosts a message passes, and what they add.

The injecting client is the peer of the outermost trusted host: the site's mail exchanger, or an
outside forwarder that the trap's owner uses and trusts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lymer.lab.addresses import RECEIVERS, Blocks
from lymer.lab.draws import Draw
from lymer.lab.names import Names
from lymer.lab.receivers.hops import (
    EDGES,
    INSIDES,
    MODERN_EDGES,
    UNSEEN_EDGES,
    Hop,
    Writer,
    edge_writer,
    inside_writer,
    queue_text,
)
from lymer.lab.texts.template import Context, Noise


@dataclass
class Stage:
    """One trusted host: its name, address and writer. `inside` writes hops within the host."""

    host: str
    ip: str
    reverse: str
    writer: Writer
    inside: Writer | None = None


@dataclass
class Site:
    """One receiving site with the traps it keeps."""

    name: str
    stages: list[Stage]
    """Outermost first."""
    domains: list[str]
    traps: list[str]
    modern: bool
    return_path: bool
    delivered_to: str
    """Name of a header with the final address, or empty."""
    filter_header: bool
    noise: Noise
    share: float = 1.0
    forwards: dict[str, str] = field(default_factory=dict)

    @property
    def mbox(self) -> str:
        return f"{self.name}.mbox"

    def stamp(self, ctx: Context, at: float) -> str:
        """The headers this site puts above a message from `ctx.client_ip`, newest first."""
        texts: list[str] = []
        helo, reverse, ip = ctx.helo, ctx.reverse, ctx.client_ip
        final = self.forwards.get(ctx.rcpt, ctx.rcpt)
        queue = queue_text(ctx, self.noise)
        number = int(ctx.random.random() * 99_999_999)
        last = len(self.stages) - 1
        for position, stage in enumerate(self.stages):
            rcpt = ctx.rcpt if position < last else final
            hop = Hop(
                helo, reverse, ip, stage.host, stage.ip, rcpt, ctx.mail_from, at,
                queue[3 * position :], number + position,
            )  # fmt: skip
            texts.append(stage.writer(hop))
            if stage.inside is not None:
                hop.at = at = at + 1
                texts.append(stage.inside(hop))
            helo = stage.host
            reverse, ip = stage.reverse, stage.ip
            at += 1 + int(ctx.random.random() * 3)
        texts.reverse()
        head = ""
        if self.return_path:
            head = f"Return-Path: <{ctx.mail_from}>\n"
        if self.delivered_to:
            head += f"{self.delivered_to}: {final}\n"
        if self.filter_header:
            head += f"X-Spam-Level: {'*' * int(ctx.random.random() * 12)}\n"
        if self.modern:
            domain = ctx.from_domain or "unknown.invalid"
            verdict = "pass" if ctx.variables.get("aligned") else "none"
            head += (
                f"Authentication-Results: {self.stages[-1].host};\n\tspf={verdict} "
                f"smtp.mailfrom={ctx.mail_from.split('@')[-1]};\n\tdkim={verdict} "
                f"header.d={domain}; dmarc={verdict} header.from={domain}\n"
            )
            if len(self.stages) > 1:
                head += (
                    f"ARC-Seal: i=1; a=rsa-sha256; t={int(at)}; cv=none;\n        d="
                    f"{self.stages[0].host.split('.', 1)[1]}; s=arc; b={queue[:40]}=\n"
                    f"ARC-Authentication-Results: i=1; {self.stages[0].host}; spf={verdict}\n"
                )
        return head + "".join(texts)


def draw_sites(
    draw: Draw,
    names: Names,
    blocks: Blocks,
    noise: Noise,
    *,
    count: int,
    traps: int,
    modern: bool,
    every: bool,
) -> list[Site]:
    """`count` sites that keep `traps` addresses between them; with `every`, of all kinds."""
    sites: list[Site] = []
    edges = MODERN_EDGES if modern else EDGES
    hosts = draw.some(range(2, 254), 200)
    kinds = draw.some(("relay", "two relays", "forwarder"), 3) if every else []
    for _ in range(count):
        label = names.fresh()
        domain = names.domain(label)
        inner = draw.pick(("none", "relay", "relay", "two relays", "forwarder", "none"))
        if kinds:
            inner = kinds.pop()
        stages: list[Stage] = []
        if inner == "forwarder":
            alumni = names.shared() if draw.chance(0.5) else names.domain()
            host = f"{draw.pick(('fwd', 'mx', 'alumni', 'forward'))}{draw.whole(1, 4)}.{alumni}"
            writer = edge_writer(draw, draw.style(edges, UNSEEN_EDGES))
            stages.append(Stage(host, blocks.server(), host, writer))
        mx = f"{draw.pick(('mx', 'mail', 'smtp', 'in', 'gw', 'relay'))}{draw.whole(1, 9)}.{domain}"
        address = f"{RECEIVERS}.{hosts.pop()}"
        inside = draw.pick(INSIDES)
        stages.append(
            Stage(
                mx, address, mx, edge_writer(draw, draw.style(edges, UNSEEN_EDGES)),
                inside_writer(draw, inside) if inside in {"amavis", "local"} else None,
            )
        )  # fmt: skip
        net = f"10.{draw.whole(0, 250)}.{draw.whole(0, 250)}"
        for step in range({"relay": 1, "two relays": 2}.get(inner, 0)):
            # The reverse name of an internal relay is internal too.
            host = f"{draw.pick(('relay', 'hub', 'store', 'ps', 'imap'))}{step + 1}.{domain}"
            family = draw.style(edges, ())
            stages.append(
                Stage(host, f"{net}.{draw.whole(2, 250)}", host, edge_writer(draw, family))
            )
        if inside in {"lmtp", "fetchmail", "qmail-queue"}:
            stages[-1].inside = inside_writer(draw, inside)
        mail_domains = [domain]
        if inner == "forwarder":
            mail_domains = [stages[0].host.split(".", 1)[1]]
        elif draw.chance(0.5):
            mail_domains.append(names.domain())
        wanted = max(1, traps // count)
        addresses: dict[str, None] = {}
        while len(addresses) < wanted:
            addresses[f"{names.local_part()}@{draw.pick(mail_domains)}"] = None
            if len(addresses) < wanted and draw.chance(0.3):
                addresses[f"{names.fresh()}@{draw.pick(mail_domains)}"] = None
        forwards = {}
        if inner == "forwarder":
            forwards = {a: f"{a.split('@')[0]}@{domain}" for a in addresses}
        sites.append(
            Site(
                name=label,
                stages=stages,
                domains=mail_domains,
                traps=list(addresses),
                modern=modern,
                return_path=draw.chance(0.7),
                delivered_to=draw.style(("", "Delivered-To", "X-Original-To"), ("Envelope-To",)),
                filter_header=draw.chance(0.3),
                noise=noise,
                forwards=forwards,
            )
        )
    return sites


def trusted(sites: Sequence[Site]) -> dict[str, list[str]]:
    """What a case would be told to trust: host names, and addresses as networks."""
    hosts = [stage.host for site in sites for stage in site.stages]
    nets = sorted({f"{stage.ip}/32" for site in sites for stage in site.stages})
    return {"hosts": hosts, "nets": nets}
