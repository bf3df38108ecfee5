"""Tokens that identifiers are built from: Message-IDs, boundaries, queue ids.

A grammar is a list of tokens and separators drawn once per engine; every message fills it anew.
A token may embed the time, rightly or wrongly, or hide the bot's own address: real engines do.
"""

import time
from collections.abc import Callable

from lymer.lab.draws import Draw
from lymer.lab.texts.template import Context, Noise, Renderer

_FILETIME_EPOCH = 11644473600
"""Seconds from 1601-01-01, where Windows counts from, to 1970-01-01."""


def filetime(ctx: Context, error: float = 0.0) -> str:
    """The top 32 bits of the Windows file time, as Outlook Message-IDs carry them (8 hex)."""
    ticks = int((ctx.sent_at + error + _FILETIME_EPOCH) * 10_000_000)
    return f"{ticks >> 32 & 0xFFFFFFFF:08X}"


def address_hex(ctx: Context) -> str:
    """The client's own address in hex, 8 digits."""
    a, b, c, d = ctx.client_ip.split(".")
    return f"{int(a):02x}{int(b):02x}{int(c):02x}{int(d):02x}"


def cut(text: str, size: int) -> Renderer:
    """`size` characters from a random place of a long random text."""
    room = len(text) - size - 1
    return lambda ctx: text[(at := int(ctx.random.random() * room)) : at + size]


def _hex(size: int, upper: bool) -> Renderer:
    form = f"0{size}{'X' if upper else 'x'}"
    bits = 4 * size
    return lambda ctx: format(ctx.random.getrandbits(bits), form)


def _stamp(form: str) -> Renderer:
    return lambda ctx: time.strftime(form, time.gmtime(ctx.sent_at))


def _constant(text: str) -> Renderer:
    return lambda _: text


def token(draw: Draw, noise: Noise, *, timed: bool) -> Renderer:
    """One token of an identifier; a time only where `timed`."""
    if timed:
        common: list[Callable[[], Renderer]] = [
            lambda: _stamp("%Y%m%d%H%M%S"),
            lambda: lambda ctx: f"{int(ctx.sent_at)}",
            lambda: lambda ctx: f"{int(ctx.sent_at):x}",
            lambda: filetime,
            # A time that disagrees with the Date: nobody's clock is three weeks off that evenly.
            lambda: lambda ctx: filetime(ctx, error=ctx.random.random() * 4e6 - 2e6),
        ]
        unseen: list[Callable[[], Renderer]] = [
            lambda: _stamp("%j%H%M"),
            lambda: lambda ctx: f"{int(ctx.sent_at) ^ 0x5A5A5A5A:08x}",
            lambda: lambda ctx: f"{int(ctx.sent_at * 1000)}",
        ]
        return draw.style(common, unseen)()
    size = draw.whole(4, 16)
    common = [
        lambda: _hex(size, upper=True),
        lambda: _hex(size, upper=False),
        lambda: cut(noise.lower, size),
        lambda: cut(noise.upper, size),
        lambda: cut(noise.digits, size),
        lambda: _constant(f"{draw.whole(0, 9):03d}"),
        lambda: _constant(draw.hex(8)),
        lambda: lambda ctx: f"{int(ctx.random.random() * 65536)}",
    ]
    unseen = [
        lambda: cut(noise.base64.replace("/", "_").replace("+", "-"), size),
        lambda: address_hex,
        lambda: lambda ctx: f"{ctx.random.getrandbits(64):o}",
    ]
    return draw.style(common, unseen)()


def grammar(draw: Draw, noise: Noise, *, low: int, high: int, timed: float) -> Renderer:
    """An identifier of `low` to `high` tokens, holding a time with probability `timed`."""
    count = draw.whole(low, high)
    at = draw.whole(0, count - 1) if draw.chance(timed) else -1
    between = draw.style((".", "$", "-", "_", "", "."), ("=", "~", "+", "!"))
    parts = [token(draw, noise, timed=number == at) for number in range(count)]
    # At least one part must differ from message to message.
    parts.append(_hex(draw.whole(6, 12), upper=draw.chance(0.5)))

    def render(ctx: Context) -> str:
        return between.join([part(ctx) for part in parts])

    return render


def date_layout(draw: Draw) -> Renderer:
    """A way to write the Date header; the time zone comes from the context."""
    day = draw.pick(("%d", "%d", "%-d", "%-d", "%e"))
    form = draw.pick(("%a, ", "%a, ", "%a, ", "", "%a ")) + day + " %b %Y %H:%M:%S"
    zone = draw.style(
        ("{z}", "{z}", "{z}", "{z} (GMT)", "{z} (UTC)", "GMT", "-0000"), ("{z} (LOC)", "Z", "({z})")
    )

    def render(ctx: Context) -> str:
        # Written by hand: strftime is ten times the cost and pads days by platform.
        t = time.gmtime(ctx.sent_at + ctx.zone_seconds)
        return time.strftime(form, t) + " " + zone.replace("{z}", ctx.zone)

    return render


def zone_of(draw: Draw) -> tuple[str, int]:
    """A time zone: as written, and in seconds."""
    hours = draw.pick((-8, -7, -6, -5, -4, -3, 0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 9))
    half = draw.pick((0, 0, 0, 0, 0, 30))
    sign = "-" if hours < 0 else "+"
    return f"{sign}{abs(hours):02d}{half:02d}", hours * 3600 + (
        half * 60 if hours >= 0 else -half * 60
    )
