"""Mail that no campaign sends: one-off spam, bounces, list copies, personal letters.

Bounces and list copies carry a campaign's mail, but their client is the host that bounced or
relayed it, so they count for no campaign; `carried_campaign_id` says whose mail is inside.
"""

from collections.abc import Sequence

import numpy as np

from lymer.lab.addresses import CLASS_E, CLASS_E_SIZE, dotted
from lymer.lab.engines.bodies import Drawn, build, encode_word
from lymer.lab.engines.engine import Engine, Letter, draw_engine
from lymer.lab.lawful.people import People
from lymer.lab.networks.pool import DAY_SECONDS
from lymer.lab.receivers.hops import EDGES, Hop, edge_writer, queue_text, stamp
from lymer.lab.receivers.sites import Site
from lymer.lab.texts.lexicon import LANGUAGES, THEMES
from lymer.lab.texts.sentences import Speaker
from lymer.lab.texts.template import Context
from lymer.lab.truth import Truth
from lymer.lab.worlds.boxes import Boxes
from lymer.lab.worlds.composing import compose, reverse_name, set_trap
from lymer.lab.worlds.hosting import host_block
from lymer.lab.worlds.plan import Campaign, Plan

KINDS = ("single", "bounce", "list", "ham")
"""Numbers of the kinds, as events carry them."""

ONE_OFF_ENGINES = 25

LIST_SHARE = 0.25
"""Of personal letters, those that come through a mailing list."""


class Strangers:
    """Writes the mail of strangers into a world."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        shape = plan.shape
        self._draw = draw = plan.draw.child("strangers")
        total = shape.messages * plan.scale
        self._daily = [
            total * share / shape.days for share in (shape.singles, shape.bounces, shape.lists)
        ]
        self._daily.append(shape.ham * plan.scale / shape.days)
        self._people = People(plan, draw.child("people"), 90)
        self._engines = [
            draw_engine(
                draw.child(f"engine{n}"), f"once-{n:02d}", plan.names, plan.noise, plan.free_mail,
                modern=shape.modern,
            )
            for n in range(ONE_OFF_ENGINES)
        ]  # fmt: skip
        self._relays = host_block(plan, draw, [plan.names.domain() for _ in range(40)], 60)
        self._relay_writers = [
            edge_writer(draw.child(f"relay{n}"), draw.pick(EDGES)) for n in range(8)
        ]
        self._list_names = [plan.names.fresh() for _ in range(8)]
        self._themes = sorted(THEMES)

    def events(self, rng: np.random.Generator, day: int) -> list[tuple[int, int, int, int, int]]:
        """Events of a day: second, -1 minus the kind."""
        events: list[tuple[int, int, int, int, int]] = []
        carried = bool(self._carriers(day))
        for kind, mean in enumerate(self._daily):
            if kind in (1, 2) and not carried:
                continue
            count = int(rng.poisson(mean))
            seconds = rng.integers(0, DAY_SECONDS, size=count).tolist()
            events += [(second, -1 - kind, 0, 0, 0) for second in seconds]
        return events

    def _carriers(self, day: int) -> list[Campaign]:
        return [
            c
            for c in self._plan.campaigns
            if c.botnets and 0 <= day - c.start < len(c.counts)
            and len(c.botnets[0].pool.today.bots)
        ]  # fmt: skip

    def write(self, ctx: Context, boxes: Boxes, truth: Truth, kind: int, day: int, at: int) -> None:
        """Write one message of the kind."""
        plan, draw = self._plan, self._draw
        site = _weighted(ctx, plan.sites)
        set_trap(ctx, site, draw.pick(site.traps))
        name = KINDS[kind]
        carried: Campaign | None = None
        if name == "single":
            message = self._single(ctx, at)
        elif name == "ham":
            message = (
                self._post(ctx, site, at)
                if draw.chance(LIST_SHARE)
                else self._people.write(ctx, at)
            )
        else:
            carried = draw.pick(self._carriers(day))
            message = (self._bounce if name == "bounce" else self._list)(
                ctx, carried, site, day, at
            )
        ctx.variables.setdefault("aligned", "")
        whole = site.stamp(ctx, at).encode() + message
        path = f"{'ham' if name == 'ham' else 'mail'}/{site.mbox}"
        message_id = boxes.add(path, whole, ctx.mail_from, at)
        truth.add(
            "messages",
            (
                message_id, path, name, None, None, None, None, None, None, ctx.client_ip, at,
                ctx.rcpt, carried.campaign_id if carried else None, ctx.variables.get("behind"),
            ),
        )  # fmt: skip

    def _single(self, ctx: Context, at: int) -> bytes:
        """Spam that comes once: a text, an engine and a client that nothing else shares."""
        plan, draw = self._plan, self._draw
        engine: Engine = draw.pick(self._engines)
        if draw.chance(0.2):
            host = draw.pick(self._relays)
            ctx.client_ip, ctx.reverse, ctx.helo = host.ip, host.name, host.name
        else:
            address = CLASS_E + int(ctx.random.random() * CLASS_E_SIZE)
            ctx.client_ip, ctx.reverse = dotted(address), reverse_name(plan, address)
            ctx.from_domain = ""
            ctx.helo = engine.helo(ctx)
        ctx.sent_at = at - 5
        ctx.zone, ctx.zone_seconds = draw.pick(engine.zones)
        ctx.broken, ctx.variables = "", {}
        ctx.first, ctx.last, ctx.from_address = engine.from_parts(ctx)
        ctx.mail_from = ctx.from_address
        ctx.from_domain = ctx.from_address.partition("@")[2]
        language = LANGUAGES[draw.pick(plan.shape.languages)]
        brand = plan.names.word(3, 4).capitalize()
        speaker = Speaker(draw, plan.names, language, draw.pick(self._themes), brand)
        lines = [speaker.paragraph(1, 3) for _ in range(draw.whole(1, 6))]
        how = draw.whole(0, 3)
        if how == 0:
            lines.append(f"{plan.names.local_part()}@{draw.pick(plan.free_mail)}")
        elif how < 3:
            lines.append(f"http://{plan.names.passing()}/{draw.letters(draw.whole(0, 6))}")
        charset = draw.pick(language.charsets)
        text = "\n\n".join(lines).encode(charset, "replace")
        html = None
        if draw.chance(0.4):
            body = "<br>\n".join(lines)
            html = f"<html><body>{body}</body></html>".encode(charset, "replace")
        persona = draw.whole(0, len(engine.personas) - 1)
        family = engine.personas[persona].genuine
        drawn = Drawn(text if html is None or draw.chance(0.5) else None, html, None)
        content, body_bytes = build(drawn, charset, engine.parts, engine.boundaries[family], ctx)
        subject = encode_word(speaker.subject(), charset, engine.subject_encoding)
        head = engine.compose_head(ctx, Letter(subject, content), persona)
        return head.encode(charset, "replace") + b"\n" + body_bytes

    def _carried(
        self, ctx: Context, campaign: Campaign, day: int, at: int
    ) -> tuple[bytes, str, str, str]:
        """A campaign's message to somebody else, with its client, HELO and reverse name."""
        pool = campaign.botnets[0].pool
        position = int(ctx.random.random() * len(pool.today.bots))
        bot = int(pool.today.bots[position])
        address = pool.address(position, at % DAY_SECONDS)
        message, _ = compose(self._plan, campaign, ctx, day, at - 30, address, bot, None)
        return message, ctx.client_ip, ctx.helo, ctx.reverse

    def _bounce(self, ctx: Context, campaign: Campaign, site: Site, day: int, at: int) -> bytes:
        """A non-delivery report about spam that was sent in the trap's name."""
        plan, draw = self._plan, self._draw
        trap = ctx.rcpt
        stranger = f"{plan.names.local_part()}@{plan.names.passing()}"
        ctx.rcpt = stranger
        ctx.user, _, ctx.rdomain = stranger.partition("@")
        inner, ip, helo, reverse = self._carried(ctx, campaign, day, at)
        host = draw.pick(self._relays)
        writer = draw.pick(self._relay_writers)
        hop = Hop(
            helo, reverse, ip, host.name, host.ip, stranger, trap, at - 20,
            queue_text(ctx, plan.noise), draw.whole(1, 9_999_999),
        )  # fmt: skip
        set_trap(ctx, site, trap)
        head, _, body = inner.partition(b"\n\n")
        inner = writer(hop).encode() + head + b"\n\n" + (body if draw.chance(0.5) else b"")
        ctx.client_ip, ctx.helo, ctx.reverse = host.ip, host.name, host.name
        ctx.mail_from, ctx.variables = "", {"behind": ""}
        date = stamp(at - 3, "+0000", 0)
        top = (
            f"Received: by {host.name} (Postfix)\n\tid {draw.hex(10).upper()}; {date}\n"
            f"Date: {date}\nFrom: MAILER-DAEMON@{host.name} (Mail Delivery System)\n"
            f"Subject: {draw.pick(('Undelivered Mail Returned to Sender', 'failure notice', 'Returned mail: see transcript for details', 'Delivery Status Notification (Failure)'))}\n"
            f"To: {trap}\n"
        )
        if draw.chance(0.4):
            text = (
                f"Message-ID: <{draw.hex(12)}@{host.name}>\n\n"
                f"Hi. This is the mail program at {host.name}.\nI was not able to deliver your "
                f"message to the following address.\n\n<{stranger}>:\nno mailbox here by that "
                "name.\n\n--- Below this line is a copy of the message.\n\n"
            )
            return (top + text).encode() + inner
        mark = f"{draw.hex(10).upper()}.{at}/{host.name}"
        text = (
            f"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
            f'\tboundary="{mark}"\nMessage-Id: <{draw.hex(10)}@{host.name}>\n\n--{mark}\n'
            "Content-Type: text/plain; charset=us-ascii\n\n"
            f"Your message could not be delivered to <{stranger}>:\nuser unknown\n\n--{mark}\n"
            f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; {host.name}\n\n"
            f"Final-Recipient: rfc822; {stranger}\nAction: failed\nStatus: 5.1.1\n\n--{mark}\n"
            "Content-Type: message/rfc822\n\n"
        )
        return (top + text).encode() + inner + f"\n--{mark}--\n".encode()

    def _list(self, ctx: Context, campaign: Campaign, site: Site, day: int, at: int) -> bytes:
        """A campaign's message that came through a mailing list the trap is on."""
        trap = ctx.rcpt
        number = self._to_list(ctx)
        inner, ip, helo, reverse = self._carried(ctx, campaign, day, at)
        return self._relist(ctx, number, inner, (helo, reverse, ip), site, trap, at)

    def _post(self, ctx: Context, site: Site, at: int) -> bytes:
        """A letter that somebody wrote to a mailing list the trap is on."""
        trap = ctx.rcpt
        number = self._to_list(ctx)
        inner = self._people.write(ctx, at - 30)
        peer = (ctx.helo, ctx.reverse, ctx.client_ip)
        return self._relist(ctx, number, inner, peer, site, trap, at)

    def _to_list(self, ctx: Context) -> int:
        """Make a mailing list the recipient; gives its number."""
        number = self._draw.whole(0, len(self._list_names) - 1)
        ctx.user, ctx.rdomain = self._list_names[number], self._relays[number].domain
        ctx.rcpt = f"{ctx.user}@{ctx.rdomain}"
        return number

    def _relist(
        self,
        ctx: Context,
        number: int,
        inner: bytes,
        peer: tuple[str, str, str],
        site: Site,
        trap: str,
        at: int,
    ) -> bytes:
        """The message as the list's host passes it on; `peer` gave it HELO, reverse name, address."""
        host, label = self._relays[number], self._list_names[number]
        address = f"{label}@{host.domain}"
        hop = Hop(
            *peer, host.name, host.ip, address, ctx.mail_from, at - 15,
            queue_text(ctx, self._plan.noise), self._draw.whole(1, 9_999_999),
        )  # fmt: skip
        received = self._relay_writers[number](hop)
        set_trap(ctx, site, trap)
        ctx.client_ip, ctx.helo, ctx.reverse = host.ip, host.name, host.name
        ctx.mail_from, ctx.variables = f"{label}-bounces@{host.domain}", {"behind": peer[2]}
        head, _, body = inner.partition(b"\n\n")
        head = head.replace(b"\nSubject: ", f"\nSubject: [{label}] ".encode(), 1)
        extra = (
            f"\nSender: {label}-bounces@{host.domain}\nPrecedence: list\n"
            f"List-Id: <{label}.{host.domain}>\nList-Post: <mailto:{address}>\n"
            f"X-BeenThere: {address}"
        )
        tail = f"\n_______________\n{label} mailing list\n{address}\n".encode()
        return received.encode() + head + extra.encode() + b"\n\n" + body + tail


def _weighted(ctx: Context, sites: Sequence[Site]) -> Site:
    """A site, by its share."""
    at = ctx.random.random()
    for site in sites:
        at -= site.share
        if at <= 0:
            return site
    return sites[-1]
