"""A small pile of invented spam whose campaigns are known, as one mbox."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

BEGIN = datetime(2007, 10, 1, tzinfo=UTC)
_PILLS = (
    "Dear customer, our licensed pharmacy has the lowest price for you this week. Order {n} "
    "tablets today and pay only ${p} with free shipping to your door. Your code is {x}. "
    "Visit us now at http://{host}/{x} before the offer ends."
)
_WATCH = (
    "The finest replica watches are waiting in our autumn catalogue, made by hand and sold at a "
    "fraction. Model number {n} costs ${p} until Sunday. Reply with reference {x} or look at "
    "http://{host}/shop/{x} to see every picture we have."
)
_WORDS = [
    "river", "stone", "garden", "window", "letter", "market", "winter", "silver", "music",
    "corner", "bridge", "island", "paper", "morning", "kitchen", "forest", "engine", "pocket",
    "travel", "summer", "candle", "harbour", "ladder", "mirror", "orange", "planet", "rocket",
    "saddle", "table", "umbrella", "valley", "wagon", "yellow", "zebra", "anchor", "basket",
]  # fmt: skip


def write_pile(path: Path, *, each: int = 30, singles: int = 10, seed: int = 1) -> Path:
    """Two campaigns of `each` mails over their own domains, and `singles` like nothing else."""
    source = random.Random(seed)
    mails = [_campaign(source, n, _PILLS, "pills.example") for n in range(each)]
    mails += [_campaign(source, n, _WATCH, "watches.test") for n in range(each)]
    mails += [_single(source, n) for n in range(singles)]
    source.shuffle(mails)
    path.write_bytes(b"".join(b"From x Mon Oct  1 10:00:00 2007\n" + m + b"\n" for m in mails))
    return path


def _campaign(source: random.Random, number: int, text: str, domain: str) -> bytes:
    word = f"{source.getrandbits(40):010x}"
    body = text.format(n=source.randint(10, 99), p=source.randint(100, 999), x=word, host=domain)
    return _mail(source, number, f"Offer {word} for you", body)


def _single(source: random.Random, number: int) -> bytes:
    body = " ".join(source.choice(_WORDS) + source.choice("abcdefgh") for _ in range(60))
    return _mail(source, number, " ".join(source.sample(_WORDS, 4)), body)


def _mail(source: random.Random, number: int, subject: str, body: str) -> bytes:
    at = format_datetime(BEGIN + timedelta(minutes=source.randint(0, 5000)))
    client = f"198.51.100.{source.randint(1, 250)}"
    return (
        f"Received: from pc{number} (unknown [{client}])\n\tby mx.trap.example (Postfix) with "
        f"SMTP id {source.getrandbits(32):08X}\n\tfor <trap@trap.example>; {at}\n"
        f'From: "Ann Example" <ann{source.randint(0, 999)}@example.org>\n'
        f"To: trap@trap.example\nSubject: {subject}\n"
        f"Message-ID: <{source.getrandbits(64):016x}@pc{number}.example>\nDate: {at}\n\n{body}\n"
    ).encode()
