"""A mailing engine: the software on the bots, drawn once, with habits it keeps for life.

What changes per message is the pose (persona), names, addresses and noise. What stays is listed
in `Engine`: the shape of From, Message-ID grammar, boundary class, Date layout, folding, MIME
tree, forged Received lines, HELO. Some engines keep a persona's own grammar for Message-IDs or
boundaries; none keeps all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from lymer.lab.draws import Draw
from lymer.lab.engines import personas
from lymer.lab.engines.bodies import PartHabits, draw_part_habits
from lymer.lab.engines.personas import Persona
from lymer.lab.engines.tokens import (
    address_hex,
    cut,
    date_layout,
    filetime,
    grammar,
    zone_of,
)
from lymer.lab.names import Names
from lymer.lab.texts.macros import Macros, draw_macros
from lymer.lab.texts.template import Context, Noise, Renderer


@dataclass(slots=True)
class Letter:
    """The parts of a message that the engine's headers need besides the context."""

    subject: str
    content: str
    """The content headers of the top part, ready to write."""
    reply_to: str = ""


HeaderLine = Callable[[Context, Letter], str]


@dataclass
class Engine:
    """One mailing software and its steady habits."""

    engine_id: str
    personas: list[Persona]
    persona_weights: list[float]
    sticky: str
    """Who keeps a persona: message (nobody), bot, or campaign."""
    from_shape: Renderer
    from_parts: Callable[[Context], tuple[str, str, str]]
    """Draws first name, last name and address of the sender."""
    message_ids: dict[str, Renderer]
    boundaries: dict[str, Renderer]
    date: Renderer
    zones: Sequence[tuple[str, int]]
    zone_by_bot: bool
    parts: PartHabits
    mime_name: str
    subject_encoding: str
    helo: Renderer
    forged: Callable[[Context], str]
    """Forged Received lines, or nothing."""
    header_case: Callable[[str], str]
    extra_top: str
    macros: Macros
    failure_share: float
    """How often a macro stays unexpanded."""
    rhythm: str
    """steady, bursts or office: when in the day it sends."""
    words: Sequence[str]
    """Its own word base, for names, hosts and salad."""
    envelope: str
    """Envelope sender: same as From, fresh, or none."""
    tail: Renderer | None = None
    """Headers after all others: list and signature headers of bulk mailers."""
    plans: list[list[HeaderLine]] = field(default_factory=list)

    def compose_head(self, ctx: Context, letter: Letter, persona: int) -> str:
        """The sender's header block, forged Received lines first."""
        lines = [line(ctx, letter) for line in self.plans[persona]]
        if self.tail is not None:
            lines.append(self.tail(ctx))
        return self.forged(ctx) + "".join(lines)


def _constant(text: str) -> HeaderLine:
    return lambda _ctx, _letter: text


def _plan(engine: Engine, persona: Persona) -> list[HeaderLine]:
    """The header writers of a persona, in its order."""
    case = engine.header_case
    msgid = engine.message_ids[persona.genuine]
    date, shape = engine.date, engine.from_shape
    id_name, to_name = case("Message-ID"), case("To")
    mime = f"{engine.mime_name}: 1.0\n"
    writers: dict[str, HeaderLine] = {
        "Message-ID": lambda ctx, _: f"{id_name}: <{msgid(ctx)}>\n",
        "From": lambda ctx, _: f"From: {shape(ctx)}\n",
        "To": lambda ctx, _: f"{to_name}: <{ctx.rcpt}>\n",
        "Subject": lambda _, letter: f"Subject: {letter.subject}\n",
        "Date": lambda ctx, _: f"Date: {date(ctx)}\n",
        "MIME": lambda _, letter: mime if letter.content else "",
        "Content": lambda _, letter: letter.content,
        "Reply-To": lambda _, letter: f"Reply-To: {letter.reply_to}\n" if letter.reply_to else "",
        "Organization": _constant(""),
    }
    plan: list[HeaderLine] = []
    if engine.extra_top:
        plan.append(_constant(engine.extra_top))
    for name in persona.order:
        if name in writers:
            plan.append(writers[name])
        elif name == "Mailer":
            plan.append(_constant(f"{persona.mailer}\n" if persona.mailer else ""))
        elif name in persona.extras:
            plan.append(_constant(f"{persona.extras[name]}\n"))
    if "Reply-To" not in persona.order:
        plan.append(writers["Reply-To"])
    return plan


def _genuine_message_id(family: str, noise: Noise) -> Renderer:
    """How the real programs build theirs: the pose of an engine that takes care."""
    if family in {"express", "outlook"}:
        return lambda ctx: (
            f"{int(ctx.random.random() * 32):03x}{int(ctx.random.random() * 16):01x}01c"
            f"{filetime(ctx).lower()[3:]}${ctx.random.getrandbits(32):08x}$"
            f"{address_hex(ctx)}@{ctx.user or 'pc'}"
        )
    if family == "bat":
        return lambda ctx: (
            f"{int(ctx.random.random() * 1.9e9) + 10**8}.{int(ctx.sent_at)}@{ctx.from_domain}"
        )
    if family in {"thunderbird", "mozilla", "eudora"}:
        return lambda ctx: (
            f"{int(ctx.sent_at):08X}.{ctx.random.getrandbits(28):07X}@{ctx.from_domain}"
        )
    if family in {"phone", "apple"}:
        return lambda ctx: (
            f"{ctx.random.getrandbits(32):08X}-{ctx.random.getrandbits(16):04X}-4"
            f"{ctx.random.getrandbits(12):03X}-{ctx.random.getrandbits(16):04X}-"
            f"{ctx.random.getrandbits(48):012X}@{ctx.from_domain}"
        )
    lower = cut(noise.lower, 10)
    return lambda ctx: f"{int(ctx.sent_at)}.{lower(ctx)}@{ctx.from_domain}"


def _genuine_boundary(family: str, noise: Noise) -> Renderer:
    if family in {"express", "outlook", "outlook16"}:
        return lambda ctx: (
            f"----=_NextPart_000_{int(ctx.random.random() * 65536):04X}_01C"
            f"{filetime(ctx)[3:]}.{ctx.random.getrandbits(32):08X}"
        )
    if family == "bat":
        digits = cut(noise.digits, 14)
        return lambda ctx: f"----------{digits(ctx)}"
    if family in {"thunderbird", "mozilla"}:
        digits = cut(noise.digits, 24)
        return lambda ctx: f"------------{digits(ctx)}"
    if family in {"apple", "phone"}:
        return lambda ctx: (
            f"Apple-Mail-{int(ctx.random.random() * 99)}--{ctx.random.getrandbits(30)}"
        )
    return lambda ctx: f"=_{ctx.random.getrandbits(128):032x}"


def _domains(draw: Draw, names: Names, free_mail: Sequence[str]) -> list[str]:
    """Domains an engine writes into From and HELO: a few hundred invented, and free mail."""
    forged = [names.domain() for _ in range(draw.whole(60, 250))]
    return [*forged, *free_mail] if draw.chance(0.6) else forged


def _from_parts(
    draw: Draw, names: Names, noise: Noise, domains: Sequence[str], words: Sequence[str]
) -> Callable[[Context], tuple[str, str, str]]:
    """How the engine makes up its senders."""
    firsts, lasts = names.first_names, names.surnames
    letters = cut(noise.lower, draw.whole(5, 9))
    digits = cut(noise.digits, draw.whole(1, 4))
    form = draw.style(range(9), range(9, 12))
    where = draw.pick(("forged", "forged", "forged", "helo", "recipient"))

    def sender(ctx: Context) -> tuple[str, str, str]:
        pick = ctx.random.random
        first, last = firsts[int(pick() * len(firsts))], lasts[int(pick() * len(lasts))]
        if form == 0:
            local = f"{first.lower()}.{last.lower()}"
        elif form == 1:
            local = f"{first[0].lower()}{last.lower()}"
        elif form == 2:
            local = letters(ctx)
        elif form == 3:
            local = f"{words[int(pick() * len(words))]}{digits(ctx)}"
        elif form == 4:
            local = f"{last.lower()}{digits(ctx)}"
        elif form == 5:
            local = ctx.user or letters(ctx)
        elif form == 6:
            local = f"{letters(ctx)}_{letters(ctx)}"
        elif form == 7:
            local = f"{words[int(pick() * len(words))]}{words[int(pick() * len(words))]}"
        elif form == 8:
            local = first
        elif form == 9:
            local = f"{letters(ctx)}.{digits(ctx)}.{letters(ctx)}"
        elif form == 10:
            local = f"{last.lower()}-{words[int(pick() * len(words))]}"
        else:
            local = f"{digits(ctx)}{last}"
        if where == "recipient":
            domain = ctx.rdomain
        elif where == "helo" and ctx.helo and not ctx.helo.startswith("["):
            domain = ctx.helo if "." in ctx.helo else domains[int(pick() * len(domains))]
        else:
            domain = domains[int(pick() * len(domains))]
        return first, last, f"{local}@{domain}"

    return sender


_SHAPES: tuple[Renderer, ...] = (
    lambda ctx: f'"{ctx.first} {ctx.last}" <{ctx.from_address}>',
    lambda ctx: f"{ctx.first} {ctx.last} <{ctx.from_address}>",
    lambda ctx: f'"{ctx.first}" <{ctx.from_address}>',
    lambda ctx: ctx.from_address,
    lambda ctx: f"<{ctx.from_address}>",
    lambda ctx: f'"{ctx.first} {ctx.first[:1]}. {ctx.last}" <{ctx.from_address}>',
    lambda ctx: f'"{ctx.last}, {ctx.first}" <{ctx.from_address}>',
    lambda ctx: f"{ctx.first.lower()} {ctx.last.lower()} <{ctx.from_address}>",
    lambda ctx: f'"{ctx.from_address.split("@")[0]}" <{ctx.from_address}>',
)
_UNSEEN_SHAPES: tuple[Renderer, ...] = (
    lambda ctx: f"{ctx.from_address} ({ctx.first} {ctx.last})",
    lambda ctx: f"'{ctx.first}  {ctx.last}' <{ctx.from_address}>",
    lambda ctx: f'"{ctx.first.upper()} {ctx.last.upper()}"<{ctx.from_address}>',
)


def _helo(draw: Draw, names: Names, noise: Noise, domains: Sequence[str]) -> Renderer:
    letters = cut(noise.lower, draw.whole(4, 10))
    pcs = [names.fresh(1, 2) for _ in range(60)]
    forms: tuple[Renderer, ...] = (
        lambda ctx: pcs[int(ctx.random.random() * 60)],
        lambda ctx: (
            f"{pcs[int(ctx.random.random() * 60)]}-{ctx.random.getrandbits(24):06x}".upper()
        ),
        lambda ctx: domains[int(ctx.random.random() * len(domains))],
        lambda ctx: ctx.reverse or f"[{ctx.client_ip}]",
        lambda ctx: f"[{ctx.client_ip}]",
        letters,
        lambda ctx: f"mail.{domains[int(ctx.random.random() * len(domains))]}",
        lambda ctx: (
            f"[192.168.{int(ctx.random.random() * 3)}.{int(ctx.random.random() * 250) + 2}]"
        ),
    )
    unseen: tuple[Renderer, ...] = (
        lambda ctx: ctx.rdomain,
        lambda ctx: f"{letters(ctx)}.{letters(ctx)}.test",
        lambda _: "localhost",
    )
    return draw.style(forms, unseen)


def _forged(
    draw: Draw, domains: Sequence[str], noise: Noise, date: Renderer, *, as_trap: bool
) -> Callable[[Context], str]:
    """The grammar of forged Received lines: none, one or two, maybe in the trap's own name."""
    form = draw.style((1, 2, 3, 4) if as_trap else (0, 0, 0, 1, 2, 3, 4, 5), (6, 7, 8))
    if form == 0:
        return lambda _: ""
    own_name = as_trap or draw.chance(0.35)
    queue = cut(noise.upper, draw.whole(8, 11))
    low = cut(noise.lower, 12)
    fold = draw.pick(("\n\t", " ", "\n        "))

    def address(ctx: Context) -> str:
        bits = ctx.random.getrandbits(17)
        return f"198.{18 + (bits >> 16)}.{bits >> 8 & 255}.{bits & 255}"

    def lines(ctx: Context) -> str:
        pick = ctx.random.random
        host = domains[int(pick() * len(domains))]
        by = ctx.trap_host if own_name else domains[int(pick() * len(domains))]
        when = date(ctx)
        if form == 1:
            return (
                f"Received: from {host} ({address(ctx)}){fold}by {by} with SMTP id "
                f"{queue(ctx)}{fold}for <{ctx.rcpt}>; {when}\n"
            )
        if form == 2:
            return (
                f"Received: from [{address(ctx)}] (helo={host}){fold}by {by} with esmtp "
                f"(Exim 4.{10 + int(pick() * 60)}){fold}id 1{low(ctx)[:5]}-{low(ctx)[:6]}-"
                f"{low(ctx)[:2]}; {when}\n"
            )
        if form == 3:
            return (
                f"Received: from unknown (HELO {host}) ({address(ctx)}){fold}by {by} with SMTP; "
                f"{when}\n"
            )
        if form == 4:
            return (
                f"Received: from {address(ctx)} (HELO {host}){fold}by {by} with esmtp "
                f"({queue(ctx)} {low(ctx)[:5]}){fold}id {queue(ctx)}-{low(ctx)[:6]}-"
                f"{low(ctx)[:2]}{fold}for {ctx.rcpt}; {when}\n"
            )
        if form == 5:
            inner = f"10.{int(pick() * 250)}.{int(pick() * 250)}.{int(pick() * 250) + 1}"
            return (
                f"Received: from {host} ([{ctx.client_ip}]) by {by} with Microsoft "
                f"SMTPSVC(5.0.2195.{int(pick() * 5000) + 1000});{fold} {when}\n"
                f"Received: from {low(ctx)[:7]} ([{inner}]) by {host} with "
                f"SMTPSVC;{fold} {when}\n"
            )
        if form == 6:
            return f"Received: (qmail {int(pick() * 30000)} by uid {int(pick() * 900)}); {when}\n"
        if form == 7:
            return f"Received: by {by}; {when}\n"
        return (
            f"Received: FROM {host} BY {by} ; {when}\n"
            f"Received: FROM {low(ctx)} BY {host} ; {when}\n"
        )

    return lines


TRAITS = ("failures", "poses", "as trap")
"""Macros that stay unexpanded and false charsets; another persona in every message; Received lines
forged in the trap's own name."""


def draw_engine(
    draw: Draw,
    engine_id: str,
    names: Names,
    noise: Noise,
    free_mail: Sequence[str],
    *,
    modern: bool,
    trait: str = "",
    pose: Persona | None = None,
) -> Engine:
    """A mailing engine with habits of its own.

    `trait` is one of `TRAITS` that it must have; `pose` its only persona, if that is given.
    """
    pool = personas.MODERN if modern else personas.OLD
    poses = draw.pick((8, 16, 30) if trait == "poses" else (1, 1, 2, 4, 8, 16, 30))
    people = [personas.draw_persona(draw, draw.pick(pool)) for _ in range(poses)]
    if pose is not None:
        people, poses = [pose], 1
    words = draw.some(names.words, 700)
    domains = _domains(draw, names, free_mail)
    # At least two of Message-ID, boundary and date are the engine's own: nobody mimics all.
    own_ids, own_boundaries = draw.chance(0.75), draw.chance(0.7)
    if not (own_ids or own_boundaries):
        own_ids = True
    ids = grammar(draw, noise, low=1, high=3, timed=0.4)
    tail = draw.pick(("from", "from", "helo", "random", "recipient", "constant"))
    fixed, letters = names.fresh(1, 2), cut(noise.lower, 8)
    limits = grammar(draw, noise, low=1, high=2, timed=0.3)
    prefix = draw.style(
        ("----=_NextPart_", "------------", "=_", "----", "--", "bound", "_----------=_", "b1_"),
        ("~~", "part.", "==", "+--", "MIME-", "x"),
    ) + draw.pick(("", "", "000_", "001_", draw.letters(3)))

    def own_id(ctx: Context) -> str:
        if tail == "helo":
            where = ctx.helo.strip("[]") or fixed
        elif tail == "random":
            where = letters(ctx)
        elif tail == "recipient":
            where = ctx.rdomain
        elif tail == "constant":
            where = fixed
        else:
            where = ctx.from_domain
        return f"{ids(ctx)}@{where}"

    families = {persona.family for persona in people}
    date = date_layout(draw)
    zones = [zone_of(draw) for _ in range(draw.pick((1, 6, 24)))]
    weights = [draw.spread(1, 8) for _ in people]
    total = sum(weights)
    engine = Engine(
        engine_id=engine_id,
        personas=people,
        persona_weights=[sum(weights[: n + 1]) / total for n in range(poses)],
        sticky="message"
        if trait == "poses"
        else draw.pick(("message", "message", "message", "bot", "campaign")),
        from_shape=draw.style(_SHAPES, _UNSEEN_SHAPES),
        from_parts=_from_parts(draw, names, noise, domains, words),
        message_ids={f: own_id if own_ids else _genuine_message_id(f, noise) for f in families},
        boundaries={
            f: (lambda ctx: prefix + limits(ctx)) if own_boundaries else _genuine_boundary(f, noise)
            for f in families
        },
        date=date,
        zones=zones,
        zone_by_bot=draw.chance(0.4),
        parts=draw_part_habits(draw, sloppy=trait == "failures"),
        mime_name=draw.pick(("MIME-Version", "MIME-Version", "Mime-Version", "MIME-version")),
        subject_encoding=draw.pick(("B", "Q", "raw")),
        helo=_helo(draw, names, noise, domains),
        forged=_forged(draw, domains, noise, date, as_trap=trait == "as trap"),
        header_case=(lambda name: name.capitalize()) if draw.chance(0.3) else str,
        extra_top=draw.style(
            ("", "", "", "", f"X-Originating-IP: [198.18.0.{draw.whole(1, 250)}]\n"),
            ("", f"X-{names.word(1, 2).capitalize()}: {draw.hex(6)}\n"),
        ),
        macros=draw_macros(draw, names),
        failure_share=0.04 if trait == "failures" else draw.pick((0.0, 0.0, 0.002, 0.006, 0.02)),
        rhythm=draw.pick(("steady", "bursts", "office")),
        words=words,
        envelope=draw.pick(("same", "same", "same", "fresh", "empty")),
    )
    engine.plans = [_plan(engine, persona) for persona in people]
    return engine


def draw_honest(
    draw: Draw,
    engine_id: str,
    names: Names,
    noise: Noise,
    free_mail: Sequence[str],
    *,
    modern: bool,
) -> Engine:
    """An honest mail program: one persona that keeps its own grammar everywhere."""
    engine = draw_engine(draw, engine_id, names, noise, free_mail, modern=modern)
    persona = engine.personas[0]
    engine.personas, engine.persona_weights = [persona], [1.0]
    engine.message_ids = {persona.genuine: _genuine_message_id(persona.genuine, noise)}
    engine.boundaries = {persona.genuine: _genuine_boundary(persona.genuine, noise)}
    engine.from_shape = draw.pick(_SHAPES[:3])
    engine.parts = replace(engine.parts, charset_claim="")
    engine.forged = lambda _: ""
    engine.extra_top = ""
    engine.failure_share = 0.0
    engine.plans = [_plan(engine, persona)]
    return engine
