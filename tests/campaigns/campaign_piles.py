"""Small piles of invented mail with known makers: what tests of grouping are made from."""

import base64
import io
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from PIL import Image, ImageDraw

from lymer.case import Case

BEGIN = datetime(2007, 10, 1, tzinfo=UTC)
_NAMES = "Ann Bert Cora Dirk Ella Fred Gina Hugo Iris Jack Kate Leon".split()  # noqa: SIM905
_LAST = "Arden Birch Cole Dane Ewing Frost Grant Hart Innes Joyce".split()  # noqa: SIM905
_WORDS = (  # noqa: SIM905
    "river stone garden window letter market winter silver music corner bridge island paper "
    "morning kitchen forest engine pocket travel summer candle harbour ladder mirror orange "
    "planet rocket saddle table umbrella valley wagon yellow zebra anchor basket"
).split()

Piece = tuple[str, bytes]
"""The name of who made a message, and the message."""

MakeCase = Callable[[str, Iterable[Piece]], tuple[Case, dict[str, str]]]
"""Makes a case of pieces, or adds them to it; gives the maker of every message."""


@dataclass(frozen=True)
class Software:
    """Some mailing software, by the headers that it writes."""

    head: Callable[[random.Random, datetime], str]


def _outlook(source: random.Random, at: datetime) -> str:
    first, last = source.choice(_NAMES), source.choice(_LAST)
    return (
        f"Message-ID: <{source.getrandbits(48):012x}$0{source.getrandbits(28):07x}"
        f"$6601a8c0@{first.lower()}pc>\n"
        f'From: "{first} {last}" <{first.lower()}{source.randint(1, 99)}@mail.example>\n'
        f"To: <trap@trap.example>\nDate: {format_datetime(at)}\nMIME-Version: 1.0\n"
        "X-Priority: 3\nX-Mailer: Microsoft Outlook Express 6.00.2900.2180\n"
    )


def _bare(source: random.Random, at: datetime) -> str:
    user = f"{source.choice(_WORDS)}.{source.choice(_WORDS)}"
    return (
        f"Date: {at:%a, %d %b %Y %H:%M:%S} GMT\nFrom: {user}@post.example\n"
        f"Message-Id: <{at:%Y%m%d%H%M%S}.{source.getrandbits(40):010X}@post.example>\n"
        "To: trap@trap.example\n"
    )


def _bird(source: random.Random, at: datetime) -> str:
    name = source.choice(_NAMES).upper()
    return (
        f"User-Agent: Thunderbird 2.0.0.6 (Windows/20070728)\nMIME-Version: 1.0\n"
        f"To: trap@trap.example\nFrom: {name} <{source.choice(_WORDS)}_{name.lower()}@bird.test>\n"
        f"Message-ID: <{source.getrandbits(32):08X}.{source.randint(1000000, 9999999)}@bird.test>\n"
        f"Date: {format_datetime(at).replace('+0000', '+0200')}\n"
    )


OUTLOOK, BARE, BIRD = Software(_outlook), Software(_bare), Software(_bird)


def mail(
    source: random.Random,
    software: Software,
    subject: str,
    body: str,
    *,
    day: float = 0.0,
    picture: bytes = b"",
    extra: str = "",
    client: str = "",
) -> bytes:
    """One message, received within hours of `day` (counted from BEGIN), from a random client."""
    at = BEGIN + timedelta(days=day, minutes=source.randint(0, 600))
    client = client or f"198.51.100.{source.randint(1, 250)}"
    head = (
        f"Received: from pc{source.randint(1, 9999)} (unknown [{client}])\n\tby mx.trap.example "
        f"(Postfix) with SMTP id {source.getrandbits(32):08X}\n\tfor <trap@trap.example>; "
        f"{format_datetime(at)}\n{software.head(source, at)}Subject: {subject}\n{extra}"
    )
    if not picture:
        return f"{head}Content-Type: text/plain; charset=us-ascii\n\n{body}\n".encode()
    mark = f"--=_{source.getrandbits(64):016x}"
    data = base64.encodebytes(picture).decode()
    return (
        f'{head}Content-Type: multipart/mixed; boundary="{mark}"\n\n--{mark}\n'
        f"Content-Type: text/plain; charset=us-ascii\n\n{body}\n\n--{mark}\n"
        "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
        f"{data}\n--{mark}--\n"
    ).encode()


def salad(source: random.Random, words: int) -> str:
    """Random words that mean nothing."""
    return " ".join(source.choice(_WORDS) + source.choice("aeiou") for _ in range(words))


def picture(seed: int) -> bytes:
    """A picture of random blocks, as PNG."""
    source = random.Random(seed)
    image = Image.new("RGB", (240, 160), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        x, y = source.randint(0, 200), source.randint(0, 130)
        box = (x, y, x + source.randint(20, 90), y + source.randint(10, 60))
        draw.rectangle(box, fill=tuple(source.randint(0, 200) for _ in range(3)))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def pick(source: random.Random, text: str) -> str:
    """`text` with each `{one|other}` replaced by one of its words."""
    while "{" in text:
        before, _, rest = text.partition("{")
        inside, _, behind = rest.partition("}")
        text = before + source.choice(inside.split("|")) + behind
    return text


def one_offs(source: random.Random, count: int, *, extra: str = "") -> list[Piece]:
    """Mail like nothing else, each by itself; `extra` stands at the end of every text."""
    software = (OUTLOOK, BARE, BIRD)
    return [
        (
            f"one-off {n}",
            mail(source, software[n % 3], salad(source, 4), salad(source, 60) + extra, day=n % 9),
        )
        for n in range(count)
    ]


def write(path: Path, pieces: Iterable[Piece]) -> dict[str, str]:
    """An mbox of all pieces; the maker of each message by its id."""
    makers: dict[str, str] = {}
    with path.open("wb") as file:
        for maker, message in pieces:
            file.write(b"From x Mon Oct  1 10:00:00 2007\n" + message + b"\n")
            makers[sha256(message).hexdigest()] = maker
    return makers


def by_maker(makers: Mapping[str, str], campaign_of: Mapping[str, str]) -> dict[str, set[str]]:
    """For each maker, where the messages are: campaign ids, or "" for none."""
    found: dict[str, set[str]] = {}
    for message, maker in makers.items():
        found.setdefault(maker, set()).add(campaign_of.get(message, ""))
    return found
