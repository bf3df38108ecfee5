"""Templates: a small tree, compiled once into a fast renderer.

A template is a tree of `Node`: plain text, `Choice` (one of several), `Seq`, `Shuffle` (sentences
in any order, maybe only some of them) and `Slot` (a macro filled for every message). The same
tree is rendered into mail by `compile_node` and written in a mailing application's own macro
language by `lymer.lab.texts.macros`.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Renderer = Callable[["Context"], str]


@dataclass(frozen=True, slots=True)
class Slot:
    """A macro. `low` and `high` are lengths or values; `name` picks a named source."""

    kind: str
    low: int = 0
    high: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several alternatives, equally likely."""

    options: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Seq:
    """One after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Shuffle:
    """`keep` of the parts in any order, joined by `glue`."""

    parts: tuple["Node", ...]
    keep: int
    glue: str = " "


Node = str | Slot | Choice | Seq | Shuffle

SLOT_KINDS = (
    "alpha", "upper", "digits", "hex", "number", "date", "user", "rcpt", "rdomain", "name",
    "firstname", "link", "host", "pool", "price", "phone", "split", "var",
)  # fmt: skip
"""What a slot can hold: noise by alphabet, a number between low and high, the day, the recipient's
mailbox name, address and domain, the sender's name, an advertised link or its host, an entry of a
named pool of words or sentences, a price, a phone number, a comment that splits a word, and a
variable of the campaign that rotates (`name` says which)."""


@dataclass(slots=True)
class Context:
    """What one message knows while it is rendered."""

    random: random.Random
    pools: Mapping[str, Sequence[str]]
    sent_at: float = 0.0
    user: str = ""
    rcpt: str = ""
    rdomain: str = ""
    first: str = ""
    last: str = ""
    link: str = ""
    host: str = ""
    from_address: str = ""
    from_domain: str = ""
    mail_from: str = ""
    helo: str = ""
    client_ip: str = ""
    reverse: str = ""
    zone: str = "+0000"
    zone_seconds: int = 0
    trap_host: str = ""
    token: str = ""
    broken: str = ""
    """A slot kind that the engine fails to expand in this message (its macro shows)."""
    variables: dict[str, str] = field(default_factory=dict)


_LOWER = "abcdefghijklmnopqrstuvwxyz"
_NOISE_SIZE = 1 << 17


class Noise:
    """Long random strings to cut from: far cheaper than a draw per letter."""

    def __init__(self, source: random.Random) -> None:
        self.lower = "".join(source.choices(_LOWER, k=_NOISE_SIZE))
        self.upper = self.lower[::-1].upper()
        self.digits = "".join(source.choices("0123456789", k=_NOISE_SIZE))
        self.base64 = "".join(
            source.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                           k=_NOISE_SIZE)
        )  # fmt: skip


MacroText = Callable[[Slot], str]


def _cut(text: str, low: int, high: int) -> Renderer:
    room = len(text) - high - 1
    span = high - low + 1

    def render(ctx: Context) -> str:
        pick = ctx.random.random
        start = int(pick() * room)
        return text[start : start + low + int(pick() * span)]

    return render


def _slot(slot: Slot, noise: Noise, dates: str) -> Renderer:
    kind, low, high, name = slot.kind, slot.low, max(slot.high, slot.low), slot.name
    if kind == "alpha":
        return _cut(noise.lower, low, high)
    if kind == "upper":
        return _cut(noise.upper, low, high)
    if kind == "digits":
        return _cut(noise.digits, low, high)
    if kind == "hex":
        return lambda ctx: f"{ctx.random.getrandbits(4 * high):0{high}x}"
    if kind == "number":
        return lambda ctx: str(low + int(ctx.random.random() * (high - low + 1)))
    if kind == "date":
        return lambda ctx: time.strftime(dates, time.gmtime(ctx.sent_at))
    if kind == "price":
        return lambda ctx: f"{low + int(ctx.random.random() * (high - low + 1))}.{name or '95'}"
    if kind == "phone":
        # 555-0100 to 555-0199 belong to nobody in the North American plan.
        return lambda ctx: (
            f"{2 + int(ctx.random.random() * 8)}0{int(ctx.random.random() * 10)}"
            f"-555-01{int(ctx.random.random() * 100):02d}"
        )
    if kind == "pool":
        count_low, count_high = low or 1, high or 1

        def from_pool(ctx: Context) -> str:
            pool = ctx.pools[name]
            pick, size = ctx.random.random, len(pool)
            count = count_low + int(pick() * (count_high - count_low + 1))
            if count == 1:
                return pool[int(pick() * size)]
            return " ".join([pool[int(pick() * size)] for _ in range(count)])

        return from_pool
    if kind == "split":
        tag = _cut(noise.lower, 3, 9)
        return lambda ctx: f"<!--{tag(ctx)}-->"
    if kind == "name":
        return lambda ctx: f"{ctx.first} {ctx.last}"
    if kind == "firstname":
        return lambda ctx: ctx.first
    if kind == "var":
        return lambda ctx: ctx.variables.get(name, "")
    if kind in {"user", "rcpt", "rdomain", "link", "host"}:
        return lambda ctx: str(getattr(ctx, kind))
    raise ValueError(f"no such slot kind: {kind}")


def flatten(node: Node) -> list[Node]:
    """The parts of a node with nested sequences opened and neighbouring texts joined."""
    if not isinstance(node, Seq):
        return [node]
    flat: list[Node] = []
    for part in node.parts:
        for piece in flatten(part):
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    return flat


def compile_node(
    node: Node, noise: Noise, macro: MacroText | None = None, dates: str = "%d.%m.%Y"
) -> Renderer:
    """A function that renders the node for one message.

    With `macro`, a message whose context names a broken slot kind shows that slot unexpanded.
    """
    pieces = [_compile(piece, noise, macro, dates) for piece in flatten(node)]
    if not pieces:
        return lambda _: ""
    if len(pieces) == 1:
        only = pieces[0]
        if isinstance(only, str):
            text = only
            return lambda _: text
        return only

    def render(ctx: Context) -> str:
        return "".join([p if type(p) is str else p(ctx) for p in pieces])  # type: ignore[operator]

    return render


def _compile(node: Node, noise: Noise, macro: MacroText | None, dates: str) -> "str | Renderer":
    if isinstance(node, str):
        return node
    if isinstance(node, Slot):
        fill = _slot(node, noise, dates)
        if macro is None:
            return fill
        literal, kind = macro(node), node.kind
        return lambda ctx: literal if ctx.broken == kind else fill(ctx)
    if isinstance(node, Choice):
        if all(isinstance(option, str) for option in node.options):
            texts, count = node.options, len(node.options)
            return lambda ctx: texts[int(ctx.random.random() * count)]  # type: ignore[return-value]
        renderers = [compile_node(option, noise, macro, dates) for option in node.options]
        size = len(renderers)
        return lambda ctx: renderers[int(ctx.random.random() * size)](ctx)
    if isinstance(node, Shuffle):
        members = [compile_node(part, noise, macro, dates) for part in node.parts]
        keep, glue = node.keep, node.glue

        def shuffled(ctx: Context) -> str:
            return glue.join([member(ctx) for member in ctx.random.sample(members, keep)])

        return shuffled
    return compile_node(node, noise, macro, dates)


def slots_of(node: Node) -> list[Slot]:
    """Every slot in the node, in reading order."""
    if isinstance(node, Slot):
        return [node]
    if isinstance(node, Choice):
        return [slot for option in node.options for slot in slots_of(option)]
    if isinstance(node, Seq | Shuffle):
        return [slot for part in node.parts for slot in slots_of(part)]
    return []
