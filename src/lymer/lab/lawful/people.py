"""Correspondents: invented people, each with one honest mail program, provider and language."""

from dataclasses import dataclass

from lymer.lab.addresses import dotted
from lymer.lab.draws import Draw
from lymer.lab.engines.bodies import Drawn, build, encode_word
from lymer.lab.engines.engine import Engine, Letter, draw_honest
from lymer.lab.engines.tokens import zone_of
from lymer.lab.lawful.signing import draw_signature
from lymer.lab.receivers.hops import EDGES, Hop, Writer, edge_writer, queue_text
from lymer.lab.texts.lexicon import LANGUAGES
from lymer.lab.texts.sentences import Speaker
from lymer.lab.texts.template import Context
from lymer.lab.worlds.plan import Host, Plan

PROGRAMS = 24
"""Different mail programs among the correspondents of a world."""


@dataclass
class Person:
    """Somebody who writes letters."""

    first: str
    last: str
    address: str
    engine: Engine
    zone: tuple[str, int]
    host: Host
    submit: Writer
    speaker: Speaker
    home: str
    charset: str
    signature: str


class People:
    """The correspondents of a world."""

    def __init__(self, plan: Plan, draw: Draw, count: int) -> None:
        self._plan = plan
        self._draw = draw
        names = plan.names
        engines = [
            draw_honest(
                draw.child(f"program{n}"), f"honest-{n:02d}", names, plan.noise, plan.free_mail,
                modern=plan.shape.modern,
            )
            for n in range(PROGRAMS)
        ]  # fmt: skip
        if plan.shape.modern:
            signature = draw_signature(draw, plan.noise, modern=True)
            for engine in engines:
                engine.tail = lambda ctx: signature(ctx, ctx.from_domain)
        hosts: list[tuple[Host, Writer]] = []
        for host in (*plan.clouds[:4], *plan.webmail):
            # Neighbours of spam: lawful people use the same services.
            writer = edge_writer(draw.child(f"shared{host.name}"), draw.pick(EDGES))
            hosts.append((host, writer))
        for number in range(max(6, count // 6)):
            domain = names.shared() if draw.chance(0.3) else names.domain()
            name = f"{draw.pick(('smtp', 'out', 'mail', 'relay'))}{number % 4 + 1}.{domain}"
            ip = dotted(plan.blocks.hosting() + draw.whole(2, 250))
            writer = edge_writer(draw.child(f"submit{number}"), draw.pick(EDGES))
            hosts.append((Host(ip, name, domain), writer))
        self.people: list[Person] = []
        home = plan.blocks.hosting()
        for number in range(count):
            first, last = names.person()
            host, writer = draw.pick(hosts)
            code = draw.pick(plan.shape.languages)
            language = LANGUAGES[code]
            speaker = Speaker(draw.child(f"voice{number}"), names, language, "everyday", first)
            self.people.append(
                Person(
                    first, last, f"{names.local_part()}{number}@{host.domain}", draw.pick(engines),
                    zone_of(draw), host, writer, speaker, dotted(home + number % 250 + 2),
                    draw.pick(language.charsets),
                    draw.pick(("", "", f"-- \n{first} {last}\n", f"\n{draw.pick(plan.footers)}\n")),
                )
            )  # fmt: skip

    def write(self, ctx: Context, at: int) -> bytes:
        """A letter to the trap or mailbox in `ctx`, whose client becomes the writer's provider."""
        draw = self._draw
        person = draw.pick(self.people)
        self.enter(ctx, person, at)
        speaker = person.speaker
        lines = [f"{draw.pick(speaker.language.greetings)} {ctx.user},", ""]
        subject = speaker.subject()
        if draw.chance(0.4):
            other = draw.pick(self.people)
            subject = f"Re: {other.speaker.subject()}"
            quoted = [f"> {other.speaker.sentence()}" for _ in range(draw.whole(1, 6))]
            lines += [f"{other.first} {other.last} wrote:", *quoted, ""]
        for _ in range(draw.whole(1, 4)):
            lines += [speaker.paragraph(1, 4), ""]
        if draw.chance(0.2):
            lines += [f"http://www.{draw.pick(self.people).host.domain}/{draw.letters(5)}.html", ""]
        lines += [draw.pick(speaker.language.closings), person.first, "", person.signature]
        text = "\n".join(lines).encode(person.charset, "replace")
        html = None
        if self._plan.shape.modern and draw.chance(0.5):
            shown = "".join(f"<div>{line or '<br>'}</div>\n" for line in lines)
            html = f"<html><body>\n{shown}</body></html>".encode(person.charset, "replace")
        return self.finish(ctx, person, subject, Drawn(text, html, None))

    def enter(self, ctx: Context, person: Person, at: int) -> None:
        """Make the person the sender of the message in `ctx`."""
        ctx.first, ctx.last, ctx.from_address = person.first, person.last, person.address
        ctx.mail_from = person.address
        ctx.from_domain = person.host.domain
        ctx.sent_at = at - 3 - self._draw.whole(0, 60)
        ctx.zone, ctx.zone_seconds = person.zone
        ctx.client_ip, ctx.helo, ctx.reverse = person.host.ip, person.host.name, person.host.name
        ctx.variables = {"aligned": "yes"}
        ctx.broken = ""

    def finish(self, ctx: Context, person: Person, subject: str, drawn: Drawn) -> bytes:
        """The whole message as the person's provider hands it over."""
        engine = person.engine
        family = engine.personas[0].genuine
        content, body = build(drawn, person.charset, engine.parts, engine.boundaries[family], ctx)
        encoding = "Q" if engine.subject_encoding == "raw" else engine.subject_encoding
        letter = Letter(encode_word(subject, person.charset, encoding), content)
        head = engine.compose_head(ctx, letter, 0)
        hop = Hop(
            f"[192.168.1.{len(person.last)}]", "", person.home, person.host.name, person.host.ip,
            ctx.rcpt, ctx.mail_from, ctx.sent_at + 1, queue_text(ctx, self._plan.noise),
            int(ctx.random.random() * 9_999_999),
        )  # fmt: skip
        return (person.submit(hop) + head).encode(person.charset, "replace") + b"\n" + body
